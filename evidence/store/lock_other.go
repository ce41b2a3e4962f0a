//go:build !unix

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// lock keeps other exhibits from writing. Without flock the file itself is the
// lock, and one that outlived its process must be removed by hand.
func (g gitDir) lock() (unlock func() error, err error) {
	name := filepath.Join(g.common, lockName)
	err = writeNew(name, fmt.Appendf(nil, "process %d\n", os.Getpid()))
	if errors.Is(err, fs.ErrExist) {
		return nil, &Hint{ErrLocked, "wait for it to end; if no exhibit is running, remove " + name}
	}
	if err != nil {
		return nil, fmt.Errorf("locking the evidence repository: %w", err)
	}
	return func() error { return os.Remove(name) }, nil
}
