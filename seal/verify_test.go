package seal

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"exhibit/internal/tsatest"
)

func (f files) fs() fstest.MapFS {
	m := fstest.MapFS{}
	for path, content := range f {
		m[path] = &fstest.MapFile{Data: content, Mode: 0o644}
	}
	return m
}

func TestWholePackage(t *testing.T) {
	c := newCompany()
	for n := 1; n <= 4; n++ {
		f := c.pack(t, n)
		r, err := Verify(f.fs(), Options{AllowedSigners: signersOf(c.key)})
		must(t, err)
		if !r.OK() || r.State(LevelContent) != Held || r.State(LevelSigner) != Held || r.State(LevelChain) != Held || r.State(LevelOrigin) != NotChecked || r.State(LevelTime) != Unknown {
			t.Errorf("%d runs:\n%s", n, text(r))
		}
		for _, want := range []string{"seal@example.com (line 1 of the allowed signers), key " + Fingerprint(public(c.key)), "claimed only", "render --check", "Example Ltd"} {
			if !strings.Contains(flat(r), want) {
				t.Errorf("no %q in\n%s", want, text(r))
			}
		}
		if strings.Contains(flat(r), "SAMPLE") {
			t.Error("says SAMPLE")
		}
	}
}

func TestSignerUnknown(t *testing.T) {
	c := newCompany()
	c.sample = true
	r, err := Verify(c.pack(t, 2).fs(), Options{})
	must(t, err)
	if !r.OK() || r.State(LevelSigner) != Unknown || r.State(LevelChain) != Unknown || !strings.HasPrefix(text(r), "content whole; signer NOT checked") || !strings.Contains(flat(r), "SAMPLE: this is invented data") {
		t.Error(text(r))
	}
}

func TestSignerLevels(t *testing.T) {
	c := newCompany()
	pkg := c.pack(t, 2)
	line := func(s Signer) []byte { s.Principal = "x"; s.Key = public(c.key); return []byte(s.String() + "\n") }
	for name, k := range map[string]struct {
		signers []byte
		state   State
		ok      bool
	}{
		"listed":          {line(Signer{}), Held, true},
		"second line":     {append(signersOf(testKey('z')), line(Signer{})...), Held, true},
		"other namespace": {line(Signer{Namespaces: []string{NamespaceReview}}), Failed, false},
		"not yet valid":   {line(Signer{ValidAfter: runTime(4)}), Failed, false},
		"no longer valid": {line(Signer{ValidBefore: runTime(1)}), Failed, false},
		"renewed":         {append(line(Signer{ValidBefore: runTime(1)}), line(Signer{ValidAfter: runTime(1)})...), Held, true},
		"not listed":      {signersOf(testKey('z')), Unknown, false},
	} {
		r, err := Verify(pkg.fs(), Options{AllowedSigners: k.signers})
		must(t, err)
		if r.State(LevelSigner) != k.state || r.OK() != k.ok {
			t.Errorf("%s:\n%s", name, text(r))
		}
	}
	for _, bad := range []string{"# nobody\n", "x\n"} {
		if _, err := Verify(pkg.fs(), Options{AllowedSigners: []byte(bad)}); err == nil {
			t.Errorf("%q: accepted", bad)
		}
	}
	if _, err := Verify(pkg.fs(), Options{Since: []byte("x")}); err == nil {
		t.Error("accepted an older seal that is none")
	}
}

// A key may be renewed: runs are judged by the list, at the time each claims.
func TestRenewedKey(t *testing.T) {
	c := newCompany()
	f := c.repository(t, 2)
	next := testKey('n')
	resign := func(f files, n int) {
		f["runs/"+runName(n)+"/SEAL.txt.sig"] = Sign(next, NamespaceSeal, f["runs/"+runName(n)+"/SEAL.txt"])
	}
	resign(f, 2)
	r, err := VerifyRuns(f.fs(), Options{AllowedSigners: signersOf(c.key, next)})
	must(t, err)
	if !r.OK() || r.State(LevelChain) != Held || !strings.Contains(flat(r), "line 2 of the allowed signers") {
		t.Error(text(r))
	}
	r, err = VerifyRuns(f.fs(), Options{})
	must(t, err)
	wantProblem(t, r, Unlisted, "runs/"+runName(1)+"/SEAL.txt.sig", "give the allowed signers")
}

