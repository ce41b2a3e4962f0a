package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/seal"
)

var letterCommand = command{
	name: "letter", args: "[PACKAGE]",
	short: "print the lines for management's representation letter",
	long: `Prints two lines for the letter management signs at the end of the audit: which
evidence is meant, by hashes that fit no other, and what management says of it. Without
PACKAGE they are of the newest commit of this repository; with one (a folder or a zip)
they name the package and its root, so that the letter and what the auditor holds cannot
drift apart. The same evidence gives the same lines.

The wording is a proposal. Management and the auditor decide what the letter says.`,
	setup: func(*flag.FlagSet) func(context.Context, *call) error {
		return func(_ context.Context, c *call) error {
			if len(c.args) > 1 {
				return usageError("letter takes one PACKAGE, not %q", strings.Join(c.args, " "))
			}
			var l letter
			var err error
			if len(c.args) == 1 {
				l, err = letterOfPackage(absolute(c.Dir, c.args[0]))
			} else {
				l, err = letterOfRepository(c)
			}
			if err != nil {
				return err
			}
			l.write()
			return c.result(l, l.print)
		}
	},
}

// letter is what the lines are made from, and the lines.
type letter struct {
	Sample       bool     `json:"sample,omitempty"`
	Organisation string   `json:"organisation"`
	Period       string   `json:"period"`
	Commit       string   `json:"commit"`
	Chain        string   `json:"chain_head"`            // SHA-256 of the newest run's SEAL.txt
	Run          string   `json:"run"`                   // the newest
	Root         string   `json:"root,omitempty"`        // of the package
	Seal         string   `json:"seal_sha256,omitempty"` // of the package's SEAL.txt
	NotWhole     []string `json:"not_whole,omitempty"`   // populations, by id; of the repository alone
	Late         int      `json:"records_sealed_late,omitempty"`
	Lines        []string `json:"lines"`
	SaysNot      []string `json:"says_not"`

	claimed time.Time
}

func letterOfPackage(path string) (letter, error) {
	info, err := os.Stat(path)
	if err != nil {
		return letter{}, withHint(usageError("reading the package %q: %w", path, plain(err)), "name a package's folder or zip, such as one under out/")
	}
	pack := os.DirFS(path)
	if !info.IsDir() {
		f, err := os.Open(path)
		if err != nil {
			return letter{}, err
		}
		defer f.Close()
		z, err := seal.OpenZip(f, info.Size())
		if err != nil {
			return letter{}, fmt.Errorf("opening %s: %w", path, err)
		}
		pack = seal.Inside(z)
	}
	s, err := sealOf(pack)
	if err != nil {
		return letter{}, withHint(fmt.Errorf("reading the seal of %s: %w", path, plain(err)), "exhibit verify says what is wrong with a package")
	}
	if s.Kind != seal.KindPackage {
		return letter{}, usageError("%s is no package: its seal is of a %s", path, s.Kind)
	}
	check, err := verifyPath(path, seal.Options{})
	if err != nil {
		return letter{}, err
	}
	if len(check.Problems) > 0 {
		return letter{}, withHint(fmt.Errorf("%s is not as it was sealed: %s: %s", path, check.Problems[0].Path, check.Problems[0].Says), "nobody should sign for it; exhibit verify names all of it")
	}
	text, err := fs.ReadFile(pack, seal.SealName)
	if err != nil {
		return letter{}, err
	}
	return letter{Sample: s.Sample, Organisation: s.Organisation, Period: s.Period, Commit: s.Commit, Chain: s.Chain, Run: s.Run, Root: hex.EncodeToString(s.Root[:]), Seal: fmt.Sprintf("%x", sha256.Sum256(text)), claimed: s.Claimed}, nil
}

func letterOfRepository(c *call) (letter, error) {
	_, r, err := reported(c)
	if err != nil {
		return letter{}, err
	}
	newest := r.Runs[len(r.Runs)-1]
	l := letter{Sample: r.Sample, Organisation: r.Engagement.Organisation, Period: r.Engagement.Period.String(), Commit: r.Commit, Chain: newest.SealSum, Run: newest.Run.Name, claimed: newest.Run.Ended}
	for _, p := range r.Populations {
		if !p.Whole {
			l.NotWhole = append(l.NotWhole, p.ID)
		}
	}
	for _, list := range r.Sealings {
		for _, s := range list {
			if s.State == control.SealedLate {
				l.Late++
			}
		}
	}
	return l, nil
}

// write makes the lines. They are for a letter, not for a screen.
func (l *letter) write() {
	what := fmt.Sprintf("the evidence repository of %s at commit %s, whose newest run is %s (chain head, SHA-256 of its seal: %s)", l.Organisation, l.Commit, l.Run, l.Chain)
	if l.Root != "" {
		what = fmt.Sprintf("the evidence package of %s with the root %s (SHA-256 of its SEAL.txt: %s), made from commit %s of the evidence repository, whose newest run is %s (chain head %s)", l.Organisation, l.Root, l.Seal, l.Commit, l.Run, l.Chain)
	}
	first := fmt.Sprintf("1. The evidence we gave you for the period %s is %s. It was collected by the runs named in it and sealed on the dates they bear, the last on %s, and we have not altered, removed or withheld any of it, other than what it says itself is withheld.",
		l.Period, what, l.claimed.UTC().Format(time.DateOnly))
	second := "2. The populations in it include every item known to us that belongs to them"
	if len(l.NotWhole) > 0 {
		second += "; those it marks as not whole (" + strings.Join(l.NotWhole, ", ") + ") are so for the reasons it gives, and we have told you of every further item we know of"
	} else {
		second += ", and where it marks one as not whole we have told you of every further item we know of"
	}
	second += "; the records in it were written by the people they name about what happened on the dates they bear, and those first sealed later are shown as written down late"
	if l.Late > 0 {
		second += fmt.Sprintf(" (%s)", count(l.Late, "record"))
	}
	second += "; where it states that nothing of a kind occurred, none did to our knowledge; and we know of no incident, change, deviation or breach of our commitments in the period, or since its end, that it does not show and we have not told you of."
	l.Lines = []string{first, second}
	l.SaysNot = []string{
		"that the controls were suitable or operated effectively: the assertion of management says that, apart from this",
		"that what people wrote is true: seals show what was written and since when, not what happened",
		"what AWS and the code host did not answer: coverage names it",
		"anything after " + l.claimed.UTC().Format(time.DateOnly) + " but what management adds",
	}
}

func (l letter) print(w io.Writer) {
	if l.Sample {
		fmt.Fprintln(w, "SAMPLE: an invented organisation. Nobody can sign this.")
		fmt.Fprintln(w)
	}
	for _, s := range l.Lines {
		fmt.Fprintf(w, "%s\n\n", seal.Visible(s))
	}
	fmt.Fprintln(w, "What these lines do not say:")
	for _, s := range l.SaysNot {
		fmt.Fprintf(w, "  - %s\n", s)
	}
	if l.Root == "" {
		fmt.Fprintln(w, "Sign for a package rather than for a repository where the auditor holds one: exhibit letter PACKAGE")
	}
}
