package gates

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Books says what is wrong with the workbooks of a folder: what the Open XML SDK
// says of one of each folder, and of each that a sheet has a formula, a table without
// frozen heads, filter or print titles, or that LibreOffice reads another value than
// the file holds. LibreOffice is the second reader, the first is written here.
func Books(t testing.TB, dir string, books []string) []string {
	t.Helper()
	sdk := installed(t, "node_modules", "@xarsh", "ooxml-validator-linux-x64", "ooxml-validator")
	office := tool(t, "soffice", "libreoffice")
	found := oneByBatch(oneOfEach(books), 1, func(batch []string) []string {
		said, err := exec.Command(sdk, filepath.Join(dir, batch[0])).CombinedOutput()
		var v struct {
			OK     bool
			Errors []struct{ Description, Part, Path string }
		}
		if err != nil || json.Unmarshal(said, &v) != nil {
			return failed(batch[0]+": the Open XML SDK", err, said)
		}
		if !v.OK {
			return []string{fmt.Sprintf("%s: the Open XML SDK: %d errors, the first %+v", batch[0], len(v.Errors), v.Errors)}
		}
		return nil
	})
	scratch := t.TempDir()
	args := []string{"--headless", "--norestore", "-env:UserInstallation=file://" + filepath.Join(scratch, "profile"), "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1", "--outdir", scratch}
	flat := map[string]string{} // LibreOffice names its output after the file alone
	for i, p := range books {
		flat[p] = strconv.Itoa(i)
		abs, err := filepath.Abs(filepath.Join(dir, p))
		if err != nil {
			t.Fatal(err)
		}
		link := filepath.Join(scratch, flat[p]+".xlsx")
		if err := os.Symlink(abs, link); err != nil {
			t.Fatal(err)
		}
		args = append(args, link)
	}
	if said, err := exec.Command(office, args...).CombinedOutput(); err != nil {
		return append(found, failed("LibreOffice", err, said)...)
	}
	cells := 0
	for _, p := range books {
		sheets, err := readBook(filepath.Join(dir, p))
		if err != nil {
			found = append(found, fmt.Sprintf("%s: %v", p, err))
			continue
		}
		for i, s := range sheets {
			found = append(found, prefixed(p+": "+s.name+": ", s.wrong)...)
			f, err := os.Open(filepath.Join(scratch, flat[p]+"-"+s.name+".csv"))
			if err != nil {
				found = append(found, fmt.Sprintf("%s: LibreOffice read no sheet %q", p, s.name))
				continue
			}
			r := csv.NewReader(f)
			r.FieldsPerRecord = -1
			rows, err := r.ReadAll()
			_ = f.Close() // was only read
			if err != nil {
				found = append(found, fmt.Sprintf("%s: %s: %v", p, s.name, err))
				continue
			}
			n, wrong := compare(s, rows)
			cells += n
			found = append(found, prefixed(p+": "+s.name+": ", wrong)...)
			if i == 0 && !strings.EqualFold(s.name, "Read me") {
				found = append(found, p+": the first sheet is no read-me")
			}
		}
	}
	t.Logf("%d workbooks, %d cells read twice", len(books), cells)
	return found
}

func prefixed(with string, all []string) []string {
	var out []string
	for _, s := range all[:min(len(all), 3)] {
		out = append(out, with+s)
	}
	return out
}

// oneOfEach takes one of each folder, the first.
func oneOfEach(all []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, p := range all {
		if d := filepath.Dir(p); !seen[d] || d == "artifacts" {
			seen[d] = true
			out = append(out, p)
		}
	}
	return out
}

type sheet struct {
	name  string
	rows  map[int]map[int]string
	wrong []string
}

// compare counts the cells both readers read, and names those they read apart.
func compare(s sheet, office [][]string) (int, []string) {
	n := 0
	var wrong []string
	at := func(r, c int) string {
		if r < len(office) && c < len(office[r]) {
			return office[r][c]
		}
		return ""
	}
	for r, cols := range s.rows {
		for c, want := range cols {
			n++
			if got := at(r, c); clock.ReplaceAllString(strings.TrimSpace(strings.ReplaceAll(got, "\r", "")), "${1}T${2}Z") != strings.TrimSpace(want) {
				wrong = append(wrong, fmt.Sprintf("row %d column %d is %.60q, and LibreOffice reads %.60q", r+1, c+1, want, got))
			}
		}
	}
	for r := range office {
		for c, got := range office[r] {
			if got != "" && s.rows[r][c] == "" {
				wrong = append(wrong, fmt.Sprintf("row %d column %d is empty, and LibreOffice reads %.60q", r+1, c+1, got))
			}
		}
	}
	return n, wrong
}

// clock is a time as LibreOffice writes it, where the workbook shows a T and a Z.
var clock = regexp.MustCompile(`^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$`)

