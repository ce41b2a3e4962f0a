package main

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"exhibit/render/pdf"
	"exhibit/render/table"
	"exhibit/render/xlsx"
)

// samplePackage is the folder of a package of the whole sample, which is made once.
func (b *bench) samplePackage() (folder string, err error) {
	dir := filepath.Join(b.dir, "package")
	if _, err := os.Stat(dir); err != nil {
		made := exec.Command(b.bin, "evidence", "--sample", dir)
		made.Env = append(os.Environ(), "AWS_EC2_METADATA_DISABLED=true", "HOME="+b.dir)
		if err := run(made); err != nil {
			return "", err
		}
	}
	lists, err := filepath.Glob(filepath.Join(dir, "out", "*", "SHA256SUMS"))
	if err != nil || len(lists) != 1 {
		return "", fmt.Errorf("the sample has %d packages, and not one", len(lists))
	}
	return filepath.Dir(lists[0]), nil
}

// again renders the sample's newest commit where its package lies already, against
// rendering it in full. The package is verified, every byte, and stays.
func (b *bench) again() error {
	folder, err := b.samplePackage()
	if err != nil {
		return err
	}
	render := func(flags ...string) func() *exec.Cmd {
		return func() *exec.Cmd {
			cmd := exec.Command(b.bin, append([]string{"render", "-C", filepath.Dir(filepath.Dir(folder))}, flags...)...)
			cmd.Env = append(os.Environ(), "HOME="+b.dir)
			return cmd
		}
	}
	figs, err := b.measure(min(b.runs, 3), map[string]func() *exec.Cmd{"exhibit render, in full": render("--no-cache"), "exhibit render, nothing changed": render()},
		[]string{"exhibit render, in full", "exhibit render, nothing changed"})
	if err != nil {
		return err
	}
	report(figs)
	return over("a re-render with nothing changed takes %.3f times the CPU of a full one", median(figs[1].cpu)/median(figs[0].cpu), 0.1)
}

// verify checks a package of the sample against sha256sum over the same files.
// Ours also checks the seal, and looks for files that the list does not name.
func (b *bench) verify() error {
	if _, err := exec.LookPath("sha256sum"); err != nil {
		return fmt.Errorf("sha256sum is not installed: %w", err)
	}
	folder, err := b.samplePackage()
	if err != nil {
		return err
	}
	list, err := os.ReadFile(filepath.Join(folder, "SHA256SUMS"))
	if err != nil {
		return err
	}
	figs, err := b.measure(b.runs*2, map[string]func() *exec.Cmd{
		"sha256sum -c": func() *exec.Cmd {
			cmd := exec.Command("sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS")
			cmd.Dir = folder
			return cmd
		},
		"exhibit verify": func() *exec.Cmd { return exec.Command(b.bin, "verify", folder) },
	}, []string{"sha256sum -c", "exhibit verify"})
	if err != nil {
		return err
	}
	fmt.Printf("%d files\n", bytes.Count(list, []byte("\n")))
	report(figs)
	return over("exhibit verify takes %.2f times the wall time of sha256sum -c", median(figs[1].wall)/median(figs[0].wall), 0.7)
}

// over says a ratio, which may be at most a bound.
func over(words string, ratio, most float64) error {
	fmt.Printf(words+"; at most %.2f is the aim\n", ratio, most)
	if ratio > most {
		return fmt.Errorf("over the bound of %.2f", most)
	}
	return nil
}

// sheetRows is how many rows the workbooks have, printedRows the papers.
const sheetRows, printedRows = 50_000, 3_000

// rows is a table such as a population has.
func rows(n int) *table.Table { return rowsFrom(0, n) }

// rowsFrom are n rows of it, from the given one on.
func rowsFrom(from, n int) *table.Table {
	t := &table.Table{ID: "rows", Title: "Rows", Columns: []table.Column{
		{Key: "id", Name: "Item", Kind: table.Code, Width: 40}, {Key: "says", Name: "What was decided", Width: 50},
		{Key: "day", Name: "Day", Kind: table.Date}, {Key: "n", Name: "Number", Kind: table.Number}, {Key: "account", Name: "Account", Kind: table.Code},
	}}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := from; i < from+n; i++ {
		t.Add(fmt.Sprintf("r%d", i), table.Mono(fmt.Sprintf("arn:aws:ec2:eu-west-1:111122223333:volume/vol-%012x", i)), table.Str(fmt.Sprintf("Encrypted with the key %d of the account", i%97)),
			table.Day(start.AddDate(0, 0, i%365)), table.Int(i), table.Mono("111122223333"))
	}
	return t
}

// self is this program as one of the processes that sheets and papers measure.
func self(what, out string) func() *exec.Cmd {
	return func() *exec.Cmd {
		exe, err := os.Executable()
		if err != nil {
			fatal(err)
		}
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), "EXHIBIT_BENCH_PACKAGE="+what, "EXHIBIT_BENCH_OUT="+out)
		return cmd
	}
}

