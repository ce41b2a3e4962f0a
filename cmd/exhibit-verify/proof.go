package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"exhibit/seal"
)

// asksForProof says that one file is to be checked by its proof.
func asksForProof(args []string) bool {
	for _, a := range args {
		name, _, _ := strings.Cut(strings.TrimLeft(a, "-"), "=")
		if strings.HasPrefix(a, "-") && name == "proof" {
			return true
		}
	}
	return false
}

// runProof is the command with --proof: one file instead of a package.
func runProof(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("exhibit-verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are told below, with the hint
	proof, file := flags.String("proof", "", ""), flags.String("file", "", "")
	signers, sealed := flags.String("signers", "", ""), flags.String("seal", "", "")
	asJSON := flags.Bool("json", false, "")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		_, _ = io.WriteString(stdout, usage) // nothing is left to do if this fails
		return exitOK
	} else if err != nil {
		return tell(stderr, exitUsage, err.Error(), "exhibit-verify --help lists the options")
	}
	if flags.NArg() > 0 {
		return tell(stderr, exitUsage, fmt.Sprintf("with --proof one file is checked, and %q is too many", flags.Arg(0)), "name the file with --file where it does not lie beside the proof")
	}
	result, err := verifyProof(*proof, *file, *sealed, *signers)
	return conclude(result, err, *asJSON, stdout, stderr)
}

func verifyProof(path, file, sealed, signers string) (*seal.Result, error) {
	proof, err := os.ReadFile(path)
	if err != nil {
		return nil, hinted{err, "give the proof: a file whose name ends in .proof"}
	}
	p, err := seal.ParseProof(proof)
	if err != nil {
		return nil, fmt.Errorf("reading the proof: %s: %w", path, err)
	}
	var opt seal.Options
	if signers != "" {
		if opt.AllowedSigners, err = os.ReadFile(signers); err == nil && len(opt.AllowedSigners) == 0 {
			err = errors.New(signers + " is empty")
		}
		if err != nil {
			return nil, hinted{fmt.Errorf("reading the allowed signers: %w", err), "a line is: name ssh-ed25519 AAAA…"}
		}
	}
	folder := filepath.Dir(path)
	if file == "" {
		file = filepath.Join(folder, filepath.FromSlash(p.Entry.Path))
	}
	if sealed != "" {
		folder = filepath.Dir(sealed)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, hinted{err, "name the file that the proof is about with --file"}
	}
	defer f.Close()
	return seal.VerifyProof(os.DirFS(folder), proof, f, opt)
}
