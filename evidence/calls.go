package evidence

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
)

// CallsName is the file of a run that holds its calls. Where they are more than
// CallsBytes the run has parts instead, calls-0001.jsonl and so on, which one behind
// the other are what the one file would be: a file of a large organisation's calls
// would be larger than hosts of git take.
const CallsName = "calls.jsonl"

// CallsBytes is the size beyond which calls are kept in parts, and the largest size of
// a part, unless one line is longer.
const CallsBytes = 8 << 20

var callsPart = regexp.MustCompile(`^calls-[0-9]{4,}\.jsonl$`)

// CallsPart is the name of a part, from 1.
func CallsPart(n int) string { return fmt.Sprintf("calls-%04d.jsonl", n) }

// HoldsCalls reports whether a file of a run, by its name, holds calls.
func HoldsCalls(name string) bool { return name == CallsName || callsPart.MatchString(name) }

// CallsIn are the names of the files of calls in the folder of a run, in their order;
// none where there is none.
func CallsIn(run fs.FS) ([]string, error) {
	if _, err := fs.Stat(run, CallsName); err == nil {
		return []string{CallsName}, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var out []string
	for n := 1; ; n++ {
		if _, err := fs.Stat(run, CallsPart(n)); errors.Is(err, fs.ErrNotExist) {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		out = append(out, CallsPart(n))
	}
}

// InParts cuts a content of lines into parts of at most most bytes, each of whole
// lines. The same content has the same parts. One that fits is a single part.
func (c Content) InParts(most int64) ([]Content, error) {
	if c.Size() <= most {
		return []Content{c}, nil
	}
	var out []Content
	var from, at int64 // of the part, of the line
	in := bufio.NewReaderSize(c.Open(), 1<<16)
	for {
		var n int64
		var err error
		for { // a line may be longer than what is read at a time
			var b []byte
			b, err = in.ReadSlice('\n')
			n += int64(len(b))
			if !errors.Is(err, bufio.ErrBufferFull) {
				break
			}
		}
		if err != nil && err != io.EOF {
			return nil, err
		}
		if n > 0 && at > from && at+n-from > most {
			out = append(out, Within(c.from, c.at+from, at-from))
			from = at
		}
		if at += n; err == io.EOF {
			return append(out, Within(c.from, c.at+from, at-from)), nil
		}
	}
}
