package store

import (
	"io/fs"
	"syscall"
)

// statOf is what git's index keeps about a file.
func statOf(fi fs.FileInfo) (s [10]uint32) {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return s
	}
	return [10]uint32{
		uint32(st.Ctim.Sec), uint32(st.Ctim.Nsec), uint32(st.Mtim.Sec), uint32(st.Mtim.Nsec),
		uint32(st.Dev), uint32(st.Ino), 0, st.Uid, st.Gid, uint32(st.Size),
	}
}
