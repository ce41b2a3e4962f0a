package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tamper does to the package just made what an interested party could, and asks
// our verifier and the stock tools. The package is put back after each.
func tamper(t *testing.T, p *tester) {
	t.Helper()
	packs, err := filepath.Glob(filepath.Join(p.dir, "out", "*soc2-evidence-*[0-9]"))
	if err != nil || len(packs) != 1 {
		t.Fatalf("packages: %v %v", packs, err)
	}
	pack, signers := packs[0], filepath.Join(p.dir, allowedSigners)
	verify := func() (int, string) {
		code, out, errs := p.exhibit("verify", "--signers", signers, pack)
		return code, out + errs
	}
	stock := func() bool {
		cmd := exec.Command("sh", "-ec", `sha256sum --strict --quiet -c SHA256SUMS && sha256sum --strict --quiet -c SEAL.txt &&
			ssh-keygen -Y verify -f "$1" -I exhibit@evidence -n exhibit-seal-v1 -s SEAL.txt.sig < SEAL.txt &&
			find . -type f | sed 's|^\./||' | LC_ALL=C sort > "$2" && { cut -c67- SHA256SUMS; printf '%s\n' SHA256SUMS SEAL.txt SEAL.txt.sig; } | LC_ALL=C sort | cmp - "$2"`, "sh", signers, filepath.Join(t.TempDir(), "list"))
		cmd.Dir = pack
		return cmd.Run() == nil
	}
	if code, out := verify(); code != exitOK {
		t.Fatalf("the whole package: exit %d\n%s", code, out)
	}
	if !stock() {
		t.Fatal("the stock tools refuse the whole package")
	}
	index, findings := filepath.Join(pack, "index.html"), filepath.Join(pack, "data", "findings.jsonl")
	swap := func(a, b string) error {
		tmp := a + ".tmp"
		for _, mv := range [][2]string{{a, tmp}, {b, a}, {tmp, b}} {
			if err := os.Rename(mv[0], mv[1]); err != nil {
				return err
			}
		}
		return nil
	}
	for _, x := range []struct {
		name     string
		do, undo func() error
		says     string
	}{
		{"a flipped byte", func() error { return flip(findings) }, func() error { return flip(findings) }, "data/findings.jsonl"},
		{"an added file", func() error { return os.WriteFile(filepath.Join(pack, "artifacts", "late.pdf"), []byte("late"), 0o644) },
			func() error { return os.Remove(filepath.Join(pack, "artifacts", "late.pdf")) }, "artifacts/late.pdf"},
		{"a removed file", func() error { return os.Rename(index, pack+".index") }, func() error { return os.Rename(pack+".index", index) }, "index.html"},
		{"two files swapped", func() error { return swap(index, findings) }, func() error { return swap(index, findings) }, "index.html"},
		{"a flipped byte in the list", func() error { return flip(filepath.Join(pack, "SHA256SUMS")) }, func() error { return flip(filepath.Join(pack, "SHA256SUMS")) }, "SHA256SUMS"},
		{"a flipped byte in the seal", func() error { return flip(filepath.Join(pack, "SEAL.txt")) }, func() error { return flip(filepath.Join(pack, "SEAL.txt")) }, "SEAL.txt"},
	} {
		if err := x.do(); err != nil {
			t.Fatal(err)
		}
		if code, out := verify(); code != exitError || !strings.Contains(out, x.says) {
			t.Errorf("%s: exit %d, want %d and %q named\n%s", x.name, code, exitError, x.says, out)
		}
		if stock() {
			t.Errorf("%s: the stock tools accept it", x.name)
		}
		if err := x.undo(); err != nil {
			t.Fatal(err)
		}
	}
	if code, out := verify(); code != exitOK {
		t.Fatalf("the package put back: exit %d\n%s", code, out)
	}

	// The same commit renders to the same bytes, and a package that is not that is named.
	if code, out, errs := p.exhibit("render", "--check"); code != exitOK {
		t.Errorf("render --check: exit %d\n%s%s", code, out, errs)
	}
	if err := flip(index); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := p.exhibit("render", "--check", "--at", "HEAD"); code != exitError || !strings.Contains(out, "index.html: differs") {
		t.Errorf("render --check of a changed package: exit %d\n%s", code, out)
	}
	if err := flip(index); err != nil {
		t.Fatal(err)
	}
}

// flip changes one bit in the middle of a file; twice is never.
func flip(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	b[len(b)/2] ^= 1
	return os.WriteFile(path, b, 0o644)
}
