// Package heap says when a program's memory is freed.
package heap

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

// Grow lets memory in use grow to first bytes before any is freed: what a command
// that is soon done takes is never looked through. From then on it is freed as soon
// as percent of what is in use may be garbage. With a GOMEMLIMIT of the user's own
// only percent counts.
func Grow(first int64, percent int) {
	if os.Getenv("GOMEMLIMIT") != "" {
		debug.SetGCPercent(percent)
		return
	}
	debug.SetMemoryLimit(first)
	debug.SetGCPercent(-1)
	// The first collection finds this unused, and that is the end of it.
	runtime.AddCleanup(new([16]int), func(percent int) {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(math.MaxInt64)
	}, percent)
}
