// Package render turns a report into the files of the auditor's package: a
// site that opens from a folder, documents to print, workbooks, and the same
// facts for machines. It reads the report and the evidence repository at the
// report's commit, nothing else: no clock, no network, no randomness, so the
// same input gives the same bytes for ever.
//
// Read All first: it lists everything a package holds. Pages are in page_*.go,
// documents and workbooks in artifacts.go, data for machines in data.go.
package render

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"runtime"
	"slices"
	"sync"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/render/html"
	"exhibit/render/pdf"
	"exhibit/render/pseudonym"
	"exhibit/render/table"
	"exhibit/seal"
	"exhibit/site"
)

// Input is all the renderer may read.
type Input struct {
	Report *control.Report
	// Repository is the evidence repository's tree at the report's commit. A
	// file that is missing from it is said to be missing on the page that
	// would show it.
	Repository fs.FS
	// Verify is the package's VERIFY.txt: how-to-verify.html shows it word for
	// word. Without it that page only names the file.
	Verify []byte
	// People are those whose names were replaced in the report; nil where people
	// appear by name. Files of the repository are given without names, or not at all.
	People *pseudonym.Names
	// Shared is what a package for somebody keeps back; nil for the full package.
	Shared *Shared
}

// Shared is what a package keeps back, and for whom it was made. What it withholds is
// taken out of the report before, and files are left out after: the pages say so.
type Shared struct {
	For, By string // whom it is made for, and who decided
	Files   []WithheldFile
	Fields  []WithheldField
}

// A WithheldFile is one of the full package that this one does not have.
type WithheldFile struct{ Path, Sum, Why string }

// A WithheldField is a field whose values were taken out: of a kind of record or a
// source, how many different ones.
type WithheldField struct {
	Of, Field string
	Values    int
	Why       string
}

// WithheldHere is where a link to a withheld file leads.
const WithheldHere = "withheld.html#kept-back"

// A File is one file of the package. Path is relative, with forward slashes.
type File struct {
	Path string
	Data []byte
}

// job makes one file when it is its turn.
type job struct {
	path string
	make func() ([]byte, error)
}

// binder is what every page is made from. It does not change while pages are made.
type binder struct {
	*table.Book
	repo    fs.FS
	verify  string // VERIFY.txt, "" when not given
	shared  *Shared
	pages   *html.Writer
	calls   map[table.Key][]evidence.Call // of the run that collected the cell last
	found   []table.Found                 // all findings, what is not met first
	decided map[table.Key][]int32         // places in found, by the listing they were decided from
	fields  map[string][]string           // what a check reads of an item, by check
	seen    map[table.Key][]seenCell
	open    []table.Open // all that was not evaluated
	jobs    []job
	held    []artifact // what stands under artifacts/, and what does not
	have    map[string]bool
	papers  map[string]func() *table.Paper // what makes each page
	printer *pdf.Writer
	aliases *pseudonym.Names // nil where people appear by name
	out     []leftOut        // files that are not given because they name people; by path
	given   map[string]bool  // whether a file of a run may be given, by path
}

// All yields every file of the package, sorted by path. Files are made on all
// cores a few ahead of the reader, so a package need not fit into memory. The
// first error ends the sequence.
func All(in Input) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		jobs, err := plan(in)
		if err != nil {
			yield(File{}, err)
			return
		}
		deliver(jobs, yield)
	}
}

// plan lists the files without making them.
func plan(in Input) ([]job, error) {
	if in.Report == nil || in.Repository == nil {
		return nil, errors.New("rendering: no report or no repository")
	}
	b := &binder{Book: table.NewBook(in.Report), repo: in.Repository, verify: string(in.Verify), aliases: in.People, shared: in.Shared, given: map[string]bool{}, have: map[string]bool{}, papers: map[string]func() *table.Paper{}}
	w, err := html.New(b.Stamp, b.navigation())
	if err != nil {
		return nil, err
	}
	b.pages = w
	if err := b.newPrinter(); err != nil {
		return nil, err
	}
	b.found = b.Findings(nil)
	b.readFindings()
	if err := b.readCalls(); err != nil {
		return nil, err
	}

	b.assets()
	b.data()
	b.runFiles()
	b.artifacts()
	b.startPages()
	b.timelinePages()
	b.changedPages()
	b.controlPages()
	b.checkPages()
	b.findingPages()
	b.evidencePages()
	b.inventoryPages()
	b.coveragePages()
	b.unevaluatedPages()
	b.changePages()
	b.deploymentPages()
	b.policyPages()
	b.recordPages()
	b.peoplePages()
	b.reviewPages()
	b.vendorPages()
	b.withheldPage()
	b.followUpPages()
	b.calendarPages()
	b.lostPages()
	b.responsePages()
	b.exceptionPages()
	b.populationPages()
	b.samplePages()
	b.requestPages()
	b.helpPages()
	b.sumsFiles()
	b.searchFiles()

	slices.SortFunc(b.jobs, func(x, y job) int { return cmp.Compare(x.path, y.path) })
	for i := 1; i < len(b.jobs); i++ {
		if b.jobs[i].path == b.jobs[i-1].path {
			return nil, fmt.Errorf("rendering: two files with the path %q", b.jobs[i].path)
		}
	}
	return b.jobs, nil
}

