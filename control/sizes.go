package control

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// A SizeRow says how many items auditors commonly take of a population that comes
// round so often. In sampling/sizes.yaml:
//
//   - frequency: per event
//     at_least: 250
//     low: 25
//     moderate: 40
//     high: 60
//     source: where the numbers come from
type SizeRow struct {
	Frequency string `yaml:"frequency"`
	AtLeast   int    `yaml:"at_least"` // the row speaks for populations of at least so many
	Low       int    `yaml:"low"`      // by the risk that the control does not work
	Moderate  int    `yaml:"moderate"`
	High      int    `yaml:"high"`
	Source    string `yaml:"source"`
	Note      string `yaml:"note"`
}

// Risks are the columns of the table of sizes.
func Risks() []string { return []string{"low", "moderate", "high"} }

func (l *Library) loadSizes(lib fs.FS) error {
	const name = "sampling/sizes.yaml"
	text, err := fs.ReadFile(lib, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a library without populations needs none
	}
	if err != nil {
		return fmt.Errorf("reading the sizes: %w", err)
	}
	list, err := entries(name, text)
	errs := []error{err}
	for _, e := range list {
		var r SizeRow
		if err := e.decode(&r); err != nil {
			errs = append(errs, err)
			continue
		}
		if r.Frequency == "" || r.Source == "" || r.Low < 1 || r.Moderate < r.Low || r.High < r.Moderate || r.AtLeast < 0 {
			errs = append(errs, fmt.Errorf("%s: a row needs frequency, source, and sizes with low <= moderate <= high", e.at(e.node)))
			continue
		}
		l.Sizes = append(l.Sizes, r)
	}
	slices.SortStableFunc(l.Sizes, func(a, b SizeRow) int { return a.AtLeast - b.AtLeast })
	return errors.Join(errs...)
}

func (l *Library) frequencies() []string {
	var out []string
	for _, r := range l.Sizes {
		if !slices.Contains(out, r.Frequency) {
			out = append(out, r.Frequency)
		}
	}
	return out
}

// SizeOf is how many the table takes of a population of n items, and why in words.
func (l *Library) SizeOf(d PopulationDef, n int, risk string) (size int, why string) {
	for _, r := range l.Sizes {
		if r.Frequency != d.Frequency || n < r.AtLeast {
			continue
		}
		size = map[string]int{"low": r.Low, "moderate": r.Moderate, "high": r.High}[risk]
		row := r.Frequency
		if r.AtLeast > 0 {
			row += fmt.Sprintf(", %d and more", r.AtLeast)
		}
		why = fmt.Sprintf("%d: the table's row for %q at %s risk (%s); no standard prescribes it", size, row, risk, strings.TrimSuffix(r.Source, "."))
	}
	return size, why
}
