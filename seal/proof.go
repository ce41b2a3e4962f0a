package seal

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

const proofHeader = "# Exhibit proof v1"

// maxProof is what the proof of one file among 2^40 is below.
const maxProof = 16 << 10

// Proof shows that one file is among those that a seal was made over, without
// the others: the audit path of RFC 6962, section 2.1.1. A proof looks like this:
//
//	# Exhibit proof v1
//	# seal: 0c4f…(64 hex digits: SHA-256 of the SEAL.txt it belongs to)
//	# leaf: 3 of 5
//	# right: 77ab…(64 hex digits: the tree hash beside it, from the leaf up)
//	# left: 91d0…
//	# right: 5e11…
//	1121cfccd5913f0a63fec40a6ffd44ea64f9dc135c66634ba001d10bcf4302a2  artifacts/users.csv
//
// The last line is the file's line of SHA256SUMS, so that "sha256sum -c" checks
// the file by its proof. The lines before it lead from that line to the root that
// SEAL.txt names. Who signed the seal, SEAL.txt.sig says as for a whole package.
type Proof struct {
	Seal   string // hex SHA-256 of the SEAL.txt
	Leaf   int    // which line of the manifest, from 1
	Of     int    // how many lines it has
	Entry  Entry
	Beside [][32]byte // the hashes beside the way from the leaf up to the root
}

// Prove makes the proof for one path of a manifest, under the SEAL.txt given.
func (m Manifest) Prove(sealText []byte, path string) (Proof, error) {
	n, ok := slices.BinarySearchFunc(m, path, func(e Entry, p string) int { return strings.Compare(e.Path, p) })
	if !ok {
		return Proof{}, fmt.Errorf("proving %q: it is not in the list of sealed files", path)
	}
	p := Proof{Seal: digest(sealText), Leaf: n + 1, Of: len(m), Entry: m[n]}
	for rest, at := m, n; len(rest) > 1; {
		half := halfOf(len(rest))
		if at < half {
			p.Beside = append(p.Beside, rest[half:].Root())
			rest = rest[:half]
		} else {
			p.Beside = append(p.Beside, rest[:half].Root())
			rest, at = rest[half:], at-half
		}
	}
	slices.Reverse(p.Beside) // found from the root down
	return p, nil
}

// halfOf is the largest power of two below n, where the tree parts.
func halfOf(n int) int {
	half := 1
	for half*2 < n {
		half *= 2
	}
	return half
}

// sides says for each hash beside the way, from the leaf up, whether it stands left.
func (p Proof) sides() (left []bool) {
	for n, at := p.Of, p.Leaf-1; n > 1; {
		half := halfOf(n)
		left = append(left, at >= half)
		if at < half {
			n = half
		} else {
			n, at = n-half, at-half
		}
	}
	slices.Reverse(left)
	return left
}

// Root is the root that the proof leads to; SEAL.txt must name the same.
func (p Proof) Root() [32]byte {
	h := sha256.Sum256(p.Entry.appendLine([]byte{0}))
	for i, left := range p.sides() {
		a, b := h, p.Beside[i]
		if left {
			a, b = b, a
		}
		h = sha256.Sum256(slices.Concat([]byte{1}, a[:], b[:]))
	}
	return h
}

// Bytes is the proof as a file.
func (p Proof) Bytes() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n# seal: %s\n# leaf: %d of %d\n", proofHeader, p.Seal, p.Leaf, p.Of)
	for i, left := range p.sides() {
		side := "right"
		if left {
			side = "left"
		}
		fmt.Fprintf(&b, "# %s: %x\n", side, p.Beside[i])
	}
	b.Write(append(p.Entry.appendLine(nil), '\n'))
	return b.Bytes()
}

