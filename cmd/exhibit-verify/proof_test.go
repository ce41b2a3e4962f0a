package main

import (
	"os"
	"strings"
	"testing"

	"exhibit/seal"
)

func TestProof(t *testing.T) {
	f := newFixture(t, false)
	read := func(name string) []byte {
		b, err := os.ReadFile(f.path(name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	m, err := seal.ParseManifest(read("package/SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Prove(read("package/SEAL.txt"), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	f.write("one/index.html.proof", p.Bytes())
	f.write("one/SEAL.txt", read("package/SEAL.txt"))
	f.write("one/SEAL.txt.sig", read("package/SEAL.txt.sig"))
	f.write("one/index.html", read("package/index.html"))
	f.write("other.html", []byte("<h1>Fabricated</h1>\n"))
	f.write("broken.proof", p.Bytes()[1:])
	for _, c := range []struct {
		line string
		code int
		want string
	}{
		{"--proof @one/index.html.proof --signers @allowed_signers", exitOK, "the file is one of those sealed, and the seal is signed by a key on your list."},
		{"--proof=@one/index.html.proof", exitOK, "signer NOT checked"},
		{"--signers @allowed_signers --proof @one/index.html.proof --file @other.html", exitProblem, "not the file that the proof is about"},
		{"--proof @one/index.html.proof --signers @other_signers", exitProblem, "signed by a key you have not listed"},
		{"--proof @one/index.html.proof --seal @other/SEAL.txt", exitProblem, "it belongs to the seal"},
		{"--proof @broken.proof", exitProblem, "line 1: not"},
		{"--proof @one/index.html.proof @package", exitUsage, "one file is checked"},
		{"--proof @missing.proof", exitProblem, "give the proof"},
	} {
		code, stdout, stderr := f.verify(c.line)
		if code != c.code || !strings.Contains(flat(stdout+stderr), c.want) {
			t.Errorf("%s: %d\n%s%s", c.line, code, stdout, stderr)
		}
	}
}
