package trailtest

import (
	"bytes"
	"net/http"
	"strings"
	"time"
)

// A Shape is one way a chain may be: as CloudTrail leaves it, or tampered with.
type Shape struct {
	Name  string
	Write func(t *Trail)
	// Unknown is a key CloudTrail will not give; nil for none.
	Unknown func(t *Trail) *Key
	Refuse  func(r *http.Request) (status int, code string)
	Want    Want
	// CLI is what `aws cloudtrail validate-logs` counts where that differs from Want on
	// purpose: digests valid and invalid, logs valid and invalid. nil when it agrees;
	// Silent when it gives up, as it does at a refusal.
	CLI    *[4]int
	Silent bool
}

// Want is what must be found between From and To.
type Want struct {
	Valid, Invalid, Missing, NotEvaluated      int
	Gaps, Unlinked, Restarts                   int
	Backfill, BadBackfill                      int
	Logs, BadLogs, MissingLogs, NoLogs, Untold int
	Hours                                      int    // covered, the parts of hours at both ends counted together
	Found                                      string // words one of the problems must hold
	Begins                                     bool
	Unlisted                                   string // code of a refused listing
}

// The day every shape is of. Digests end twelve minutes past the hour, as they do
// wherever a trail was made then: 25 of them reach into the day.
var (
	From = time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	To   = From.AddDate(0, 0, 1)
)

// ends is the end of the day's nth digest; the first is 0, the last 24.
func ends(n int) time.Time {
	return From.Add(time.Duration(n)*time.Hour + 12*time.Minute + 7*time.Second)
}

// hours writes the digests from the ath to the bth, one log file each.
func (t *Trail) hours(a, b int) {
	for n := a; n <= b; n++ {
		t.Hour(ends(n), 1)
	}
}

// day writes the whole day with what lies around it.
func (t *Trail) day() { t.hours(-2, 27) }

// nth is the day's nth digest.
func (t *Trail) nth(n int) *Object {
	for _, o := range t.Objects {
		if strings.HasSuffix(o.Key, ends(n).Format("20060102T150405Z")+".json.gz") {
			return o
		}
	}
	panic("no such digest")
}

// logOf is the log file the nth digest names.
func (t *Trail) logOf(n int) *Object {
	for i, o := range t.Objects {
		if o == t.nth(n) {
			return t.Objects[i-1]
		}
	}
	panic("no such log file")
}

func tampered(change func(t *Trail)) func(t *Trail) {
	return func(t *Trail) { t.day(); change(t) }
}

func whole() Want { return Want{Valid: 25, Logs: 25, Hours: 24} }

func want(change func(w *Want)) Want {
	w := whole()
	change(&w)
	return w
}

// one is what is wanted when one digest is not valid.
func one(outcome func(w *Want), found string) Want {
	return want(func(w *Want) {
		w.Valid, w.Logs, w.Untold, w.Hours, w.Found = 24, 24, 1, 23, found
		outcome(w)
	})
}

func invalid(w *Want)      { w.Invalid++ }
func missing(w *Want)      { w.Missing++ }
func notEvaluated(w *Want) { w.NotEvaluated++ }

// badLog is what is wanted when one log file is not valid.
func badLog(outcome func(w *Want), found string) Want {
	return want(func(w *Want) { w.Logs, w.Found = 24, found; outcome(w) })
}

func changedLog(w *Want) { w.BadLogs++ }
func lostLog(w *Want)    { w.MissingLogs++ }
func noLog(w *Want)      { w.NoLogs++ }

func refuse(key string, status int, code string) func(r *http.Request) (int, string) {
	return func(r *http.Request) (int, string) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, key) {
			return status, code
		}
		return 0, ""
	}
}

