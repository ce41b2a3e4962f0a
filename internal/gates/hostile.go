package gates

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Hostile judges a package whose every text means no good: it may only be shown.
func Hostile(t *testing.T, dir string) {
	t.Run("markup", func(t *testing.T) { report(t, "every page parsed", inert(t, dir)) })
	t.Run("data", func(t *testing.T) { report(t, "scripts, JSON, calendar and texts", inertData(t, dir)) })
	t.Run("browser", func(t *testing.T) {
		pages := slices.DeleteFunc(Chosen(t, dir), func(p string) bool { return p == "verify.html" }) // the same bytes in every package
		report(t, "Chromium", Browser(t, dir, pages, true))
	})
	t.Run("documents", func(t *testing.T) { report(t, "documents", shown(t, dir)) })
	t.Run("workbooks", func(t *testing.T) {
		var some []string
		for i, p := range files(t, dir, ".xlsx") {
			if strings.HasPrefix(p, "artifacts/") && (i%4 == 0 || !strings.Contains(p, "/records/")) {
				some = append(some, p)
			}
		}
		report(t, "workbooks", Books(t, dir, some))
	})
	t.Run("csv", func(t *testing.T) { report(t, "CSV files", inertTables(t, dir)) })
}

// allowed are the elements a page may have.
const allowed = ` html head meta title link script body header footer main nav section div p span a ul ol li dl dt dd h1 h2 h3 h4 h5 h6 table caption thead tbody tr th td
	code pre strong em b i del ins mark time dfn figure figcaption details summary blockquote hr br wbr input svg desc g path circle rect line text tspan polygon polyline
	defs pattern marker style colgroup col button label small `

// inert says which page has an element, an attribute or an address that is not ours,
// or a character that turns or hides text.
func inert(t testing.TB, dir string) []string {
	t.Helper()
	var found []string
	known := map[string]bool{}
	for e := range strings.FieldsSeq(allowed) {
		known[e] = true
	}
	for _, p := range files(t, dir, ".html") {
		if p == "verify.html" {
			continue // the same bytes in every package
		}
		data, err := os.ReadFile(filepath.Join(dir, p))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, prefixed(p+": ", unseen(string(data)))...)
		root, err := html.Parse(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			switch n.Type {
			case html.CommentNode:
				found = append(found, fmt.Sprintf("%s: a comment %.60q", p, n.Data))
			case html.ElementNode:
				attrs := map[string]string{}
				for _, a := range n.Attr {
					attrs[a.Key] = a.Val
					if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" || strings.ContainsAny(a.Key, `<>"'`) {
						found = append(found, fmt.Sprintf("%s: <%s %s=%.60q>", p, n.Data, a.Key, a.Val))
					}
				}
				switch {
				case !known[n.Data] || n.Data == "style":
					found = append(found, fmt.Sprintf("%s: an element <%s>", p, n.Data))
				case n.Data == "script" && (n.FirstChild != nil || !strings.Contains(attrs["src"], "assets/")):
					found = append(found, fmt.Sprintf("%s: a script %.60q", p, attrs["src"]))
				case n.Data == "input" && attrs["type"] != "checkbox":
					found = append(found, fmt.Sprintf("%s: a field of the kind %q", p, attrs["type"]))
				}
			}
		}
	}
	return append(found, slices.DeleteFunc(Links(t, dir), func(s string) bool { // long texts make long pages
		return strings.HasSuffix(s, fmt.Sprintf("KB, and %d is the most", MostBytes>>10))
	})...)
}

// unseen says which characters of a text do not show: they are written out instead.
func unseen(s string) []string {
	for i, r := range s {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f || r == 0xfffd || 0x80 <= r && r < 0xa0 || 0x200b <= r && r <= 0x200f || 0x2028 <= r && r <= 0x202e || 0x2060 <= r && r <= 0x206f || r == 0xfeff || r == 0xad {
			return []string{fmt.Sprintf("a character that does not show, U+%04X, in %.40q", r, s[i:])}
		}
	}
	return nil
}

var icalName = regexp.MustCompile(`^(BEGIN|END|VERSION|PRODID|CALSCALE|METHOD|X-[A-Z-]+|NAME|UID|DTSTAMP|DTSTART|DTEND|SUMMARY|DESCRIPTION|STATUS|CATEGORIES|TRANSP|CLASS|LOCATION|ORGANIZER|RRULE|COMMENT|DUE|ACTION|TRIGGER)[;:]`)

