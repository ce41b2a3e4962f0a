package seal

import (
	"bytes"
	"maps"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

const auditor = "Anstey Pellworth CPAs"

// shared is a package of which one file is withheld and another altered.
func (c company) shared(t testing.TB, n int) files {
	t.Helper()
	full := c.pack(t, n)
	return shareOf(t, full, c.key, func(f files) {
		delete(f, usersPath)
		f["artifacts/CC6-access-control/keys.csv"] = []byte("withheld\n")
	})
}

// shareOf makes what change leaves of a full package.
func shareOf(t testing.TB, full files, key []byte, change func(files)) files {
	t.Helper()
	s, err := ParseSeal(full[SealName])
	must(t, err)
	s.For, s.Full = auditor, digest(full[SealName])
	f := maps.Clone(full)
	for _, name := range []string{SumsName, SealName, SignatureName} {
		delete(f, name)
	}
	change(f)
	f[VerifyTextName] = VerifyText(s, "seal@example.com", digest(nil))
	list, err := ParseManifest(full[SumsName])
	must(t, err)
	mine, err := NewManifest(maps.All(f))
	must(t, err)
	lists, _, err := Share(list, mine)
	must(t, err)
	maps.Copy(f, lists)
	for _, name := range []string{SumsName, SealName, SignatureName} {
		f[path.Join(FullFolder, name)] = full[name]
	}
	f.seal(t, maps.Clone(f), s, key)
	return f
}

// sharedTamperings are ways to lie about what is withheld, by one who holds the key
// and seals again.
func sharedTamperings() []tampering {
	key := testKey('a')
	again := func(change func(f files), seal func(*Seal)) func(t *testing.T, f files) {
		return func(t *testing.T, f files) {
			change(f)
			f.reseal(t, key, seal)
		}
	}
	line := func(f files, name string) []byte {
		for l := range bytes.SplitAfterSeq(f["full/"+SumsName], []byte("\n")) {
			if bytes.HasSuffix(l, []byte("  "+name+"\n")) {
				return l
			}
		}
		return nil
	}
	return []tampering{
		{name: "a file less than is named", kind: Unnamed, path: "index.html", says: "neither here nor named as withheld", do: again(func(f files) { delete(f, "index.html") }, nil)},
		{name: "a file altered and not named", kind: Unnamed, path: "index.html", says: "not named as altered", do: again(func(f files) { f["index.html"] = []byte("<h1>Nothing</h1>\n") }, nil)},
		{name: "a file more than the full package", kind: Unnamed, path: "artifacts/late.pdf", says: "does not have it", do: again(func(f files) { f["artifacts/late.pdf"] = []byte("x") }, nil)},
		{name: "the list of withheld files gone", kind: Unnamed, path: usersPath, do: again(func(f files) { delete(f, WithheldName) }, nil)},
		{name: "the list of altered files gone", kind: Unnamed, path: VerifyTextName, do: again(func(f files) { delete(f, AlteredName) }, nil)},
		{name: "a withheld file with another hash", kind: Unnamed, path: WithheldName, says: "with a hash that the full package does not list", do: again(func(f files) {
			f[WithheldName] = []byte(digest([]byte("other")) + "  " + usersPath + "\n")
		}, nil)},
		{name: "withheld and here", kind: Unnamed, path: usersPath, says: "it is here", do: again(func(f files) { f[usersPath] = []byte("alice\n") }, nil)},
		{name: "named as altered, and as it was", kind: Unnamed, path: "index.html", says: "it is as in the full package", do: again(func(f files) {
			f[AlteredName] = bytes.Join([][]byte{f[AlteredName], line(f, "index.html")}, nil)
		}, nil)},
		{name: "the full package's list changed", kind: Changed, path: "full/" + SumsName, do: again(func(f files) {
			f["full/"+SumsName] = bytes.Replace(f["full/"+SumsName], line(f, usersPath), nil, 1)
			delete(f, WithheldName)
		}, nil)},
		{name: "the full package's seal of another", kind: Unnamed, path: "full/" + SealName, says: "not the seal of the full package", do: again(func(f files) {}, func(s *Seal) { s.Full = digest(nil) })},
		{name: "the full package's signature gone", kind: Missing, path: "full/" + SignatureName, do: again(func(f files) { delete(f, "full/"+SignatureName) }, nil)},
		{name: "the full package signed by another", kind: Unsigned, path: "full/" + SignatureName, says: "another key", ours: true, do: again(func(f files) {
			f["full/"+SignatureName] = Sign(testKey('m'), NamespaceSeal, f["full/"+SealName])
		}, nil)},
		{name: "the seal says nothing of what is withheld", kind: Unnamed, path: AlteredName, says: "does not say that something is withheld", do: again(func(f files) {}, func(s *Seal) { s.For, s.Full = "", "" })},
		{name: "of another run", kind: Unnamed, path: "full/" + SealName, says: "the seal of something else", ours: true, do: func(t *testing.T, f files) {
			other := newCompany().pack(t, 3)
			maps.Copy(f, files{"full/" + SealName: other[SealName], "full/" + SumsName: other[SumsName], "full/" + SignatureName: other[SignatureName]})
			f.reseal(t, key, func(s *Seal) { s.Full = digest(other[SealName]) })
		}},
		{name: "for whom, edited", kind: Unsigned, path: SignatureName, do: func(t *testing.T, f files) {
			f[SealName] = bytes.Replace(f[SealName], []byte(auditor), []byte("Somebody else"), 1)
		}},
	}
}

func TestShared(t *testing.T) {
	opt := Options{AllowedSigners: signersOf(testKey('a'))}
	r, err := Verify(newCompany().shared(t, 2).fs(), opt)
	must(t, err)
	if !r.OK() || r.State(LevelShared) != Held || r.Kept == nil || *r.Kept != (Kept{auditor, 1, 2}) || !strings.HasPrefix(r.Headline(), "what is shared is whole, 1 file is withheld and 2 files are altered, each named") {
		t.Error(text(r))
	}
	if !strings.Contains(text(r), "made for "+auditor) {
		t.Error("it does not say for whom")
	}
	for _, c := range sharedTamperings() {
		t.Run(c.name, func(t *testing.T) {
			f := newCompany().shared(t, 2)
			c.do(t, f)
			r, err := Verify(f.fs(), opt)
			must(t, err)
			wantProblem(t, r, c.kind, c.path, c.says)
			if c.kind == Unnamed && c.path != AlteredName && r.State(LevelShared) != Failed {
				t.Error(text(r))
			}
		})
	}
	if sum, ok := WithheldFrom(newCompany().shared(t, 2).fs(), usersPath); !ok || sum != [32]byte(unhex(t, digest([]byte("alice\n")))) {
		t.Error("the hash of the withheld file is not given")
	}
	if _, _, err := Share(Manifest{{Path: "a"}}, Manifest{{Path: "a"}, {Path: "b"}}); err == nil {
		t.Error("a file more than the full package has was taken")
	}
	// A package with something withheld may not stand for the full one.
	twice := shareOf(t, newCompany().shared(t, 2), testKey('a'), func(f files) { delete(f, "index.html") })
	r, err = Verify(twice.fs(), opt)
	must(t, err)
	if r.OK() {
		t.Error(text(r))
	}
}

func TestPageSharedAlike(t *testing.T) {
	signers := signersOf(testKey('a'))
	cases := []*nodeCase{{Name: "shared", Reader: "package", Files: newCompany().shared(t, 2), Signers: signers}, {Name: "shared, nobody listed", Reader: "package", Files: newCompany().shared(t, 2)}}
	for _, c := range sharedTamperings() {
		f := newCompany().shared(t, 2)
		c.do(t, f)
		cases = append(cases, &nodeCase{Name: c.name, Reader: "package", Files: f, Signers: signers})
	}
	for _, c := range reviewCases(t) {
		cases = append(cases, &nodeCase{Name: c.name, Reader: "package", Files: c.f, Signers: c.signers})
	}
	askNode(t, cases)
}

// The printed commands see what is kept back, and how much.
func TestPrintedCommandsShared(t *testing.T) {
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("no ssh-keygen here")
	}
	signers := signersOf(testKey('a'))
	refuses := func(f files) (by []string) {
		dir := f.write(t, filepath.Join(t.TempDir(), "package"))
		writeFile(t, filepath.Join(dir, "../allowed_signers"), signers)
		commands := printedCommands(t, string(newCompany().shared(t, 2)[VerifyTextName]), "LINUX")
		if len(commands) != 11 {
			t.Fatalf("%d commands", len(commands))
		}
		for _, command := range commands {
			if out, err := shell(t, dir, command); err != nil {
				by = append(by, command+"\n"+out)
			}
		}
		return by
	}
	if by := refuses(newCompany().shared(t, 2)); len(by) > 0 {
		t.Errorf("refused by %q", by)
	}
	for _, c := range sharedTamperings() {
		f := newCompany().shared(t, 2)
		c.do(t, f)
		if by := refuses(f); len(by) == 0 && !c.ours {
			t.Errorf("%s: every printed command accepts it", c.name)
		}
	}
}
