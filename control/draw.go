package control

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"exhibit/evidence"
)

// SampleMethod names the way of drawing that docs/sampling.md defines. Another
// way would get another name: a sample says for ever how it was drawn.
const SampleMethod = "exhibit-rank-v1"

// A Draw is what decides a sample: the same draw of the same lines gives the same
// items, for anybody. As samples/ID/SAMPLE.json it looks like this:
//
//	{
//	  "format": "exhibit sample v1",
//	  "id": "leavers-4f1c09aa",
//	  "population": "leavers",
//	  "commit": "afe7…", "run": "0004-20261001T060000Z",
//	  "items": 4, "digest": "9b1d…",
//	  "seed": "the auditor's words", "size": 10, "stratified": true,
//	  "method": "exhibit-rank-v1",
//	  "why": "all 4: the population is smaller than the 10 asked for",
//	  "replaced": [{"id": "jan", "line": 3, "why": "never worked on the system"}]
//	}
type Draw struct {
	Format     string        `json:"format"`
	ID         string        `json:"id"`
	Population string        `json:"population"`
	Commit     string        `json:"commit"` // at which the population was frozen
	Run        string        `json:"run"`
	Items      int           `json:"items"`  // of the population
	Digest     string        `json:"digest"` // hex SHA-256 of its lines
	Seed       string        `json:"seed"`
	Size       int           `json:"size"`       // drawn at random, as asked for
	Stratified bool          `json:"stratified"` // everything flagged is taken, and Size more from the rest
	Method     string        `json:"method"`
	Why        string        `json:"why"` // this size, in words
	Replaced   []Replacement `json:"replaced,omitempty"`
}

// A Replacement is an item the auditor could not use: the next in rank stands for it.
type Replacement struct {
	ID   string `json:"id"`
	Line int    `json:"line"` // of the population, from 1
	Why  string `json:"why"`
}

const drawFormat = "exhibit sample v1"

// A Drawn is one item of a sample: one line of items.jsonl.
type Drawn struct {
	Rank     int    `json:"rank"` // of the whole population, from 1
	Hash     string `json:"hash"`
	Line     int    `json:"line"` // of the population, from 1
	ID       string `json:"id"`
	Account  string `json:"account,omitempty"`
	Region   string `json:"region,omitempty"`
	Stratum  string `json:"stratum"`            // flagged, or random
	Replaced string `json:"replaced,omitempty"` // why another stands for it; "" when it is tested

	text PopulationLine
}

// DrawID is the name of a sample: the population and eight digits of what decides it.
func DrawID(d Draw) string {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%s\n%s\n%s\n%d\n%t", d.Method, d.Seed, d.Digest, d.Size, d.Stratified)))
	return d.Population + "-" + hex.EncodeToString(sum[:4])
}

// Take draws: every line gets the SHA-256 of seed, digest and itself, with a newline
// between them; the smallest come first. docs/sampling.md says it for whoever has
// sha256sum and sort alone.
func Take(d Draw, lines []byte) ([]Drawn, error) {
	if d.Method != SampleMethod {
		return nil, fmt.Errorf("method %q is not known; this exhibit draws by %s", d.Method, SampleMethod)
	}
	if d.Seed == "" || strings.ContainsAny(d.Seed, "\n\r\x00") {
		return nil, fmt.Errorf("seed %q must be one line of words", d.Seed)
	}
	if d.Size < 1 {
		return nil, fmt.Errorf("size %d must be at least 1", d.Size)
	}
	if got := Digest(lines); got != d.Digest {
		return nil, fmt.Errorf("the population's digest is %s, and the sample was drawn from %s", got, d.Digest)
	}
	all, err := ranked(d, lines)
	if err != nil {
		return nil, err
	}
	out, rest := []Drawn(nil), 0
	replaced := map[int]string{}
	for _, r := range d.Replaced {
		if r.Line < 1 || r.Line > len(all) || replaced[r.Line] != "" || r.Why == "" {
			return nil, fmt.Errorf("replaced: line %d is none of the population's, stands twice, or has no reason", r.Line)
		}
		replaced[r.Line] = r.Why
	}
	need := d.Size + len(d.Replaced)
	for _, x := range all {
		x.Stratum = "random"
		if d.Stratified && len(x.text.Flags) > 0 {
			x.Stratum = "flagged"
		} else if rest == need {
			continue
		} else {
			rest++
		}
		x.Replaced = replaced[x.Line]
		delete(replaced, x.Line)
		out = append(out, x)
	}
	for line := range replaced {
		return nil, fmt.Errorf("replaced: line %d was not drawn", line)
	}
	slices.SortStableFunc(out, func(a, b Drawn) int { return cmp.Compare(a.Stratum, b.Stratum) }) // flagged, then random
	return out, nil
}

func ranked(d Draw, lines []byte) ([]Drawn, error) {
	split, err := splitLines(lines)
	if err != nil {
		return nil, err
	}
	head := []byte(d.Seed + "\n" + d.Digest + "\n")
	out := make([]Drawn, len(split))
	for i, line := range split {
		l, err := readLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		sum := sha256.Sum256(append(slices.Clip(head), line...))
		out[i] = Drawn{Hash: hex.EncodeToString(sum[:]), Line: i + 1, ID: l.ID, Account: l.Account, Region: l.Region, text: l}
	}
	slices.SortFunc(out, func(a, b Drawn) int { return cmp.Or(cmp.Compare(a.Hash, b.Hash), cmp.Compare(a.Line, b.Line)) })
	for i := range out {
		out[i].Rank = i + 1
	}
	return out, nil
}

// DrawFiles are the files of a sample's folder, by name.
func DrawFiles(d Draw, lines []byte) (map[string][]byte, error) {
	items, err := Take(d, lines)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return nil, err
	}
	drawn, err := evidence.WriteLines(items)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"SAMPLE.json": b.Bytes(), "population.jsonl": lines, "items.jsonl": drawn}, nil
}

// NewDraw fills in what follows from the population.
func NewDraw(p Population, lines []byte, commit, run, seed string, size int, stratified bool, why string) Draw {
	d := Draw{Format: drawFormat, Population: p.ID, Commit: commit, Run: run, Items: len(p.Items), Digest: Digest(lines), Seed: seed, Size: size, Stratified: stratified, Method: SampleMethod, Why: why}
	d.ID = DrawID(d)
	return d
}

// readDraw reads SAMPLE.json strictly.
func readDraw(b []byte) (Draw, error) {
	var d Draw
	r := json.NewDecoder(bytes.NewReader(b))
	r.DisallowUnknownFields()
	if err := r.Decode(&d); err != nil {
		return d, err
	}
	if r.More() {
		return d, errors.New("something follows the object")
	}
	if d.Format != drawFormat {
		return d, fmt.Errorf("format %q is not %q", d.Format, drawFormat)
	}
	if d.Population == "" || d.ID == "" {
		return d, errors.New("it names no population or no id")
	}
	return d, nil
}
