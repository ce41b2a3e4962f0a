package anchor

import (
	"context"
	"crypto/rand"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"exhibit/internal/tsatest"
	"exhibit/seal"
)

func TestAsk(t *testing.T) {
	at := time.Date(2026, 4, 1, 6, 2, 0, 0, time.UTC)
	now := func() time.Time { return at }
	make := func(seed byte) *tsatest.Authority {
		a, err := tsatest.New("Test Timestamps", seed, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), tsatest.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	serve := func(h http.Handler) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	good := make(1)
	url, rogue := serve(good.Handler(now)), serve(make(2).Handler(now))
	replay := make(1)
	replay.Nonce = big.NewInt(7)
	refuses := make(1)
	refuses.Refuses = true
	down := serve(http.NotFoundHandler())
	moved := serve(http.RedirectHandler(url, http.StatusTemporaryRedirect))
	huge := serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(strings.Repeat("x", largest+1))) }))
	roots, err := seal.ParseRoots(good.PEM())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		urls []string
		says string
	}{
		{[]string{url}, ""},
		{[]string{down, rogue, url}, ""},
		{[]string{rogue}, "not pinned"},
		{[]string{serve(replay.Handler(now))}, "nonce differs"},
		{[]string{serve(refuses.Handler(now))}, "granted no timestamp"},
		{[]string{down}, "404"},
		{[]string{moved}, "307"},
		{[]string{huge}, "more than"},
		{[]string{"http://127.0.0.1:1"}, "refused"},
		{nil, "no timestamp authority is named"},
	} {
		token, stamp, err := Authorities{URLs: c.urls, Roots: roots, Rand: rand.Reader}.Ask(context.Background(), []byte("signature"))
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) || token != nil {
				t.Errorf("%v: %v, want %q", c.urls, err, c.says)
			}
			continue
		}
		if err != nil || !stamp.Time.Equal(at) {
			t.Errorf("%v: %v %v", c.urls, stamp, err)
		}
		if _, err := seal.VerifyToken(token, []byte("signature"), roots, nil); err != nil {
			t.Error(err)
		}
	}
}
