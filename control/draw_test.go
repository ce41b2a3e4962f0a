package control

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"exhibit/evidence"
)

// fifty is a population with awkward names, of which every seventh is flagged.
func fifty(t testing.TB) (Population, []byte) {
	t.Helper()
	p := Population{ID: "things"}
	for i := range 50 {
		id := fmt.Sprintf("thing-%02d", i)
		switch i {
		case 3:
			id = `back\slash and "quotes" and $(id) %s`
		case 4:
			id = "  spaces around  "
		case 5:
			id = "tab\tnewline\nλ\u2028"
		}
		m := Member{FirstSeen: map[bool]string{true: "0001-x"}[i%2 == 0]}
		if i%7 == 0 {
			m.Flags = []string{"risky"}
		}
		if i == 8 {
			m.Unknown = []string{"risky"} // what is not known is no reason to leave it to chance
		}
		p.Items = append(p.Items, Located{Item: evidence.Item{ID: id, Answers: map[string]any{"Get": map[string]any{"flags": []any{"not ours"}}}}, Account: map[bool]string{true: "111122223333"}[i%3 == 0], Source: "iam/user"})
		p.Members = append(p.Members, m)
	}
	lines, err := p.Lines(false)
	if err != nil {
		t.Fatal(err)
	}
	return p, lines
}

