package seal

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func manifestOf(n int) Manifest {
	var m Manifest
	for i := range n {
		m = append(m, Entry{fmt.Sprintf("f%04d", i), [32]byte{byte(i), byte(i >> 8)}})
	}
	return m
}

// Every leaf of every small tree leads to the root of the tree, and to no other.
func TestEveryLeafIsProven(t *testing.T) {
	for n := 1; n <= 67; n++ {
		m := manifestOf(n)
		for i, e := range m {
			p, err := m.Prove([]byte("seal"), e.Path)
			must(t, err)
			if p.Root() != m.Root() || p.Leaf != i+1 || p.Of != n {
				t.Fatalf("leaf %d of %d: another root", i+1, n)
			}
			again, err := ParseProof(p.Bytes())
			if err != nil || again.Root() != m.Root() {
				t.Fatalf("leaf %d of %d: %v\n%s", i+1, n, err, p.Bytes())
			}
			p.Entry.Sum[31] ^= 1
			if p.Root() == m.Root() {
				t.Fatalf("leaf %d of %d: another file is proven", i+1, n)
			}
		}
	}
	if _, err := manifestOf(3).Prove(nil, "other"); err == nil {
		t.Error("proved what is not listed")
	}
}

// The paths of RFC 6962, section 2.1.3, for a tree of seven leaves.
func TestProofOfTheRFC(t *testing.T) {
	m := manifestOf(7)
	root := func(a, b int) [32]byte { return m[a:b].Root() }
	for leaf, want := range map[int][][32]byte{
		0: {root(1, 2), root(2, 4), root(4, 7)},
		3: {root(2, 3), root(0, 2), root(4, 7)},
		4: {root(5, 6), root(6, 7), root(0, 4)},
		6: {root(4, 6), root(0, 4)},
	} {
		p, err := m.Prove(nil, m[leaf].Path)
		must(t, err)
		if fmt.Sprint(p.Beside) != fmt.Sprint(want) {
			t.Errorf("leaf %d: %x", leaf, p.Beside)
		}
	}
}

// proofFolder is what an auditor gets of one file, and the proof's bytes.
func proofFolder(t testing.TB, at string) (files, []byte) {
	f := newCompany().pack(t, 2)
	m, err := ParseManifest(f[SumsName])
	must(t, err)
	p, err := m.Prove(f[SealName], at)
	must(t, err)
	return files{at: f[at], SealName: f[SealName], SignatureName: f[SignatureName]}, p.Bytes()
}

// proofTamperings are ways to cheat with one file and its proof.
var proofTamperings = []struct {
	name string
	do   func(t testing.TB, f files, proof *[]byte)
	ours bool // the script accepts it: it says nothing that is false
}{
	{"flipped byte", func(t testing.TB, f files, _ *[]byte) { f[usersPath] = []byte("blice\n") }, false},
	{"other file with its hash in the proof", func(t testing.TB, f files, proof *[]byte) {
		f[usersPath] = []byte("blice\n")
		*proof = bytes.Replace(*proof, []byte(digest([]byte("alice\n"))), []byte(digest([]byte("blice\n"))), 1)
	}, false},
	{"renamed", func(t testing.TB, f files, proof *[]byte) {
		f["users.csv"] = f[usersPath]
		*proof = bytes.Replace(*proof, []byte(usersPath), []byte("users.csv"), 1)
	}, false},
	{"proof from another tree", func(t testing.TB, f files, proof *[]byte) {
		other := newCompany().pack(t, 3)
		m, err := ParseManifest(other[SumsName])
		must(t, err)
		p, err := m.Prove(f[SealName], usersPath)
		must(t, err)
		*proof = p.Bytes()
	}, false},
	{"a side turned", func(t testing.TB, f files, proof *[]byte) {
		if bytes.Contains(*proof, []byte("# left")) {
			*proof = bytes.Replace(*proof, []byte("# left"), []byte("# right"), 1)
		} else {
			*proof = bytes.Replace(*proof, []byte("# right"), []byte("# left"), 1)
		}
	}, false},
	{"a hash less", func(t testing.TB, f files, proof *[]byte) {
		lines := bytes.SplitAfter(*proof, []byte("\n"))
		*proof = bytes.Join(append(lines[:3:3], lines[4:]...), nil)
	}, false},
	{"windows line ends", func(t testing.TB, f files, proof *[]byte) {
		*proof = bytes.ReplaceAll(*proof, []byte("\n"), []byte("\r\n"))
	}, false},
	{"two files in one proof", func(t testing.TB, f files, proof *[]byte) {
		*proof = append(*proof, []byte(digest([]byte("alice\n"))+"  "+usersPath+"\n")...)
	}, false},
	{"seal edited", func(t testing.TB, f files, _ *[]byte) {
		f[SealName] = bytes.Replace(f[SealName], []byte("Example"), []byte("Example2"), 1)
	}, false},
	{"signature of another namespace", func(t testing.TB, f files, _ *[]byte) {
		f[SignatureName] = Sign(testKey('a'), NamespaceReview, f[SealName])
	}, false},
	{"signature by another key", func(t testing.TB, f files, _ *[]byte) {
		f[SignatureName] = Sign(testKey('m'), NamespaceSeal, f[SealName])
	}, false},
	{"signature gone", func(t testing.TB, f files, _ *[]byte) { delete(f, SignatureName) }, false},
	{"another count", func(t testing.TB, f files, proof *[]byte) {
		*proof = bytes.Replace(*proof, []byte(" of "), []byte(" of 1"), 1)
	}, true},
	{"another seal named", func(t testing.TB, f files, proof *[]byte) {
		*proof = bytes.Replace(*proof, []byte(digest(f[SealName])), []byte(strings.Repeat("0", 64)), 1)
	}, false},
}

