// Exhibit-verify checks a package of evidence, a zip of one, or an evidence
// repository, with nothing but what the one who runs it brings along: it reads
// no configuration, asks no network and looks at no clock.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"exhibit/seal"
)

// The exit codes are part of the interface; the usage text and a test say so.
const (
	exitOK      = 0
	exitProblem = 1
	exitUsage   = 2
)

const usage = `Usage:
    exhibit-verify [--signers FILE] [--revoked FILE] [--tsa-roots FILE]
                   [--since OLD-SEAL.txt] [--cadence DAYS] [--json] PATH
    exhibit-verify --proof PROOF [--signers FILE] [--file FILE] [--seal SEAL.txt]

PATH is a package (a folder or its .zip) or an evidence repository.

Options:
    --signers FILE   allowed_signers: whose key is whose. Get it from the
                     organisation by another way than the package. Without it
                     the content is checked, and the signer is NOT.
    --revoked FILE   public keys that count no more, one a line. A seal of such a
                     key counts only where a timestamp proves that it is older.
    --tsa-roots FILE root certificates (PEM) of the timestamp authorities that you
                     trust. Without it no timestamp is believed.
    --cadence DAYS   show every longer pause between two runs as a gap.
    --since FILE     a SEAL.txt you kept from an earlier package or run; finds a
                     chain of runs that was rebuilt or shortened since.
    --proof PROOF    check one file, of which PROOF shows that it belongs to a
                     seal. The file, SEAL.txt and SEAL.txt.sig are looked for
                     beside PROOF; --file and --seal name them elsewhere.
    --json           print the result as JSON.

Exit codes:
    0   nothing was changed, and with --signers the signer is on the list
    1   something was changed, or could not be read
    2   the command was not understood

Example:
    $ exhibit-verify --signers allowed_signers --since 2025/SEAL.txt package.zip
`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	if asksForProof(args) {
		return runProof(args, stdout, stderr)
	}
	flags := flag.NewFlagSet("exhibit-verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are told below, with the hint
	files := options{}
	for name, into := range map[string]*string{"signers": &files.signers, "revoked": &files.revoked, "tsa-roots": &files.roots, "since": &files.since} {
		flags.StringVar(into, name, "", "")
	}
	flags.IntVar(&files.cadence, "cadence", 0, "")
	asJSON := flags.Bool("json", false, "")
	var paths []string
	for rest := args; ; {
		if err := flags.Parse(rest); errors.Is(err, flag.ErrHelp) {
			_, _ = io.WriteString(stdout, usage) // nothing is left to do if this fails
			return exitOK
		} else if err != nil {
			return tell(stderr, exitUsage, err.Error(), "exhibit-verify --help lists the options")
		}
		if flags.NArg() == 0 {
			break
		}
		paths, rest = append(paths, flags.Arg(0)), flags.Args()[1:]
	}
	if len(paths) != 1 {
		return tell(stderr, exitUsage, fmt.Sprintf("one PATH belongs on the command line, and there are %d", len(paths)),
			"give the folder or the .zip of a package, or an evidence repository")
	}
	result, err := verify(paths[0], files)
	return conclude(result, err, *asJSON, stdout, stderr)
}

// conclude says what came of it, and gives the exit code.
func conclude(result *seal.Result, err error, asJSON bool, stdout, stderr io.Writer) int {
	if err != nil {
		var h hinted
		errors.As(err, &h)
		return tell(stderr, exitProblem, err.Error(), h.hint)
	}
	if err := show(result, asJSON, stdout, stderr); err != nil {
		return tell(stderr, exitProblem, fmt.Sprintf("printing the result: %v", err), "")
	}
	if !result.OK() {
		return exitProblem
	}
	return exitOK
}

func show(r *seal.Result, asJSON bool, stdout, stderr io.Writer) error {
	write := r.WriteText
	if asJSON {
		write = r.WriteJSON
	}
	if err := write(stdout); err != nil {
		return err
	}
	if r.OK() && r.State(seal.LevelSigner) != seal.Held {
		if asJSON { // the text begins with it
			say(stderr, "warning", r.Headline())
		}
		say(stderr, "hint", "get the allowed_signers file from the organisation by another way than the package, and give it with --signers")
	}
	return nil
}