// ParseProof reads a proof and accepts only what Bytes would write.
func ParseProof(b []byte) (Proof, error) {
	var p Proof
	if len(b) > maxProof {
		return p, fmt.Errorf("longer than %d bytes: no proof is", maxProof)
	}
	text, ended := strings.CutSuffix(string(b), "\n")
	lines := strings.Split(text, "\n")
	switch {
	case lines[0] != proofHeader:
		return p, fmt.Errorf("line 1: not %q", proofHeader)
	case !ended:
		return p, fmt.Errorf("line %d: no line end at the end of the file", len(lines))
	case len(lines) < 4:
		return p, fmt.Errorf("line %d: the proof ends early", len(lines)+1)
	}
	var ok bool
	if p.Seal, ok = strings.CutPrefix(lines[1], "# seal: "); !ok {
		return p, fmt.Errorf("line 2: %q where \"# seal:\" belongs", shorten(lines[1]))
	}
	if _, err := parseHash(p.Seal); err != nil {
		return p, fmt.Errorf("line 2: %w", err)
	}
	leaf, of, _ := strings.Cut(strings.TrimPrefix(lines[2], "# leaf: "), " of ")
	var err1, err2 error
	p.Leaf, err1 = strconv.Atoi(leaf)
	p.Of, err2 = strconv.Atoi(of)
	if err1 != nil || err2 != nil || p.Leaf < 1 || p.Leaf > p.Of || p.Of > 1<<40 {
		return p, fmt.Errorf("line 3: not like \"# leaf: 3 of 5\": %q", shorten(lines[2]))
	}
	left := p.sides()
	if len(lines) != len(left)+4 {
		return p, fmt.Errorf("leaf %d of %d has %d hashes beside its way, and this proof has %d lines, not %d", p.Leaf, p.Of, len(left), len(lines), len(left)+4)
	}
	for i, l := range left {
		side := "# right: "
		if l {
			side = "# left: "
		}
		text, ok := strings.CutPrefix(lines[3+i], side)
		if !ok {
			return p, fmt.Errorf("line %d: %q where %q belongs", 4+i, shorten(lines[3+i]), side)
		}
		h, err := parseHash(text)
		if err != nil {
			return p, fmt.Errorf("line %d: %w", 4+i, err)
		}
		p.Beside = append(p.Beside, h)
	}
	entry, err := parseLine([]byte(lines[len(lines)-1]))
	if err != nil {
		return p, fmt.Errorf("line %d: %w", len(lines), err)
	}
	p.Entry = entry
	if !bytes.Equal(p.Bytes(), b) {
		return p, fmt.Errorf("not written as exhibit writes a proof")
	}
	return p, nil
}

// VerifyProof checks one file by its proof. fsys holds SEAL.txt and SEAL.txt.sig;
// of what else lies there nothing is said. An error means that the options could
// not be read.
func VerifyProof(fsys fs.FS, proof []byte, file io.Reader, opt Options) (*Result, error) {
	v, err := newVerifier(opt)
	if err != nil {
		return nil, err
	}
	if v.tree, err = walk(fsys, SealName, SignatureName); err != nil {
		return nil, fmt.Errorf("opening the seal: %w", err)
	}
	s := v.openSeal()
	v.r.Seal, v.own = s.seal, s.key
	p, err := ParseProof(proof)
	if err != nil {
		v.r.problem(Malformed, "the proof", "%v", err)
		v.r.level(LevelContent, Failed, "cannot be checked without a readable proof")
	} else {
		v.r.one = p.Entry.Path
		v.provesFile(p, s, file)
	}
	v.signer(s)
	v.r.level(LevelChain, NotChecked, "one file was checked; the runs before it are checked with the whole package")
	v.r.level(LevelOrigin, NotChecked, "that this file follows from the evidence is shown by rendering it again: exhibit render --check")
	if s.seal.Kind == "" {
		v.r.level(LevelTime, Unknown, "no seal to read it from")
	} else {
		v.r.level(LevelTime, Unknown, "claimed only: the clock of the machine that sealed said %s", s.seal.Claimed.Format(clockLayout))
	}
	return v.r.finish(), nil
}

