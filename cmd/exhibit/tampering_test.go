package main

import (
	"flag"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"exhibit/internal/tampertest"
	"exhibit/seal"
)

var (
	tamperings    = flag.Int("tamperings", 10000, "how many random tamperings exhibit verify is shown")
	tamperingSeed = flag.Uint64("tamperings-seed", 20261001, "which ones are drawn")
)

// exhibit verify refuses what exhibit-verify does: ten thousand random
// tamperings, and accepts the package whenever it is put back.
func TestTamperings(t *testing.T) {
	p, err := tampertest.New(filepath.Join(t.TempDir(), "package"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("-tamperings-seed %d", *tamperingSeed)
	r := rand.New(rand.NewPCG(*tamperingSeed, 2))
	accepts := func() bool {
		result, err := verifyPath(p.Dir, seal.Options{AllowedSigners: p.Signers})
		return err == nil && result.OK()
	}
	for n, unseen := 0, 0; n-unseen < *tamperings; n++ {
		if n%1000 == 0 && !accepts() {
			t.Fatalf("%d: the whole package is refused", n)
		}
		c, err := p.Tamper(r)
		if err != nil {
			t.Fatal(err)
		}
		if !c.SeenBy(tampertest.Exhibit) {
			unseen++
		}
		if accepts() == c.SeenBy(tampertest.Exhibit) {
			t.Errorf("%d: %s: accepted %v", n, c.What, !c.SeenBy(tampertest.Exhibit))
		}
		if err := p.Restore(); err != nil {
			t.Fatal(err)
		}
	}
}
