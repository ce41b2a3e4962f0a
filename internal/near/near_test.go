package near

import (
	"strings"
	"testing"
)

func TestWord(t *testing.T) {
	words := []string{"organisation", "sample", "engagement", "aws", "owner"}
	for word, want := range map[string]string{
		"engagment": "engagement", "Ower": "owner", "onwer": "owner", "smaple": "sample", "asw": "aws",
		"organization": "organisation", "zebra": "", "": "", strings.Repeat("a", 100): "",
	} {
		if got := Word(word, words); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
	if got := Word("owner", make([]string, 1001)); got != "" {
		t.Errorf("a list too long to look through: got %q", got)
	}
}

func TestDistance(t *testing.T) {
	for _, x := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"ab", "ba", 1}, {"kitten", "sitting", 3}, {"größe", "grösse", 2}, {"x", strings.Repeat("y", 65), 65}} {
		if got := Distance(x.a, x.b); got != x.want || Distance(x.b, x.a) != x.want {
			t.Errorf("%q to %q: got %d, want %d, and the same back", x.a, x.b, got, x.want)
		}
	}
}
