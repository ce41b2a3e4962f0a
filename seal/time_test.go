package seal

import (
	"bytes"
	"maps"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"exhibit/internal/tsatest"
)

// minutesLater stamps every run five minutes after it claims to have been sealed.
func minutesLater(run int) time.Time { return runTime(run).Add(6 * time.Minute) }

func stampedCompany() company {
	c := newCompany()
	c.stamps = minutesLater
	return c
}

func verifyStamped(t *testing.T, f files, opt Options) *Result {
	t.Helper()
	a, _ := authority(t, tsatest.Options{})
	opt.TimeRoots = a.PEM()
	if opt.AllowedSigners == nil {
		opt.AllowedSigners = signersOf(testKey('a'))
	}
	verify := VerifyRuns
	if f[SealName] != nil {
		verify = Verify
	}
	r, err := verify(f.fs(), opt)
	must(t, err)
	return r
}

func TestTimes(t *testing.T) {
	c := stampedCompany()
	r := verifyStamped(t, c.repository(t, 3), Options{})
	if !r.OK() || r.State(LevelTime) != Held || len(r.Times) != 3 {
		t.Fatal(text(r))
	}
	for _, want := range []string{
		"sealed by its own clock at 2026-07-01T06:01:00Z, proved to exist at 2026-07-01T06:06:00Z; made after 2026-04-01T06:06:00Z, for it names the timestamp before it",
		"as CN=Test Timestamps Unit 1 says, whose root is pinned; of its 3 runs each has a proved time",
	} {
		if !strings.Contains(flat(r), want) {
			t.Errorf("no %q in\n%s", want, text(r))
		}
	}
	// A package carries the tokens of its runs, and is a claim itself until it has its own.
	f := c.pack(t, 3)
	r = verifyStamped(t, f, Options{})
	if !r.OK() || r.State(LevelTime) != Unknown || !strings.Contains(flat(r), "claimed only: its own clock said 2026-07-01T07:00:00Z; of its 3 runs each has a proved time") {
		t.Error(text(r))
	}
	a, _ := authority(t, tsatest.Options{})
	f[TokenName] = stamp(t, a, f[SignatureName], runTime(3).AddDate(0, 0, 3))
	r = verifyStamped(t, f, Options{})
	if !r.OK() || r.State(LevelTime) != Held || !strings.Contains(flat(r), "proved to exist at 2026-07-04T06:00:00Z, 2 days 23 hours later") {
		t.Error(text(r))
	}
	var js bytes.Buffer
	must(t, r.WriteJSON(&js))
	if !strings.Contains(js.String(), `"proved": "2026-07-04T06:00:00Z"`) {
		t.Error(js.String())
	}
}

func TestStrippedAndForgedTokens(t *testing.T) {
	token := func(n int) string { return "runs/" + runName(n) + "/" + TokenName }
	rogue, err := tsatest.New("Test Timestamps", 8, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), tsatest.Options{})
	must(t, err)
	for _, c := range []tampering{
		{name: "token stripped", kind: Broken, path: "runs/" + runName(3) + "/SEAL.txt", says: "is gone or changed", do: func(t *testing.T, f files) { delete(f, token(2)) }},
		{name: "token of another time put in its place", kind: Broken, path: "runs/" + runName(3) + "/SEAL.txt", says: "is gone or changed", do: func(t *testing.T, f files) {
			a, _ := authority(t, tsatest.Options{})
			f[token(2)] = stamp(t, a, f["runs/"+runName(2)+"/"+SignatureName], runTime(2).Add(time.Hour))
		}},
		{name: "token of a rogue authority", kind: Untimed, path: token(3), says: "not pinned", do: func(t *testing.T, f files) {
			f[token(3)] = stamp(t, rogue, f["runs/"+runName(3)+"/"+SignatureName], minutesLater(3))
		}},
		{name: "token of another run", kind: Untimed, path: token(3), says: "something else", do: func(t *testing.T, f files) { f[token(3)] = f[token(2)] }},
		{name: "clock set back", kind: Broken, path: "runs/" + runName(3) + "/SEAL.txt", says: "its clock was set back: it claims 2026-04-01T05:00:00Z, and names a timestamp of 2026-04-01T06:06:00Z", do: func(t *testing.T, f files) {
			c := stampedCompany()
			c.claims = func(n int) time.Time {
				if n == 3 {
					return runTime(2).Add(-time.Hour)
				}
				return runTime(n)
			}
			clear(f)
			maps.Copy(f, c.repository(t, 3))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := stampedCompany().repository(t, 3)
			c.do(t, f)
			wantProblem(t, verifyStamped(t, f, Options{}), c.kind, c.path, c.says)
		})
	}
}

// A run made offline is anchored later: nothing names its token, and the words say
// how late it is.
func TestAnchoredLater(t *testing.T) {
	c := newCompany()
	f := c.repository(t, 3)
	a, _ := authority(t, tsatest.Options{})
	f["runs/"+runName(2)+"/"+TokenName] = stamp(t, a, f["runs/"+runName(2)+"/"+SignatureName], runTime(3).AddDate(0, 0, 10))
	r := verifyStamped(t, f, Options{})
	if !r.OK() || !strings.Contains(flat(r), "sealed by its own clock at 2026-04-01T06:01:00Z, proved to exist at 2026-07-11T06:00:00Z, 100 days 23 hours later") {
		t.Error(text(r))
	}
}

