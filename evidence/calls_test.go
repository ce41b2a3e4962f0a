package evidence

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

func TestInParts(t *testing.T) {
	long := strings.Repeat("x", 1<<17)
	for _, c := range []struct {
		text string
		most int64
		want string // sizes
	}{
		{"", 10, "[0]"},
		{"a\nb\n", 10, "[4]"},
		{"a\nb\nc\n", 4, "[4 2]"},
		{"a\nbb\nc\n", 3, "[2 3 2]"},
		{"a\n" + long + "\nb\n", 100, fmt.Sprintf("[2 %d 2]", len(long)+1)},
		{long + "\n", 100, fmt.Sprintf("[%d]", len(long)+1)},
	} {
		for _, content := range []Content{InMemory([]byte(c.text)), Within(bytes.NewReader([]byte("before"+c.text+"behind")), 6, int64(len(c.text)))} {
			parts, err := content.InParts(c.most)
			if err != nil {
				t.Fatal(err)
			}
			var sizes []int
			whole := ""
			for _, p := range parts {
				b, err := p.Bytes()
				if err != nil {
					t.Fatal(err)
				}
				sizes, whole = append(sizes, len(b)), whole+string(b)
			}
			if fmt.Sprint(sizes) != c.want || whole != c.text {
				t.Errorf("%d bytes at most %d: parts of %v, want %s", len(c.text), c.most, sizes, c.want)
			}
		}
	}
}

func TestCallsIn(t *testing.T) {
	for _, c := range []struct{ files, want string }{
		{"calls.jsonl RUN.json", "[calls.jsonl]"}, {"calls-0001.jsonl calls-0002.jsonl", "[calls-0001.jsonl calls-0002.jsonl]"}, {"RUN.json", "[]"},
	} {
		run := fstest.MapFS{}
		for _, f := range strings.Fields(c.files) {
			run[f] = &fstest.MapFile{}
		}
		got, err := CallsIn(run)
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, %v, want %s", c.files, got, err, c.want)
		}
	}
	for name, want := range map[string]bool{"calls.jsonl": true, "calls-0001.jsonl": true, "calls-12345.jsonl": true, "calls-1.jsonl": false, "coverage.jsonl": false, "calls-0001.jsonl.age": false} {
		if HoldsCalls(name) != want {
			t.Errorf("%s holds calls: %t", name, !want)
		}
	}
}
