package seal

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// tampering is one way to cheat on a package that was sealed after four runs.
type tampering struct {
	name  string
	do    func(t *testing.T, f files)    // to the files, before they are written
	disk  func(t *testing.T, dir string) // or to the folder
	kind  Kind                           // what the problem must be called
	path  string                         // and where
	says  string                         // and what its text must hold
	since bool                           // only found with a seal kept from earlier
	ours  bool                           // found by our verifier alone; the stock commands do not look for it
}

const usersPath = "artifacts/CC6-access-control/users.csv"

func tamperings() []tampering {
	mallory := testKey('m')
	return []tampering{
		{name: "flipped byte", kind: Changed, path: usersPath, do: func(t *testing.T, f files) { f[usersPath] = []byte("blice\n") }},
		{name: "cut short", kind: Changed, path: "index.html", do: func(t *testing.T, f files) { f["index.html"] = f["index.html"][:5] }},
		{name: "line ends converted", kind: Changed, path: usersPath, do: func(t *testing.T, f files) { f[usersPath] = []byte("alice\r\n") }},
		{name: "added file", kind: Added, path: "artifacts/more.csv", do: func(t *testing.T, f files) { f["artifacts/more.csv"] = []byte("x") }},
		{name: "added file named like a seal", kind: Added, path: "artifacts/SEAL.txt", do: func(t *testing.T, f files) { f["artifacts/SEAL.txt"] = []byte("x") }},
		{name: "added hidden file", kind: Added, path: ".DS_Store", says: "file managers", do: func(t *testing.T, f files) { f[".DS_Store"] = []byte("x") }},
		{name: "added empty folder", kind: Refused, path: "artifacts/new", disk: func(t *testing.T, dir string) { must(t, os.Mkdir(filepath.Join(dir, "artifacts/new"), 0o755)) }},
		{name: "removed file", kind: Missing, path: usersPath, do: func(t *testing.T, f files) { delete(f, usersPath) }},
		{name: "removed empty file", kind: Missing, path: "data/empty.jsonl", do: func(t *testing.T, f files) { delete(f, "data/empty.jsonl") }},
		{name: "swapped contents", kind: Changed, path: usersPath, says: "listed for artifacts/CC6-access-control/keys.csv", do: func(t *testing.T, f files) {
			a, b := usersPath, "artifacts/CC6-access-control/keys.csv"
			f[a], f[b] = f[b], f[a]
		}},
		{name: "renamed", kind: Added, path: "artifacts/CC6-access-control/people.csv", says: usersPath, do: func(t *testing.T, f files) {
			f["artifacts/CC6-access-control/people.csv"] = f[usersPath]
			delete(f, usersPath)
		}},
		{name: "renamed in case only", kind: Missing, path: usersPath, do: func(t *testing.T, f files) {
			f["artifacts/CC6-access-control/Users.csv"] = f[usersPath]
			delete(f, usersPath)
		}},
		{name: "case twin added", kind: Added, path: "Index.html", do: func(t *testing.T, f files) { f["Index.html"] = []byte("<h1>Other</h1>") }},
		{name: "name that is not allowed", kind: Refused, path: "a\u202Etxt.exe", says: "only letters", do: func(t *testing.T, f files) { f["a\u202Etxt.exe"] = []byte("x") }},
		{name: "name of two lines", kind: Refused, path: "index.html\nVERIFY.txt", do: func(t *testing.T, f files) { f["index.html\nVERIFY.txt"] = []byte("x") }},
		{name: "symlink in place of a file", kind: Refused, path: usersPath, says: "symbolic link", disk: func(t *testing.T, dir string) {
			must(t, os.Rename(filepath.Join(dir, usersPath), filepath.Join(filepath.Dir(dir), "elsewhere.csv")))
			must(t, os.Symlink(filepath.Join(filepath.Dir(dir), "elsewhere.csv"), filepath.Join(dir, usersPath)))
		}},
		{name: "symlink in place of a folder", kind: Refused, path: usersPath, says: "artifacts is a symbolic link", disk: func(t *testing.T, dir string) {
			must(t, os.Rename(filepath.Join(dir, "artifacts"), filepath.Join(filepath.Dir(dir), "elsewhere")))
			must(t, os.Symlink(filepath.Join(filepath.Dir(dir), "elsewhere"), filepath.Join(dir, "artifacts")))
		}},
		{name: "symlink in place of the seal", kind: Refused, path: SealName, disk: func(t *testing.T, dir string) {
			must(t, os.Rename(filepath.Join(dir, SealName), filepath.Join(filepath.Dir(dir), SealName)))
			must(t, os.Symlink("../"+SealName, filepath.Join(dir, SealName)))
		}},
		{name: "pipe in place of a file", kind: Refused, path: "assets/style.css", says: "neither a plain file nor a folder", ours: true, disk: func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, "assets/style.css")))
			must(t, exec.Command("mkfifo", filepath.Join(dir, "assets/style.css")).Run())
		}},
		{name: "folder in place of a file", kind: Missing, path: usersPath, disk: func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, usersPath)))
			must(t, os.MkdirAll(filepath.Join(dir, usersPath, "x"), 0o755))
		}},
		{name: "seal edited", kind: Unsigned, path: SignatureName, do: func(t *testing.T, f files) {
			f[SealName] = bytes.Replace(f[SealName], []byte("2026-12-31"), []byte("2026-11-30"), 1)
		}},
		{name: "SAMPLE taken out", kind: Unsigned, path: SignatureName, do: func(t *testing.T, f files) {
			f[SealName] = bytes.Replace(f[SealName], []byte("# kind"), []byte(sampleHeader+"\n# kind"), 1)
		}},
		{name: "seal removed", kind: Missing, path: SealName, do: func(t *testing.T, f files) { delete(f, SealName) }},
		{name: "signature removed", kind: Missing, path: SignatureName, do: func(t *testing.T, f files) { delete(f, SignatureName) }},
		{name: "list removed", kind: Missing, path: SumsName, do: func(t *testing.T, f files) { delete(f, SumsName) }},
		{name: "seal of a run in its place", kind: Malformed, path: SealName, says: "seal of a run", do: func(t *testing.T, f files) {
			f[SealName], f[SignatureName] = f["runs/"+runName(4)+"/SEAL.txt"], f["runs/"+runName(4)+"/SEAL.txt.sig"]
		}},
		{name: "signature of another namespace", kind: Unsigned, path: SignatureName, says: "exhibit-review-v1", do: func(t *testing.T, f files) {
			f[SignatureName] = Sign(testKey('a'), NamespaceReview, f[SealName])
		}},
		{name: "signature by another key", kind: Unlisted, path: SignatureName, says: Fingerprint(public(mallory)), do: func(t *testing.T, f files) {
			f[SignatureName] = Sign(mallory, NamespaceSeal, f[SealName])
		}},
		{name: "all made again with another key", kind: Unlisted, path: SignatureName, do: func(t *testing.T, f files) {
			c := newCompany()
			c.key = mallory
			clear(f)
			maps.Copy(f, c.pack(t, 4))
		}},
		{name: "flipped byte, list and seal made to fit", kind: Unsigned, path: SignatureName, do: func(t *testing.T, f files) {
			sig := f[SignatureName]
			f[usersPath] = []byte("blice\n")
			f.reseal(t, mallory, nil)
			f[SignatureName] = sig
		}},
		{name: "manifest reordered", kind: Malformed, path: SumsName, says: "not sorted", do: func(t *testing.T, f files) {
			lines := bytes.SplitAfter(f[SumsName], []byte("\n"))
			lines[0], lines[1] = lines[1], lines[0]
			f[SumsName] = bytes.Join(lines, nil)
		}},
		{name: "duplicated line", kind: Malformed, path: SumsName, says: "line 2: path \"VERIFY.txt\" is there twice", do: func(t *testing.T, f files) {
			line, _, _ := bytes.Cut(f[SumsName], []byte("\n"))
			f[SumsName] = append(append(bytes.Clone(line), '\n'), f[SumsName]...)
		}},
		{name: "line taken out with its file", kind: Changed, path: SumsName, do: func(t *testing.T, f files) {
			delete(f, usersPath)
			var kept [][]byte
			for line := range bytes.SplitAfterSeq(f[SumsName], []byte("\n")) {
				if !bytes.Contains(line, []byte(usersPath)) {
					kept = append(kept, line)
				}
			}
			f[SumsName] = bytes.Join(kept, nil)
		}},
		{name: "empty SHA256SUMS", kind: Malformed, path: SumsName, says: "empty", do: func(t *testing.T, f files) { f[SumsName] = nil }},
		{name: "dropped middle run", kind: Broken, path: "runs/" + runName(3), says: "no run 0002", do: func(t *testing.T, f files) {
			dropRun(f, 2)
			f.reseal(t, testKey('a'), nil)
		}},
		{name: "dropped first run", kind: Broken, path: "runs/" + runName(2), says: "no run 0001", do: func(t *testing.T, f files) {
			dropRun(f, 1)
			f.reseal(t, testKey('a'), nil)
		}},
		{name: "dropped newest run", kind: Broken, path: "runs/" + runName(3), says: "the newest it carries is " + runName(3), do: func(t *testing.T, f files) {
			dropRun(f, 4)
			f.reseal(t, testKey('a'), nil)
		}},
		{name: "dropped all runs", kind: Missing, path: "runs", do: func(t *testing.T, f files) {
			for i := range 4 {
				dropRun(f, i+1)
			}
			f.reseal(t, testKey('a'), nil)
		}},
		{name: "reordered runs", kind: Malformed, path: "runs/" + runName(2) + "/SEAL.txt", do: func(t *testing.T, f files) {
			for _, name := range []string{SumsName, SealName, SignatureName} {
				a, b := "runs/"+runName(2)+"/"+name, "runs/"+runName(3)+"/"+name
				f[a], f[b] = f[b], f[a]
			}
			f.reseal(t, testKey('a'), nil)
		}},
		{name: "reordered runs, sealed again under each other's name", kind: Broken, path: "runs/" + runName(2) + "/SEAL.txt", do: func(t *testing.T, f files) {
			resealRun(t, f, 2, func(s *Seal) { s.Previous = digest(f["runs/"+runName(3)+"/SEAL.txt"]) })
			f.reseal(t, testKey('a'), nil)
		}},
		{name: "older run sealed again", kind: Broken, path: "runs/" + runName(3) + "/SEAL.txt", says: "it follows the seal", do: func(t *testing.T, f files) {
			resealRun(t, f, 2, func(s *Seal) { s.Tool = "exhibit later" })
			f.reseal(t, testKey('a'), nil)
		}},
		{name: "newest run sealed again", kind: Broken, path: "runs/" + runName(4) + "/SEAL.txt", says: "not the run the package was made from", do: func(t *testing.T, f files) {
			resealRun(t, f, 4, func(s *Seal) { s.Tool = "exhibit later" })
			f.reseal(t, testKey('a'), nil)
		}},
		{name: "forked run", kind: Broken, path: "runs/" + RunName(4, runTime(4).AddDate(0, 0, 1)), says: "forked", do: func(t *testing.T, f files) {
			for _, name := range []string{SumsName, SealName, SignatureName} {
				f["runs/"+RunName(4, runTime(4).AddDate(0, 0, 1))+"/"+name] = f["runs/"+runName(4)+"/"+name]
			}
			f.reseal(t, testKey('a'), nil)
		}},
		{name: "run's list changed", kind: Changed, path: "runs/" + runName(2) + "/SHA256SUMS", do: func(t *testing.T, f files) {
			f["runs/"+runName(2)+"/SHA256SUMS"] = f["runs/"+runName(1)+"/SHA256SUMS"]
			f.reseal(t, testKey('a'), nil)
		}},
		{name: "run signed by another key", kind: Unlisted, path: "runs/" + runName(2) + "/SEAL.txt.sig", do: func(t *testing.T, f files) {
			f["runs/"+runName(2)+"/SEAL.txt.sig"] = Sign(mallory, NamespaceSeal, f["runs/"+runName(2)+"/SEAL.txt"])
			f.reseal(t, testKey('a'), nil)
		}},
		{name: "run signed in another namespace", kind: Unsigned, path: "runs/" + runName(2) + "/SEAL.txt.sig", do: func(t *testing.T, f files) {
			f["runs/"+runName(2)+"/SEAL.txt.sig"] = Sign(testKey('a'), "git", f["runs/"+runName(2)+"/SEAL.txt"])
			f.reseal(t, testKey('a'), nil)
		}},
		{name: "stripped timestamp token", kind: Broken, path: "runs/" + runName(3) + "/SEAL.txt", says: "token", ours: true, do: func(t *testing.T, f files) {
			resealRun(t, f, 3, func(s *Seal) { s.PreviousToken = strings.Repeat("ab", 32) })
			resealRun(t, f, 4, func(s *Seal) { s.Previous = digest(f["runs/"+runName(3)+"/SEAL.txt"]) })
			f.reseal(t, testKey('a'), func(s *Seal) { s.Chain = digest(f["runs/"+runName(4)+"/SEAL.txt"]) })
		}},
		{name: "sample run in a package that does not say so", kind: Broken, path: "runs/" + runName(4) + "/SEAL.txt", says: "SAMPLE", ours: true, do: func(t *testing.T, f files) {
			c := newCompany()
			c.sample = true
			clear(f)
			maps.Copy(f, c.pack(t, 4))
			f.reseal(t, c.key, func(s *Seal) { s.Sample = false })
		}},
		{name: "another organisation's runs", kind: Broken, path: "runs/" + runName(4) + "/SEAL.txt", says: "a run of Example Ltd in a package of Other Ltd", ours: true, do: func(t *testing.T, f files) {
			f.reseal(t, testKey('a'), func(s *Seal) { s.Organisation = "Other Ltd" })
		}},
		{name: "rebuilt chain with the same key", kind: Broken, path: "runs", says: "rebuilt or shortened chain", since: true, do: func(t *testing.T, f files) {
			c := newCompany()
			c.tool = "exhibit rebuilt"
			clear(f)
			maps.Copy(f, c.pack(t, 4))
		}},
		{name: "rebuilt chain that names the kept package", kind: Broken, path: "runs", says: "rebuilt or shortened chain", since: true, do: func(t *testing.T, f files) {
			kept := digest(newCompany().pack(t, 3)[SealName])
			c := newCompany()
			c.tool = "exhibit rebuilt"
			clear(f)
			maps.Copy(f, c.pack(t, 4))
			f.reseal(t, c.key, func(s *Seal) { s.Previous = kept })
		}},
		{name: "shortened chain", kind: Broken, path: "runs", says: "rebuilt or shortened chain", since: true, do: func(t *testing.T, f files) {
			clear(f)
			maps.Copy(f, newCompany().pack(t, 2))
		}},
	}
}