// Shapes are all there are.
func Shapes() []Shape {
	five := ends(5).Format("20060102T150405Z") + ".json.gz"
	return append([]Shape{
		{Name: "whole", Write: (*Trail).day, Want: whole()},
		{Name: "log changed", Write: tampered(func(t *Trail) { t.logOf(5).Body = Zip([]byte(`{"Records":[]}`)) }), Want: badLog(changedLog, "hash differs")},
		{Name: "log deleted", Write: tampered(func(t *Trail) { t.Remove(t.logOf(5)) }), Want: badLog(lostLog, "not there")},
		{Name: "log cut short", Write: tampered(func(t *Trail) { o := t.logOf(5); o.Body = o.Body[:len(o.Body)-9] }), Want: badLog(changedLog, "gzip"), CLI: &[4]int{25, 0, 25, 0}},
		{Name: "log not gzip", Write: tampered(func(t *Trail) { t.logOf(5).Body = []byte("{}") }), Want: badLog(changedLog, "not gzip")},
		{Name: "log emptied", Write: tampered(func(t *Trail) { t.logOf(5).Body = nil }), Want: badLog(changedLog, "not gzip")},
		{Name: "something appended to a log", Write: tampered(func(t *Trail) { o := t.logOf(5); o.Body = append(bytes.Clone(o.Body), "more"...) }), Want: badLog(changedLog, "gzip"), CLI: &[4]int{25, 0, 25, 0}},
		{Name: "a second part appended to a log", Write: tampered(func(t *Trail) { o := t.logOf(5); o.Body = append(bytes.Clone(o.Body), Zip([]byte("more"))...) }), Want: badLog(changedLog, "hash differs"), CLI: &[4]int{25, 0, 25, 0}},
		{Name: "log refused", Write: (*Trail).day, Refuse: refuse("T0412Z_000000.json.gz", 403, "AccessDenied"), Want: badLog(noLog, "AccessDenied"), Silent: true},
		{Name: "log named as none", Write: func(t *Trail) {
			t.hours(-2, 4)
			t.Change = func(d map[string]any) { d["logFiles"].([]any)[0].(map[string]any)["s3Object"] = "payroll.json.gz" }
			t.hours(5, 27)
		}, Want: badLog(noLog, "not named as a log file"), CLI: &[4]int{25, 0, 24, 1}},
		{Name: "log hashed otherwise", Write: func(t *Trail) {
			t.hours(-2, 4)
			t.Change = func(d map[string]any) { d["logFiles"].([]any)[0].(map[string]any)["hashAlgorithm"] = "SHA3-256" }
			t.hours(5, 27)
		}, Want: badLog(noLog, "of a kind"), CLI: &[4]int{25, 0, 25, 0}},

		{Name: "digest changed", Write: tampered(func(t *Trail) { t.Edit(t.nth(5), false, func(d map[string]any) { d["logFiles"] = []any{} }) }), Want: one(invalid, "does not verify")},
		{Name: "digest signed anew", Write: tampered(func(t *Trail) { t.Edit(t.nth(5), true, func(d map[string]any) { d["logFiles"] = []any{} }) }), Want: one(invalid, "hash differs from the one the digest after it recorded"), CLI: &[4]int{25, 0, 24, 0}},
		{Name: "signature not the one recorded", Write: func(t *Trail) {
			t.hours(-2, 5)
			t.Change = func(d map[string]any) { d["previousDigestSignature"] = "00" }
			t.hours(6, 27)
		}, Want: one(invalid, "signature differs from the one"), CLI: &[4]int{25, 0, 25, 0}},
		{Name: "digest cut short", Write: tampered(func(t *Trail) { o := t.nth(5); o.Body = o.Body[:len(o.Body)-9] }), Want: one(invalid, "gzip")},
		{Name: "digest not gzip", Write: tampered(func(t *Trail) { t.nth(5).Body = []byte("x") }), Want: one(invalid, "not gzip")},
		{Name: "digest not JSON", Write: tampered(func(t *Trail) { t.nth(5).Body = Zip([]byte("x")) }), Want: one(invalid, "JSON")},
		{Name: "digest without a field", Write: tampered(func(t *Trail) { t.Edit(t.nth(5), false, func(d map[string]any) { delete(d, "digestEndTime") }) }), Want: one(invalid, "digestEndTime")},
		{Name: "digest without a signature", Write: tampered(func(t *Trail) { t.nth(5).Metadata = map[string]string{} }), Want: one(invalid, "no signature")},
		{Name: "signature not hexadecimal", Write: tampered(func(t *Trail) { t.nth(5).Metadata["signature"] = "zz" }), Want: one(invalid, "not hexadecimal")},
		{Name: "signed otherwise", Write: tampered(func(t *Trail) { t.nth(5).Metadata["signature-algorithm"] = "Ed25519" }), Want: one(notEvaluated, "of a kind"), CLI: &[4]int{25, 0, 25, 0}},
		{Name: "digest overwritten by an older one", Write: tampered(func(t *Trail) { o := t.nth(4); n := t.nth(5); n.Body, n.Metadata = o.Body, o.Metadata }), Want: one(invalid, "was moved")},
		{Name: "digest renamed", Write: tampered(func(t *Trail) { o := t.nth(5); o.Key = strings.Replace(o.Key, "T051207Z", "T051208Z", 1) }), Want: one(func(w *Want) { w.Invalid++; w.Missing++; w.Untold++ }, "was moved"), CLI: &[4]int{24, 1, 24, 0}},
		{Name: "digest refused", Write: (*Trail).day, Refuse: refuse(five, 403, "AccessDenied"), Want: one(notEvaluated, "AccessDenied"), Silent: true},
		{Name: "digest throttled", Write: (*Trail).day, Refuse: refuse(five, 503, "SlowDown"), Want: one(notEvaluated, "SlowDown"), Silent: true},
		{Name: "digest of a key nobody gives", Write: func(t *Trail) {
			k := t.Key
			t.hours(-2, 4)
			t.Key = NewKey()
			t.hours(5, 5)
			t.Key = k
			t.hours(6, 27)
		},
			Want: one(notEvaluated, "no public key"), CLI: &[4]int{24, 1, 24, 0}},
		{Name: "listing refused", Write: (*Trail).day, Refuse: func(r *http.Request) (int, string) {
			if r.URL.Query().Get("list-type") == "2" || r.URL.Query().Has("marker") {
				return 403, "AccessDenied"
			}
			return 0, ""
		}, Want: Want{Unlisted: "AccessDenied"}, Silent: true},
	}, breaks()...)
}
