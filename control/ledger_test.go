package control

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"exhibit/evidence"
)

// look is a run of the ledger's tests: key k rotates ("on"), does not ("off"), is
// not there (""), or its listing is refused ("refused"); GuardDuty is the same.
func look(t *testing.T, day, key, detector string) Evidence {
	t.Helper()
	ev := Evidence{Run: day, Commit: "c-" + day, At: onDay(day)}
	state := func(s string) evidence.State {
		if s == "refused" {
			return evidence.DeniedSCP
		}
		return evidence.Collected
	}
	ev.cell("1", "eu", "kms/key", state(key))
	ev.cell("1", "eu", "guardduty/detector", state(detector))
	if key == "on" || key == "off" {
		ev.found(t, "1", "eu", "kms/key", "k", fmt.Sprintf(`{"DescribeKey":{"Manager":"CUSTOMER"},"GetKeyRotationStatus":{"On":%t}}`, key == "on"))
	}
	if detector == "on" || detector == "off" {
		ev.found(t, "1", "eu", "guardduty/detector", "d", `{"GetDetector":{"Status":"`+map[string]string{"on": "ENABLED", "off": "DISABLED"}[detector]+`"}}`)
	}
	return ev
}

// spells is an item line in one line of text.
func (l *Ledger) spells(it ItemLine) string {
	var out []string
	for _, s := range it.Spells {
		out = append(out, fmt.Sprintf("%s %d-%d %v>%v", s.Status, s.First+1, s.Last+1, s.Opening, s.Closing))
	}
	return strings.Join(out, "; ")
}

func TestLedgerItems(t *testing.T) {
	lib := smallLibrary(t)
	tests := []struct {
		name   string
		keys   []string // at each run
		spells string   // of k; "" when it stayed the same, or never was
	}{
		{"always on", []string{"on", "on", "on"}, ""},
		{"never there", []string{"", "", ""}, ""},
		{"came", []string{"", "on", "on"}, "Not there 1-1 <nil>><nil>; Met 2-3 true>true"},
		{"went", []string{"on", "on", ""}, "Met 1-2 true>true; Not there 3-3 <nil>><nil>"},
		{"within the period alone", []string{"", "off", ""}, "Not there 1-1 <nil>><nil>; Exception 2-2 false>false; Not there 3-3 <nil>><nil>"},
		{"off and on again", []string{"on", "off", "on"}, "Met 1-1 true>true; Exception 2-2 false>false; Met 3-3 true>true"},
		{"not told in the middle", []string{"on", "refused", "on"}, "Met 1-1 true>true; Not observed 2-2 <nil>><nil>; Met 3-3 true>true"},
		{"not told before it came", []string{"refused", "", "on"}, "Not observed 1-1 <nil>><nil>; Not there 2-2 <nil>><nil>; Met 3-3 true>true"},
	}
	days := []string{"2026-02-01", "2026-05-01", "2026-12-20"}
	for _, tt := range tests {
		var runs []Evidence
		for i, s := range tt.keys {
			runs = append(runs, look(t, days[i], s, "on"))
		}
		r := judged(t, lib, runs[2], runs[:2]...)
		n := r.Ledger.Check("key-rotates")
		got := ""
		if len(n.Items) > 0 {
			got = r.Ledger.spells(n.Items[0])
		}
		if got != tt.spells || len(n.Sights) != 3 {
			t.Errorf("%s: got %q, want %q; %d sights", tt.name, got, tt.spells, len(n.Sights))
		}
	}
}

// A change skips the looks that could not see, and names the look, the commit and
// the value on both sides.
func TestLedgerChanges(t *testing.T) {
	r := judged(t, smallLibrary(t), look(t, "2026-12-20", "off", "on"), look(t, "2026-02-01", "on", "on"), look(t, "2026-05-01", "refused", "on"))
	changes := r.Ledger.Changes()
	if len(changes) != 1 {
		t.Fatalf("%+v", changes)
	}
	c := changes[0]
	if c.Check != "key-rotates" || c.Item.Item != "k" || c.Before.Last != 0 || c.After.First != 2 || c.Before.Closing != true || c.After.Opening != false ||
		c.Before.To.Commit != "c-2026-02-01" || c.After.From.Commit != "c-2026-12-20" {
		t.Errorf("%+v", c)
	}
}

