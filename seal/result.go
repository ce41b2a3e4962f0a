package seal

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// State is what a verifier can say about a level.
type State string

// The four states. Only Held is good news, and only about its own level.
const (
	Held       State = "held"
	Failed     State = "failed"
	Unknown    State = "unknown"     // asked, and what was given does not decide it
	NotChecked State = "not checked" // cannot be asked here
)

// The names of the levels, in the order of Result.Levels.
const (
	LevelContent = "content"  // every listed file is there as listed, and no other
	LevelSigner  = "signer"   // whose key signed the seal
	LevelChain   = "chain"    // the runs follow each other without a break
	LevelOrigin  = "origin"   // the files are what the evidence gives
	LevelTime    = "time"     // when it was sealed
	LevelReview  = "review"   // who signed a second time; where somebody did, or the seal asks for it
	LevelShared  = "withheld" // what is kept back is named, and nothing else is; of a package that withholds something
	LevelHistory = "history"  // git's history never changed a run; of a repository, where somebody looks
)

// Level is one answer, in a sentence that claims no more than was checked.
type Level struct {
	Name  string `json:"name"`
	State State  `json:"state"`
	Says  string `json:"says"`
}

// Kind is the kind of a Problem.
type Kind string

// The kinds of problem.
const (
	Changed    Kind = "changed"    // there, with other content than was sealed
	Missing    Kind = "missing"    // sealed, and not there
	Added      Kind = "added"      // there, and not sealed
	Refused    Kind = "refused"    // a symbolic link, a device, a name that is not allowed
	Unreadable Kind = "unreadable" // could not be read, so nothing is known
	Malformed  Kind = "malformed"  // a list, seal or signature that is not in its format
	Unsigned   Kind = "signature"  // a signature that does not fit, or by a key not allowed to
	Unlisted   Kind = "unlisted"   // signed by a key that the given signers do not list
	Untimed    Kind = "timestamp"  // a timestamp that is not good, or from an authority that is not pinned
	Broken     Kind = "chain"      // runs dropped, reordered, forked or rebuilt
	Unreviewed Kind = "review"     // the seal asks for a reviewer's signature that is not there
	Unnamed    Kind = "withheld"   // something is kept back, and not as the package says
)

// Problem is one thing that is wrong, and where.
type Problem struct {
	Kind Kind   `json:"kind"`
	Path string `json:"path"`
	Says string `json:"says"`
}

// Result is all that a verification found.
type Result struct {
	Seal     Seal      `json:"seal"` // of the package, or of the newest run; zero when it could not be read
	Levels   []Level   `json:"levels"`
	Problems []Problem `json:"problems"` // by path
	Times    []Timing  `json:"times"`    // of every run, oldest first, and of the package
	Pauses   []string  `json:"pauses"`   // between runs, longer than the cadence that was asked for
	Reviews  []Review  `json:"reviews"`  // the second signatures that count, of runs and of the package
	Kept     *Kept     `json:"withheld"` // what a package keeps back; nil for one that keeps nothing back

	one string // the path of the one file that was checked by its proof; "" for a whole
}

// OK says that nothing is wrong. It does not say that everything is known:
// with no allowed signers given, the signer level is Unknown and OK is true.
func (r *Result) OK() bool {
	for _, l := range r.Levels {
		if l.State == Failed {
			return false
		}
	}
	return len(r.Problems) == 0
}

// State is the state of a level; NotChecked for a name that is not there.
func (r *Result) State(level string) State {
	for _, l := range r.Levels {
		if l.Name == level {
			return l.State
		}
	}
	return NotChecked
}

