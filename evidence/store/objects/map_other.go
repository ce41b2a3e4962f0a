//go:build !unix

package objects

import (
	"io"
	"os"
)

// mapFile gives the content of a file.
func mapFile(f *os.File, size int64) (content []byte, unmap func() error, err error) {
	b := make([]byte, size)
	_, err = io.ReadFull(io.NewSectionReader(f, 0, size), b)
	return b, func() error { return nil }, err
}
