//go:build unix

package objects

import (
	"os"
	"syscall"
)

// mapFile gives the content of a file that does not change, as git's packs do
// not, without reading more of it than is looked at.
func mapFile(f *os.File, size int64) (content []byte, unmap func() error, err error) {
	if size == 0 || int64(int(size)) != size {
		return nil, func() error { return nil }, nil
	}
	b, err := syscall.Mmap(int(f.Fd()), 0, int(size), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, nil, &os.PathError{Op: "map", Path: f.Name(), Err: err}
	}
	return b, func() error { return syscall.Munmap(b) }, nil
}
