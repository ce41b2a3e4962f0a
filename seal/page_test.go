package seal

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// nodeCase is a package, or one file for one reader, that the page and this
// package must judge alike.
type nodeCase struct {
	Name    string            `json:"name"`
	Reader  string            `json:"reader"` // package, zip, manifest, seal, signers, signature, path
	Files   map[string][]byte `json:"files,omitempty"`
	Input   []byte            `json:"input,omitempty"`
	Message []byte            `json:"message,omitempty"` // what the signature is over
	Signers []byte            `json:"signers,omitempty"`
	Since   []byte            `json:"since,omitempty"`

	want bool
}

// judge is what this package says of the case.
func (c *nodeCase) judge(t *testing.T) {
	var err error
	opt := Options{AllowedSigners: c.Signers, Since: c.Since}
	var r *Result
	switch c.Reader {
	case "manifest":
		_, err = ParseManifest(c.Input)
	case "seal":
		_, err = ParseSeal(c.Input)
	case "signers":
		_, err = ParseAllowedSigners(c.Input)
	case "signature":
		_, err = VerifySignature(c.Input, c.Message, NamespaceSeal)
	case "path":
		err = CheckPath(string(c.Input))
	case "package":
		r, err = Verify(files(c.Files).fs(), opt)
	case "zip":
		z, zerr := OpenZip(bytes.NewReader(c.Input), int64(len(c.Input)))
		if err = zerr; err == nil {
			r, err = Verify(Inside(z), opt)
		}
	default:
		t.Fatalf("no reader %q", c.Reader)
	}
	c.want = err == nil && (r == nil || r.OK())
}

// askNode runs the page's checks on the cases in node.
func askNode(t *testing.T, cases []*nodeCase) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("no node here")
	}
	for _, c := range cases {
		c.judge(t)
	}
	b, err := json.Marshal(cases)
	must(t, err)
	in := filepath.Join(t.TempDir(), "cases.json")
	writeFile(t, in, b)
	out, err := exec.Command("node", "testdata/page.cjs", in).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var got []struct {
		OK   bool   `json:"ok"`
		Says string `json:"says"`
	}
	if err := json.Unmarshal(out, &got); err != nil || len(got) != len(cases) {
		t.Fatalf("%d answers for %d cases: %v\n%.2000s", len(got), len(cases), err, out)
	}
	accepted, wrong := 0, 0
	for i, c := range cases {
		if c.want {
			accepted++
		}
		if got[i].OK != c.want {
			if wrong++; wrong < 20 {
				t.Errorf("%s %s: here %v, in the page %v: %s\n%.600q", c.Reader, c.Name, c.want, got[i].OK, got[i].Says, c.Input)
			}
		}
	}
	t.Logf("%d cases, %d accepted by both", len(cases), accepted)
	if accepted == 0 || accepted == len(cases) {
		t.Errorf("%d of %d accepted: nothing was compared", accepted, len(cases))
	}
}

