package render

import (
	"strings"
	"testing"

	"exhibit/render/table"
	"exhibit/seal"
)

// The page of commands shows every command of VERIFY.txt as it stands there.
func TestVerifyPageWordForWord(t *testing.T) {
	text := string(seal.VerifyText(seal.Seal{Organisation: "Acme", Period: "2026-01-01..2026-12-31", Run: "0001-20260401T060000Z"}, "seal@example.com", strings.Repeat("0", 64)))
	var commands, words strings.Builder
	headings := 0
	for _, b := range plainText(text) {
		switch b := b.(type) {
		case table.Pre:
			commands.WriteString(b.Text + "\n")
		case table.Heading:
			headings++
		case table.Para:
			words.WriteString(table.Plain(b.Spans) + " ")
		case table.List:
			for _, item := range b.Items {
				words.WriteString(table.Plain(item) + " ")
			}
		}
	}
	if headings < 5 {
		t.Errorf("%d headings", headings)
	}
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		if command, ok := strings.CutPrefix(line, "    "); ok {
			if n++; !strings.Contains(commands.String(), command+"\n") {
				t.Errorf("no command %q", command)
			}
		}
	}
	if n < 10 || !strings.Contains(commands.String(), "Get-FileHash") {
		t.Errorf("%d commands", n)
	}
	for _, want := range []string{"Nothing was added", "Whoever could alter an answer", "makes them again and compares every byte."} {
		if !strings.Contains(words.String(), want) {
			t.Errorf("no words %q", want)
		}
	}
}
