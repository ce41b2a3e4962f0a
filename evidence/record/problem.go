package record

import (
	"fmt"
	"slices"
	"strings"
)

// A Problem is what is wrong with one place in what people wrote.
type Problem struct {
	Path   string // from the repository's root
	Line   int    // from 1; 0 when the whole file is meant
	Column int    // from 1; 0 when the whole line is meant
	// Kind is the kind of record that is left out because of it; "" when no schema reads the file.
	Kind    string
	Message string // what is wrong, and what is allowed
}

// String is one line: "registers/vendors.yaml:12:3: unknown key …".
func (p Problem) String() string {
	switch {
	case p.Line == 0:
		return p.Path + ": " + p.Message
	case p.Column == 0:
		return fmt.Sprintf("%s:%d: %s", p.Path, p.Line, p.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.Path, p.Line, p.Column, p.Message)
}

// Error makes a Problem an error, with the text of String.
func (p Problem) Error() string { return p.String() }

func sortProblems(ps []Problem) {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		if a.Column != b.Column {
			return a.Column - b.Column
		}
		return strings.Compare(a.Message, b.Message)
	})
}

// suggest is `; did you mean "owner"?` when one of allowed is near to word, else "".
func suggest(word string, allowed []string) string {
	// More letters than that are another word, not a slip; and a long list would cost more than the advice is worth.
	best, at := "", 1+min(len(word)/3, 2)
	if len(allowed) > 1000 {
		return ""
	}
	for _, a := range allowed {
		if d := distance(strings.ToLower(word), strings.ToLower(a)); d <= at && (best == "" || d < at) {
			best, at = a, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance is the number of letters to add, drop, change or swap with their
// neighbour to come from a to b. Long words are not compared: they are no typing
// mistake of each other, and the cost grows with both lengths.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b))
	}
	x, y := []rune(a), []rune(b)
	before, row := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		next := make([]int, len(y)+1)
		next[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(y)]
}

// list is `"a", "b" or "c"`.
func list(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = fmt.Sprintf("%q", w)
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " or " + quoted[len(quoted)-1]
}
