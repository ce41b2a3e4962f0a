package render_test

import (
	"bytes"
	"compress/zlib"
	"encoding/csv"
	"encoding/json"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"exhibit/render/table"

	"github.com/xuri/excelize/v2"
	"golang.org/x/net/html"
)

// sheets reads a workbook by an independent call path: as a reader sees it.
func sheets(tb testing.TB, data []byte) map[string][][]string {
	tb.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	out := map[string][][]string{}
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			tb.Fatal(err)
		}
		out[name] = rows
	}
	return out
}

// Every workbook opens, has no formula, and holds text as text.
func TestWorkbooks(t *testing.T) {
	n := 0
	for p, data := range shared(t, 450) {
		if path.Ext(p) != ".xlsx" {
			continue
		}
		n++
		f, err := excelize.OpenReader(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		for _, name := range f.GetSheetList() {
			rows, err := f.GetRows(name)
			if err != nil {
				t.Fatal(err)
			}
			for r := range rows {
				for c := range rows[r] {
					cell, _ := excelize.CoordinatesToCellName(c+1, r+1)
					if formula, err := f.GetCellFormula(name, cell); err != nil || formula != "" {
						t.Errorf("%s %s %s: formula %q", p, name, cell, formula)
					}
					kind, err := f.GetCellType(name, cell)
					if err != nil {
						t.Fatal(err)
					}
					if v := rows[r][c]; v != "" && strings.ContainsAny(v[:1], "=+@") && kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
						t.Errorf("%s %s %s: %q is not kept as text", p, name, cell, v)
					}
				}
			}
			if name == "Read me" {
				continue
			}
			panes, err := f.GetPanes(name)
			if err != nil || !panes.Freeze {
				t.Errorf("%s %s: the head is not frozen", p, name)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if n < 10 {
		t.Fatalf("%d workbooks", n)
	}
}

// HTML, XLSX, CSV and JSON lines of the findings hold the same cells.
func TestFormatsAgree(t *testing.T) {
	files := shared(t, 450)
	type row map[string]string
	keys := []string{"status", "check", "item", "value", "why", "severity", "controls", "account", "region", "evidence", "id"}

	fromCSV := map[string]row{}
	records, err := csv.NewReader(bytes.NewReader(files["artifacts/findings.csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range records[1:] {
		r := row{}
		for i, k := range records[0] {
			v := rec[i]
			if strings.HasPrefix(v, "'") && table.Neutral(v[1:]) == v {
				v = v[1:]
			}
			r[k] = v
		}
		fromCSV[r["id"]] = r
	}

	fromXLSX := map[string]row{}
	rows := sheets(t, files["artifacts/findings.xlsx"])["Findings"]
	for _, rec := range rows[2:] {
		r := row{}
		for i, k := range keys {
			if i < len(rec) {
				r[k] = rec[i]
			} else {
				r[k] = ""
			}
		}
		fromXLSX[r["id"]] = r
	}

	fromHTML := map[string]row{}
	for p, data := range files {
		if path.Ext(p) != ".html" || !strings.HasPrefix(p, "findings/") || strings.HasPrefix(p, "findings/account-") {
			continue
		}
		for n := range parse(t, p, data).Descendants() {
			id, _ := attr(n, "id")
			if n.Type != html.ElementNode || n.Data != "tr" || !strings.HasPrefix(id, "F-") {
				continue
			}
			r, i := row{}, 0
			for c := range n.ChildNodes() {
				if c.Type == html.ElementNode {
					r[keys[i]] = text(c)
					i++
				}
			}
			if _, twice := fromHTML[id]; twice {
				t.Errorf("%s stands on two pages of statuses", id)
			}
			fromHTML[id] = r
		}
	}

	fromJSON := 0
	for line := range bytes.Lines(files["data/findings.jsonl"]) {
		var f struct {
			ID, Check, Account, Region, Item, Status, Severity, Verdict string
			Controls, Criteria                                          []string
			Evidence                                                    struct{ Commit, Path string }
		}
		if err := json.Unmarshal(line, &f); err != nil {
			t.Fatal(err)
		}
		fromJSON++
		want := fromCSV[f.ID]
		for k, v := range map[string]string{"check": f.Check, "account": f.Account, "region": f.Region, "item": table.Visible(f.Item), "status": f.Status, "severity": f.Severity, "controls": strings.Join(f.Controls, ", ")} {
			if want[k] != v {
				t.Errorf("%s: %s is %q in JSON, %q in CSV", f.ID, k, v, want[k])
			}
		}
	}
	if len(fromCSV) < 450 || len(fromXLSX) != len(fromCSV) || len(fromHTML) != len(fromCSV) || fromJSON != len(fromCSV) {
		t.Fatalf("%d findings in CSV, %d in XLSX, %d in HTML, %d in JSON", len(fromCSV), len(fromXLSX), len(fromHTML), fromJSON)
	}
	for id, want := range fromCSV {
		for _, k := range keys {
			if got := fromXLSX[id][k]; got != want[k] {
				t.Errorf("%s: %s is %q in XLSX, %q in CSV", id, k, got, want[k])
			}
			if got := fromHTML[id][k]; got != want[k] {
				t.Errorf("%s: %s is %q in HTML, %q in CSV", id, k, got, want[k])
			}
		}
	}
}

func TestCSVRunsNothing(t *testing.T) {
	for p, data := range shared(t, 450) {
		if path.Ext(p) != ".csv" {
			continue
		}
		records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		for _, rec := range records {
			for _, v := range rec {
				if v != "" && strings.ContainsAny(v[:1], "=+-@\t\r\n") {
					if _, err := strconv.Atoi(v); err != nil {
						t.Errorf("%s: %q could be run", p, v)
					}
				}
			}
			if !strings.Contains(rec[len(rec)-1], "commit") && rec[len(rec)-1] != "exhibit" {
				t.Errorf("%s: a line without the stamp", p)
			}
		}
	}
}

// pdfPages reads the text of each page as the fonts map it: the strings of
// embedded UTF-8 fonts are UTF-16.
func pdfPages(tb testing.TB, data []byte) []string {
	tb.Helper()
	var pages []string
	for _, m := range streamLength.FindAllSubmatchIndex(data, -1) {
		n, err := strconv.Atoi(string(data[m[2]:m[3]]))
		if err != nil || m[1]+n > len(data) {
			tb.Fatalf("a stream of length %s", data[m[2]:m[3]])
		}
		r, err := zlib.NewReader(bytes.NewReader(data[m[1] : m[1]+n]))
		if err != nil {
			continue // not compressed: no page
		}
		content, err := io.ReadAll(r)
		if err == nil && bytes.Contains(content, []byte(" Tj")) {
			pages = append(pages, pdfText(content))
		}
	}
	return pages
}

var streamLength = regexp.MustCompile(`(?s)/Length (\d+)\s*(?:/Length1 \d+\s*)?>>\s*stream\n`)

var shown = regexp.MustCompile(`(?s)\(((?:\\.|[^\\)])*)\) ?Tj`)

func pdfText(content []byte) string {
	var b strings.Builder
	for _, m := range shown.FindAllSubmatch(content, -1) {
		raw := m[1]
		var s []byte
		for i := 0; i < len(raw); i++ {
			if raw[i] == '\\' && i+1 < len(raw) {
				i++
				if raw[i] == 'r' {
					s = append(s, '\r')
					continue
				}
			}
			s = append(s, raw[i])
		}
		var u []uint16
		for i := 0; i+1 < len(s); i += 2 {
			u = append(u, uint16(s[i])<<8|uint16(s[i+1]))
		}
		b.WriteString(string(utf16.Decode(u)) + "\n")
	}
	return b.String()
}

func TestDocuments(t *testing.T) {
	files := shared(t, 450)
	n := 0
	for p, data := range files {
		if path.Ext(p) != ".pdf" || strings.HasPrefix(p, "data/") {
			continue
		}
		n++
		pages := pdfPages(t, data)
		if len(pages) == 0 {
			t.Fatalf("%s: no text", p)
		}
		for i, page := range pages {
			for _, want := range []string{"Harbour & Loom Ltd", "page " + strconv.Itoa(i+1) + " of " + strconv.Itoa(len(pages)), "2025-10-01..2026-09-30", "commit 1b7c0f7ad0f1"} {
				if !strings.Contains(page, want) {
					t.Errorf("%s page %d: no %q", p, i+1, want)
				}
			}
		}
		if !bytes.Contains(data, []byte("/FontFile2")) || bytes.Contains(data, []byte("/Type1")) || bytes.Contains(data, []byte("/JavaScript")) {
			t.Errorf("%s: a font that is not embedded, or a script", p)
		}
	}
	if n < 10 {
		t.Fatalf("%d documents", n)
	}
	paper := pdfPages(t, files["artifacts/workpapers/CR-01.pdf"])
	heads, ids := 0, 0
	for _, page := range paper {
		if strings.Contains(page, "▲") {
			t.Error("a shape set as a letter")
		}
		if strings.Contains(page, "Deciding") {
			heads++
		}
		ids += strings.Count(page, "\nF-")
	}
	// 459 findings and their passes, each with its id; the head on every page that has rows.
	if ids != 459 || heads < 15 {
		t.Errorf("%d findings under %d heads", ids, heads)
	}
	all := strings.Join(pdfPages(t, files["artifacts/policies/access-control-v2.1.pdf"]), "")
	for _, want := range []string{"Zażółć", "Access control policy", "Version history", "Leavers", "Information produced by the entity", "SAMPLE"} {
		if !strings.Contains(all, want) {
			t.Errorf("the policy does not say %q", want)
		}
	}
	users := strings.Join(pdfPages(t, files["artifacts/workpapers/AC-01.pdf"]), "")
	for _, want := range []string{"Юрий", "Ελένη", "<U+202E>", "<script>"} {
		if !strings.Contains(strings.ReplaceAll(users, "\n", ""), want) {
			t.Errorf("the working paper does not show %q", want)
		}
	}
}