func TestLedgerIntervals(t *testing.T) {
	lib := smallLibrary(t)
	tests := []struct {
		name string
		runs [][2]string // day, key
		want string      // of the check
		rest int
	}{
		{"often enough", [][2]string{{"2026-01-05", "on"}, {"2026-01-12", "on"}}, "before the first look 4; between two looks 7", 354},
		{"a week and more", [][2]string{{"2026-01-05", "on"}, {"2026-01-13", "on"}}, "before the first look 4; between two looks 8 long", 353},
		{"a run that was refused does not bound", [][2]string{{"2026-01-01", "on"}, {"2026-01-05", "refused"}, {"2026-01-10", "on"}}, "between two looks 9 long silent 1", 356},
		{"refused since", [][2]string{{"2026-01-01", "on"}, {"2026-01-05", "refused"}, {"2026-01-10", "refused"}}, "since it was last answered 9 long silent 2", 356},
		{"refused throughout", [][2]string{{"2026-01-05", "refused"}, {"2026-02-01", "refused"}}, "the whole period 31 long silent 2", 334},
		{"a run after the period", [][2]string{{"2026-12-28", "on"}, {"2027-01-20", "on"}}, "before the first look 361 long; between two looks 4", 0},
		{"a run of the year before does not count", [][2]string{{"2025-12-31", "on"}, {"2026-01-11", "on"}}, "before the first look 10 long", 355},
	}
	for _, tt := range tests {
		var runs []Evidence
		for _, x := range tt.runs {
			runs = append(runs, look(t, x[0], x[1], "on"))
		}
		r := judged(t, lib, runs[len(runs)-1], runs[:len(runs)-1]...)
		var got []string
		for _, v := range r.Ledger.Check("key-rotates").Intervals {
			s := fmt.Sprintf("%s %d", v.Kind, v.Days)
			if v.Long {
				s += " long"
			}
			if len(v.Silent) > 0 {
				s += fmt.Sprintf(" silent %d", len(v.Silent))
			}
			got = append(got, s)
		}
		if s := strings.Join(got, "; "); s != tt.want || r.Ledger.Rest.Days != tt.rest {
			t.Errorf("%s:\n got %s, rest %d\nwant %s, rest %d", tt.name, s, r.Ledger.Rest.Days, tt.want, tt.rest)
		}
	}
}

// A run limited to other sources does not look, though the answer of an earlier
// run is still there.
func TestLimitedRunDoesNotLook(t *testing.T) {
	first, second := look(t, "2026-02-01", "on", "on"), look(t, "2026-03-01", "on", "on")
	for i := range first.Cells {
		first.Cells[i].Ended, second.Cells[i].Ended = first.At, second.At
	}
	second.Began = second.At.Add(-1)
	second.Cells[0].Ended = first.At // of the keys
	r := judged(t, smallLibrary(t), second, first)
	if n := r.Ledger.Check("key-rotates"); len(n.Sights) != 1 || n.Longest().Days != 31 {
		t.Errorf("the keys: %+v", n)
	}
	if n := r.Ledger.Check("watched"); len(n.Sights) != 2 {
		t.Errorf("the detectors: %+v", n)
	}
	if n := r.Ledger.Control("AC-01"); len(n.Sights) != 1 {
		t.Errorf("the control: %+v", n)
	}
}

