package main

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unsafe"

	"exhibit/control"
	"exhibit/evidence/store"
	"exhibit/internal/gates"
	"exhibit/render"
	"exhibit/seal"
)

// What people who mean no good call a resource, a branch, a file or themselves. Each
// leaves a mark in window.__ran where it runs; none may.
func payloads() []string {
	return []string{
		`<script>window.__ran='script'</script>`, `"><img src=x onerror="window.__ran='img'">`, `' onfocus=window.__ran='focus' autofocus tabindex=1 x='`,
		`javascript:window.__ran='scheme'`, `[click](javascript:window.__ran='md') ![p](https://evil.example/p.png) <b onclick=window.__ran='b'>b</b>`,
		`]]></script><svg/onload=window.__ran='svg'>`, `</title></style></textarea><iframe srcdoc="<script>parent.__ran='frame'</script>">`,
		`*/}body{display:none}@import url(https://evil.example/x.css);/*`, `"];window.__ran='data';exhibitFound=0;//`, `\u003cscript\u003ewindow.__ran=1\u003c/script\u003e`,
		`&#x3c;img src=x onerror=window.__ran='entity'&#x3e;&lt;b&gt;`, "<!-- <![CDATA[ <plaintext>", "{{.}}{{template \"page\"}}${7*7}<%= 7*7 %>#{7*7}",
		"invoice\u202Efdp.exe\u2066", "zero\u200Bwi\u00ADdth\uFEFF\u2060", "line\u2028para\u2029end", "nul\x00bell\x07esc\x1b[31m\x7f\u0085", "bad\xff\xfe\xed\xa0\x80utf8",
		"👩‍💻🏳️‍🌈 Z\u0351\u036b\u0343\u036a\u0302 \U0010FFFF世界", "../../../../etc/passwd", `CON:a*?<>|"`, "%s%n%x%00", "_x000D__x0041_",
		"one\r\nEND:VEVENT\r\nATTENDEE:mailto:x@evil.example\r\n;,:\\", "\",\"=1+1\",\"\n\"x", strings.Repeat("Unbroken", 40),
	}
}

// starts come before a text: what a spreadsheet takes for a formula.
func starts() []string {
	return []string{`=HYPERLINK("http://evil.example","x")`, "+1+1|cmd", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)", "\t=1+1", "\r=1+1", "\n=1+1", "\uff1d1+1", "'=1+1"}
}

// A spoiler makes every string of a report hostile but for those that are Exhibit's
// own, or whose form is checked where they come in. The same text becomes the same
// everywhere, so that what names something still names it.
type spoiler struct {
	made map[string]bool // what it made: not to be spoiled again
	seen map[[2]uintptr]bool
	n    int
}

// checked are texts whose form says that nobody could write what they like: days and
// times, digests, accounts, the names of runs, rows of a review.
var checked = regexp.MustCompile(`^(\d{4}-\d\d-\d\d(T[\d:.]+Z)?|[0-9a-f]{32,128}|\d{12}|\d{4}-\d{8}T\d{6}Z|E-[0-9a-f]{12}|SHA256:[A-Za-z0-9+/]{43})$`)

// own are the fields, by type or by their name alone, that the program writes, reads
// only where they have a form, or looks up by.
func own() map[string]bool {
	own := map[string]bool{}
	for f := range strings.FieldsSeq(`Account Region Source Sources Run Commit FromCommit FromRun Path Sum Sums File Kind State Format Method Category Categories
		Check Checks Criteria Populations ExceptionProof.Record Control.Records Request.Records Row Rows Peers Expr When Pass Shows Needs Join With Each Of Also Over Params Steps Examples Words Frequency
		Check.Name Criterion.ID Criterion.Group Attribute.Name Flag.Name Run.Name Run.Only Run.Redactions Population.ID PopulationDef.ID Request.ID Draw.Population Draw.ID
		Call.Service Call.Operation Engagement.Type Gap.Question BranchFact.Name SecondDef.Key SecondDef.Count SecondDef.CountOf SecondDef.Holds SecondDef.Compare
		ControlResult.Automated Sample.Path Stratum FirstSeen LastSeen First Last Difference.In Retention.Doc BranchTip.Descends SeenWay.State ChangeLine.Way
		RecordKind.DatedBy Request.Artifacts Request.Policies FieldChange.Field Entitlement.MFA Decision.Decision Opening.ID Opening.Quarter Closing.ID Review.ID ReviewResult.ID Receipt.Sum Reviewer.Workbook Receipt.Path Proof.Event`) {
		own[f] = true
	}
	return own
}

