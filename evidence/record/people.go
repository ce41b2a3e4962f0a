package record

import "strings"

// people adds to the people register whom only the HR system lists, so that
// nobody drops out because one of the two lists is behind. Those who stand in
// both, by id or address, are the register's: the differences are for whoever
// compares the two.
func (r *reader) people() {
	schema, ok := r.kinds[personKind]
	if !ok {
		return
	}
	listed := map[string]bool{}
	for _, d := range r.drafts {
		if d.schema.Kind == personKind {
			for _, key := range []string{"id", "email"} {
				if v, ok := d.record[key].(string); ok {
					listed[strings.ToLower(v)] = true
				}
			}
		}
	}
	var more []*draft
	for _, d := range r.drafts {
		id, _ := d.record["id"].(string)
		email, _ := d.record["email"].(string)
		if d.schema.Kind != hrPersonKind || listed[strings.ToLower(id)] || email != "" && listed[strings.ToLower(email)] {
			continue
		}
		p := &draft{schema: schema, path: d.path, line: d.line, record: map[string]any{}, places: d.places, from: d}
		for theirs, ours := range map[string]string{"id": "id", "name": "name", "email": "email", "start": "start", "last_day": "last_day", "title": "title", "department": "team", "type": "employment"} {
			if v, ok := d.record[theirs]; ok {
				p.record[ours] = v
			}
		}
		more = append(more, p)
	}
	r.drafts = append(r.drafts, more...)
}

// whole takes out every row of a table of which one is wrong: half a list of
// people is none. What was made from the rows goes with them.
func (r *reader) whole() {
	broken := map[string]bool{} // by path
	for _, d := range r.drafts {
		if len(d.faults) == 0 {
			continue
		}
		if d.cells != nil {
			broken[d.path] = true
		}
		if d.schema.Kind == hrExportKind && !broken[strings.TrimSuffix(d.path, ".yaml")] {
			file := strings.TrimSuffix(d.path, ".yaml")
			for _, row := range r.drafts {
				if row.path == file && row.cells != nil {
					broken[file] = true
				}
			}
			if broken[file] {
				r.add(file, hrPersonKind, fault{message: "is not read while " + d.path + " has a mistake"})
			}
		}
	}
	for _, d := range r.drafts {
		d.dropped = broken[d.path] && (d.cells != nil || d.from != nil)
	}
}