// Headline is the result in one line: what may be said of the whole.
func (r *Result) Headline() string {
	switch n := len(r.Problems); {
	case !r.OK() && n == 1:
		return "REFUSED: 1 problem was found."
	case !r.OK():
		return fmt.Sprintf("REFUSED: %d problems were found.", n)
	case r.one != "" && r.State(LevelSigner) != Held:
		return "the file is one of those sealed; signer NOT checked: no list of allowed signers was given, and without one anybody could have made this."
	case r.one != "":
		return "the file is one of those sealed, and the seal is signed by a key on your list."
	case r.Kept != nil && r.State(LevelSigner) != Held:
		return fmt.Sprintf("what is shared is whole, %s; signer NOT checked: no list of allowed signers was given, and without one anybody could have made this.", r.Kept)
	case r.Kept != nil:
		return fmt.Sprintf("what is shared is whole, %s; signed by a key on your list.", r.Kept)
	case r.State(LevelSigner) != Held:
		return "content whole; signer NOT checked: no list of allowed signers was given, and without one anybody could have made this."
	}
	return "content whole, and signed by a key on your list."
}

func (r *Result) problem(kind Kind, path, format string, args ...any) {
	r.Problems = append(r.Problems, Problem{kind, path, fmt.Sprintf(format, args...)})
}

func (r *Result) level(name string, state State, format string, args ...any) {
	r.Levels = append(r.Levels, Level{name, state, fmt.Sprintf(format, args...)})
}

// Level adds a level that this package cannot look at.
func (r *Result) Level(name string, state State, says string) {
	r.level(name, state, "%s", says)
	r.finish()
}

// Problem adds one that this package cannot see.
func (r *Result) Problem(kind Kind, path, says string) {
	r.problem(kind, path, "%s", says)
	r.finish()
}

// finish puts the problems and the levels in their order.
func (r *Result) finish() *Result {
	slices.SortStableFunc(r.Problems, func(a, b Problem) int { return cmp.Compare(a.Path, b.Path) })
	r.Problems = slices.Compact(r.Problems)
	order := []string{LevelContent, LevelShared, LevelSigner, LevelReview, LevelChain, LevelHistory, LevelOrigin, LevelTime}
	slices.SortStableFunc(r.Levels, func(a, b Level) int {
		return cmp.Compare(slices.Index(order, a.Name), slices.Index(order, b.Name))
	})
	return r
}

// shownProblems keeps a page of output readable; the JSON holds them all.
const shownProblems = 50