// word is a text that decides much.
var word = regexp.MustCompile(`^([A-Z][A-Z_]+|true|false|yes|no|[0-9.]+)$`)

func (s *spoiler) text(t string) string {
	if t == "" || s.made[t] || checked.MatchString(t) {
		return t
	}
	h := fnv.New32a()
	h.Write([]byte(t))
	n := int(h.Sum32() >> 1)
	p, b := payloads(), starts()
	out := ""
	switch i := n % (len(p) + len(b)); {
	case n%401 == 0:
		out = t + strings.Repeat("W", 5000)
	case i < len(p):
		out = t + p[i]
	default:
		out = b[i-len(p)] + t
	}
	s.made[out] = true
	s.n++
	return out
}

// value spoils what stands at v; field is the type and field it is in.
func (s *spoiler) value(v reflect.Value, field string, own map[string]bool) {
	if !v.CanSet() && v.CanAddr() {
		v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem() // what a package keeps to itself is shown by its methods
	}
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.CanSet() { // a type of its own is a word of ours
			v.SetString(s.text(v.String()))
		}
	case reflect.Pointer:
		if k := [2]uintptr{v.Pointer(), reflect.ValueOf(v.Type()).Pointer()}; !v.IsNil() && !s.seen[k] {
			s.seen[k] = true
			s.value(v.Elem(), field, own)
		}
	case reflect.Interface:
		if !v.IsNil() && v.CanSet() {
			v.Set(reflect.ValueOf(s.any(v.Interface())))
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			s.value(v.Index(i), field, own)
		}
	case reflect.Map:
		if k := [2]uintptr{v.Pointer(), reflect.ValueOf(v.Type()).Pointer()}; s.seen[k] {
			return
		} else {
			s.seen[k] = true
		}
		for _, key := range v.MapKeys() {
			e := reflect.New(v.Type().Elem()).Elem()
			e.Set(v.MapIndex(key))
			s.value(e, field, own)
			v.SetMapIndex(key, e)
		}
	case reflect.Struct:
		t := v.Type()
		if t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[control.Example]() {
			return
		}
		for i := range t.NumField() {
			f := t.Field(i)
			if !own[t.Name()+"."+f.Name] && !(own[f.Name] && texts(f.Type)) {
				s.value(v.Field(i), t.Name()+"."+f.Name, own)
			}
		}
	}
}

// texts says that a type holds texts alone, so that a name of own's is one of theirs.
func texts(t reflect.Type) bool {
	if k := t.Kind(); k == reflect.Slice || k == reflect.Map || k == reflect.Pointer {
		return texts(t.Elem())
	}
	return t.Kind() == reflect.String || t.Kind() == reflect.Interface
}

// any spoils what an answer holds: every text, and of maps of nothing but texts, such
// as tags and environment variables, the names too.
func (s *spoiler) any(v any) any {
	switch v := v.(type) {
	case string:
		if len(v) > 1 && word.MatchString(v) && (len(v)+int(v[1]))%4 != 0 {
			return v // so that what depends on a word is shown with it, in most places
		}
		return s.text(v)
	case []any:
		for i := range v {
			v[i] = s.any(v[i])
		}
	case []string:
		for i := range v {
			v[i] = s.text(v[i])
		}
	case map[string]any:
		if k := [2]uintptr{reflect.ValueOf(v).Pointer(), 0}; s.seen[k] {
			return v
		} else {
			s.seen[k] = true
		}
		for k := range v {
			v[k] = s.any(v[k])
		}
		if len(v) > 0 && len(v)%3 == 0 {
			p := payloads()
			v[p[len(s.made)%len(p)]] = p[(len(s.made)+7)%len(p)]
		}
	}
	return v
}