// verify opens the path as what it is and checks it.
func verify(path string, o options) (*seal.Result, error) {
	opt, err := o.read()
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, hinted{err, "give the folder or the .zip of a package, or an evidence repository"}
	}
	if info.Mode().IsRegular() {
		if filepath.Base(path) == seal.SealName {
			return nil, hinted{fmt.Errorf("%s is a seal, not what it seals", path), "give the folder it lies in"}
		}
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		z, err := seal.OpenZip(f, info.Size())
		if err != nil {
			return nil, hinted{err, "if this is the zip you were sent, refuse it and ask for another; if you packed it yourself, give the folder instead"}
		}
		return seal.Verify(seal.Inside(z), opt)
	}
	if !info.IsDir() {
		return nil, hinted{fmt.Errorf("%s is neither a folder nor a file", path), ""}
	}
	folder := os.DirFS(path)
	switch {
	case has(folder, seal.SealName):
		return seal.Verify(folder, opt)
	case has(folder, "exhibit.yaml"):
		return seal.VerifyRuns(folder, opt)
	case has(folder, seal.SumsName), has(folder, seal.SignatureName):
		return seal.Verify(folder, opt) // a package whose seal was taken away
	}
	return nil, hinted{fmt.Errorf("%s is neither a package (no SEAL.txt) nor an evidence repository (no exhibit.yaml)", path),
		"give the folder in which SEAL.txt and SHA256SUMS lie"}
}

func has(fsys fs.FS, name string) bool {
	_, err := fs.Lstat(fsys, name)
	return err == nil
}

// options are the names of the files that the one who verifies brings along.
type options struct {
	signers, revoked, roots, since string
	cadence                        int // days
}

func (o options) read() (opt seal.Options, err error) {
	const line = "a line is: name ssh-ed25519 AAAA…"
	for _, f := range []struct {
		name, what, mend string
		into             *[]byte
		check            func([]byte) error
	}{
		{o.signers, "the allowed signers", line, &opt.AllowedSigners, func(b []byte) error { _, err := seal.ParseAllowedSigners(b); return err }},
		{o.revoked, "the revoked keys", "a line is: ssh-ed25519 AAAA…", &opt.Revoked, func(b []byte) error { _, err := seal.ParseRevoked(b); return err }},
		{o.roots, "the roots of timestamp authorities", "give the root certificates in PEM", &opt.TimeRoots, func(b []byte) error { _, err := seal.ParseRoots(b); return err }},
		{o.since, "the older seal", "give the SEAL.txt that you kept from an earlier package or run", &opt.Since, func(b []byte) error { _, err := seal.ParseSeal(b); return err }},
	} {
		if f.name == "" {
			continue
		}
		if *f.into, err = os.ReadFile(f.name); err != nil {
			return opt, hinted{fmt.Errorf("reading %s: %w", f.what, err), ""}
		}
		if len(*f.into) == 0 {
			return opt, hinted{fmt.Errorf("reading %s: %s is empty", f.what, f.name), f.mend}
		}
		if err := f.check(*f.into); err != nil {
			return opt, hinted{fmt.Errorf("reading %s: %s: %w", f.what, f.name, err), f.mend}
		}
	}
	if o.cadence < 0 {
		return opt, hinted{fmt.Errorf("--cadence %d is less than a day", o.cadence), ""}
	}
	opt.Cadence = time.Duration(o.cadence) * 24 * time.Hour
	return opt, nil
}

// hinted is an error with what to do about it.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

func tell(stderr io.Writer, code int, message, hint string) int {
	say(stderr, "error", message)
	if hint != "" {
		say(stderr, "hint", hint)
	}
	return code
}

func say(stderr io.Writer, what, message string) {
	_, _ = fmt.Fprintf(stderr, "exhibit-verify: %s: %s\n", what, seal.Visible(message)) // there is nowhere else to say it
}