// When did GuardDuty stop, what was so on a day, and was it ever off.
func TestLedgerAnswers(t *testing.T) {
	days := []string{"2026-02-01", "2026-05-01", "2026-08-01", "2026-12-31"}
	var runs []Evidence
	for i, s := range []string{"on", "on", "off", "on"} {
		runs = append(runs, look(t, days[i], "on", s))
	}
	r := judged(t, smallLibrary(t), runs[3], runs[:3]...)
	l, n := r.Ledger, r.Ledger.Check("watched")
	for on, want := range map[string]string{
		"2026-01-10": "No run of the period looked on 2026-01-10 or before it. The first after it, on 2026-02-01, saw: Met (1 tested).",
		"2026-02-01": "A run looked on 2026-02-01, at 00:00 UTC, and saw: Met (1 tested).",
		"2026-03-17": "No run looked on 2026-03-17. The last before it, on 2026-02-01, saw: Met (1 tested). The first after it, on 2026-05-01, saw: Met (1 tested). 89 days lie between them, and what was so in that time they do not show.",
		"2026-06-01": "No run looked on 2026-06-01. The last before it, on 2026-05-01, saw: Met (1 tested). The first after it, on 2026-08-01, saw: Exception (1 exception, 1 tested). 92 days lie between them, and what was so in that time they do not show.",
		"2027-02-01": "2027-02-01 lies outside of the period 2026-01-01..2026-12-31. No run looked on 2027-02-01 or after it. The last before it, on 2026-12-31, saw: Met (1 tested).",
	} {
		if got := l.On(n, onDay(on)); got.Says != want {
			t.Errorf("on %s:\n got %s\nwant %s", on, got.Says, want)
		}
	}
	off := l.Ever(n)
	if want := "Yes, at 1 of the 4 runs that observed it. 2026-08-01: 1 exception, 1 tested. It was not observed for up to 152 days at a time (2026-08-01 to 2026-12-31)."; !off.Ever || off.Says+" "+off.Unseen != want {
		t.Errorf("watched: %+v", off)
	}
	if off = l.Ever(l.Check("key-rotates")); off.Ever || off.Says != "None of the 4 runs that observed it, from 2026-02-01 to 2026-12-31, saw it off." {
		t.Errorf("keys: %+v", off)
	}
	// The region stayed the same item, and went off between two looks.
	watched, keys := resultOf(t, r, "watched"), resultOf(t, r, "key-rotates")
	it := l.ItemsOf(&watched, "1/eu")
	if len(it) != 1 {
		t.Fatalf("%+v", it)
	}
	c := it[0].changes("watched")
	if len(c) != 2 || l.Looks[c[0].Before.Last].Run != "2026-05-01" || l.Looks[c[0].After.First].Run != "2026-08-01" {
		t.Errorf("%+v", c)
	}
	if a := l.ItemOn(n, it[0], onDay("2026-08-01")); a.At == nil || a.At.Status != ExceptionIn || a.At.Evidence.Commit != "c-2026-08-01" || fmt.Sprint(a.At.Value) != "[DISABLED]" {
		t.Errorf("%+v", a.At)
	}
	// An item that stayed the same is found among the newest findings.
	it = l.ItemsOf(&keys, "k")
	if len(it) != 1 || len(it[0].Spells) != 1 || it[0].Spells[0].First != 0 || it[0].Spells[0].Last != 3 {
		t.Errorf("%+v", it)
	}
	if o := l.ItemEver(l.Check("key-rotates"), it[0]); o.Ever || !o.Known {
		t.Errorf("%+v", o)
	}
}