// mutate changes a file a little, as chance or a converter would.
func mutate(r *rand.Rand, b []byte) []byte {
	b = bytes.Clone(b)
	if len(b) == 0 {
		return []byte{byte(r.IntN(256))}
	}
	at := r.IntN(len(b))
	switch r.IntN(9) {
	case 0:
		b[at] ^= 1 << r.IntN(8)
	case 1:
		b[at] = "\n\r\x00 \t#/.:-0aZ\"\\,=\xff\xc2"[r.IntN(19)]
	case 2:
		b = b[:at]
	case 3:
		b = slices.Insert(b, at, []byte(pick(r, "\n", "\r\n", " ", "\ufeff", "\u202e", "é", "x", "0", "../", "\n\n"))...)
	case 4:
		b = slices.Delete(b, at, min(len(b), at+1+r.IntN(4)))
	case 5: // two lines change places
		l := bytes.SplitAfter(b, []byte("\n"))
		i, j := r.IntN(len(l)), r.IntN(len(l))
		l[i], l[j] = l[j], l[i]
		b = bytes.Join(l, nil)
	case 6: // a line twice
		l := bytes.SplitAfter(b, []byte("\n"))
		i := r.IntN(len(l))
		b = bytes.Join(slices.Insert(l, i, l[i]), nil)
	case 7:
		b = bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
	case 8: // a line less
		l := bytes.SplitAfter(b, []byte("\n"))
		i := r.IntN(len(l))
		b = bytes.Join(slices.Delete(l, i, i+1), nil)
	}
	return b
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// The readers of verify.html accept what those of this package do, and no more.
func TestPageReadsAlike(t *testing.T) {
	f := newCompany().pack(t, 3)
	run := "runs/" + runName(2) + "/"
	sample := company{key: testKey('a'), tool: "exhibit “test”", sample: true}.pack(t, 1)
	signers := []string{
		string(signersOf(testKey('a'))), "# nobody\n", "",
		"a@b namespaces=\"exhibit-*,!x\",valid-after=\"20260101Z\",valid-before=\"20270101000000Z\" " + AuthorizedKey(public(testKey('a')), "c") + "\n",
		"\"A B\" cert-authority " + AuthorizedKey(public(testKey('b')), "") + "\n",
		"*,!c valid-before=\"202601010101\" " + AuthorizedKey(public(testKey('a')), ""),
		"x ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==\n", "x namespaces=git " + AuthorizedKey(public(testKey('a')), ""),
		"x ,namespaces=\"git\" " + AuthorizedKey(public(testKey('a')), ""), "x valid-after=\"20261301\" " + AuthorizedKey(public(testKey('a')), ""),
	}
	var cases []*nodeCase
	add := func(reader, name string, input, message []byte) {
		cases = append(cases, &nodeCase{Name: name, Reader: reader, Input: input, Message: message})
	}
	r := rand.New(rand.NewPCG(11, 6))
	for i := range 600 {
		for _, x := range []struct {
			reader string
			seeds  [][]byte
		}{
			{"manifest", [][]byte{f[SumsName], f[run+SumsName]}},
			{"seal", [][]byte{f[SealName], f[run+SealName], sample[SealName]}},
			{"signers", [][]byte{[]byte(pick(r, signers...))}},
			{"path", [][]byte{[]byte(pick(r, usersPath, "con.txt", "a/Lpt1", "a//b", "x/.", ".a", "-rf", "a-", "é", strings.Repeat("a", 255), strings.Repeat("a", 256)))}},
		} {
			seed := pick(r, x.seeds...)
			if i >= len(x.seeds) || x.reader == "path" && i%2 == 0 {
				for range 1 + r.IntN(2) {
					seed = mutate(r, seed)
				}
			}
			add(x.reader, "random", seed, nil)
		}
		sig := f[SignatureName]
		if i > 0 {
			sig = mutate(r, sig)
		}
		add("signature", "random", sig, f[SealName])
	}
	for _, s := range signers {
		add("signers", "as it is", []byte(s), nil)
	}
	for space, message := range map[string][]byte{NamespaceSeal: f[SealName], NamespaceReview: f[SealName], "git": f[SealName]} {
		add("signature", space, Sign(testKey('a'), space, message), message)
	}
	for _, c := range otherSignatures(t, f[SealName]) {
		add("signature", c.name, c.sig, f[SealName])
	}
	askNode(t, cases)
}

// The page judges packages as this package does.
func TestPageVerifiesAlike(t *testing.T) {
	signers := signersOf(testKey('a'))
	kept := newCompany().pack(t, 3)[SealName]
	var cases []*nodeCase
	for _, c := range tamperings() {
		if c.do == nil {
			continue // of the folder, and not of the files in it
		}
		f := newCompany().pack(t, 4)
		c.do(t, f)
		x := &nodeCase{Name: c.name, Reader: "package", Files: f, Signers: signers}
		if c.since {
			x.Since = kept
		}
		cases = append(cases, x)
	}
	for n := 1; n <= 4; n++ {
		f := newCompany().pack(t, n)
		cases = append(cases, &nodeCase{Name: "whole", Reader: "package", Files: f, Signers: signers}, &nodeCase{Name: "whole, nobody listed", Reader: "package", Files: f},
			&nodeCase{Name: "whole, another listed", Reader: "package", Files: f, Signers: signersOf(testKey('b'))})
	}
	cases = append(cases, &nodeCase{Name: "whole, a kept seal", Reader: "package", Files: newCompany().pack(t, 4), Signers: signers, Since: kept})
	for _, options := range []string{`namespaces="git"`, `valid-before="20260301Z"`, `valid-after="20260301Z"`, `namespaces="exhibit-seal-v?"`, `namespaces="*,!exhibit-seal-*"`} {
		list := []byte("x " + options + " " + AuthorizedKey(public(testKey('a')), "") + "\n")
		cases = append(cases, &nodeCase{Name: options, Reader: "package", Files: newCompany().pack(t, 2), Signers: list})
	}
	r := rand.New(rand.NewPCG(11, 7))
	whole := newCompany().pack(t, 2)
	paths := slices.Sorted(maps.Keys(whole))
	for range 300 {
		f := maps.Clone(whole)
		p := pick(r, paths...)
		f[p] = mutate(r, f[p])
		cases = append(cases, &nodeCase{Name: "random change of " + p, Reader: "package", Files: f, Signers: signers})
	}
	var z bytes.Buffer
	must(t, WriteZip(&z, maps.All(whole)))
	stored := storedZip(t, whole)
	for i := range 600 {
		b := pick(r, z.Bytes(), stored)
		if i > 4 {
			b = mutate(r, b)
			if i%2 == 0 { // near the end, where the directory is
				b = bytes.Clone(z.Bytes())
				b[len(b)-1-r.IntN(min(len(b), 1200))] ^= 1 << r.IntN(8)
			}
		}
		cases = append(cases, &nodeCase{Name: "zip", Reader: "zip", Input: b, Signers: signers})
	}
	askNode(t, cases)
}

// storedZip is a zip of a folder, not deflated and with its folders listed.
func storedZip(t *testing.T, f files) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	_, err := w.Create("pack/")
	must(t, err)
	for _, p := range slices.Sorted(maps.Keys(f)) {
		e, err := w.CreateHeader(&zip.FileHeader{Name: "pack/" + p, Method: zip.Store})
		must(t, err)
		_, err = e.Write(f[p])
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

// otherSignatures are made by ssh-keygen's other kinds of key: the two of
// security keys are put together here, as no such key is at hand.
func otherSignatures(t *testing.T, message []byte) (all []namedSignature) {
	add := func(name string, sig []byte) { all = append(all, namedSignature{name, sig}) }
	if _, err := exec.LookPath("ssh-keygen"); err == nil {
		dir := t.TempDir()
		for _, kind := range []string{"ecdsa", "ed25519", "rsa"} {
			key := filepath.Join(dir, kind)
			must(t, exec.Command("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", key).Run())
			for i := range 8 { // r and s are of several lengths
				in := filepath.Join(dir, "m")
				writeFile(t, in, message)
				_ = os.Remove(in + ".sig")
				must(t, exec.Command("ssh-keygen", "-q", "-Y", "sign", "-n", NamespaceSeal, "-f", key, in).Run())
				sig, err := os.ReadFile(in + ".sig")
				must(t, err)
				add(kind, sig)
				if i == 0 {
					add(kind+" over another text", Sign(testKey('a'), NamespaceSeal, append(bytes.Clone(message), '\n')))
				}
			}
		}
	}
	return append(all, securityKeySignatures(message)...)
}
