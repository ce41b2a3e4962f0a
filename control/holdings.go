package control

import (
	"cmp"
	"slices"
	"strings"

	"exhibit/evidence"
)

// holdings are the items of one run. What lies in files that runs share is located
// when it is asked for and not kept, so that twelve runs do not cost twelve times
// the items; of the newest run all is given.
type holdings struct {
	commit string
	given  map[string][]Located           // by source, sorted
	at     map[string]map[place][]Located // the same by place
	files  map[string]map[place][]file    // by source; disjoint from given
	order  map[string][]place             // of files, sorted
}

// A file is the items of one cell, one a line.
type file struct {
	path  string
	items []*evidence.Item
}

// hold sorts what a run left. gone are the places of a source that are left out.
// all locates the files at once.
func (h *holdings) hold(items map[string][]Located, cells []evidence.Cell, files map[string][]*evidence.Item, gone map[string]map[place]bool, all bool) {
	h.given, h.at = map[string][]Located{}, map[string]map[place][]Located{}
	h.files, h.order = map[string]map[place][]file{}, map[string][]place{}
	for _, c := range cells { // sorted by account, region
		at := place{c.Account, c.Region}
		_, given := items[c.Source]
		if len(files[c.Path]) == 0 || given || gone[c.Source][at] {
			continue
		}
		if h.files[c.Source] == nil {
			h.files[c.Source] = map[place][]file{}
		}
		if h.files[c.Source][at] == nil {
			h.order[c.Source] = append(h.order[c.Source], at)
		}
		h.files[c.Source][at] = append(h.files[c.Source][at], file{c.Path, files[c.Path]})
	}
	for source, list := range items {
		if out := gone[source]; len(out) > 0 {
			list = slices.DeleteFunc(slices.Clone(list), func(it Located) bool { return out[place{it.Account, it.Region}] })
		}
		h.give(source, list)
	}
	if !all {
		return
	}
	for source := range h.files {
		h.give(source, h.items(source))
	}
	h.files, h.order = nil, nil
}

// give takes items of a source as they are. What people wrote keeps the order it
// was written in.
func (h *holdings) give(source string, list []Located) {
	sorted := func(a, b Located) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.ID, b.ID))
	}
	if !strings.HasPrefix(source, "record/") && !slices.IsSortedFunc(list, sorted) {
		list = slices.Clone(list)
		slices.SortStableFunc(list, sorted)
	}
	byPlace := map[place][]Located{}
	for i := 0; i < len(list); {
		at, n := place{list[i].Account, list[i].Region}, i+1
		for n < len(list) && (place{list[n].Account, list[n].Region}) == at {
			n++
		}
		if byPlace[at] == nil {
			byPlace[at] = list[i:n:n]
		} else {
			byPlace[at] = append(byPlace[at], list[i:n]...)
		}
		i = n
	}
	h.given[source], h.at[source] = list, byPlace
}

// items are the items of a source, sorted by account, region and id; what people
// wrote as they wrote it.
func (h *holdings) items(source string) []Located {
	if list, given := h.given[source]; given {
		return list
	}
	var out []Located
	for _, at := range h.order[source] {
		out = append(out, h.inPlace(source, at)...)
	}
	return out
}

// in returns the items a cell holds.
func (h *holdings) in(c evidence.Cell) []Located {
	if alwaysRead(c.Source) {
		return h.items(c.Source)
	}
	return h.inPlace(c.Source, place{c.Account, c.Region})
}

func (h *holdings) inPlace(source string, at place) []Located {
	if list, given := h.at[source]; given {
		return list[at]
	}
	files := h.files[source][at]
	n := 0
	for _, f := range files {
		n += len(f.items)
	}
	out := make([]Located, 0, n)
	for _, f := range files {
		for i, it := range f.items {
			out = append(out, Located{Item: *it, Account: at.account, Region: at.region, Source: source, Pointer: Pointer{Commit: h.commit, Path: f.path, Line: i + 1}, Shared: it})
		}
	}
	byID := func(a, b Located) int { return cmp.Compare(a.ID, b.ID) }
	if !slices.IsSortedFunc(out, byID) {
		slices.SortStableFunc(out, byID)
	}
	return out
}

// holds counts the items of a source.
func (h *holdings) holds(source string) int {
	n := len(h.given[source])
	for _, files := range h.files[source] {
		for _, f := range files {
			n += len(f.items)
		}
	}
	return n
}
