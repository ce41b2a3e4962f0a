package main

import (
	"os"
	"syscall"
)

// identifyFile is what the file system says of an open file.
func identifyFile(f *os.File, path string) (filed, bool) {
	fi, err := f.Stat()
	if err != nil {
		return filed{}, false
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return filed{}, false
	}
	return filed{Path: path, Device: uint64(st.Dev), Inode: st.Ino, Size: st.Size, Modified: st.Mtim.Nano(), Changed: st.Ctim.Nano()}, true
}

// runningExecutable is a path to what is running, and not to what has been put in its
// place since.
func runningExecutable() string { return "/proc/self/exe" }
