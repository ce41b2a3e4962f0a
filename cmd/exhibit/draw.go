package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/evidence/store"
	"exhibit/seal"
)

var sampleCommand = command{
	name: "sample", args: "POPULATION --seed WORDS [--size N] [--stratify] | --replace SAMPLE --line N --why WORDS",
	short: "draw a sample that anybody can draw again",
	long: `Draws from a population at the newest commit and keeps the sample in samples/ID: the
frozen list, the items, and what decided them. The seed is the auditor's: any words.
The same words on the same list give the same items; docs/sampling.md says how to draw
them without exhibit. Commit the folder, and the site has a sheet for it.

Without POPULATION it lists the populations with their sizes and digests. Without
--size the table of sizes decides (exhibit.yaml: sampling), and its row is kept with the
sample. --stratify takes every flagged item, and the size from the rest.

--replace gives the next item in rank for one the auditor could not use; the item stays
on the sheet with the reason. --line is the line of the frozen list that it stands on.

--from FILE draws from a population's file of a package, such as
data/populations/leavers.jsonl, and prints the items: it needs no repository.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		var d drawing
		fs.StringVar(&d.seed, "seed", "", "the auditor's `WORDS`")
		fs.IntVar(&d.size, "size", 0, "how many to draw at random; 0 asks the table of sizes")
		fs.BoolVar(&d.stratify, "stratify", false, "take every flagged item as well")
		fs.StringVar(&d.from, "from", "", "draw from this `FILE` and print, without a repository")
		fs.StringVar(&d.replace, "replace", "", "the `SAMPLE` of which an item cannot be used")
		fs.IntVar(&d.line, "line", 0, "with --replace: the item's line in the frozen list")
		fs.StringVar(&d.why, "why", "", "with --replace: the `REASON`")
		return func(_ context.Context, c *call) error {
			switch {
			case len(c.args) > 1:
				return usageError("sample takes one POPULATION, not %q", strings.Join(c.args, " "))
			case d.replace != "":
				return d.replaced(c)
			case d.from != "":
				return d.stranger(c)
			case len(c.args) == 0 && d.seed == "":
				return d.list(c)
			case len(c.args) == 0:
				return withHint(usageError("sample: which population?"), "exhibit sample lists them")
			}
			return d.draw(c, c.args[0])
		}
	},
}

// drawing is one call of exhibit sample.
type drawing struct {
	seed, from, replace, why string
	size, line               int
	stratify                 bool
}

// drawn is what a draw says at its end.
type drawn struct {
	control.Draw
	Folder string          `json:"folder,omitempty"`
	Same   bool            `json:"same,omitempty"` // it was there already, byte for byte
	Taken  []control.Drawn `json:"drawn"`
}

// seeded refuses what no draw can start from.
func (d drawing) seeded() error {
	switch {
	case strings.TrimSpace(d.seed) == "":
		return withHint(usageError("sample: --seed is missing"), "the auditor chooses it: any words, such as --seed \"blue kettle, tuesday\"")
	case strings.ContainsAny(d.seed, "\r\n\x00") || seal.Visible(d.seed) != d.seed:
		return usageError("sample: --seed %q must be one line of letters that show", d.seed)
	case d.size < 0:
		return usageError("sample: --size %d is less than 1", d.size)
	}
	return nil
}

func (d drawing) draw(c *call, name string) error {
	if err := d.seeded(); err != nil {
		return err
	}
	j, report, err := reported(c)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(report.Populations, func(p control.Population) bool { return p.ID == name })
	if at < 0 {
		return noPopulation(name, report.Populations)
	}
	p := report.Populations[at]
	if len(p.Items) == 0 {
		return withHint(fmt.Errorf("there is nothing to draw from: %s: %s", p.ID, p.Says), "an empty population is shown as such on its page")
	}
	lines, err := p.Lines(report.Sample)
	if err != nil {
		return err
	}
	size, why := d.sized(j, p)
	if !p.Whole {
		c.warn("%s is not whole: %s", p.ID, p.Says)
	}
	draw := control.NewDraw(p, lines, report.Commit, report.Run.Name, d.seed, size, d.stratify, why)
	return keepDraw(c, j.cfg.dir, draw, lines)
}

// sized is how many are drawn, and why.
func (d drawing) sized(j *job, p control.Population) (size int, why string) {
	size, why = d.size, fmt.Sprintf("%d, as asked for", d.size)
	if n := j.cfg.Sampling.Sizes[p.ID]; d.size == 0 && n > 0 {
		size, why = n, fmt.Sprintf("%d: exhibit.yaml, sampling.sizes", n)
	} else if d.size == 0 {
		size, why = j.lib.SizeOf(p.Definition, len(p.Items), j.cfg.Sampling.Risk)
	}
	if size >= len(p.Items) {
		why = fmt.Sprintf("all %d: the population is not larger than the size (%s)", len(p.Items), why)
	}
	return size, why
}

// keepDraw writes a sample's folder into the work tree, whole or not at all. One that
// is there must be the same.
func keepDraw(c *call, dir string, draw control.Draw, lines []byte) error {
	files, err := control.DrawFiles(draw, lines)
	if err != nil {
		return err
	}
	taken, err := control.Take(draw, lines)
	if err != nil {
		return err
	}
	folder := path.Join("samples", draw.ID)
	out := drawn{Draw: draw, Folder: folder, Taken: taken}
	to := filepath.Join(dir, filepath.FromSlash(folder))
	if was, err := os.ReadFile(filepath.Join(to, "items.jsonl")); err == nil {
		pop, err := os.ReadFile(filepath.Join(to, "population.jsonl"))
		if err != nil || !bytes.Equal(pop, lines) {
			return fmt.Errorf("%s is there and holds another list; put it back with git restore, or remove it", folder)
		}
		out.Same = true
		if !bytes.Equal(was, files["items.jsonl"]) {
			return withHint(fmt.Errorf("%s is there already, with items that were replaced; it is kept as it is", folder), "exhibit sample --replace %s goes on with it", draw.ID)
		}
	} else if err := writeFolder(to, files); err != nil {
		return err
	}
	return c.result(out, func(w io.Writer) { printDrawn(w, out) })
}

// writeFolder makes a folder with its files beside its place and moves it there.
func writeFolder(to string, files map[string][]byte) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	grows, err := os.MkdirTemp(filepath.Dir(to), ".new-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(grows) }() // nothing is left there when it was moved
	in := filepath.Join(grows, "sample")
	if err := os.Mkdir(in, 0o755); err != nil {
		return err
	}
	for _, name := range sortedKeys(files) {
		if err := os.WriteFile(filepath.Join(in, name), files[name], 0o644); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return os.Rename(in, to)
}

func printDrawn(w io.Writer, d drawn) {
	fmt.Fprintf(w, "%s: %d of %d, digest %s\n", d.ID, len(d.Taken), d.Items, d.Digest)
	if d.Why != "" {
		fmt.Fprintf(w, "size %s\n", d.Why)
	}
	for _, t := range d.Taken {
		where := strings.TrimSpace(t.Account + " " + t.Region)
		if t.Replaced != "" {
			where = strings.TrimSpace(where + " replaced: " + t.Replaced)
		}
		fmt.Fprintf(w, "  %-8s rank %-6d line %-6d %s %s\n", t.Stratum, t.Rank, t.Line, seal.Visible(t.ID), seal.Visible(where))
	}
	switch {
	case d.Same:
		fmt.Fprintf(w, "It was drawn before and is the same: %s\n", d.Folder)
	case d.Folder != "":
		fmt.Fprintf(w, "Kept in %s. Commit it: git add %s && git commit\n", d.Folder, d.Folder)
	}
}

// replaced gives the next item in rank for one that cannot be used.
func (d drawing) replaced(c *call) error {
	if strings.TrimSpace(d.why) == "" || d.line < 1 {
		return withHint(usageError("sample: --replace needs --line and --why"), "the sheet shows the line of each item; the reason stands on the sheet")
	}
	cfg, err := loadConfig(c.Dir)
	if err != nil {
		return err
	}
	samples, err := control.ReadSamples(os.DirFS(cfg.dir))
	if err != nil {
		return err
	}
	at := slices.IndexFunc(samples, func(s control.Sample) bool { return s.ID == d.replace })
	if at < 0 {
		return noSample(d.replace, samples)
	}
	s := samples[at]
	if s.Problem != "" {
		return errors.New(s.Problem)
	}
	item := slices.IndexFunc(s.Drawn, func(x control.Drawn) bool { return x.Line == d.line })
	if item < 0 || s.Drawn[item].Replaced != "" {
		return usageError("sample: line %d is none of the items of %s that are tested", d.line, s.ID)
	}
	draw := s.Draw
	draw.Replaced = append(slices.Clone(draw.Replaced), control.Replacement{ID: s.Drawn[item].ID, Line: d.line, Why: d.why})
	lines, err := os.ReadFile(filepath.Join(cfg.dir, filepath.FromSlash(s.Path), "population.jsonl"))
	if err != nil {
		return err
	}
	files, err := control.DrawFiles(draw, lines)
	if err != nil {
		return err
	}
	taken, err := control.Take(draw, lines)
	if err != nil {
		return err
	}
	if len(taken) == len(s.Drawn) {
		c.warn("no item is left in %s to stand for it", s.Population)
	}
	if err := writeFolder(filepath.Join(cfg.dir, filepath.FromSlash(s.Path)), files); err != nil {
		return err
	}
	out := drawn{Draw: draw, Folder: s.Path, Taken: taken}
	return c.result(out, func(w io.Writer) { printDrawn(w, out) })
}

// stranger draws from a file of a package, for whoever has no repository.
func (d drawing) stranger(c *call) error {
	if err := d.seeded(); err != nil {
		return err
	}
	if d.size == 0 {
		return usageError("sample: --from needs --size")
	}
	lines, err := os.ReadFile(absolute(c.Dir, d.from))
	if err != nil {
		return fmt.Errorf("reading the population: %w", plain(err))
	}
	name := strings.TrimSuffix(filepath.Base(d.from), ".jsonl")
	p := control.Population{ID: name, Items: make([]control.Located, bytes.Count(lines, []byte("\n")))}
	draw := control.NewDraw(p, lines, "", "", d.seed, d.size, d.stratify, fmt.Sprintf("%d, as asked for", d.size))
	taken, err := control.Take(draw, lines)
	if err != nil {
		return fmt.Errorf("%s: %w", d.from, err)
	}
	out := drawn{Draw: draw, Taken: taken}
	return c.result(out, func(w io.Writer) { printDrawn(w, out) })
}

// list names the populations.
func (d drawing) list(c *call) error {
	_, report, err := reported(c)
	if err != nil {
		return err
	}
	type row struct {
		Population string `json:"population"`
		Title      string `json:"title"`
		Items      int    `json:"items"`
		Flagged    int    `json:"flagged"`
		Whole      bool   `json:"whole"`
		Digest     string `json:"digest,omitempty"`
		Says       string `json:"says"`
	}
	var rows []row
	for _, p := range report.Populations {
		r := row{Population: p.ID, Title: p.Title, Items: len(p.Items), Whole: p.Whole, Says: p.Says}
		for _, m := range p.Members {
			if len(m.Risks()) > 0 {
				r.Flagged++
			}
		}
		if r.Items > 0 {
			lines, err := p.Lines(report.Sample)
			if err != nil {
				return err
			}
			r.Digest = control.Digest(lines)
		}
		rows = append(rows, r)
	}
	return c.result(rows, func(w io.Writer) {
		fmt.Fprintf(w, "%-28s %7s %8s  %-9s %s\n", "population", "items", "flagged", "whole", "digest")
		for _, r := range rows {
			fmt.Fprintf(w, "%-28s %7d %8d  %-9s %.16s\n", r.Population, r.Items, r.Flagged, map[bool]string{true: "whole", false: "not whole"}[r.Whole], r.Digest)
		}
	})
}

// reported judges the newest commit.
func reported(c *call) (*job, *control.Report, error) {
	cfg, err := loadConfig(c.Dir)
	if err != nil {
		return nil, nil, err
	}
	j := newJob(c, cfg)
	if j.lib, err = loadLibrary(c); err != nil {
		return nil, nil, err
	}
	repo, err := store.Open(cfg.dir)
	if err != nil {
		return nil, nil, err
	}
	defer repo.Close()
	report, _, err := j.assess(repo, "HEAD")
	return j, report, err
}

func noPopulation(name string, list []control.Population) error {
	var names []string
	for _, p := range list {
		names = append(names, p.ID)
	}
	err := usageError("there is no population %q", name)
	return withNear(err, name, names, "exhibit sample lists them")
}

func noSample(name string, list []control.Sample) error {
	var names []string
	for _, s := range list {
		names = append(names, s.ID)
	}
	err := usageError("there is no sample %q", name)
	if len(names) == 0 {
		return withHint(err, "none has been drawn: exhibit sample POPULATION --seed WORDS")
	}
	return withNear(err, name, names, "there are %s", strings.Join(names, ", "))
}
