package sample

import (
	"fmt"
	"io/fs"
	"net/mail"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// A Step is one commit by people, or one collection run.
type Step struct {
	At          time.Time // when it was committed, or the run began, UTC
	AuthorName  string
	AuthorEmail string
	Message     string
	// Write are the files the commit adds or changes, whole, by path from the
	// root of the evidence repository; empty for a run.
	Write map[string][]byte
	// Remove are the files it takes away, sorted.
	Remove []string
	// Tape names what the cloud answered (see Serve): a run at At instead of a
	// commit by people. "" for a commit.
	Tape string
	// Review is an access review's step instead of a commit by people: what was
	// typed after "exhibit review", such as "open --quarter 2026-Q3 --by ada", or
	// "import 2026-Q3 ada", where the workbook handed out to ada comes back with
	// Answers. nil for others.
	Review  []string
	Answers []Answer
	// Draw is what an auditor drew from the newest run's evidence; the commit adds the
	// sample's folder. Its Population is "" for every other step.
	Draw Draw
}

// A Draw is a sample to be drawn, in the words of exhibit sample.
type Draw struct {
	Population, Seed string
	Size             int
	Stratify         bool
}

// An Answer is what a reviewer writes beside the rows of one identity that open one
// thing; both are "*" for all rows no other answer names.
type Answer struct{ Identity, Opens, Decision, Justification string }

// Steps is the sample's history in order: what people committed and when the
// runs happened. It is read from history/, one file a step; the first line of
// each names its time, and the rest what happened:
//
//	At: 2026-01-12T09:14:00Z
//	By: Hana Fujimori <hana.fujimori@thistlebarrow.example>
//	Message: Review access for the fourth quarter
//
//	-- write records/access-reviews/2025-q4.md
//	---
//	id: AR-2025-Q4
//	…
//	-- edit registers/people.yaml
//	<<<
//	  title: Site reliability engineer
//	===
//	  title: Senior site reliability engineer
//	>>>
//	-- rename policies/old.md policies/new.md
//	-- remove records/draft.md
//
// A run has a line "Tape: 2026-q1" instead of author, message and files. A step of
// an access review is made by exhibit review itself, for its files name commits:
//
//	Review: import 2026-Q3 priyanka-raghunathan
//
//	-- decide
//	cillian.roarke | Developer | Revoke | His contract ends on 28 August.
//	* | * | Keep | Their work needs it.
//
// A commit of a sample has "Draw: changes 10" or "Draw: changes 10 stratified" and
// "Seed: words" instead of files.
func Steps() ([]Step, error) {
	names, err := fs.Glob(content, "history/*.txt")
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	tree := map[string]string{}
	var steps []Step
	for _, name := range names {
		b, err := content.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading the sample: %w", err)
		}
		s, err := parseStep(path.Base(name), string(b), tree)
		if err != nil {
			return nil, fmt.Errorf("reading the sample: %w", err)
		}
		if n := len(steps); n > 0 && !s.At.After(steps[n-1].At) {
			return nil, fmt.Errorf("reading the sample: %s is not after the step before it", name)
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// parseStep reads one step and brings tree, the files by path, up to it.
func parseStep(name, text string, tree map[string]string) (Step, error) {
	lines := strings.SplitAfter(text, "\n")
	at := func(n int, format string, args ...any) error {
		return fmt.Errorf("%s:%d: %s", name, n+1, fmt.Sprintf(format, args...))
	}
	s := Step{Write: map[string][]byte{}}
	n := 0
	var message []string
	for ; n < len(lines) && !strings.HasPrefix(lines[n], "-- "); n++ {
		l := strings.TrimRight(lines[n], "\n")
		key, value, _ := strings.Cut(l, ": ")
		switch {
		case message != nil:
			message = append(message, l)
		case l == "":
		case key == "At":
			t, err := time.Parse(time.RFC3339, value)
			if err != nil {
				return s, at(n, "%v", err)
			}
			s.At = t.UTC()
		case key == "By":
			a, err := mail.ParseAddress(value)
			if err != nil {
				return s, at(n, "author %q: %v", value, err)
			}
			s.AuthorName, s.AuthorEmail = a.Name, a.Address
		case key == "Tape":
			if !slices.Contains(tapes[:], value) {
				return s, at(n, "unknown tape %q", value)
			}
			s.Tape = value
		case key == "Review":
			if s.Review = strings.Fields(value); len(s.Review) == 0 {
				return s, at(n, "no review command")
			}
		case key == "Draw":
			f := strings.Fields(value)
			var err error
			if len(f) > 1 {
				s.Draw.Population = f[0]
				s.Draw.Size, err = strconv.Atoi(f[1])
				s.Draw.Stratify = len(f) == 3 && f[2] == "stratified"
			}
			if err != nil || s.Draw.Size < 1 || len(f) > 3 || len(f) == 3 && !s.Draw.Stratify {
				return s, at(n, "draw %q: write the population and how many", value)
			}
		case key == "Seed":
			s.Draw.Seed = value
		case key == "Message":
			message = []string{value}
		default:
			return s, at(n, "unknown line %q", l)
		}
	}
	s.Message = strings.TrimSpace(strings.Join(message, "\n"))
	for n < len(lines) && lines[n] != "" {
		verb, args, _ := strings.Cut(strings.TrimRight(strings.TrimPrefix(lines[n], "-- "), "\n"), " ")
		began := n
		n++
		body := n
		for n < len(lines) && !strings.HasPrefix(lines[n], "-- ") {
			n++
		}
		text := strings.Join(lines[body:n], "")
		switch verb {
		case "write":
			tree[args] = strings.TrimLeft(text, "\n")
			s.Write[args] = []byte(tree[args])
		case "edit":
			was, ok := tree[args]
			if !ok {
				return s, at(began, "there is no file %q to edit", args)
			}
			now, err := edit(was, text)
			if err != nil {
				return s, at(began, "editing %q: %v", args, err)
			}
			tree[args] = now
			s.Write[args] = []byte(now)
		case "decide":
			for i, l := range strings.Split(strings.TrimSpace(text), "\n") {
				part := strings.Split(l, "|")
				if len(part) != 4 {
					return s, at(body+i, "an answer has four parts: identity | what it opens | decision | justification")
				}
				for k := range part {
					part[k] = strings.TrimSpace(part[k])
				}
				s.Answers = append(s.Answers, Answer{part[0], part[1], part[2], part[3]})
			}
		case "rename":
			from, to, _ := strings.Cut(args, " ")
			was, ok := tree[from]
			if !ok || to == "" {
				return s, at(began, "there is no file %q to rename, or no new name", from)
			}
			delete(tree, from)
			tree[to] = was
			s.Write[to], s.Remove = []byte(was), append(s.Remove, from)
		case "remove":
			if _, ok := tree[args]; !ok {
				return s, at(began, "there is no file %q to remove", args)
			}
			delete(tree, args)
			s.Remove = append(s.Remove, args)
		default:
			return s, at(began, "unknown verb %q", verb)
		}
	}
	sort.Strings(s.Remove)
	switch {
	case s.At.IsZero():
		return s, at(0, "no line \"At:\"")
	case s.Tape != "" && len(s.Write)+len(s.Remove) > 0:
		return s, at(0, "a run writes no files of its own")
	case s.Review != nil && len(s.Write)+len(s.Remove) > 0:
		return s, at(0, "a step of a review writes no files of its own")
	case s.Review != nil && (s.Review[0] == "import") != (len(s.Answers) > 0):
		return s, at(0, "an import has answers, and nothing else does")
	case (s.Draw.Population == "") != (s.Draw.Seed == "") || s.Draw.Population != "" && (s.Tape != "" || len(s.Write)+len(s.Remove) > 0):
		return s, at(0, "a draw has a population, a size and a seed, and writes no other files")
	case s.Tape == "" && s.Review == nil && (s.AuthorEmail == "" || s.Message == "" || len(s.Write)+len(s.Remove) == 0 && s.Draw.Population == ""):
		return s, at(0, "a commit needs an author, a message and a change")
	}
	return s, nil
}

// edit applies blocks of <<<, ===, >>> to a file. Each old text, which may begin
// and end within a line, must be there exactly once; one that is empty appends.
func edit(file, blocks string) (string, error) {
	n := 0
	for rest := blocks; strings.TrimSpace(rest) != ""; n++ {
		_, rest2, ok := strings.Cut(rest, "<<<\n")
		before, rest3, ok2 := strings.Cut(rest2, "===\n")
		after, rest4, ok3 := strings.Cut(rest3, ">>>\n")
		if !ok || !ok2 || !ok3 {
			return "", fmt.Errorf("block %d is not whole", n+1)
		}
		if before != "" { // the ends of lines around a block are not part of it
			before, after = strings.TrimSuffix(before, "\n"), strings.TrimSuffix(after, "\n")
		}
		switch c := strings.Count(file, before); {
		case before == "":
			file += after
		case c != 1:
			return "", fmt.Errorf("block %d: the old text is there %d times", n+1, c)
		default:
			file = strings.Replace(file, before, after, 1)
		}
		rest = rest4
	}
	if n == 0 {
		return "", fmt.Errorf("no block")
	}
	return file, nil
}

// Key is the OpenSSH private key the sample is sealed with. It is the same for
// everybody and published, so that its seals show that a sample is a sample.
func Key() []byte { return embedded("key/seal_ed25519") }

// peopleKey is the one its people sign commits with: nobody who changes the
// application seals what is said of it.
func peopleKey() []byte { return embedded("key/people_ed25519") }

func embedded(path string) []byte {
	b, err := content.ReadFile(path)
	if err != nil {
		panic("the sample's key is not embedded: " + err.Error()) // cannot happen: the embed pattern names it
	}
	return b
}