// inertData says which file for programs is none: JSON that does not parse, a script
// that is more than calls of ours, a calendar with a line nobody wrote.
func inertData(t testing.TB, dir string) []string {
	t.Helper()
	var found []string
	read := func(p string) string {
		data, err := os.ReadFile(filepath.Join(dir, p))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	call := regexp.MustCompile(`^(?:// SAMPLE[^\n]*\n)?[a-zA-Z]+\((.*)\);\n$`)
	for _, p := range files(t, dir, ".js") {
		if !strings.HasPrefix(p, "data/") {
			continue
		}
		text := read(p)
		m := call.FindStringSubmatch(text)
		var args []any
		if m == nil || json.Unmarshal([]byte("["+m[1]+"]"), &args) != nil {
			found = append(found, p+": is no call with values")
		}
		if strings.ContainsAny(text, "<>\u2028\u2029") {
			found = append(found, p+": holds a character that may end a script")
		}
	}
	for _, p := range files(t, dir, ".json") {
		if !json.Valid([]byte(read(p))) {
			found = append(found, p+": is no JSON")
		}
	}
	for _, p := range files(t, dir, ".jsonl") {
		for i, l := range lines([]byte(read(p))) {
			if !json.Valid([]byte(l)) {
				found = append(found, fmt.Sprintf("%s:%d: is no JSON", p, i+1))
				break
			}
		}
	}
	for _, p := range files(t, dir, ".ics") {
		text := read(p)
		begins, ends := strings.Count(text, "\r\nBEGIN:VEVENT\r\n")+strings.Count(text, "\r\nBEGIN:VTODO\r\n"), 0
		for i, l := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
			switch {
			case strings.ContainsAny(l, "\r\n"):
				found = append(found, fmt.Sprintf("%s:%d: a line end that is none of a calendar's", p, i+1))
			case len(l) > 75:
				found = append(found, fmt.Sprintf("%s:%d: %d bytes", p, i+1, len(l)))
			case !strings.HasPrefix(l, " ") && !icalName.MatchString(l):
				found = append(found, fmt.Sprintf("%s:%d: %.60q", p, i+1, l))
			}
			if l == "END:VEVENT" || l == "END:VTODO" {
				ends++
			}
		}
		if begins == 0 || begins != ends {
			found = append(found, fmt.Sprintf("%s: %d events begin and %d end", p, begins, ends))
		}
		found = append(found, prefixed(p+": ", unseen(text))...)
	}
	for _, ext := range []string{".txt", ".md"} {
		for _, p := range files(t, dir, ext) {
			if !strings.HasPrefix(p, "data/") && !strings.HasPrefix(p, "runs/") {
				found = append(found, prefixed(p+": ", unseen(read(p)))...)
			}
		}
	}
	return found
}

// shown are the findings of documents, and of a hostile text that is not in them.
func shown(t testing.TB, dir string) []string {
	t.Helper()
	found := Documents(t, dir)
	text := tool(t, "pdftotext")
	whole := ""
	for i, p := range files(t, dir, ".pdf") {
		if i%10 != 0 {
			continue
		}
		said, err := exec.Command(text, "-raw", filepath.Join(dir, p), "-").CombinedOutput()
		if err != nil {
			return append(found, failed(p+": pdftotext", err, said)...)
		}
		whole += strings.Join(strings.Fields(string(said)), "")
		raw, err := os.ReadFile(filepath.Join(dir, p))
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"/JavaScript", "/JS", "/Launch", "/OpenAction", "/AA", "/EmbeddedFile", "/URI", "/SubmitForm"} {
			if regexp.MustCompile(regexp.QuoteMeta(bad) + `\b`).Match(outsideStreams(raw)) {
				found = append(found, p+": has a "+bad)
			}
		}
	}
	for _, want := range []string{"<script>window.__ran='script'</script>", "=HYPERLINK(", "<U+202E>", "<U+0000>", "<0xFF>", "{{.}}", "<U+200B>", "<U+1F469>"} {
		if !strings.Contains(whole, want) {
			found = append(found, fmt.Sprintf("no document shows %q", want))
		}
	}
	return found
}

var stream = regexp.MustCompile(`(?s)stream\r?\n.*?endstream`)

func outsideStreams(pdf []byte) []byte { return stream.ReplaceAll(pdf, nil) }

// inertTables says which cell of a CSV file a spreadsheet would run: by its first
// character, and by what LibreOffice makes of some of the files.
func inertTables(t testing.TB, dir string) []string {
	t.Helper()
	var found []string
	all := files(t, dir, ".csv")
	office, scratch := tool(t, "soffice", "libreoffice"), t.TempDir()
	args := []string{"--headless", "--norestore", "-env:UserInstallation=file://" + filepath.Join(scratch, "profile"), "--infilter=Text - txt - csv (StarCalc):44,34,76,1,,0,false,true", "--convert-to", "fods", "--outdir", scratch}
	for i, p := range all {
		data, err := os.ReadFile(filepath.Join(dir, p))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil {
			found = append(found, p+": "+err.Error())
			continue
		}
		for n, row := range rows {
			for c, v := range row {
				if _, err := strconv.Atoi(v); err != nil && v != "" && strings.ContainsAny(v[:1], "=+-@\t\r\n") {
					found = append(found, fmt.Sprintf("%s: row %d column %d is %.60q", p, n+1, c+1, v))
				}
				found = append(found, prefixed(p+": ", unseen(v))...)
			}
		}
		if len(data) < 3<<20 && i%3 == 0 {
			link := filepath.Join(scratch, strconv.Itoa(i)+".csv")
			abs, err := filepath.Abs(filepath.Join(dir, p))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(abs, link); err != nil {
				t.Fatal(err)
			}
			args = append(args, link)
		}
	}
	if said, err := exec.Command(office, args...).CombinedOutput(); err != nil {
		return append(found, failed("LibreOffice", err, said)...)
	}
	read := 0
	for i, p := range all {
		data, err := os.ReadFile(filepath.Join(scratch, strconv.Itoa(i)+".fods"))
		if err != nil {
			continue
		}
		read++
		if at := bytes.Index(data, []byte("table:formula=")); at >= 0 {
			found = append(found, fmt.Sprintf("%s: LibreOffice made a formula of it: %.120q", p, data[at:]))
		}
	}
	if read < 5 {
		found = append(found, fmt.Sprintf("LibreOffice read %d of %d CSV files", read, len(all)))
	}
	return found
}