func TestSince(t *testing.T) {
	c := newCompany()
	signers := signersOf(c.key)
	pkg, repo := c.pack(t, 3), c.repository(t, 3)
	for name, kept := range map[string][]byte{
		"itself":           pkg[SealName],
		"earlier package":  c.pack(t, 1)[SealName],
		"earlier run":      repo["runs/"+runName(2)+"/SEAL.txt"],
		"the run it is of": repo["runs/"+runName(3)+"/SEAL.txt"],
		"same runs, resent": func() []byte {
			f := c.pack(t, 3)
			f.reseal(t, c.key, func(s *Seal) { s.Tool = "x" })
			return f[SealName]
		}(),
	} {
		for _, verify := range []func() (*Result, error){
			func() (*Result, error) { return Verify(pkg.fs(), Options{AllowedSigners: signers, Since: kept}) },
			func() (*Result, error) { return VerifyRuns(repo.fs(), Options{AllowedSigners: signers, Since: kept}) },
		} {
			r, err := verify()
			must(t, err)
			if !r.OK() || !strings.Contains(flat(r), "the seal you kept") {
				t.Errorf("%s:\n%s", name, text(r))
			}
		}
	}
}

func TestTokenIsNotBelieved(t *testing.T) {
	f := newCompany().pack(t, 1)
	f[TokenName] = []byte("anything")
	r, err := Verify(f.fs(), Options{})
	must(t, err)
	if !r.OK() || r.State(LevelTime) != Unknown || !strings.Contains(flat(r), "no roots were given to check it with (--tsa-roots)") {
		t.Error(text(r))
	}
	a, _ := authority(t, tsatest.Options{})
	if r, err = Verify(f.fs(), Options{TimeRoots: a.PEM()}); err != nil {
		t.Fatal(err)
	}
	wantProblem(t, r, Untimed, TokenName, "not a timestamp response")
}

func TestClockThatWentBackIsShown(t *testing.T) {
	f := newCompany().pack(t, 2)
	f.reseal(t, testKey('a'), func(s *Seal) { s.Claimed = runTime(1) })
	r, err := Verify(f.fs(), Options{})
	must(t, err)
	if !strings.Contains(flat(r), "the package claims an earlier time than its newest run") {
		t.Error(text(r))
	}
}

func TestHostileNamesAreShownNotObeyed(t *testing.T) {
	dir := newCompany().pack(t, 1).write(t, t.TempDir())
	must(t, os.WriteFile(filepath.Join(dir, "\x1b[2Jgood\u202E"), nil, 0o644))
	r, err := Verify(os.DirFS(dir), Options{})
	must(t, err)
	var js bytes.Buffer
	must(t, r.WriteJSON(&js))
	for _, out := range []string{text(r), js.String()} {
		if strings.ContainsAny(out, "\x1b\u202E") {
			t.Errorf("obeyed: %q", out)
		}
	}
	if !strings.Contains(flat(r), "<U+001B>[2Jgood<U+202E>") {
		t.Error(text(r))
	}
	var back struct {
		OK       bool
		Headline string
		Seal     struct{ Organisation, Sums string }
		Levels   []Level
		Problems []Problem
	}
	must(t, json.Unmarshal(js.Bytes(), &back))
	if back.OK || len(back.Levels) != 5 || len(back.Problems) != 1 || back.Problems[0].Path != "\x1b[2Jgood\u202E" || back.Seal.Organisation != "Example Ltd" || len(back.Seal.Sums) != 64 {
		t.Errorf("%+v", back)
	}
}

func TestSealFiles(t *testing.T) {
	c := newCompany()
	if !maps.EqualFunc(c.pack(t, 2), c.pack(t, 2), bytes.Equal) {
		t.Error("sealing twice gives other bytes")
	}
	_, s := c.site(t, 1)
	for name, k := range map[string]struct {
		files  files
		change func(*Seal)
	}{
		"nothing":               {files{}, nil},
		"bad path":              {files{"a b": nil}, nil},
		"own seal":              {files{"SEAL.txt": nil}, nil},
		"no organisation":       {files{"a": nil}, func(s *Seal) { s.Organisation = "" }},
		"organisation of lines": {files{"a": nil}, func(s *Seal) { s.Organisation = "a\n# SAMPLE" }},
		"no tool":               {files{"a": nil}, func(s *Seal) { s.Tool = "" }},
		"run without a name":    {files{"a": nil}, func(s *Seal) { s.Run = "first" }},
		"no commit":             {files{"a": nil}, func(s *Seal) { s.Commit = "" }},
		"list elsewhere":        {files{"a": nil}, func(s *Seal) { s.SumsPath = "x/SHA256SUMS" }},
		"no time":               {files{"a": nil}, func(s *Seal) { s.Claimed = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
	} {
		s := s
		if k.change != nil {
			k.change(&s)
		}
		if _, err := SealFiles(maps.All(k.files), s, FileKey(c.key)); err == nil {
			t.Errorf("%s: sealed", name)
		}
	}
	s.Claimed = s.Claimed.Add(300 * time.Millisecond).In(time.FixedZone("", 3600))
	out, err := SealFiles(maps.All(files{"a": nil}), s, FileKey(c.key))
	must(t, err)
	if back, err := ParseSeal(out[SealName]); err != nil || !back.Claimed.Equal(runTime(1).Add(time.Hour)) {
		t.Error(back, err)
	}
}