var cellName = regexp.MustCompile(`^([A-Z]+)(\d+)$`)

// readBook reads the values of a workbook as its XML has them, and says what a
// reader would miss: formulas, heads that do not stay, tables without a filter.
func readBook(path string) ([]sheet, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = z.Close() }() // was only read
	part := func(name string, into any) error {
		f, err := z.Open(name)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // was only read
		return xml.NewDecoder(f).Decode(into)
	}
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
		Defined []struct {
			Name  string `xml:"name,attr"`
			Sheet string `xml:"localSheetId,attr"`
		} `xml:"definedNames>definedName"`
	}
	var rels struct {
		R []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := part("xl/workbook.xml", &book); err != nil {
		return nil, err
	}
	if err := part("xl/_rels/workbook.xml.rels", &rels); err != nil {
		return nil, err
	}
	var styles struct {
		Formats []struct {
			ID   string `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Xfs []struct {
			Format string `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := part("xl/styles.xml", &styles); err != nil {
		return nil, err
	}
	var shared struct {
		SI []struct {
			T string   `xml:"t"`
			R []string `xml:"r>t"`
		} `xml:"si"`
	}
	if err := part("xl/sharedStrings.xml", &shared); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	titled := map[string]bool{}
	for _, d := range book.Defined {
		if d.Name == "_xlnm.Print_Titles" {
			titled[d.Sheet] = true
		}
	}
	var out []sheet
	for i, sh := range book.Sheets {
		target := ""
		for _, r := range rels.R {
			if r.ID == sh.ID {
				target = strings.TrimPrefix(r.Target, "/xl/")
			}
		}
		var w struct {
			Panes []struct {
				State string `xml:"state,attr"`
			} `xml:"sheetViews>sheetView>pane"`
			Rows []struct {
				C []struct {
					R string   `xml:"r,attr"`
					S int      `xml:"s,attr"`
					T string   `xml:"t,attr"`
					F *string  `xml:"f"`
					V string   `xml:"v"`
					I string   `xml:"is>t"`
					P []string `xml:"is>r>t"`
				} `xml:"c"`
			} `xml:"sheetData>row"`
			Tables []struct{} `xml:"tableParts>tablePart"`
		}
		if err := part("xl/"+target, &w); err != nil {
			return nil, fmt.Errorf("%s: %w", target, err)
		}
		s := sheet{name: sh.Name, rows: map[int]map[int]string{}}
		if len(w.Tables) > 0 && (len(w.Panes) == 0 || w.Panes[0].State != "frozen" || !titled[strconv.Itoa(i)]) {
			s.wrong = append(s.wrong, "a table whose head does not stay on the screen or on paper")
		}
		if i > 0 && len(w.Tables) == 0 && len(w.Rows) > 3 {
			s.wrong = append(s.wrong, "rows without a filter")
		}
		for _, r := range w.Rows {
			for _, c := range r.C {
				m := cellName.FindStringSubmatch(c.R)
				if m == nil {
					return nil, fmt.Errorf("a cell called %q", c.R)
				}
				if c.F != nil {
					s.wrong = append(s.wrong, c.R+" is a formula")
				}
				v := c.V
				switch c.T {
				case "inlineStr":
					v = c.I + strings.Join(c.P, "")
				case "s":
					n, err := strconv.Atoi(c.V)
					if err != nil || n >= len(shared.SI) {
						return nil, fmt.Errorf("%s: no string %q", c.R, c.V)
					}
					v = shared.SI[n].T + strings.Join(shared.SI[n].R, "")
				case "", "n":
					if c.V != "" && c.S < len(styles.Xfs) {
						for _, f := range styles.Formats {
							if f.ID == styles.Xfs[c.S].Format && strings.Contains(f.Code, "yyyy") {
								v = dated(c.V, strings.Contains(f.Code, "hh"))
							}
						}
					}
				}
				row, err := strconv.Atoi(m[2])
				if err != nil {
					return nil, err
				}
				col := 0
				for _, l := range m[1] {
					col = col*26 + int(l-'A') + 1
				}
				if v != "" {
					if s.rows[row-1] == nil {
						s.rows[row-1] = map[int]string{}
					}
					s.rows[row-1][col-1] = unescaped(v)
				}
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// unescaped is a text as a reader shows it: a workbook writes _x005F_ for the
// underscore of what would be read as an escape.
func unescaped(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r", ""), "_x005F_", "_")
}

func dated(serial string, hours bool) string {
	f, err := strconv.ParseFloat(serial, 64)
	if err != nil {
		return serial
	}
	at := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(math.Round(f*86400)) * time.Second)
	if hours {
		return at.Format("2006-01-02T15:04:05Z")
	}
	return at.Format("2006-01-02")
}
