//go:build unix

package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// lock keeps other exhibits from writing. The kernel releases it when the
// process ends, however it ends, so it cannot become stale; the file stays and
// means nothing by itself.
func (g gitDir) lock() (unlock func() error, err error) {
	name := filepath.Join(g.common, lockName)
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("locking the evidence repository: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		who := make([]byte, 100)
		n, _ := f.ReadAt(who, 0) // only to say who holds it
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, &Hint{fmt.Errorf("%w (%s)", ErrLocked, strings.TrimSpace(string(who[:n]))), "wait for it to end and run again"}
		}
		return nil, fmt.Errorf("locking the evidence repository: %w", err)
	}
	host, _ := os.Hostname() // only to say who holds it
	_ = f.Truncate(0)        // the same
	_, _ = fmt.Fprintf(f, "process %d on %s\n", os.Getpid(), host)
	return f.Close, nil
}