// What docs/sampling.md promises: a stranger with sha256sum and sort draws the same.
func TestDrawWithStockTools(t *testing.T) {
	for _, tool := range []string{"sh", "sha256sum", "paste", "sort"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	doc, err := os.ReadFile("../docs/sampling.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), "```sh\n"+DrawScript+"```") {
		t.Error("docs/sampling.md does not hold the script as it is")
	}
	dir := t.TempDir()
	p, lines := fifty(t)
	for name, b := range map[string][]byte{"draw.sh": []byte(DrawScript), "population.jsonl": lines} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	split, _ := splitLines(lines)
	for _, tt := range []struct {
		seed       string
		size       int
		stratified bool
	}{{"blue kettle, tuesday", 10, false}, {`it's "odd" \n %d $HOME`, 10, true}, {"ü", 50, false}, {"all", 80, true}, {"one", 1, false}} {
		d := NewDraw(p, lines, "c", "r", tt.seed, tt.size, tt.stratified, "")
		taken, err := Take(d, lines)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, x := range taken {
			want = append(want, x.Stratum+"\t"+x.Hash+"\t"+string(split[x.Line-1]))
		}
		args := []string{"draw.sh", "population.jsonl", tt.seed, fmt.Sprint(tt.size)}
		if tt.stratified {
			args = append(args, "stratified")
		}
		cmd := exec.Command("sh", args...)
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"); !slices.Equal(got, want) {
			t.Errorf("seed %q: the script draws\n%s\nand Take\n%s", tt.seed, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestTake(t *testing.T) {
	p, lines := fifty(t)
	draw := func(change func(*Draw)) ([]Drawn, error) {
		d := NewDraw(p, lines, "c", "r", "seed", 10, false, "")
		change(&d)
		return Take(d, lines)
	}
	plain, err := draw(func(*Draw) {})
	if err != nil || len(plain) != 10 {
		t.Fatalf("%d %v", len(plain), err)
	}
	strata, err := draw(func(d *Draw) { d.Stratified = true })
	if err != nil {
		t.Fatal(err)
	}
	flagged := 0
	for _, x := range strata {
		if x.Stratum == "flagged" {
			flagged++
		} else if x.ID == "thing-08" || len(x.text.Flags) > 0 {
			t.Errorf("%s is flagged and was drawn at random", x.ID)
		}
	}
	if flagged != 9 || len(strata) != 19 {
		t.Errorf("%d flagged of %d, want 9 of 19", flagged, len(strata))
	}
	// The next in rank stands for what cannot be used, which stays.
	more, err := draw(func(d *Draw) { d.Replaced = []Replacement{{Line: plain[2].Line, Why: "not in use"}} })
	if err != nil || len(more) != 11 || more[2].Replaced != "not in use" || more[10].Rank != 11 || !slices.EqualFunc(more[:2], plain[:2], func(a, b Drawn) bool { return a.Hash == b.Hash }) {
		t.Errorf("replaced: %+v %v", more, err)
	}
	everything, err := draw(func(d *Draw) { d.Size = 1000 })
	if err != nil || len(everything) != 50 {
		t.Errorf("more than there are: %d %v", len(everything), err)
	}
	for name, change := range map[string]func(*Draw){
		"no seed": func(d *Draw) { d.Seed = "" }, "two lines": func(d *Draw) { d.Seed = "a\nb" }, "no size": func(d *Draw) { d.Size = 0 },
		"another list": func(d *Draw) { d.Digest = Digest([]byte("x")) }, "another method": func(d *Draw) { d.Method = "dice" },
		"replaced, never drawn": func(d *Draw) { d.Replaced = []Replacement{{Line: everything[49].Line, Why: "x"}} },
		"replaced twice":        func(d *Draw) { r := Replacement{Line: plain[0].Line, Why: "x"}; d.Replaced = []Replacement{r, r} },
		"replaced, no reason":   func(d *Draw) { d.Replaced = []Replacement{{Line: plain[0].Line}} },
	} {
		if _, err := draw(change); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// A sample that was changed by hand after it was drawn says so, whatever was changed.
func TestSampleTampered(t *testing.T) {
	p, lines := fifty(t)
	d := NewDraw(p, lines, "c", "r", "seed", 5, false, "5, as asked for")
	files, err := DrawFiles(d, lines)
	if err != nil {
		t.Fatal(err)
	}
	dir := "samples/" + d.ID + "/"
	whole := func() fstest.MapFS {
		m := fstest.MapFS{}
		for name, b := range files {
			m[dir+name] = &fstest.MapFile{Data: bytes.Clone(b)}
		}
		return m
	}
	read := func(m fstest.MapFS) Sample {
		list, err := ReadSamples(m)
		if err != nil || len(list) != 1 {
			t.Fatalf("%v %v", list, err)
		}
		return list[0]
	}
	if s := read(whole()); s.Problem != "" || len(s.Drawn) != 5 {
		t.Fatalf("%+v", s)
	}
	edit := func(name, old, new string) func(fstest.MapFS) {
		return func(m fstest.MapFS) {
			b := m[dir+name].Data
			if !bytes.Contains(b, []byte(old)) {
				t.Fatalf("%s does not hold %q", name, old)
			}
			m[dir+name].Data = bytes.Replace(b, []byte(old), []byte(new), 1)
		}
	}
	for name, change := range map[string]func(fstest.MapFS){
		"another seed":     edit("SAMPLE.json", `"seed": "seed"`, `"seed": "seeds"`),
		"another size":     edit("SAMPLE.json", `"size": 5`, `"size": 6`),
		"an unknown field": edit("SAMPLE.json", `"size": 5`, `"size": 5, "sise": 5`),
		"an item changed":  edit("population.jsonl", "thing-20", "thing-2O"),
		"an item left out": func(m fstest.MapFS) {
			m[dir+"population.jsonl"].Data = m[dir+"population.jsonl"].Data[bytes.IndexByte(lines, '\n')+1:]
		},
		"cut short": func(m fstest.MapFS) {
			b := m[dir+"population.jsonl"].Data
			m[dir+"population.jsonl"].Data = b[:len(b)-1]
		},
		"drawn otherwise": edit("items.jsonl", `"rank":1`, `"rank":2`),
		"no items":        func(m fstest.MapFS) { delete(m, dir+"items.jsonl") },
		"no list":         func(m fstest.MapFS) { delete(m, dir+"population.jsonl") },
		"no head":         func(m fstest.MapFS) { delete(m, dir+"SAMPLE.json") },
	} {
		m := whole()
		change(m)
		if s := read(m); s.Problem == "" || !strings.HasPrefix(s.Problem, dir) {
			t.Errorf("%s: %q", name, s.Problem)
		}
	}
}

// What is read never panics, and what can be drawn from can be drawn from again.
func FuzzSample(f *testing.F) {
	p, lines := fifty(f)
	d := NewDraw(p, lines, "c", "r", "seed", 5, true, "w")
	files, err := DrawFiles(d, lines)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(files["SAMPLE.json"], lines)
	f.Add([]byte("{}"), []byte("{}\n"))
	f.Fuzz(func(t *testing.T, head, lines []byte) {
		d, err := readDraw(head)
		if err != nil {
			return
		}
		taken, err := Take(d, lines)
		if err != nil {
			return
		}
		again, err := Take(d, lines)
		if err != nil || len(again) != len(taken) {
			t.Errorf("drawn again: %v", err)
		}
	})
}