// WriteText prints the result for people.
func (r *Result) WriteText(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintln(&b, r.Headline())
	if r.Seal.Sample {
		fmt.Fprintln(&b, "SAMPLE: this is invented data for demonstration. It is NOT evidence about any organisation.")
	}
	if s := r.Seal; s.Kind != "" {
		fmt.Fprintf(&b, "\n  a %s of %s", s.Kind, Visible(s.Organisation))
		if s.Period != "" {
			fmt.Fprintf(&b, ", period %s", s.Period)
		}
		fmt.Fprintf(&b, "\n  run %s", s.Run)
		if s.Commit != "" {
			fmt.Fprintf(&b, ", commit %s", s.Commit)
		}
		fmt.Fprintf(&b, "\n  sealed by %s\n", Visible(s.Tool))
		if s.For != "" {
			fmt.Fprintf(&b, "  made for %s\n", Visible(s.For))
		}
	}
	fmt.Fprintln(&b)
	for _, l := range r.Levels {
		state := string(l.State)
		if l.State == Failed {
			state = "FAILED"
		}
		wrap(&b, fmt.Sprintf("  %-8s %-12s ", l.Name, state), Visible(l.Says))
	}
	r.writeTimes(&b)
	if len(r.Problems) > 0 {
		fmt.Fprintln(&b)
	}
	for i, p := range r.Problems {
		if i == shownProblems {
			fmt.Fprintf(&b, "  … and %d more\n", len(r.Problems)-i)
			break
		}
		wrap(&b, fmt.Sprintf("  %-10s ", p.Kind), Visible(p.Path)+": "+Visible(p.Says))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// writeTimes lists when each seal was made, where there is more to say than that
// all only claim it.
func (r *Result) writeTimes(b *bytes.Buffer) {
	if !slices.ContainsFunc(r.Times, func(t Timing) bool { return t.Proved != nil }) {
		return
	}
	fmt.Fprintln(b)
	from := max(0, len(r.Times)-shownProblems)
	if from > 0 {
		fmt.Fprintf(b, "  … %d older ones\n", from)
	}
	for _, t := range r.Times[from:] {
		wrap(b, "  "+t.Of+"  ", Visible(t.Says))
	}
}

// wrap prints the words after the head, in lines of about 90 characters that
// begin where the first one does. A long word, such as a path, stays whole.
func wrap(b *bytes.Buffer, head, words string) {
	b.WriteString(head)
	column := len(head)
	for i, word := range strings.Split(words, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > 90:
			b.WriteString("\n" + strings.Repeat(" ", len(head)))
			column = len(head)
		default:
			b.WriteString(" ")
			column++
		}
		b.WriteString(word)
		column += n
	}
	b.WriteString("\n")
}

// WriteJSON prints the result for programs. Characters that do not show are
// written as \u escapes, so that the JSON is safe on a terminal too.
func (r *Result) WriteJSON(w io.Writer) error {
	type plainResult Result // without methods
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	out := struct {
		OK       bool   `json:"ok"`
		Headline string `json:"headline"`
		plainResult
	}{r.OK(), r.Headline(), plainResult(*r)}
	if out.Problems == nil {
		out.Problems = []Problem{}
	}
	if out.Times == nil {
		out.Times = []Timing{}
	}
	if out.Reviews == nil {
		out.Reviews = []Review{}
	}
	if out.Pauses == nil {
		out.Pauses = []string{}
	}
	if err := e.Encode(out); err != nil {
		return err
	}
	var text strings.Builder
	for _, c := range b.String() {
		switch {
		case c == '\n' || unicode.IsPrint(c):
			text.WriteRune(c)
		case c > 0xFFFF:
			c -= 0x10000
			fmt.Fprintf(&text, `\u%04x\u%04x`, 0xD800+c>>10, 0xDC00+c&0x3FF)
		default:
			fmt.Fprintf(&text, `\u%04x`, c)
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// MarshalJSON writes a timing with its times in whole seconds.
func (t Timing) MarshalJSON() ([]byte, error) {
	at := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.UTC().Format(clockLayout)
	}
	return json.Marshal(struct {
		Of      string `json:"of"`
		Claimed string `json:"claimed"`
		Proved  string `json:"proved,omitempty"`
		After   string `json:"after,omitempty"`
		By      string `json:"by,omitempty"`
		Says    string `json:"says"`
	}{t.Of, at(&t.Claimed), at(t.Proved), at(t.After), t.By, t.Says})
}

// MarshalJSON writes the seal with its hashes in hex, as SEAL.txt has them.
func (s Seal) MarshalJSON() ([]byte, error) {
	if s.Kind == "" {
		return []byte("null"), nil
	}
	return json.Marshal(struct {
		Kind          string `json:"kind"`
		Sample        bool   `json:"sample"`
		Organisation  string `json:"organisation"`
		Period        string `json:"period,omitempty"`
		Run           string `json:"run"`
		Commit        string `json:"commit,omitempty"`
		Chain         string `json:"chain,omitempty"`
		Previous      string `json:"previous,omitempty"`
		PreviousToken string `json:"previous_token,omitempty"`
		Claimed       string `json:"claimed"`
		Tool          string `json:"tool"`
		Files         int    `json:"files"`
		Root          string `json:"root"`
		SumsPath      string `json:"sums_path"`
		Sums          string `json:"sums"`
		Reviewers     int    `json:"reviewers,omitempty"`
		For           string `json:"for,omitempty"`
		Full          string `json:"full,omitempty"`
	}{
		s.Kind, s.Sample, s.Organisation, s.Period, s.Run, s.Commit, s.Chain, s.Previous, s.PreviousToken,
		s.Claimed.UTC().Format(clockLayout), s.Tool, s.Files, hex.EncodeToString(s.Root[:]), s.SumsPath, hex.EncodeToString(s.Sums[:]), s.Reviewers, s.For, s.Full,
	})
}
