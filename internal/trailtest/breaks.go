package trailtest

import "strings"

// breaks are the shapes of a chain that is not one.
func breaks() []Shape {
	remove := func(from, to int) func(t *Trail) {
		return tampered(func(t *Trail) {
			for n := from; n <= to; n++ {
				t.Remove(t.nth(n))
			}
		})
	}
	begins := want(func(w *Want) { w.Valid, w.Logs, w.Hours, w.Begins = 15, 15, 14, true })
	return []Shape{
		{Name: "digest deleted", Write: remove(5, 5), Want: one(missing, "not there")},
		{Name: "two digests deleted in a row", Write: remove(5, 6), Want: Want{Valid: 23, Missing: 1, Logs: 23, Untold: 1, Hours: 22, Found: "not there"}},
		{Name: "the day's first digest deleted", Write: remove(0, 0), Want: one(missing, "not there")},
		{Name: "the day's last digest deleted", Write: remove(24, 24), Want: one(missing, "not there"), CLI: &[4]int{24, 0, 24, 0}},
		{Name: "the end deleted", Write: remove(20, 27), Want: Want{Valid: 20, Gaps: 1, Logs: 20, Hours: 19}},
		{Name: "all deleted", Write: remove(-2, 27), Want: Want{Gaps: 1}},
		{Name: "all of the day deleted", Write: remove(0, 24), Want: Want{Missing: 1, Untold: 1, Found: "not there"}, Silent: true},
		{Name: "logging off", Write: func(t *Trail) { t.hours(-2, 9); t.Stop(); t.hours(13, 27) }, Want: Want{Valid: 22, Gaps: 1, Restarts: 1, Logs: 22, Hours: 21}},
		{Name: "trail made anew at once", Write: func(t *Trail) { t.hours(-2, 9); t.Stop(); t.hours(10, 27) }, Want: want(func(w *Want) { w.Restarts = 1 })},
		{Name: "trail made during the day", Write: func(t *Trail) { t.hours(10, 27) }, Want: begins},
		{Name: "trail made after the day", Write: func(t *Trail) { t.hours(26, 27) }, Want: Want{Begins: true}},
		{Name: "digest passed over", Write: func(t *Trail) {
			t.hours(-2, 4)
			before := t.last
			t.hours(5, 5)
			t.last = before
			t.hours(6, 27)
		}, Want: want(func(w *Want) { w.Unlinked, w.Found = 1, "names another" }), CLI: &[4]int{24, 0, 24, 0}},
		{Name: "bucket changed", Write: func(t *Trail) { b := t.Bucket; t.Bucket += "-old"; t.hours(-2, 9); t.Bucket = b; t.hours(10, 27) }, Want: whole()},
		{Name: "bucket changed and the old one emptied", Write: func(t *Trail) {
			b := t.Bucket
			t.Bucket += "-old"
			t.hours(-2, 9)
			t.Objects = nil
			t.Bucket = b
			t.hours(10, 27)
		}, Want: Want{Valid: 15, Missing: 1, Logs: 15, Untold: 1, Hours: 14, Found: "not there"}},
		{Name: "digest of the old bucket changed", Write: func(t *Trail) {
			b := t.Bucket
			t.Bucket += "-old"
			t.hours(-2, 9)
			t.Bucket = b
			t.hours(10, 27)
			t.Edit(t.nth(5), false, func(d map[string]any) { d["logFiles"] = []any{} })
		}, Want: one(invalid, "does not verify")},
		{Name: "prefix changed", Write: func(t *Trail) { p := t.Prefix; t.Prefix = "older"; t.hours(-2, 9); t.Prefix = p; t.hours(10, 27) }, Want: whole()},
		{Name: "trail made one of the organization", Write: func(t *Trail) {
			o := t.Organization
			t.Organization = ""
			t.hours(-2, 9)
			t.Organization = o
			t.hours(10, 27)
		}, Want: whole()},
		{Name: "key rotated", Write: func(t *Trail) { t.hours(-2, 9); t.Key = NewKey(); t.hours(10, 27) }, Want: whole()},
		{Name: "another trail in the folder", Write: func(t *Trail) {
			t.day()
			other := *t
			other.Name, other.Objects, other.last = t.Name+"_2", nil, end{}
			other.hours(3, 9)
			t.Objects = append(t.Objects, other.Objects...)
		}, Want: whole()},
		{Name: "backfill", Write: func(t *Trail) { t.day(); t.Backfill(ends(7), ends(12), 2); t.Backfill(ends(8), ends(13), 1) }, Want: want(func(w *Want) { w.Backfill, w.Logs = 2, 28 })},
		{Name: "backfill deleted", Write: func(t *Trail) {
			t.day()
			first := t.Backfill(ends(7), ends(12), 2)
			t.Backfill(ends(8), ends(13), 1)
			t.Remove(first)
		}, Want: want(func(w *Want) { w.Backfill, w.BadBackfill, w.Logs, w.Untold, w.Found = 1, 1, 26, 1, "not there" })},
		{Name: "backfill changed", Write: func(t *Trail) {
			t.day()
			t.Edit(t.Backfill(ends(7), ends(12), 2), false, func(d map[string]any) { d["logFiles"] = []any{} })
		}, Want: want(func(w *Want) { w.BadBackfill, w.Untold, w.Found = 1, 1, "does not verify" })},
		{Name: "backfill that does not say when", Write: func(t *Trail) {
			t.day()
			delete(t.Backfill(ends(7), ends(12), 2).Metadata, "backfill-generation-timestamp")
		}, Want: want(func(w *Want) { w.BadBackfill, w.Untold, w.Found = 1, 1, "when the backfill was made" })},
		{Name: "names that only look like digests", Write: func(t *Trail) {
			t.day()
			for _, key := range []string{t.nth(5).Key + ".bak", strings.Replace(t.nth(5).Key, "T051207Z", "T0512Z", 1)} {
				t.Objects = append(t.Objects, &Object{Bucket: t.Bucket, Key: key, Body: []byte("x"), Metadata: map[string]string{}})
			}
		}, Want: whole()},
	}
}
