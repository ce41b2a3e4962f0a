package control

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"exhibit/evidence"
)

// Lines is the population as data/populations/ID.jsonl holds it: one canonical
// object a line, in the order of Items. A line looks like this:
//
//	{"account":"","first_seen":"0001-…","flags":["no-offboarding"],"id":"jan","item":{"id":"jan","record":{…}},"path":"registers/people.yaml","region":"","source":"record/person"}
//
// It holds nothing of the run or commit it is written at, so that the same list
// has the same bytes at any later commit: a sample is drawn from these bytes.
// last_seen stands where the newest run did not see the item any more, flags
// where there are some, "sample":true in a sample organisation.
func (p Population) Lines(sample bool) ([]byte, error) {
	var b bytes.Buffer
	for i, it := range p.Items {
		m := map[string]any{"account": it.Account, "id": it.ID, "item": it.Item, "path": it.Pointer.Path, "region": it.Region, "source": it.Source}
		if i < len(p.Members) {
			x := p.Members[i]
			for k, v := range map[string]string{"first_seen": x.FirstSeen, "last_seen": x.LastSeen} {
				if v != "" {
					m[k] = v
				}
			}
			if f := x.Risks(); len(f) > 0 {
				m["flags"] = f
			}
		}
		if sample {
			m["sample"] = true
		}
		line, err := evidence.Canonical(m)
		if err != nil {
			return nil, fmt.Errorf("writing population %s, item %q: %w", p.ID, it.ID, err)
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}

// Risks are the flags of an item, those of which it is not known whether they hold
// among them: what is not known is no reason to think it harmless.
func (m Member) Risks() []string {
	out := append([]string(nil), m.Flags...)
	for _, f := range m.Unknown {
		out = append(out, f+" (not answered)")
	}
	return out
}

// Digest is the hex SHA-256 of a population's lines.
func Digest(lines []byte) string {
	sum := sha256.Sum256(lines)
	return hex.EncodeToString(sum[:])
}

// A PopulationLine is a line of Lines, read back.
type PopulationLine struct {
	Account   string        `json:"account"`
	FirstSeen string        `json:"first_seen,omitempty"` // "" when not said
	Flags     []string      `json:"flags,omitempty"`
	ID        string        `json:"id"`
	Item      evidence.Item `json:"item"`
	LastSeen  string        `json:"last_seen,omitempty"` // "" where the newest run of then saw it
	Path      string        `json:"path"`
	Region    string        `json:"region"`
	Sample    bool          `json:"sample,omitempty"`
	Source    string        `json:"source"`
}

// readLine reads one line of a population, without its newline.
func readLine(line []byte) (PopulationLine, error) {
	var l PopulationLine
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return l, err
	}
	if l.ID == "" || l.Source == "" {
		return l, errors.New("it has no id or no source")
	}
	return l, nil
}

// splitLines cuts a file of lines; the last must be ended like the others.
func splitLines(b []byte) ([][]byte, error) {
	if len(b) == 0 {
		return nil, nil
	}
	if b[len(b)-1] != '\n' {
		return nil, errors.New("the last line is not ended by a newline: the file was cut short")
	}
	return bytes.Split(b[:len(b)-1], []byte("\n")), nil
}