// packaged is the process that self starts.
func packaged(what, out string) error {
	var file []byte
	var err error
	switch stamp := (table.Stamp{Organisation: "Bench", Tool: "bench", AsOf: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)}); what {
	case "xlsx":
		file, err = xlsx.Book(stamp, "Rows", rows(sheetRows))
	case "excelize":
		file, err = streamed(rows(sheetRows))
	case "pages":
		return ourSite(stamp, out)
	case "pdf":
		var w *pdf.Writer
		if w, err = pdf.New(stamp); err == nil {
			file, err = w.Paper(&table.Paper{Title: "Rows", Wide: true, Blocks: []table.Block{table.Grid{Table: rows(printedRows)}}}, nil)
		}
	default:
		return fmt.Errorf("nothing is called %q", what)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(out, file, 0o600)
}

// streamed is a workbook of the rows alone, by excelize's own StreamWriter: no
// styles, no sheet that says what it is, and no bytes that are the same each time.
func streamed(t *table.Table) ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }() // only temporary files are behind it
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return nil, err
	}
	for i, r := range t.Rows {
		row := make([]any, len(r.Cells))
		for k, c := range r.Cells {
			switch c.Kind {
			case table.Number:
				row[k] = c.Int
			case table.Date:
				row[k] = c.At
			default:
				row[k] = c.Text
			}
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			return nil, err
		}
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = f.Write(&out)
	return out.Bytes(), err
}

// sheets writes a workbook against excelize's StreamWriter alone with the same rows.
func (b *bench) sheets() error {
	figs, err := b.measure(b.runs, map[string]func() *exec.Cmd{
		"excelize's StreamWriter alone": self("excelize", filepath.Join(b.dir, "peer.xlsx")),
		"exhibit, the same rows":        self("xlsx", filepath.Join(b.dir, "ours.xlsx")),
	}, []string{"excelize's StreamWriter alone", "exhibit, the same rows"})
	if err != nil {
		return err
	}
	fmt.Printf("%d rows\n", sheetRows)
	report(figs)
	return over("a workbook takes %.2f times the wall time of excelize's StreamWriter", median(figs[1].wall)/median(figs[0].wall), 1.15)
}

// papers prints a table as PDF against Chromium with the same table as a page.
func (b *bench) papers() error {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		return fmt.Errorf("chromium is not installed: %w", err)
	}
	page, theirs, ours := filepath.Join(b.dir, "rows.html"), filepath.Join(b.dir, "peer.pdf"), filepath.Join(b.dir, "ours.pdf")
	if err := os.WriteFile(page, markup(rows(printedRows)), 0o600); err != nil {
		return err
	}
	figs, err := b.measure(b.runs, map[string]func() *exec.Cmd{
		"chromium --print-to-pdf": func() *exec.Cmd {
			return exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", "--user-data-dir="+filepath.Join(b.dir, "chromium"), "--print-to-pdf="+theirs, "file://"+page)
		},
		"exhibit, the same table": self("pdf", ours),
	}, []string{"chromium --print-to-pdf", "exhibit, the same table"})
	if err != nil {
		return err
	}
	report(figs)
	n, err := pages(theirs)
	if err != nil {
		return err
	}
	m, err := pages(ours)
	if err != nil {
		return err
	}
	per := []float64{float64(n) / median(figs[0].wall), float64(m) / median(figs[1].wall)}
	fmt.Printf("chromium: %d pages, %.0f a second; exhibit: %d pages, %.0f a second: %.1f times as many; 20 is the aim\n", n, per[0], m, per[1], per[1]/per[0])
	if per[1] < 20*per[0] {
		return fmt.Errorf("under the bound of 20")
	}
	return nil
}

// markup is a table as a page that prints across, its head on every sheet.
func markup(t *table.Table) []byte {
	var b strings.Builder
	b.WriteString("<!doctype html><meta charset=utf-8><title>Rows</title><style>@page{size:A4 landscape}body{font:9pt sans-serif}td,th{border-bottom:1px solid #ccc;text-align:left;vertical-align:top}</style><table><thead><tr>")
	for _, c := range t.Columns {
		b.WriteString("<th>" + html.EscapeString(c.Name))
	}
	b.WriteString("</thead><tbody>")
	for _, r := range t.Rows {
		b.WriteString("<tr>")
		for _, c := range r.Cells {
			b.WriteString("<td>" + html.EscapeString(c.String()))
		}
	}
	b.WriteString("</table>")
	return []byte(b.String())
}

// pages counts the pages of a PDF with poppler, which made neither.
func pages(name string) (n int, err error) {
	out, err := exec.Command("pdfinfo", name).Output()
	if err != nil {
		return 0, fmt.Errorf("counting the pages of %s with pdfinfo: %w", filepath.Base(name), err)
	}
	for line := range strings.Lines(string(out)) {
		if rest, ok := strings.CutPrefix(line, "Pages:"); ok {
			_, err = fmt.Sscan(rest, &n)
			return n, err
		}
	}
	return 0, fmt.Errorf("pdfinfo does not say how many pages %s has", filepath.Base(name))
}