func dropRun(f files, n int) {
	maps.DeleteFunc(f, func(p string, _ []byte) bool { return strings.HasPrefix(p, "runs/"+runName(n)+"/") })
}

// resealRun changes the seal of a run and signs it again with the same key.
func resealRun(t *testing.T, f files, n int, change func(*Seal)) {
	dir := "runs/" + runName(n) + "/"
	s, err := ParseSeal(f[dir+SealName])
	must(t, err)
	change(&s)
	f[dir+SealName] = s.Bytes()
	f[dir+SignatureName] = Sign(testKey('a'), NamespaceSeal, f[dir+SealName])
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tampered writes the tampered package, or skips where it cannot be made.
func (c tampering) tampered(t *testing.T) (dir string) {
	t.Helper()
	if runtime.GOOS == "windows" && (c.disk != nil || c.kind == Refused) || runtime.GOOS == "darwin" && strings.Contains(c.name, "case") {
		t.Skip("cannot be made on this system")
	}
	f := newCompany().pack(t, 4)
	if c.do != nil {
		c.do(t, f)
	}
	dir = f.write(t, filepath.Join(t.TempDir(), "package"))
	if c.disk != nil {
		c.disk(t, dir)
	}
	return dir
}

func TestTamperedPackageIsRefused(t *testing.T) {
	signers := signersOf(testKey('a'))
	kept := newCompany().pack(t, 3)[SealName]
	for _, c := range tamperings() {
		t.Run(c.name, func(t *testing.T) {
			fsys := os.DirFS(c.tampered(t))
			r, err := Verify(fsys, Options{AllowedSigners: signers})
			must(t, err)
			if c.since {
				if !r.OK() {
					t.Errorf("refused without the kept seal:\n%s", text(r))
				}
				r, err = Verify(fsys, Options{AllowedSigners: signers, Since: kept})
				must(t, err)
			}
			wantProblem(t, r, c.kind, c.path, c.says)
		})
	}
}

// flat is the text without its line breaks, to look for sentences in.
func flat(r *Result) string { return strings.Join(strings.Fields(text(r)), " ") }

func text(r *Result) string {
	var b strings.Builder
	_ = r.WriteText(&b) // a strings.Builder does not fail
	return b.String()
}

func wantProblem(t *testing.T, r *Result, kind Kind, path, says string) {
	t.Helper()
	found := false
	for _, p := range r.Problems {
		found = found || p.Kind == kind && p.Path == path && strings.Contains(p.Says, says)
	}
	if !found || r.OK() || !strings.HasPrefix(text(r), "REFUSED: ") {
		t.Errorf("OK %v, want a problem %q at %q with %q:\n%s", r.OK(), kind, path, says, text(r))
	}
	if n := len(r.Levels); n < 5 || n > 7 { // two of them only where there is something to say
		t.Errorf("%d levels", n)
	}
}
