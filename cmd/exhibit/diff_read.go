package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io/fs"

	"exhibit/evidence"
)

// The lines of a package's data that exhibit diff reads; what else stands on them is
// left alone.
type (
	standingLine struct {
		Kind, ID, Title, State, Says string
		Told                         []string
	}
	findingLine struct {
		ID, Check, Account, Region, Item, Status string
		Value                                    any
	}
	coverageLine struct{ Cell evidence.Cell }
)

// longestLine bounds one line of a package's data.
const longestLine = 16 << 20

// eachLine reads a file of JSON lines.
func eachLine[T any](pack fs.FS, path string, use func(T)) error {
	f, err := pack.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, longestLine)
	for n := 1; lines.Scan(); n++ {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n, err)
		}
		use(v)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
