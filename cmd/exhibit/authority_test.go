package main

import (
	"net/http/httptest"
	"os"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"exhibit/internal/tsatest"
)

// authorityStart is the script command "authority NAME SEED": a timestamp authority
// on loopback, its URL in $NAME and its root in NAME.pem. Another seed is another
// authority, of the same names. "authority NAME SEED 100d" is one whose clock is off.
func authorityStart(ts *testscript.TestScript, _ bool, args []string) {
	var off time.Duration
	if len(args) > 2 {
		var err error
		off, err = time.ParseDuration(args[2])
		ts.Check(err)
	}
	a, err := tsatest.New("Test Timestamps", byte(number(ts, args[1])), time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), tsatest.Options{})
	ts.Check(err)
	s := httptest.NewServer(a.Handler(func() time.Time { return time.Now().Add(off) }))
	ts.Defer(s.Close)
	ts.Setenv(args[0], s.URL)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".pem"), a.PEM(), 0o644))
}