func verifyProof(t testing.TB, f files, proof []byte) *Result {
	r, err := VerifyProof(f.fs(), proof, bytes.NewReader(f[usersPath]), Options{AllowedSigners: signersOf(testKey('a'))})
	must(t, err)
	return r
}

func TestVerifyProof(t *testing.T) {
	f, proof := proofFolder(t, usersPath)
	r := verifyProof(t, f, proof)
	if !r.OK() || r.State(LevelContent) != Held || r.State(LevelSigner) != Held || r.State(LevelChain) != NotChecked ||
		!strings.HasPrefix(text(r), "the file is one of those sealed, and the seal is signed by a key on your list.\n") {
		t.Errorf("refused:\n%s", text(r))
	}
	r, err := VerifyProof(f.fs(), proof, bytes.NewReader(f[usersPath]), Options{})
	if err != nil || !r.OK() || !strings.Contains(r.Headline(), "signer NOT checked") {
		t.Errorf("without signers: %v\n%s", err, text(r))
	}
	for _, c := range proofTamperings {
		f, proof := proofFolder(t, usersPath)
		c.do(t, f, &proof)
		if r := verifyProof(t, f, proof); r.OK() {
			t.Errorf("%s was accepted:\n%s", c.name, text(r))
		}
	}
}

func TestProofScript(t *testing.T) {
	for _, tool := range []string{"sha256sum", "xxd", "ssh-keygen"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s here", tool)
		}
	}
	for _, shell := range []string{"dash", "bash"} {
		if _, err := exec.LookPath(shell); err != nil {
			t.Logf("no %s here", shell)
			continue
		}
		script := func(f files, proof []byte) (string, error) {
			dir := f.write(t, t.TempDir())
			writeFile(t, filepath.Join(dir, "users.proof"), proof)
			writeFile(t, filepath.Join(dir, "signers"), signersOf(testKey('a')))
			writeFile(t, filepath.Join(dir, ProofScriptName), []byte(ProofScript))
			cmd := exec.Command(shell, ProofScriptName, "users.proof", "signers", "seal@example.com")
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			return string(out), err
		}
		for at := range newCompany().pack(t, 2) {
			if !IsSealFile(at) {
				f, proof := proofFolder(t, at)
				if out, err := script(f, proof); err != nil || !strings.HasSuffix(out, "\nproven\n") {
					t.Errorf("%s: %s: %v\n%s", shell, at, err, out)
				}
			}
		}
		for _, c := range proofTamperings {
			f, proof := proofFolder(t, usersPath)
			c.do(t, f, &proof)
			if out, err := script(f, proof); (err == nil) != c.ours || c.ours != strings.HasSuffix(out, "proven\n") {
				t.Errorf("%s: %s: %v\n%s", shell, c.name, err, out)
			}
		}
	}
}

func FuzzParseProof(f *testing.F) {
	_, proof := proofFolder(f, usersPath)
	f.Add(proof)
	p, err := manifestOf(1).Prove(nil, "f0000")
	must(f, err)
	f.Add(p.Bytes())
	f.Add([]byte(proofHeader + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParseProof(b)
		if err == nil && !bytes.Equal(p.Bytes(), b) {
			t.Errorf("accepted what it would not write:\n%q", b)
		}
		if err == nil {
			p.Root()
		}
	})
}
