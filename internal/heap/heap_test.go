package heap

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// TestGrow frees nothing until there is enough, and then as ever.
func TestGrow(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "")
	percent := debug.SetGCPercent(100)
	defer debug.SetGCPercent(percent)
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	Grow(256<<20, 50)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var hold [][]byte
	for range 32 {
		hold = append(hold, make([]byte, 1<<20))
	}
	if runtime.ReadMemStats(&after); after.NumGC != before.NumGC {
		t.Errorf("%d collections of %d MB in use", after.NumGC-before.NumGC, after.HeapAlloc>>20)
	}
	for range 512 {
		hold[0] = make([]byte, 1<<20)
	}
	for wait := 0; debug.SetMemoryLimit(-1) != math.MaxInt64; wait++ {
		if wait == 1000 {
			t.Fatal("memory is still not freed as ever")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if got := debug.SetGCPercent(50); got != 50 {
		t.Errorf("from then on it is freed at %d %%, not 50", got)
	}
	runtime.KeepAlive(hold)
}
