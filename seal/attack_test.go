package seal

import (
	"archive/zip"
	"bytes"
	"maps"
	"strings"
	"testing"
)

// Ways to make a package that verifies and lies, by one who does not hold the key, or
// holds it and wants to pass one thing off as another. Those of single files are in
// tamper_test.go.
func TestAttacks(t *testing.T) {
	key := testKey('a')
	signers := signersOf(key)
	other := func(n int) files { // a package of the same key, of another organisation
		f := newCompany().pack(t, n)
		f.reseal(t, key, func(s *Seal) { s.Organisation = "Ехample Ltd" }) // Cyrillic Е and х
		return f
	}
	copySeal := func(to, from files) {
		for _, name := range []string{SumsName, SealName, SignatureName} {
			to[name] = from[name]
		}
	}
	kept := newCompany().pack(t, 4)[SealName]
	for _, c := range []struct {
		name string
		make func() files
		opt  Options
		kind Kind
		path string
	}{
		{name: "the site of another package under this one's seal", kind: Changed, path: "index.html", make: func() files {
			f, g := newCompany().pack(t, 4), newCompany().pack(t, 4)
			g["index.html"] = []byte("<h1>Other</h1>\n")
			g.reseal(t, key, nil)
			copySeal(g, f)
			return g
		}},
		{name: "an old seal over a new site", kind: Changed, path: SumsName, make: func() files {
			f := newCompany().pack(t, 4)
			old := newCompany().pack(t, 3)
			f[SealName], f[SignatureName] = old[SealName], old[SignatureName]
			return f
		}},
		{name: "an older package whole, and a newer seal was kept", kind: Broken, path: "runs", opt: Options{Since: kept}, make: func() files { return newCompany().pack(t, 3) }},
		{name: "runs of another organisation, whose name looks alike", kind: Broken, path: "runs/" + runName(4) + "/SEAL.txt", make: func() files { return other(4) }},
		{name: "a second seal beside the first", kind: Added, path: "seal.txt", make: func() files {
			f := newCompany().pack(t, 4)
			f["seal.txt"] = f[SealName]
			return f
		}},
		{name: "a second seal in another case, and its list", kind: Added, path: "sha256sums", make: func() files {
			f := newCompany().pack(t, 4)
			f["sha256sums"] = f[SumsName]
			return f
		}},
		{name: "a package inside a package", kind: Added, path: "package/" + SealName, make: func() files {
			f := newCompany().pack(t, 4)
			for p, b := range newCompany().pack(t, 3) {
				f["package/"+p] = b
			}
			return f
		}},
		{name: "a package in a folder full/ that nobody named", kind: Unnamed, path: "full/" + SealName, make: func() files {
			f := newCompany().pack(t, 4)
			for _, name := range []string{SumsName, SealName, SignatureName} {
				f["full/"+name] = f[name]
			}
			f.reseal(t, key, nil)
			return f
		}},
		{name: "converted line ends everywhere", kind: Malformed, path: SealName, make: func() files {
			f := newCompany().pack(t, 4)
			for p, b := range f {
				f[p] = bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
			}
			return f
		}},
		{name: "the signature of a run's seal as the package's", kind: Unsigned, path: SignatureName, make: func() files {
			f := newCompany().pack(t, 4)
			f[SignatureName] = f["runs/"+runName(4)+"/"+SignatureName]
			return f
		}},
		{name: "a reviewer's signature in place of the first", kind: Unsigned, path: SignatureName, make: func() files {
			f := newCompany().pack(t, 4)
			f[SignatureName] = Sign(key, NamespaceReview, f[SealName])
			return f
		}},
		{name: "more reviewers' signatures than there are places", kind: Added, path: "SEAL.txt.review10.sig", make: func() files {
			f := newCompany().pack(t, 4)
			f["SEAL.txt.review10.sig"] = Sign(testKey('r'), NamespaceReview, f[SealName])
			return f
		}},
		{name: "a reviewer's signature in the folder of a run that is not its own", kind: Unsigned, path: "runs/" + runName(3) + "/" + ReviewName(1), make: func() files {
			f := newCompany().pack(t, 4)
			f["runs/"+runName(3)+"/"+ReviewName(1)] = Sign(testKey('r'), NamespaceReview, f["runs/"+runName(4)+"/"+SealName])
			f.reseal(t, key, nil)
			return f
		}},
		{name: "a list of 65 hexadecimal digits", kind: Malformed, path: SumsName, make: func() files {
			f := newCompany().pack(t, 4)
			f[SumsName] = append([]byte("0"), f[SumsName]...)
			return f
		}},
		{name: "a seal longer than any", kind: Unreadable, path: SealName, make: func() files {
			f := newCompany().pack(t, 4)
			f[SealName] = append(bytes.Clone(f[SealName]), bytes.Repeat([]byte("# x\n"), 20000)...)
			return f
		}},
		{name: "a file that goes by its own folder", kind: Missing, path: "index.html", make: func() files {
			f := newCompany().pack(t, 4)
			f["index.html/index.html"] = f["index.html"]
			delete(f, "index.html")
			return f
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opt.AllowedSigners = signers
			f := c.make()
			r, err := Verify(f.fs(), c.opt)
			must(t, err)
			wantProblem(t, r, c.kind, c.path, "")
		})
	}
	// What a zip may carry beside its entries.
	whole := newCompany().pack(t, 2)
	var inner bytes.Buffer
	must(t, WriteZip(&inner, maps.All(whole)))
	for name, b := range map[string][]byte{
		"two zips one after the other": append(bytes.Clone(inner.Bytes()), inner.Bytes()...),
		"a zip in the comment": func() []byte {
			b := bytes.Clone(inner.Bytes())
			b = append(b[:len(b)-2], byte(len(inner.Bytes())), byte(len(inner.Bytes())>>8))
			return append(b, inner.Bytes()...)
		}(),
	} {
		if z, err := openZip(b); err == nil {
			if r, err := Verify(z, Options{AllowedSigners: signers}); err == nil && r.OK() {
				t.Errorf("%s is accepted", name)
			}
		}
	}
	// A zip inside a zip, under the package's own name: it is one file, and not listed.
	var nested bytes.Buffer
	z := zip.NewWriter(&nested)
	for p, b := range whole {
		w, err := z.Create(p)
		must(t, err)
		_, err = w.Write(b)
		must(t, err)
	}
	w, err := z.Create("package.zip")
	must(t, err)
	_, err = w.Write(inner.Bytes())
	must(t, err)
	must(t, z.Close())
	fsys, err := openZip(nested.Bytes())
	must(t, err)
	r, err := Verify(fsys, Options{AllowedSigners: signers})
	must(t, err)
	wantProblem(t, r, Added, "package.zip", "")
	// A folder around it that holds another package first in order.
	both := files{}
	for p, b := range whole {
		both["a/"+p] = b
		both["b/"+strings.ToLower(p)] = b
	}
	r, err = Verify(Inside(both.fs()), Options{AllowedSigners: signers})
	must(t, err)
	if r.OK() {
		t.Error("one of two packages was taken")
	}
}
