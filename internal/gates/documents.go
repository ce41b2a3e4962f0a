package gates

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Documents says what is wrong with the PDF files of a folder: their syntax by two
// readers, their fonts, their title, and the number on each page. pdfcpu, the second
// reader, is EXHIBIT_JUDGE's bin/pdfcpu or on the PATH.
func Documents(t testing.TB, dir string) []string {
	t.Helper()
	qpdf, fonts, info, text := tool(t, "qpdf"), tool(t, "pdffonts"), tool(t, "pdfinfo"), tool(t, "pdftotext")
	pdfcpu := tool(t, filepath.Join(folder(t), "bin", "pdfcpu"), "pdfcpu")
	all := files(t, dir, ".pdf")
	if len(all) == 0 {
		return []string{"no document"}
	}
	found := oneByBatch(all, 25, func(batch []string) []string {
		cmd := exec.Command(pdfcpu, append([]string{"validate", "--mode", "strict"}, batch...)...)
		cmd.Dir = dir
		if said, err := cmd.CombinedOutput(); err != nil {
			return failed("pdfcpu", err, said)
		}
		return nil
	})
	return append(found, oneByBatch(all, 1, func(batch []string) []string {
		p, file := batch[0], filepath.Join(dir, batch[0])
		var found []string
		if said, err := exec.Command(qpdf, "--check", file).CombinedOutput(); err != nil {
			found = append(found, failed(p+": qpdf", err, said)...)
		}
		said, err := exec.Command(fonts, file).CombinedOutput()
		if err != nil {
			return append(found, failed(p+": pdffonts", err, said)...)
		}
		rows := lines(said)
		if len(rows) < 3 {
			found = append(found, p+": no font")
		}
		for _, l := range rows[min(2, len(rows)):] { // emb sub uni object id
			if f := strings.Fields(l); len(f) < 5 || f[len(f)-5] != "yes" || f[len(f)-3] != "yes" {
				found = append(found, p+": a font that is not embedded with its letters' meaning: "+l)
			}
		}
		if said, err = exec.Command(info, file).CombinedOutput(); err != nil {
			return append(found, failed(p+": pdfinfo", err, said)...)
		}
		titled := false
		for _, l := range lines(said) {
			if title, ok := strings.CutPrefix(l, "Title:"); ok && strings.TrimSpace(title) != "" {
				titled = true
			}
		}
		if !titled {
			found = append(found, p+": no title")
		}
		if said, err = exec.Command(text, "-raw", file, "-").CombinedOutput(); err != nil {
			return append(found, failed(p+": pdftotext", err, said)...)
		}
		pages := strings.Split(strings.TrimSuffix(string(said), "\f"), "\f")
		for i, page := range pages {
			if want := fmt.Sprintf("page %d of %d", i+1, len(pages)); !strings.Contains(page, want) {
				found = append(found, fmt.Sprintf("%s: page %d does not say %q", p, i+1, want))
			}
			if strings.ContainsRune(page, '\ufffd') {
				found = append(found, fmt.Sprintf("%s: a letter was lost on page %d", p, i+1))
			}
		}
		return found
	})...)
}
