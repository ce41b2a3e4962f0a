package control

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
)

// A Sample is what an auditor drew, frozen in samples/ID with the population it was
// drawn from.
type Sample struct {
	Draw
	Title   string
	Path    string // of its folder
	Problem string // why it cannot be relied on: changed since it was drawn, or not readable; "" when nothing is wrong
	Drawn   []Drawn
	// Now is the digest of the population at the report's commit; "" where there is no
	// such population any more.
	Now string
	// Tested are the attributes of the population, in order; Results has them for each of Drawn.
	Tested  []Attribute
	Columns []PopulationColumn
	Results []SampleResult
}

// Matches says whether the population is still the one the sample was drawn from.
func (s Sample) Matches() bool { return s.Now == s.Digest }

// A SampleResult is a sampled item with what the evidence says of each attribute.
type SampleResult struct {
	Item     Located
	Member   Member
	Gone     bool      // no longer in the population: the item is shown as it was frozen
	Findings []Finding // by Sample.Tested; a verdict of "" where only a person can see it
}

// ReadSamples reads samples/: each folder is drawn anew and compared. What is wrong
// with one is said in its Problem.
func ReadSamples(fsys fs.FS) ([]Sample, error) {
	entries, err := fs.ReadDir(fsys, "samples")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading samples/: %w", err)
	}
	var out []Sample
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		s := readSample(fsys, path.Join("samples", e.Name()))
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Sample) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

func readSample(fsys fs.FS, dir string) Sample {
	s := Sample{Path: dir}
	s.ID = path.Base(dir)
	bad := func(name string, err error) Sample {
		s.Problem = path.Join(dir, name) + ": " + err.Error()
		return s
	}
	b, err := fs.ReadFile(fsys, path.Join(dir, "SAMPLE.json"))
	if err != nil {
		return bad("SAMPLE.json", errors.New("it is not there, or cannot be read; put the folder back with git restore"))
	}
	d, err := readDraw(b)
	if err != nil {
		return bad("SAMPLE.json", err)
	}
	s.Draw = d
	if d.ID != path.Base(dir) || d.ID != DrawID(d) {
		id := DrawID(d)
		s.ID = path.Base(dir)
		return bad("SAMPLE.json", fmt.Errorf("id %q is not that of its seed, digest and size, %q; something was changed by hand", d.ID, id))
	}
	lines, err := fs.ReadFile(fsys, path.Join(dir, "population.jsonl"))
	if err != nil {
		return bad("population.jsonl", errors.New("it is not there, or cannot be read; put the folder back with git restore"))
	}
	if s.Drawn, err = Take(d, lines); err != nil {
		return bad("population.jsonl", err)
	}
	want, err := DrawFiles(d, lines)
	if err != nil {
		return bad("SAMPLE.json", err)
	}
	if got, err := fs.ReadFile(fsys, path.Join(dir, "items.jsonl")); err != nil || !bytes.Equal(got, want["items.jsonl"]) {
		return bad("items.jsonl", errors.New("it is not what this seed draws from this population; put it back with git restore"))
	}
	return s
}

// samples says of each sample how its population stands now, and what the evidence
// says of each attribute of each item.
func (c *compiling) samples(list []Sample, populations []Population) []Sample {
	out := slices.Clone(list)
	for i := range out {
		s := &out[i]
		def, ok := c.lib.population(s.Population)
		if !ok {
			s.Problem = cmp.Or(s.Problem, fmt.Sprintf("%s: there is no population %q any more", s.Path, s.Population))
			continue
		}
		s.Title, s.Tested, s.Columns = def.Title, def.Tested, def.Columns
		at := slices.IndexFunc(populations, func(p Population) bool { return p.ID == s.Population })
		now := map[itemKey]int{}
		for n, it := range populations[at].Items {
			now[memberKey(it)] = n
		}
		for _, d := range s.Drawn {
			it := Located{Item: d.text.Item, Account: d.text.Account, Region: d.text.Region, Source: d.text.Source, Pointer: Pointer{Commit: s.Commit, Path: d.text.Path}}
			r := SampleResult{Item: it, Gone: true}
			if n, ok := now[memberKey(it)]; ok {
				r = SampleResult{Item: populations[at].Items[n], Member: populations[at].Members[n]}
			} else {
				r.Member = c.member(c.lib.lists[s.Population], it, nil)
			}
			r.Findings = c.attributes(s.Population, r.Item)
			s.Results = append(s.Results, r)
		}
	}
	return out
}

// attributes judges an item by all attributes of its population.
func (c *compiling) attributes(population string, it Located) []Finding {
	l := c.lib.lists[population]
	var out []Finding
	for i, a := range l.def.Tested {
		switch {
		case a.Check != "":
			f := c.ofCheck(a.Check, it)
			if f.Verdict == "" {
				f = about(it)
				f.Check, f.Verdict, f.Reason = a.Check, NotEvaluated, "the check has no finding on this item"
				if k, _ := c.lib.Check(a.Check); it.Source != k.Of && !slices.Contains(k.Also, it.Source) {
					f.Verdict, f.Reason = NotApplicable, "the check is about another kind of item: "+k.Of
				}
			}
			out = append(out, f)
		case l.tested[i] != nil:
			out = append(out, c.judge(l.tested[i], it))
		default:
			f := about(it)
			f.Reason = "the evidence cannot show it: the auditor inspects it"
			out = append(out, f)
		}
	}
	return out
}

// MarkSamples compares each sample's digest with its population's now. The lines
// of a sample organisation say so, which the report knows only once it is made.
func (r *Report) MarkSamples() error {
	for i := range r.Samples {
		s := &r.Samples[i]
		at := slices.IndexFunc(r.Populations, func(p Population) bool { return p.ID == s.Population })
		if at < 0 {
			continue
		}
		lines, err := r.Populations[at].Lines(r.Sample)
		if err != nil {
			return err
		}
		s.Now = Digest(lines)
	}
	return nil
}