func TestRetiredAndRevokedKeys(t *testing.T) {
	key := public(testKey('a'))
	line := func(options string) []byte {
		return []byte("seal@example.com " + options + AuthorizedKey(key, "") + "\n")
	}
	revoked := []byte("# left on 2026-05-01\n" + AuthorizedKey(key, "somebody") + "\n")
	run := func(n int) string { return "runs/" + runName(n) + "/" + SignatureName }
	before := line(`valid-before="20260501Z" `)
	for _, c := range []struct {
		name    string
		f       files
		opt     Options
		path    string // of the problem; "" when there is none
		says    string
		without bool // without pinned roots
	}{
		{name: "retired, sealed before by its claim", f: newCompany().repository(t, 2), opt: Options{AllowedSigners: before}, says: "at the time it claims; nothing proves that time"},
		{name: "retired, sealed before by its token", f: stampedCompany().repository(t, 2), opt: Options{AllowedSigners: before}, says: "which allows it at the time a timestamp proves"},
		{name: "retired, sealed after", f: newCompany().repository(t, 3), opt: Options{AllowedSigners: before}, path: run(3), says: "listed until"},
		{name: "revoked, proved before", f: stampedCompany().repository(t, 2), opt: Options{AllowedSigners: before, Revoked: revoked}, says: "which was revoked later: a timestamp proves that this was signed before"},
		{name: "revoked, claimed before", f: newCompany().repository(t, 2), opt: Options{AllowedSigners: before, Revoked: revoked}, path: run(2), says: "revoked, and no timestamp proves"},
		{name: "revoked, its token not checked", f: stampedCompany().repository(t, 2), opt: Options{AllowedSigners: before, Revoked: revoked}, path: run(2), says: "revoked, and no timestamp proves", without: true},
		{name: "revoked, stamped after", f: stampedCompany().repository(t, 3), opt: Options{AllowedSigners: before, Revoked: revoked}, path: run(3), says: "does not prove that this was signed before"},
		{name: "revoked, nobody says when", f: stampedCompany().repository(t, 2), opt: Options{AllowedSigners: line(""), Revoked: revoked}, path: run(1), says: "no valid-before says since when"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r *Result
			if c.without {
				var err error
				r, err = VerifyRuns(c.f.fs(), c.opt)
				must(t, err)
			} else {
				r = verifyStamped(t, c.f, c.opt)
			}
			if c.path != "" {
				wantProblem(t, r, Unsigned, c.path, c.says)
			} else if !r.OK() || r.State(LevelSigner) != Held || !strings.Contains(flat(r), c.says) {
				t.Error(text(r))
			}
		})
	}
	r, err := VerifyRuns(newCompany().repository(t, 2).fs(), Options{Revoked: revoked})
	must(t, err)
	wantProblem(t, r, Unsigned, run(2), "signed by a key that is revoked")
	// ssh-keygen reads the same file of revoked keys.
	f := newCompany().repository(t, 1)
	dir := f.write(t, t.TempDir())
	args := []string{"-Y", "verify", "-f", writeFile(t, filepath.Join(dir, "signers"), line("")), "-I", "seal@example.com", "-n", NamespaceSeal, "-s", filepath.Join(dir, run(1))}
	if out, err := sshKeygen(t, f["runs/"+runName(1)+"/SEAL.txt"], args...); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := sshKeygen(t, f["runs/"+runName(1)+"/SEAL.txt"], append(args, "-r", writeFile(t, filepath.Join(dir, "revoked"), revoked))...); err == nil {
		t.Error("ssh-keygen does not read the revoked keys")
	}
}

func TestCadence(t *testing.T) {
	f := newCompany().repository(t, 3)
	for days, says := range map[int]string{
		0: "the longest pause is 91 days between runs 0002 (2026-04-01) and 0003 (2026-07-01)", 100: "no pause is longer than the 100 days expected",
		90: "GAP: nothing was collected for longer than the 90 days expected: 91 days between", 30: "2 GAPS",
	} {
		r, err := VerifyRuns(f.fs(), Options{Cadence: time.Duration(days) * 24 * time.Hour})
		must(t, err)
		if !r.OK() || !strings.Contains(flat(r), says) {
			t.Errorf("%d days: no %q in\n%s", days, says, text(r))
		}
	}
}

func TestParseRevoked(t *testing.T) {
	key := AuthorizedKey(public(testKey('a')), "")
	for says, text := range map[string]string{"binary KRL": "SSHKRL\n\x00", "line 2: not the line": "# x\nSHA256:abc\n", "line 1: ": "ssh-ed25519 AAAA\n"} {
		if _, err := ParseRevoked([]byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	if keys, err := ParseRevoked([]byte("\n# a\n" + key + " c\n" + key)); err != nil || len(keys) != 2 {
		t.Error(err)
	}
}

func FuzzParseRevoked(f *testing.F) {
	f.Add([]byte(AuthorizedKey(public(testKey('a')), "c") + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		keys, err := ParseRevoked(b)
		for _, k := range keys {
			if err == nil && k.IsZero() {
				t.Fatal("no key and no error")
			}
		}
	})
}

func TestTimestampRequest(t *testing.T) {
	a, err := TimestampRequest([]byte("x"), big.NewInt(1))
	must(t, err)
	b, _ := TimestampRequest([]byte("x"), big.NewInt(2))
	if bytes.Equal(a, b) {
		t.Error("the nonce is not in it")
	}
	dir := t.TempDir()
	if out, err := shell(t, dir, "openssl ts -query -text -in "+writeFile(t, filepath.Join(dir, "q"), a)); err != nil || !strings.Contains(out, "Hash Algorithm: sha256") || !strings.Contains(out, "Certificate required: yes") || !strings.Contains(out, "Nonce: 0x01") {
		t.Errorf("%v\n%s", err, out)
	}
}