// deliver makes the files side by side and yields them in order.
func deliver(jobs []job, yield func(File, error) bool) {
	type result struct {
		data []byte
		err  error
	}
	workers := min(runtime.GOMAXPROCS(0), len(jobs))
	results := make([]chan result, len(jobs))
	for i := range results {
		results[i] = make(chan result, 1)
	}
	ahead := make(chan struct{}, 4*workers) // bounds what waits in memory
	todo := make(chan int)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		defer close(todo)
		for i := range jobs {
			select {
			case ahead <- struct{}{}:
			case <-stop:
				return
			}
			select {
			case todo <- i:
			case <-stop:
				return
			}
		}
	}()
	for range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range todo {
				data, err := jobs[i].make()
				results[i] <- result{data, err}
			}
		}()
	}
	defer wg.Wait()
	defer close(stop)
	for i := range jobs {
		r := <-results[i]
		<-ahead
		if r.err != nil {
			yield(File{}, fmt.Errorf("rendering %s: %w", jobs[i].path, r.err))
			return
		}
		if !yield(File{jobs[i].path, r.data}, nil) {
			return
		}
	}
}

func (b *binder) file(path string, make func() ([]byte, error)) {
	b.jobs = append(b.jobs, job{path, make})
}

// page adds a page that is put together when it is its turn.
func (b *binder) page(path string, make func() *table.Paper) {
	b.papers[path] = make
	b.file(path, func() ([]byte, error) {
		p := make()
		p.Path = path
		return b.pages.Page(p)
	})
}

func (b *binder) assets() {
	for _, name := range []string{"exhibit.css", "exhibit.js", "search.js", "table.js", "cite.js"} {
		b.file("assets/"+name, func() ([]byte, error) { return site.FS.ReadFile(name) })
	}
	b.file("verify.html", func() ([]byte, error) { return site.VerifyPage(), nil })
	b.file(seal.ProofScriptName, func() ([]byte, error) { return []byte(seal.ProofScript), nil })
}

// readCalls files the calls of each cell: those of the newest run come with the
// report, those of older runs, for cells the newest run did not plan, lie in
// the repository.
func (b *binder) readCalls() error {
	b.calls = map[table.Key][]evidence.Call{}
	older := map[string]bool{}
	for _, c := range b.Cells {
		if r := b.RunOf(table.KeyOf(c)); r != nil && r.Run.Name != b.Run.Name {
			older[r.Run.Name] = true
		}
	}
	file := func(calls []evidence.Call, run string) {
		for _, c := range calls {
			k := table.Key{Account: c.Account, Region: c.Region, Source: c.Source}
			if r := b.RunOf(k); r == nil || r.Run.Name == run {
				b.calls[k] = append(b.calls[k], c)
			}
		}
	}
	file(b.Calls, b.Run.Name)
	for _, name := range table.SortedKeys(older) {
		if !fs.ValidPath("runs/" + name) {
			continue // the cell's page says that its calls are not there
		}
		run, err := fs.Sub(b.repo, "runs/"+name)
		if err != nil {
			return fmt.Errorf("rendering: reading the calls of run %s: %w", name, err)
		}
		parts, err := evidence.CallsIn(run)
		if err != nil {
			return fmt.Errorf("rendering: reading the calls of run %s: %w", name, err)
		}
		for _, part := range parts {
			data, err := fs.ReadFile(run, part)
			if err != nil {
				return fmt.Errorf("rendering: reading the calls of run %s: %w", name, err)
			}
			if b.aliases != nil {
				data = b.aliases.Lines(data)
			}
			calls, err := evidence.ReadLines[evidence.Call](data)
			if err != nil {
				return fmt.Errorf("rendering: runs/%s/%s: %w", name, part, err)
			}
			file(calls, name)
		}
	}
	return nil
}