// openSeal reads a seal and its signature without the list it was made over.
func (v *verifier) openSeal() (s sealed) {
	text, ok := v.read(SealName, maxSeal)
	if !ok {
		return s
	}
	s.id = digest(text)
	if sig, ok := v.read(SignatureName, maxSeal); ok {
		key, err := VerifySignature(sig, text, NamespaceSeal)
		if err != nil {
			v.r.problem(Unsigned, SignatureName, "%v", err)
		}
		s.key = key
	}
	seal, err := ParseSeal(text)
	if err != nil {
		v.r.problem(Malformed, SealName, "%v", err)
		return s
	}
	s.seal = seal
	return s
}

func (v *verifier) provesFile(p Proof, s sealed, file io.Reader) {
	h := sha256.New()
	_, err := io.Copy(h, file)
	before := len(v.r.Problems)
	switch {
	case err != nil:
		v.r.problem(Unreadable, p.Entry.Path, "%v", err)
	case [32]byte(h.Sum(nil)) != p.Entry.Sum:
		v.r.problem(Changed, p.Entry.Path, "not the file that the proof is about")
	}
	switch {
	case s.seal.Kind == "": // why is among the problems
	case p.Seal != s.id:
		v.r.problem(Malformed, "the proof", "it belongs to the seal %s, and this is %s", p.Seal, s.id)
	case p.Of != s.seal.Files:
		v.r.problem(Malformed, "the proof", "it says there are %d files, and the seal was made over %d", p.Of, s.seal.Files)
	case p.Root() != s.seal.Root:
		v.r.problem(Malformed, "the proof", "it does not lead to the root that the seal names: the file, the proof or the seal is another one")
	}
	if len(v.r.Problems) > before || s.seal.Kind == "" {
		v.r.level(LevelContent, Failed, "%s is not shown to be among the sealed files", p.Entry.Path)
		return
	}
	v.r.level(LevelContent, Held, "%s is file %d of the %d that were sealed, unchanged; nothing is said of the others", path.Clean(p.Entry.Path), p.Leaf, p.Of)
}

// ProofScriptName is the name of ProofScript in a package.
const ProofScriptName = "verify-proof.sh"

// ProofScript checks one file by its proof, with tools that come with the system
// (macOS has xxd and ssh-keygen; Debian's xxd is the package xxd).
const ProofScript = `#!/bin/sh
# Usage: sh verify-proof.sh FILE.proof ALLOWED_SIGNERS NAME
# Run it where SEAL.txt, SEAL.txt.sig and the file that FILE.proof names lie.
# NAME is who ALLOWED_SIGNERS says may seal. The last line is "proven" or there is none.
set -eu
proof=$1 signers=$2 name=$3
command -v sha256sum >/dev/null || sha256sum() { shasum -a 256 "$@"; }
hash() { sha256sum | cut -c1-64; }
[ "$(grep -vc '^#' "$proof")" = 1 ]                               # one file, and
sha256sum --strict -c "$proof"                                     # it is the one listed
h=$({ printf '\000'; grep -v '^#' "$proof" | tr -d '\n'; } | hash) # its leaf of the tree
while read -r _ side beside; do case $side in
  left:) h=$({ printf '\001'; printf %s "$beside$h" | xxd -r -p; } | hash) ;;
  right:) h=$({ printf '\001'; printf %s "$h$beside" | xxd -r -p; } | hash) ;;
esac; done < "$proof"
grep -qx "# root: $h" SEAL.txt                                     # the way ends at the root
grep -qx "# seal: $(hash < SEAL.txt)" "$proof"                     # of the seal it names
ssh-keygen -Y verify -f "$signers" -I "$name" -n exhibit-seal-v1 -s SEAL.txt.sig < SEAL.txt
echo proven
`
