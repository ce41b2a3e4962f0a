package record

import (
	"fmt"
	"slices"
	"strings"

	"exhibit/internal/near"
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
	if w := near.Word(word, allowed); w != "" {
		return fmt.Sprintf("; did you mean %q?", w)
	}
	return ""
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
