package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"exhibit/seal"
)

var proofCommand = command{
	name: "proof", args: "PATH [--to FOLDER]",
	short: "prove that one file belongs to a sealed package",
	long: `Prints the proof that the file at PATH, in the folder of a package, is one of
those its seal was made over: whoever gets the file, the proof, SEAL.txt and
SEAL.txt.sig can check it without the rest of the package.

--to puts these four into a folder, with a script that checks them by stock
tools: send the folder. exhibit verify-proof and exhibit-verify --proof check it too.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		to := fs.String("to", "", "the `FOLDER` to write what is to be sent to")
		return func(_ context.Context, c *call) error {
			if len(c.args) != 1 {
				return usageError("proof takes one PATH, not %d", len(c.args))
			}
			p, err := prove(absolute(c.Dir, c.args[0]))
			if err != nil {
				return err
			}
			if *to == "" {
				_, err := c.Stdout.Write(p.proof)
				return err
			}
			folder := absolute(c.Dir, *to)
			if entries, err := os.ReadDir(folder); err == nil && len(entries) > 0 {
				return withHint(fmt.Errorf("%s holds files already", *to), "name a new folder")
			}
			base := filepath.Base(p.path) + ".proof"
			for name, content := range map[string][]byte{p.path: p.file, base: p.proof, seal.SealName: p.seal, seal.SignatureName: p.signature, seal.ProofScriptName: []byte(seal.ProofScript)} {
				at := filepath.Join(folder, filepath.FromSlash(name))
				if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
					return err
				}
				if err := os.WriteFile(at, content, 0o644); err != nil {
					return err
				}
			}
			_, err = fmt.Fprintf(c.Stdout, "%s: %s, its proof %s, SEAL.txt, SEAL.txt.sig and %s\n", *to, p.path, base, seal.ProofScriptName)
			return err
		}
	},
}

// proven is one file of a package with all that shows it is.
type proven struct {
	path                         string // in the package
	file, proof, seal, signature []byte
}

// prove makes the proof of a file that lies in the folder of a package. The list
// and the file are compared with the seal first: a proof of what was changed would
// only be refused later, by somebody else.
func prove(path string) (p proven, err error) {
	var root string
	for d := filepath.Dir(path); ; d = filepath.Dir(d) {
		if exists(os.DirFS(d), seal.SealName) && exists(os.DirFS(d), seal.SumsName) && !exists(os.DirFS(d), "RUN.json") && filepath.Base(filepath.Dir(d)) != "runs" && !(filepath.Base(d) == seal.FullFolder && exists(os.DirFS(filepath.Dir(d)), seal.SealName)) {
			root = d
			break
		}
		if d == filepath.Dir(d) {
			return p, withHint(fmt.Errorf("proving %q: it does not lie in a package: there is no SEAL.txt above it", path), "name a file in the folder of a package")
		}
	}
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return p, err
	}
	p.path = filepath.ToSlash(rel)
	var sums []byte
	for _, f := range []struct {
		name string
		into *[]byte
	}{{p.path, &p.file}, {seal.SealName, &p.seal}, {seal.SignatureName, &p.signature}, {seal.SumsName, &sums}} {
		if *f.into, err = os.ReadFile(filepath.Join(root, filepath.FromSlash(f.name))); err != nil {
			if sum, ok := seal.WithheldFrom(os.DirFS(root), p.path); ok {
				return p, withHint(fmt.Errorf("proving %q: it is withheld from this package; the full package has it with the sha256 %x", p.path, sum), "whoever has the full package can prove it there")
			}
			return p, usageError("proving %q: reading %s: %w", path, f.name, plain(err))
		}
	}
	s, err := seal.ParseSeal(p.seal)
	if err != nil {
		return p, fmt.Errorf("proving %q: %s: %w", path, seal.SealName, err)
	}
	m, err := seal.ParseManifest(sums)
	if err != nil {
		return p, fmt.Errorf("proving %q: %s: %w", path, seal.SumsName, err)
	}
	proof, err := m.Prove(p.seal, p.path)
	if err != nil {
		return p, err
	}
	if sha256.Sum256(sums) != s.Sums || proof.Root() != s.Root || sha256.Sum256(p.file) != proof.Entry.Sum {
		return p, withHint(fmt.Errorf("proving %q: the file or the package was changed since it was sealed", p.path), "exhibit verify names what was changed")
	}
	p.proof = proof.Bytes()
	return p, nil
}

var verifyProofCommand = command{
	name: "verify-proof", args: "PROOF [--signers FILE] [--file FILE] [--seal SEAL.txt]",
	short: "check one file by its proof",
	long: `Checks that the file a proof names is one of those that a seal was made over, and
whose key signed the seal. Of the other files of the package it says nothing.

The file, SEAL.txt and SEAL.txt.sig are looked for in the folder of the proof;
--file and --seal name them where they lie elsewhere. --signers names the
allowed_signers file the signer gave you by another way.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		signers := fs.String("signers", "", "the allowed_signers `FILE`")
		file := fs.String("file", "", "the `FILE` that the proof is about")
		sealed := fs.String("seal", "", "the `SEAL.txt`, with SEAL.txt.sig beside it")
		return func(_ context.Context, c *call) error {
			if len(c.args) != 1 {
				return usageError("verify-proof takes one PROOF, not %d", len(c.args))
			}
			var opt seal.Options
			proofPath := absolute(c.Dir, c.args[0])
			proof, err := os.ReadFile(proofPath)
			if err != nil {
				return usageError("reading %q: %w", c.args[0], plain(err))
			}
			if *signers != "" {
				if opt.AllowedSigners, err = os.ReadFile(absolute(c.Dir, *signers)); err != nil {
					return usageError("reading %q: %w", *signers, plain(err))
				}
			}
			folder := filepath.Dir(proofPath)
			if *sealed != "" {
				folder = filepath.Dir(absolute(c.Dir, *sealed))
			}
			p, err := seal.ParseProof(proof)
			if err != nil {
				return fmt.Errorf("reading %q: %w", c.args[0], err)
			}
			at := filepath.Join(filepath.Dir(proofPath), filepath.FromSlash(p.Entry.Path))
			if *file != "" {
				at = absolute(c.Dir, *file)
			}
			f, err := os.Open(at)
			if err != nil {
				return withHint(usageError("opening the file that the proof is about, %q: %w", p.Entry.Path, plain(err)), "name it with --file where it lies elsewhere")
			}
			defer f.Close()
			result, err := seal.VerifyProof(os.DirFS(folder), proof, f, opt)
			if err != nil {
				return err
			}
			write := result.WriteText
			if c.json {
				write = result.WriteJSON
			}
			if err := write(c.Stdout); err != nil {
				return err
			}
			if !result.OK() {
				return &exit{code: exitError}
			}
			return nil
		}
	},
}
