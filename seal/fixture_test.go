package seal

import (
	"crypto/ed25519"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"exhibit/internal/tsatest"
)

// files is a folder in memory.
type files map[string][]byte

func (f files) write(t testing.TB, dir string) string {
	t.Helper()
	for path, content := range f {
		full := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (f files) seal(t testing.TB, list files, s Seal, key ed25519.PrivateKey) {
	t.Helper()
	out, err := SealFiles(maps.All(list), s, FileKey(key))
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(f, out)
}

// company makes the same evidence repository every time.
type company struct {
	key    ed25519.PrivateKey
	tool   string // sealed into every run
	sample bool

	reviewers int                     // how many second signatures every run asks for
	stamps    func(run int) time.Time // when a run's seal is stamped; nil for never, zero for not this one
	claims    func(run int) time.Time // instead of the usual time
}

func newCompany() company { return company{key: testKey('a'), tool: "exhibit test"} }

func runTime(n int) time.Time { return time.Date(2026, time.Month(3*n-2), 1, 6, 0, 0, 0, time.UTC) }

func runName(n int) string { return RunName(n, runTime(n)) }

// repository is the evidence repository after n runs.
func (c company) repository(t testing.TB, n int) files {
	f := files{"exhibit.yaml": []byte("organisation: Example Ltd\n"), "policies/access.md": []byte("# Access\n"), "policies/notes.txt": []byte("notes\n")}
	previous := ""
	for i := 1; i <= n; i++ {
		dir := "runs/" + runName(i)
		f["evidence/aws/111122223333/global/iam-user.jsonl"] = fmt.Appendf(nil, "{\"id\":\"alice\"}\n{\"id\":\"user-%d\"}\n", i)
		f["evidence/aws/111122223333/eu-west-1/kms-key.jsonl"] = []byte("{\"id\":\"key\"}\n")
		f["evidence/git/shop/changes-main.jsonl"] = []byte("{\"id\":\"change\"}\n")
		f[dir+"/RUN.json"] = fmt.Appendf(nil, "{\"run\":%d}\n", i)
		f[dir+"/coverage.jsonl"] = []byte("{}\n")
		f[dir+"/calls.jsonl"] = []byte("{\"call\":1}\n")
		list := files{}
		for path, content := range f {
			if !strings.HasPrefix(path, "runs/") || strings.HasPrefix(path, dir+"/") {
				list[path] = content
			}
		}
		s := Seal{Kind: KindRun, Sample: c.sample, Organisation: "Example Ltd", Run: runName(i), Previous: previous, Reviewers: c.reviewers,
			Claimed: runTime(i).Add(time.Minute), Tool: c.tool, SumsPath: dir + "/SHA256SUMS"}
		if i > 1 {
			s.Commit = strings.Repeat(fmt.Sprint(i-1), 40)
		}
		if c.claims != nil {
			s.Claimed = c.claims(i)
		}
		if token, ok := f["runs/"+runName(i-1)+"/"+TokenName]; ok {
			s.PreviousToken = digest(token)
		}
		f.seal(t, list, s, c.key)
		previous = digest(f[dir+"/SEAL.txt"])
		if c.stamps != nil && !c.stamps(i).IsZero() {
			a, _ := authority(t, tsatest.Options{})
			f[dir+"/"+TokenName] = stamp(t, a, f[dir+"/"+SignatureName], c.stamps(i))
		}
	}
	return f
}

// site is the package made after n runs, not sealed yet.
func (c company) site(t testing.TB, n int) (files, Seal) {
	f := files{
		"index.html": []byte("<h1>Evidence</h1>\n"), "assets/style.css": []byte("h1{}\n"),
		"artifacts/CC6-access-control/users.csv": []byte("alice\n"), "artifacts/CC6-access-control/keys.csv": []byte("key\n"),
		"data/empty.jsonl": nil,
	}
	for path, content := range c.repository(t, n) {
		if strings.HasPrefix(path, "runs/") && (strings.Contains(path, "SEAL.txt") || strings.HasSuffix(path, "SHA256SUMS")) {
			f[path] = content
		}
	}
	s := Seal{Kind: KindPackage, Sample: c.sample, Organisation: "Example Ltd", Period: "2026-01-01..2026-12-31",
		Run: runName(n), Commit: strings.Repeat("c", 40), Chain: digest(f["runs/"+runName(n)+"/SEAL.txt"]),
		Claimed: runTime(n).Add(time.Hour), Tool: c.tool, SumsPath: "SHA256SUMS"}
	f[VerifyTextName] = VerifyText(s, "seal@example.com", digest(nil))
	return f, s
}

// pack is the sealed package made after n runs.
func (c company) pack(t testing.TB, n int) files {
	f, s := c.site(t, n)
	f.seal(t, maps.Clone(f), s, c.key)
	return f
}

// reseal signs the package as it stands now, as whoever holds the key could.
func (f files) reseal(t testing.TB, key ed25519.PrivateKey, change func(*Seal)) {
	s, err := ParseSeal(f["SEAL.txt"])
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&s)
	}
	list := maps.Clone(f)
	for _, name := range []string{SumsName, SealName, SignatureName} {
		delete(list, name)
	}
	f.seal(t, list, s, key)
}

func signersOf(keys ...ed25519.PrivateKey) []byte {
	var b strings.Builder
	for _, k := range keys {
		fmt.Fprintln(&b, Signer{Principal: "seal@example.com", Namespaces: []string{NamespaceSeal}, Key: public(k)})
	}
	return []byte(b.String())
}