// navigation is the list of ways in, on every page.
func (b *binder) navigation() []html.Group {
	return []html.Group{
		{Title: "Audit", Links: []table.Link{
			{Text: "Overview", Href: "index.html"}, {Text: "Criteria", Href: criteriaPage}, {Text: "Controls", Href: "controls.html"}, {Text: "Checks", Href: "checks.html"},
			{Text: "Findings", Href: "findings.html"}, {Text: "Not evaluated", Href: unevaluatedPage}, {Text: "Exceptions", Href: "exceptions.html"}, {Text: "Due", Href: "due.html"},
			{Text: "Requests", Href: "requests.html"}, {Text: "Walkthroughs", Href: "walkthroughs.html"},
		}},
		{Title: "Period", Links: []table.Link{
			{Text: "Since last time", Href: changedPage},
			{Text: "Timeline", Href: "timeline.html"},
			{Text: "Changes", Href: changesPage},
			{Text: "Deployments", Href: deploymentsPage},
			{Text: "Responses", Href: "responses.html"},
			{Text: "Follow-ups", Href: "follow-ups.html"},
			{Text: "Calendar", Href: "calendar.html"},
			{Text: "Lost", Href: "lost.html"},
		}},
		{Title: "Evidence", Links: []table.Link{
			{Text: "Artifacts", Href: "artifacts.html"}, {Text: "Listings", Href: "evidence.html"}, {Text: "Populations", Href: "populations.html"}, {Text: "Samples", Href: "samples.html"},
			{Text: "Inventories", Href: "inventories.html"}, {Text: "Coverage", Href: "coverage.html"}, {Text: "Withheld", Href: "withheld.html"}, {Text: "Runs", Href: "runs.html"},
		}},
		{Title: "Organisation", Links: []table.Link{
			{Text: "Policies", Href: "policies.html"}, {Text: "Access review", Href: "access-review.html"}, {Text: "Joiners, movers, leavers", Href: "people.html"},
			{Text: "Vendors", Href: "vendors.html"}, {Text: "Incidents", Href: "incidents.html"}, {Text: "All records", Href: "records.html"},
		}},
		{Title: "Help", Links: []table.Link{
			{Text: "Search", Href: "search.html"}, {Text: "How to verify", Href: "how-to-verify.html"}, {Text: "What it proves", Href: "trust.html"}, {Text: "Glossary", Href: "glossary.html"},
		}},
	}
}

// crumbs lead from the start page to the page above.
func crumbs(links ...table.Link) []table.Link {
	return append([]table.Link{{Text: "Overview", Href: "index.html"}}, links...)
}

// paged lists a table of total rows over pages of at most n: the first on the
// path itself, the others beside it. rows makes the rows from..to (from 0, to
// not included) when their page is made; intro makes the paper they stand on.
func (b *binder) paged(path string, total, n int, downloads []table.Link, rows func(from, to int) *table.Table, intro func(part int, grid table.Grid) *table.Paper) {
	parts := max(1, (total+n-1)/n)
	var pages []table.Link
	for i := range parts {
		pages = append(pages, table.Link{Text: fmt.Sprintf("%d to %d", i*n+1, min((i+1)*n, total)), Href: table.PartPath(path, i)})
	}
	if parts > 1 {
		b.rowsFiles(path, parts, func(i int) *table.Table { return rows(i*n, min((i+1)*n, total)) })
	}
	for i := range parts {
		b.page(table.PartPath(path, i), func() *table.Paper {
			from, to := i*n, min((i+1)*n, total)
			g := table.Grid{Table: rows(from, to), Downloads: downloads}
			if parts > 1 {
				g.From, g.To, g.Total, g.Pages, g.Part, g.Data = from+1, to, total, pages, i, rowsData(path)
			}
			p := intro(i, g)
			if parts > 1 {
				p.Prev, p.Next = table.Link{}, table.Link{}
				if i > 0 {
					p.Prev = table.Link{Text: "rows " + pages[i-1].Text, Href: pages[i-1].Href}
				}
				if i < parts-1 {
					p.Next = table.Link{Text: "rows " + pages[i+1].Text, Href: pages[i+1].Href}
				}
			}
			return p
		})
	}
}

// turn gives the pages before and after the i-th of a list.
func turn(links []table.Link, i int) (prev, next table.Link) {
	if i > 0 {
		prev = links[i-1]
	}
	if i < len(links)-1 {
		next = links[i+1]
	}
	return prev, next
}