// What nobody was looking at: each listing a look was not told, and for how long.
func TestLedgerUnseen(t *testing.T) {
	r := judged(t, smallLibrary(t), look(t, "2026-06-01", "on", "refused"), look(t, "2026-02-01", "refused", "refused"))
	var got []string
	for _, u := range r.Ledger.Unseen {
		got = append(got, fmt.Sprintf("%s never=%t %d days, %s", u.Source, u.Never(), u.Longest().Days, strings.Join(u.Checks, " ")))
	}
	if want := []string{"guardduty/detector never=true 151 days, watched", "kms/key never=false 151 days, key-rotates"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := r.Ledger.Control("AC-02"); !slices.Equal(n.Blind, []string{"watched"}) {
		t.Errorf("blind: %+v", n)
	}
}

func TestBridge(t *testing.T) {
	lib := smallLibrary(t)
	r := judged(t, lib, look(t, "2026-12-31", "on", "on"), look(t, "2026-02-01", "on", "on"))
	r.Ledger.bridge(lib, []Bridge{{Via: "AWS Config history", Checks: []string{"key-rotates"}, From: onDay("2026-03-01"), To: onDay("2026-06-01"),
		Status: Met, Says: "k rotated from 2026-03-01 to 2026-06-01", Captured: onDay("2026-12-31")}})
	n := r.Ledger.Check("key-rotates")
	if v := n.Intervals[1]; len(v.Bridges) != 1 || !v.Long || v.Days != 333 {
		t.Errorf("the interval stays one that no run observed: %+v", v)
	}
	if len(r.Ledger.Control("AC-01").Intervals[1].Bridges) != 1 || len(r.Ledger.Check("watched").Intervals[1].Bridges) != 0 {
		t.Error("a bridge belongs to its checks and their controls alone")
	}
	if a := r.Ledger.On(n, onDay("2026-04-01")); !strings.HasSuffix(a.Says, " Bridged, not observed: AWS Config history, asked on 2026-12-31, says: k rotated from 2026-03-01 to 2026-06-01.") {
		t.Error(a.Says)
	}
}

// A line is the same whether its looks are taken from the oldest or from the newest.
func TestClerkBothWays(t *testing.T) {
	lib := smallLibrary(t)
	var worlds []*world
	var results []CheckResult
	for i, key := range []string{"on", "", "refused", "off", "off", "on"} {
		ev := look(t, fmt.Sprintf("2026-%02d-01", 2*i+1), key, "on")
		if i%2 == 1 {
			ev.found(t, "1", "eu", "kms/key", "other", `{"DescribeKey":{"Manager":"CUSTOMER"},"GetKeyRotationStatus":{"On":true}}`)
		}
		w := newWorld(ev, smallEngagement().Period)
		res, err := lib.ready["key-rotates"].judge(w, nil, true)
		if err != nil {
			t.Fatal(err)
		}
		worlds, results = append(worlds, w), append(results, res)
	}
	last := len(worlds) - 1
	for i := range last {
		worlds[last].before = append(worlds[last].before, worlds[i])
	}
	l, looked := newLedger(smallEngagement().Period, worlds[last])
	forth, back := newClerk("key-rotates"), newClerk("key-rotates")
	for i := range looked {
		forth.see(i, looked[i], &results[i])
		back.see(last-i, looked[last-i], &results[last-i])
	}
	a, b := forth.close(l, "daily"), back.close(l, "daily")
	if len(a.Items) != 2 || !reflect.DeepEqual(a, b) {
		t.Errorf("forth\n%+v\nback\n%+v", a, b)
	}
}

// CloudTrail tells when the second factor was taken away, between the look that saw
// it and the one that did not.
func TestTrailBridges(t *testing.T) {
	lib := realLibrary(t)
	for event, checks := range tellsOf() {
		for _, name := range checks {
			if _, ok := lib.Check(name); !ok {
				t.Errorf("%s tells of a check %q that does not exist", event, name)
			}
		}
	}
	run := func(day, mfa string) Evidence {
		ev := Evidence{Run: day, Commit: "c-" + day, At: onDay(day)}
		ev.cell("1", "global", "iam/credential", evidence.Collected)
		for _, user := range []string{"ana", "ben"} {
			active := "true"
			if user == "ana" {
				active = mfa
			}
			ev.found(t, "1", "global", "iam/credential", "arn:aws:iam::1:user/"+user, `{"GetCredentialReport":{"user":"`+user+`","mfa_active":"`+active+`","password_enabled":"true","access_key_1_active":"false","access_key_2_active":"false"}}`)
		}
		ev.cell("1", "us-east-1", "cloudtrail/event", evidence.Collected)
		return ev
	}
	first, last := run("2026-04-01", "true"), run("2026-07-01", "false")
	last.found(t, "1", "us-east-1", "cloudtrail/event", "e1", `{"LookupEvents":{"EventId":"e1","EventName":"DeactivateMFADevice","EventTime":"2026-06-03T08:15:02Z","Username":"break-glass","CloudTrailEvent":{"eventVersion":"1.11"},"Resources":[{"ResourceName":"ana","ResourceType":"AWS::IAM::User"}]}}`)
	last.found(t, "1", "us-east-1", "cloudtrail/event", "e2", `{"LookupEvents":{"EventId":"e2","EventName":"CreateAccessKey","EventTime":"2026-06-04T08:15:02Z","Username":"ana"}}`)
	last.found(t, "1", "us-east-1", "cloudtrail/event", "e3", `{"LookupEvents":{"EventId":"e3","EventName":"DeactivateMFADevice","EventTime":"2026-05-03T08:15:02Z","Username":"break-glass","CloudTrailEvent":{"errorCode":"AccessDenied"},"Resources":[{"ResourceName":"ana","ResourceType":"AWS::IAM::User"}]}}`)
	last.found(t, "1", "us-east-1", "cloudtrail/event", "e4", `{"LookupEvents":{"EventId":"e4","EventName":"StopLogging","EventTime":"2026-06-05T08:15:02Z","Username":"ana","CloudTrailEvent":"redacted"}}`)
	r := judged(t, lib, last, first)
	if len(r.Ledger.Bridges) != 2 || r.Ledger.Bridges[0].Evidence.Commit != "c-2026-07-01" { // what was refused changed nothing
		t.Fatalf("%+v", r.Ledger.Bridges)
	}
	if says := r.Ledger.Bridges[1].Says; says != "StopLogging by ana; how it ended is withheld, so that it may have been refused," {
		t.Error(says)
	}
	res := resultOf(t, r, "iam-users-have-mfa")
	n := r.Ledger.Check("iam-users-have-mfa")
	ana, ben := r.Ledger.ItemsOf(&res, "ana"), r.Ledger.ItemsOf(&res, "ben")
	told := " Not observed, but told by CloudTrail: DeactivateMFADevice by break-glass on ana at 2026-06-03T08:15:02Z."
	if a := r.Ledger.ItemOn(n, ana[0], onDay("2026-05-12")); !strings.HasSuffix(a.Says, told) {
		t.Error(a.Says)
	}
	if a := r.Ledger.ItemOn(n, ben[0], onDay("2026-05-12")); strings.Contains(a.Says, "CloudTrail") {
		t.Error(a.Says)
	}
	if v := n.Intervals[len(n.Intervals)-1]; !v.Long || len(v.Bridges) != 1 {
		t.Errorf("%+v", v)
	}
}

func TestBridgeAbout(t *testing.T) {
	trail := Bridge{Account: "1", Region: "us-east-1", Item: "audit-trail"}
	for _, tt := range []struct {
		account, region, item string
		want                  bool
	}{
		{"1", "us-east-1", "arn:aws:cloudtrail:us-east-1:1:trail/audit-trail", true},
		{"1", "us-east-1", "arn:aws:cloudtrail:us-east-1:1:trail/other-audit-trail", false},
		{"2", "us-east-1", "arn:aws:cloudtrail:us-east-1:2:trail/audit-trail", false},
		{"1", "", "1", true},
		{"2", "", "2", false},
		{"1", "us-east-1", "1/us-east-1", true},
		{"1", "eu-west-1", "1/eu-west-1", false},
	} {
		if got := trail.about(ItemLine{Account: tt.account, Region: tt.region, Item: tt.item}); got != tt.want {
			t.Errorf("%+v: %t", tt, got)
		}
	}
}
