package seal

import (
	"archive/zip"
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"
)

// VerifyTextName is the name of VerifyText in a package.
const VerifyTextName = "VERIFY.txt"

// WriteZip writes the files as a zip: the ones to read first at the head, then
// by path; every date 1980-01-01, every mode 0644. The same files give the
// same bytes with the same release of Go, whose deflate it uses.
func WriteZip(w io.Writer, files iter.Seq2[string, []byte]) error {
	type file struct {
		path    string
		content []byte
	}
	var all []file
	seen := newTwins(0)
	for path, content := range files {
		if err := CheckPath(path); err != nil {
			return fmt.Errorf("writing a zip: %w", err)
		}
		if err := seen.add(path); err != nil {
			return fmt.Errorf("writing a zip: %w", err)
		}
		all = append(all, file{path, content})
	}
	first := func(p string) int {
		if i := slices.Index([]string{"index.html", "README.txt", VerifyTextName}, p); i >= 0 {
			return i
		}
		return 3
	}
	slices.SortFunc(all, func(a, b file) int {
		return cmp.Or(cmp.Compare(first(a.path), first(b.path)), cmp.Compare(a.path, b.path))
	})
	z := zip.NewWriter(w)
	for _, f := range all {
		h := &zip.FileHeader{Name: f.path, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
		h.SetMode(0o644)
		out, err := z.CreateHeader(h)
		if err != nil {
			return fmt.Errorf("writing a zip: %w", err)
		}
		if _, err := out.Write(f.content); err != nil {
			return fmt.Errorf("writing a zip: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("writing a zip: %w", err)
	}
	return nil
}