// hostile is the report of a repository with every string hostile, and the files of
// the repository that hold the same items.
func hostile(t *testing.T, dir string) (*control.Report, fs.FS) {
	t.Helper()
	cfg, err := loadConfig(dir)
	if err != nil {
		t.Fatal(err)
	}
	j := newJob(&call{world: world{Dir: dir, Now: time.Now, Getenv: func(string) string { return "" }, Home: t.TempDir()}}, cfg)
	if err := j.judges(); err != nil {
		t.Fatal(err)
	}
	repo, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { repo.Close() })
	report, tree, err := j.assess(repo, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	report.Problems = append(report.Problems, "registers/vendors.yaml:3: unknown key \"ownr\"")
	s := &spoiler{made: map[string]bool{}, seen: map[[2]uintptr]bool{}}
	s.value(reflect.ValueOf(report), "", own())
	for i := range report.Documents {
		for k := range report.Documents[i].Versions {
			v := &report.Documents[i].Versions[k]
			v.Body = append(slices.Clone(v.Body), "\n\n"+strings.Join(payloads(), "\n\n")+"\n\n| a | b |\n|---|---|\n| "+strings.ReplaceAll(strings.Join(payloads()[:8], " | x |\n| "), "\n\n", " ")+" | y |\n"...)
		}
	}
	if s.n < 5000 {
		t.Fatalf("%d texts were made hostile", s.n)
	}
	t.Logf("%d texts of the report are hostile", s.n)
	files := fstest.MapFS{}
	lines := map[string]map[int][]byte{}
	for _, items := range report.Items {
		for _, it := range items {
			line, err := json.Marshal(it.Item)
			if err != nil {
				t.Fatal(err)
			}
			if lines[it.Pointer.Path] == nil {
				lines[it.Pointer.Path] = map[int][]byte{}
			}
			lines[it.Pointer.Path][it.Pointer.Line] = line
		}
	}
	for p, of := range lines {
		var data []byte
		for n := 1; n <= len(of); n++ {
			data = append(append(data, of[n]...), '\n')
		}
		files[p] = &fstest.MapFile{Data: data}
	}
	return report, overlay{files, tree.FS()}
}

// overlay is a tree with some files in the place of its own.
type overlay struct {
	over  fstest.MapFS
	under fs.FS
}

func (o overlay) Open(name string) (fs.File, error) {
	if o.over[name] != nil {
		return o.over.Open(name)
	}
	return o.under.Open(name)
}

// TestEveryStringHostile renders the sample's evidence with a hostile text in every
// string an outsider could write, and lets other people's programs open all of it.
func TestEveryStringHostile(t *testing.T) {
	site := os.Getenv("EXHIBIT_SITE")
	if site == "" {
		if os.Getenv("EXHIBIT_REQUIRE_GATES") == "1" {
			t.Fatal("NOT JUDGED: EXHIBIT_SITE names no package (make judge does)")
		}
		t.Skip("NOT JUDGED: EXHIBIT_SITE names no package (make judge does)")
	}
	report, files := hostile(t, filepath.Dir(filepath.Dir(filepath.Clean(site))))
	dir := t.TempDir()
	if keep := os.Getenv("EXHIBIT_HOSTILE"); keep != "" {
		dir = keep
	}
	writePackage(t, dir, contents(context.Background(), report, render.All(render.Input{Report: report, Repository: files, Verify: seal.VerifyText(packageSeal(report), "x", strings.Repeat("7", 64))}), "x"))
	gates.Hostile(t, dir)
}

func writePackage(t *testing.T, dir string, files iter.Seq2[render.File, error]) {
	t.Helper()
	for f, err := range files {
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
