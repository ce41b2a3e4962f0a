package seal

import (
	"encoding/hex"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	b, err := hex.DecodeString(s)
	must(t, err)
	return b
}

// reviewers is a list on which one seals and one reviews.
func reviewers(options string) []byte {
	return append(signersOf(testKey('a')), "ciso@example.com "+options+" "+AuthorizedKey(public(testKey('r')), "")+"\n"...)
}

type reviewCase struct {
	name    string
	f       files
	signers []byte
	state   State  // of the level; NotChecked for none
	says    string // in the text
	ok      bool
}

// reviewCases are packages that are, or should be, signed twice.
func reviewCases(t testing.TB) (all []reviewCase) {
	t.Helper()
	plainly := reviewers(`namespaces="exhibit-review-v1"`)
	asked := func() files {
		f := newCompany().pack(t, 2)
		f.reseal(t, testKey('a'), func(s *Seal) { s.Reviewers = 1 })
		return f
	}
	signed := func(f files, letter byte, n int, namespace string) files {
		f[ReviewName(n)] = Sign(testKey(letter), namespace, f[SealName])
		return f
	}
	add := func(name string, f files, signers []byte, state State, says string, ok bool) {
		all = append(all, reviewCase{name, f, signers, state, says, ok})
	}
	add("neither asked for nor there", newCompany().pack(t, 2), plainly, NotChecked, "", true)
	add("there", signed(newCompany().pack(t, 2), 'r', 1, NamespaceReview), plainly, Held, "signed a second time by ciso@example.com", true)
	add("asked for and there", signed(asked(), 'r', 1, NamespaceReview), plainly, Held, "signed a second time by ciso@example.com", true)
	add("asked for and there, by another number", signed(asked(), 'r', 7, NamespaceReview), plainly, Held, "ciso@example.com", true)
	add("stripped", asked(), plainly, Failed, "the seal asks for 1 signature of a reviewer, and none is there", false)
	add("nobody listed", signed(asked(), 'r', 1, NamespaceReview), nil, Unknown, "signed a second time with the key SHA256:", true)
	add("by somebody not listed", signed(asked(), 'x', 1, NamespaceReview), plainly, Failed, "signed by a key you have not listed", false)
	add("by the key that sealed", signed(asked(), 'a', 1, NamespaceReview), append(plainly, signersOf(testKey('a'))...), Failed, "with the key that sealed", false)
	add("by the one who sealed, with another key", signed(asked(), 'r', 1, NamespaceReview), append(signersOf(testKey('a')), "seal@example.com "+AuthorizedKey(public(testKey('r')), "")+"\n"...), Failed, "who sealed", false)
	add("of the namespace of seals", signed(asked(), 'r', 1, NamespaceSeal), plainly, Failed, "exhibit-seal-v1", false)
	add("listed for seals alone", signed(asked(), 'r', 1, NamespaceReview), reviewers(`namespaces="exhibit-seal-v1"`), Failed, "not for exhibit-review-v1", false)
	add("twice the same", signed(signed(asked(), 'r', 1, NamespaceReview), 'r', 2, NamespaceReview), plainly, Held, "who signed a second time already", false)
	add("a key that ran out before", signed(asked(), 'r', 1, NamespaceReview), reviewers(`valid-before="20260101Z"`), Failed, "listed until", false)
	add("a key that came later", signed(asked(), 'r', 1, NamespaceReview), reviewers(`valid-after="20270101Z"`), Held, "ciso@example.com", true)
	other := signed(newCompany().pack(t, 3), 'r', 1, NamespaceReview)
	moved := asked()
	moved[ReviewName(1)] = other[ReviewName(1)]
	add("of another package", moved, plainly, Failed, "does not fit", false)
	return all
}

func TestReviews(t *testing.T) {
	for _, c := range reviewCases(t) {
		t.Run(c.name, func(t *testing.T) {
			r, err := Verify(c.f.fs(), Options{AllowedSigners: c.signers})
			must(t, err)
			if r.OK() != c.ok || r.State(LevelReview) != c.state || !strings.Contains(strings.Join(strings.Fields(text(r)), " "), c.says) {
				t.Errorf("%v %s, want %v %s %q\n%s", r.OK(), r.State(LevelReview), c.ok, c.state, c.says, text(r))
			}
		})
	}
	f := reviewCases(t)[2].f
	revoked := []byte(AuthorizedKey(public(testKey('r')), "") + "\n")
	r, err := Verify(f.fs(), Options{AllowedSigners: reviewers(`namespaces="exhibit-review-v1"`), Revoked: revoked})
	must(t, err)
	wantProblem(t, r, Unsigned, ReviewName(1), "revoked")
	// The name of a tenth is that of no seal's file.
	f["SEAL.txt.review10.sig"] = f[ReviewName(1)]
	r, err = Verify(f.fs(), Options{AllowedSigners: reviewers("")})
	must(t, err)
	wantProblem(t, r, Added, "SEAL.txt.review10.sig", "")
	if _, err := Countersign([]byte("x"), FileKey(testKey('r'))); err == nil {
		t.Error("signed something that is no seal")
	}
}

// In a repository every run that asks for it must have it.
func TestRunReviews(t *testing.T) {
	c := newCompany()
	c.reviewers = 1
	f := c.repository(t, 3)
	signers := reviewers(`namespaces="exhibit-review-v1"`)
	verify := func() *Result {
		r, err := VerifyRuns(f.fs(), Options{AllowedSigners: signers})
		must(t, err)
		return r
	}
	dir := func(n int) string { return "runs/" + runName(n) + "/" }
	for n := 1; n <= 2; n++ {
		sig, err := Countersign(f[dir(n)+SealName], FileKey(testKey('r')))
		must(t, err)
		f[dir(n)+ReviewName(1)] = sig
	}
	wantProblem(t, verify(), Unreviewed, dir(3)+SealName, "exhibit countersign adds it")
	sig, err := Countersign(f[dir(3)+SealName], FileKey(testKey('r')))
	must(t, err)
	f[dir(3)+ReviewName(1)] = sig
	if r := verify(); !r.OK() || r.State(LevelReview) != Held || len(r.Reviews) != 3 {
		t.Error(text(r))
	}
	f[dir(2)+ReviewName(1)] = sig // moved from one run to another
	wantProblem(t, verify(), Unsigned, dir(2)+ReviewName(1), "does not fit")
}

func TestPrintedCommandsOfReviews(t *testing.T) {
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("no ssh-keygen here")
	}
	for _, c := range reviewCases(t) {
		if c.signers == nil || c.name == "twice the same" || c.name == "a key that came later" {
			continue // what the commands see otherwise
		}
		dir := c.f.write(t, filepath.Join(t.TempDir(), "package"))
		writeFile(t, filepath.Join(dir, "../allowed_signers"), c.signers)
		refused := ""
		for _, command := range printedCommands(t, string(c.f[VerifyTextName]), "LINUX") {
			if out, err := shell(t, dir, command); err != nil {
				refused += command + "\n" + out
			}
		}
		if (refused == "") != c.ok {
			t.Errorf("%s: refused %q", c.name, refused)
		}
	}
}
