package render

import (
	"strings"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/render/table"
)

// lostPages say which parts of the period no run tells of, where the provider
// deletes what it lists.
func (b *binder) lostPages() {
	losses := b.Losses()
	b.paged("lost.html", len(losses), table.PageRows, b.haveFiles("data/lost.jsonl"), func(from, to int) *table.Table { return b.LossTable(losses[from:to]) }, func(part int, g table.Grid) *table.Paper {
		p := &table.Paper{Kicker: "What was deleted before anybody asked", Title: "Lost", Crumbs: crumbs(), Wide: true,
			Lead: table.Line("AWS and the code host delete some of their answers after weeks. What came and went between two runs that lie further apart nobody can show any more: it was not observed, and what depends on it is not evaluated.")}
		if part > 0 {
			p.Blocks = []table.Block{g}
			return p
		}
		p.Blocks = append(p.Blocks, b.lostNotice(losses), table.H2("sources", "By source"), table.P("Next loss is the day on which more of the period goes, unless a run asks before: ", table.K("exhibit collect --expiring"), " asks these sources alone. ",
			"Only in earlier runs counts items that belong to the period and that are not listed any more; the page of the source shows them."), table.Grid{Table: b.RetentionTable(), Downloads: b.haveFiles("data/gone.jsonl")},
			table.H2("intervals", "Parts of the period not observed"), g, b.allOpen())
		return p
	})
}

func (b *binder) lostNotice(losses []table.Loss) table.Block {
	if len(b.Reaches) == 0 {
		return table.Notice{Kind: "note", Title: "Nothing of this kind was asked", Spans: table.Line("No run asked a source whose answers are deleted.")}
	}
	of := map[string]bool{}
	for _, l := range losses {
		of[l.Source] = true
	}
	if len(of) == 0 {
		return table.Notice{Kind: "note", Title: "The runs follow one another closely enough", Spans: table.Line("For each source and place every day of the period lies within what some run was told.")}
	}
	all := map[string]bool{}
	for _, r := range b.Reaches {
		all[r.Source] = true
	}
	return table.Notice{Kind: "alarm", Title: table.Plural(len(of), "source has", "sources have") + " parts of the period nobody can speak for",
		Spans: table.Line("Of ", table.Plural(len(all), "source", "sources"), " whose answers are deleted. Checks over the period are not evaluated for these parts, and populations say that they are not whole.")}
}

// goneBlocks are, on a source's page, the items only earlier runs saw.
func (b *binder) goneBlocks(source string) []table.Block {
	gone := b.Gone[source]
	var out []table.Block
	for _, r := range b.Reaches {
		if r.Source == source {
			out = append(out, table.P(r.Says, " ", table.A("What was lost", "lost.html"), " says for which parts of the period that was too short."))
			break
		}
	}
	if len(gone) == 0 {
		return out
	}
	items := make([]evidence.Item, len(gone))
	for i, s := range gone {
		items[i] = s.Item
	}
	t := limit(b.SeenBeforeTable(gone, table.FlatColumns(items, 4)), table.PageRows)
	return append(out, table.Grid{Table: t, Downloads: b.haveFiles("data/gone.jsonl")})
}

// lostData are the same facts for machines.
func (b *binder) lostData(put func(path string, n int, make func() ([]byte, error))) {
	losses := b.Losses()
	put("data/lost.jsonl", len(losses), func() ([]byte, error) {
		return lines(b, losses, func(l table.Loss) map[string]any {
			var places []string
			for _, k := range l.Places {
				places = append(places, strings.TrimSpace(k.Account+" "+k.Region))
			}
			m := map[string]any{"source": l.Source, "places": places, "from": l.From, "until": l.Until, "keeps_days": l.Days, "deleted": l.Deleted, "why": l.Lost.Says(l.Retention)}
			for k, v := range map[string]string{"run_before": l.After, "run_after": l.Before} {
				if v != "" {
					m[k] = v
				}
			}
			return m
		})
	})
	var gone []control.Sighting
	for _, source := range table.SortedKeys(b.Gone) {
		gone = append(gone, b.Gone[source]...)
	}
	put("data/gone.jsonl", len(gone), func() ([]byte, error) {
		return lines(b, gone, func(s control.Sighting) map[string]any {
			return map[string]any{"account": s.Account, "region": s.Region, "source": s.Source, "pointer": s.Pointer, "item": s.Item,
				"first_run": s.First, "first_seen": s.FirstSeen, "last_run": s.Last, "last_seen": s.LastSeen}
		})
	})
}
