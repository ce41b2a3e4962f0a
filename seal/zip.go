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

// WriteZip is ZipFiles of files that are in memory.
func WriteZip(w io.Writer, files iter.Seq2[string, []byte]) error {
	contents, paths := map[string][]byte{}, []string(nil)
	for path, content := range files {
		paths = append(paths, path)
		contents[path] = content
	}
	return ZipFiles(w, paths, func(path string) ([]byte, error) { return contents[path], nil })
}

// ZipFiles writes files as a zip: the ones to read first at the head, then by path;
// every date 1980-01-01, every mode 0644. Each is read when its turn has come: a
// package need not fit into memory. The same files give the same bytes with the same
// release of Go, whose deflate it uses.
func ZipFiles(w io.Writer, paths []string, read func(path string) ([]byte, error)) error {
	paths = slices.Clone(paths)
	seen := newTwins(0)
	for _, path := range paths {
		if err := CheckPath(path); err != nil {
			return fmt.Errorf("writing a zip: %w", err)
		}
		if err := seen.add(path); err != nil {
			return fmt.Errorf("writing a zip: %w", err)
		}
	}
	first := func(p string) int {
		if i := slices.Index([]string{"index.html", "README.txt", VerifyTextName}, p); i >= 0 {
			return i
		}
		return 3
	}
	slices.SortFunc(paths, func(a, b string) int { return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(a, b)) })
	z := zip.NewWriter(w)
	for _, path := range paths {
		h := &zip.FileHeader{Name: path, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
		h.SetMode(0o644)
		content, err := read(path)
		if err != nil {
			return fmt.Errorf("writing a zip: %w", err)
		}
		out, err := z.CreateHeader(h)
		if err != nil {
			return fmt.Errorf("writing a zip: %w", err)
		}
		if _, err := out.Write(content); err != nil {
			return fmt.Errorf("writing a zip: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("writing a zip: %w", err)
	}
	return nil
}
