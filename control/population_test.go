package control

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"exhibit/evidence"
)

func populationOf(t testing.TB, r *Report, id string) Population {
	t.Helper()
	for _, p := range r.Populations {
		if p.ID == id {
			return p
		}
	}
	t.Fatalf("no population %q", id)
	return Population{}
}

// A definition that names what is not there is refused with its line.
func TestPopulationDefinitions(t *testing.T) {
	base := `- population: users
  title: Users
  says: All users.
  as_of: date
  of: iam/user
  key: [id]
  second: {none: there is none}
  columns: [{column: name, title: Name, from: id}]
  criteria: [CC6.1]
  frequency: per event
  typical: all
`
	tests := []struct{ old, new, want string }{
		{"", "", ""},
		{"title: Users", "titel: Users", `all.yaml:2: unknown key "titel" in the entry (did you mean "title"?)`},
		{"[CC6.1]", "[CC6.11]", `all.yaml:9: population "users": unknown criterion "CC6.11"`},
		{"per event", "per evnt", `frequency "per evnt" is no row of sampling/sizes.yaml (did you mean "per event"?)`},
		{"as_of: date", "as_of: today", `all.yaml:4: population "users": as_of "today" is neither date nor period`},
		{"of: iam/user", "of: record/persn", `all.yaml:5: population "users": unknown kind of record "persn"`},
		{"of: iam/user", "of: derived/accounts", `nothing derives "derived/accounts"`},
		{"from: id", "from: 'a b'", `"a b" is not a path`},
		{"{none: there is none}", "{of: iam/role, key: [id], compare: sideways, says: s}", `compare "sideways" is not one of`},
		{"{none: there is none}", "{of: iam/role, says: s}", `compare "" is not one of`},
		{"{none: there is none}", "{none: x, of: iam/role}", "none stands alone"},
		{"{none: there is none}", "{}", "of and says must be given, or none"},
		{"typical: all", "typical: all\n  holds: item.x ==", `all.yaml:12: population "users": Syntax error`},
		{"typical: all", "typical: all\n  calendar: true", "of must be a kind of record with the cadence"},
		{"typical: all", "typical: all\n  keeps: ninety", "keeps must be a whole number"},
		{"typical: all", "typical: all\n  flags: [{flag: bad, says: s, check: key-rotate}]", `all.yaml:12: population "users": bad: unknown check "key-rotate" (did you mean "key-rotates"?)`},
		{"typical: all", "typical: all\n  flags: [{flag: bad, says: s}]", "when or check must be given"},
		{"typical: all", "typical: all\n  tested: [{attribute: a, says: s, pass: 'people.exists(p, true)', with: {people: record/persons}}]", `unknown kind of record "persons"`},
		{"typical: all", "typical: all\n  tested: [{attribute: a, says: s, pass: item.x, check: key-rotates}]", "check stands alone"},
		{"typical: all", "typical: all\n  waits: for something", "a list that waits has no source"},
	}
	small := smallFiles(t)
	for _, tt := range tests {
		text := base
		if tt.old != "" {
			if text = strings.Replace(base, tt.old, tt.new, 1); text == base {
				t.Fatalf("%q is not there", tt.old)
			}
		}
		fsys := fstest.MapFS{}
		for name, f := range small {
			fsys[name] = f
		}
		fsys["populations/all.yaml"] = &fstest.MapFile{Data: []byte(text)}
		_, err := Load(fsys, nil)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("as it should be: %v", err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: got %v, want %q", tt.new, err, tt.want)
		}
	}
}

// The lists, held against each other, on an organisation whose two sources differ.
func TestReconciled(t *testing.T) {
	lib := realLibrary(t)
	ev := Evidence{Run: "0001", At: onDay("2026-06-01")}
	for _, s := range []string{"iam/credential", "iam/user", "iam/policy", "iam/account-summary", "iam/group", "iam/role", "organizations/account"} {
		ev.cell("1", "global", s, evidence.Collected)
	}
	ev.found(t, "1", "global", "iam/credential", "arn:root", `{"GetCredentialReport":{"user":"<root_account>"}}`)
	ev.found(t, "1", "global", "iam/credential", "arn:ana", `{"GetCredentialReport":{"user":"Ana"}}`)
	ev.found(t, "1", "global", "iam/credential", "arn:ghost", `{"GetCredentialReport":{"user":"ghost"}}`)
	ev.found(t, "1", "global", "iam/user", "arn:ana", `{"GetAccountAuthorizationDetails":{"UserName":"ana","GroupList":["dev","ops"],"UserPolicyList":[{"PolicyName":"inline","PolicyDocument":{}}]}}`)
	ev.found(t, "1", "global", "iam/user", "arn:new", `{"GetAccountAuthorizationDetails":{"UserName":"new"}}`)
	ev.found(t, "1", "global", "iam/policy", "arn:aws:iam::1:policy/own", `{"GetAccountAuthorizationDetails":{"PolicyName":"own"}}`)
	ev.found(t, "1", "global", "iam/policy", "arn:aws:iam::aws:policy/ReadOnly", `{"GetAccountAuthorizationDetails":{"PolicyName":"ReadOnly"}}`)
	ev.found(t, "1", "global", "iam/account-summary", "1", `{"GetAccountSummary":{"SummaryMap":{"Policies":2}}}`)
	ev.found(t, "1", "global", "organizations/account", "1", `{"ListAccounts":{"Id":"1"}}`)
	ev.found(t, "1", "global", "organizations/account", "2", `{"ListAccounts":{"Id":"2"}}`)
	ev.found(t, "", "", "record/person", "jan", `{"record":{"id":"jan","name":"Jan","start":"2020-01-01","last_day":"2026-03-31"}}`)
	ev.found(t, "", "", "record/person", "eva", `{"record":{"id":"eva","name":"Eva","start":"2020-01-01","last_day":"2026-04-30"}}`)
	ev.found(t, "", "", "record/offboarding", "jan", `{"record":{"person":"jan","last_day":"2026-03-31","access_removed_on":"2026-04-03","completed_by":"ana"}}`)
	r := judged(t, lib, ev)
	differences := func(id string) string {
		var out []string
		for _, d := range populationOf(t, r, id).Second.Differences {
			out = append(out, d.In+" "+d.Item)
		}
		return strings.Join(out, ", ")
	}
	for id, want := range map[string]string{
		"iam-users":    "population arn:ghost, second arn:new",
		"iam-policies": "count 1", // one of the account's own, and the summary counts two
		"aws-accounts": "population 2",
		"leavers":      "population eva",
	} {
		if got := differences(id); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	if p := populationOf(t, r, "iam-policies"); len(p.Items) != 2 || p.Items[1].ID != "arn:ana#inline" && p.Items[0].ID != "arn:ana#inline" {
		t.Errorf("policies: %+v", p.Items)
	}
	p := populationOf(t, r, "iam-users")
	if p.Second.First != 2 || p.Second.Count != 2 || !strings.Contains(p.Second.Unknown, "users since the report") { // whom the report is too old to know
		t.Errorf("%+v", p.Second)
	}
	for i, it := range p.Items {
		if it.ID == "arn:ana" && p.Members[i].Values[len(p.Members[i].Values)-1] != "dev, ops" {
			t.Errorf("joined: %v", p.Members[i].Values)
		}
	}
	leavers := populationOf(t, r, "leavers")
	for i, it := range leavers.Items {
		if late := strings.Contains(strings.Join(leavers.Members[i].Flags, " "), "removed-late"); late != (it.ID == "jan") {
			t.Errorf("%s: %v", it.ID, leavers.Members[i])
		}
	}
	// Where the second list was refused nothing may look like a whole comparison.
	for i := range ev.Cells {
		if ev.Cells[i].Source == "iam/user" {
			ev.Cells[i].State = evidence.DeniedIdentity
		}
	}
	if p := populationOf(t, judged(t, lib, ev), "iam-users"); !strings.Contains(p.Second.Unknown, "iam/user in 1/global") {
		t.Errorf("refused: %+v", p.Second)
	}
}

// Over a period: what only an earlier run saw stays, with the first and the last run
// that did; what the provider deleted before anybody asked is said.
func TestPopulationOverPeriod(t *testing.T) {
	lib := realLibrary(t)
	var runs []Evidence
	for i, day := range []string{"2026-02-01", "2026-05-15", "2026-07-01"} {
		ev := Evidence{Run: "000" + string(rune('1'+i)), Commit: "c" + string(rune('1'+i)), At: onDay(day)}
		ev.cell("1", "eu", "guardduty/finding", evidence.Collected)
		ev.found(t, "1", "eu", "guardduty/finding", "always", `{"GetFindings":{"Id":"always","Severity":8}}`)
		if i == 1 {
			ev.found(t, "1", "eu", "guardduty/finding", "came-and-went", `{"GetFindings":{"Id":"came-and-went","Severity":9}}`)
			ev.found(t, "1", "eu", "guardduty/finding", "who-knows", `{"GetFindings":{"Id":"who-knows"}}`) // its severity is not known: it may be high
			ev.found(t, "1", "eu", "guardduty/finding", "low", `{"GetFindings":{"Id":"low","Severity":2}}`)
		}
		runs = append(runs, ev)
	}
	p := populationOf(t, judged(t, lib, runs[2], runs[:2]...), "guardduty-high-findings")
	got := map[string][2]string{}
	for i, it := range p.Items {
		got[it.ID] = [2]string{p.Members[i].FirstSeen, p.Members[i].LastSeen}
	}
	want := map[string][2]string{"always": {"0001", ""}, "came-and-went": {"0002", "0002"}, "who-knows": {"0002", "0002"}}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
	for id, w := range want {
		if got[id] != w {
			t.Errorf("%s: %v, want %v", id, got[id], w)
		}
	}
	// From 1 February, 90 days reach to 3 November; from 15 May to 14 February: the days between are nobody's.
	if p.Whole || len(p.Lost) != 1 || !strings.Contains(p.Says, "from 2026-02-01 to 2026-02-14 may have been deleted") {
		t.Errorf("%v %q", p.Lost, p.Says)
	}
	lines, err := p.Lines(false)
	if err != nil {
		t.Fatal(err)
	}
	// The same list at a later commit has the same bytes.
	later := runs[2]
	later.Commit = "c9"
	again, err := populationOf(t, judged(t, lib, later, runs[:2]...), "guardduty-high-findings").Lines(false)
	if err != nil || Digest(lines) != Digest(again) {
		t.Errorf("the digest depends on the commit: %v", err)
	}
}

// A calendar lists the times that are over, each with the record that serves it.
func TestCalendar(t *testing.T) {
	lib := realLibrary(t)
	ev := Evidence{At: onDay("2026-07-01")}
	ev.found(t, "", "", "record/monthly-security-review", "feb", `{"record":{"date":"2026-03-04","reviewer":"a","sign_off":"b"}}`)
	ev.found(t, "", "", "record/monthly-security-review", "mar", `{"record":{"date":"2026-03-28","reviewer":"a","sign_off":"a"}}`)
	ev.found(t, "", "", "record/monthly-security-review", "mar2", `{"record":{"date":"2026-03-29","reviewer":"a","sign_off":"b"}}`)
	p := populationOf(t, judged(t, lib, ev), "monthly-reviews")
	var got []string
	for i, it := range p.Items {
		served := "none"
		if r := recordOf(it); r != nil {
			served = r.text("date")
		}
		got = append(got, it.ID+" "+served+" "+strings.Join(p.Members[i].Flags, ""))
	}
	want := "2026-01 none none, 2026-02 2026-03-04 , 2026-03 2026-03-28 , 2026-04 none none, 2026-05 none none, 2026-06 none none, also mar2 2026-03-29 "
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

// A template of paths, through lists and without.
func TestExpand(t *testing.T) {
	it := Located{Item: evidence.Item{ID: "i", Answers: map[string]any{"A": map[string]any{"names": []any{"x", "y"}, "list": []any{map[string]any{"b": "1"}, map[string]any{"b": "2"}, "no object"}, "t": true}}}, Account: "1"}
	for template, want := range map[string]string{
		"id": "i", "A.names[]": "x y", "{account}/{A.names[]}": "1/x 1/y", "A.list[].b": "1 2", "{A.list[].b}-{A.names[]}!": "1-x! 1-y! 2-x! 2-y!", "A.t": "true",
		"A.nothing": "", "{account}/{A.nothing}": "", "A": "", "B.c": "",
	} {
		got := strings.Join(expand(it, template), " ")
		if want == "1-x! 1-y! 2-x! 2-y!" {
			got, want = sorted(got), sorted(want)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", template, got, want)
		}
	}
}

func sorted(s string) string {
	f := strings.Fields(s)
	slices.Sort(f)
	return strings.Join(f, " ")
}

// The table gives a size for every population of the library, and never more than there are.
func TestSizes(t *testing.T) {
	lib := realLibrary(t)
	for _, d := range lib.Populations {
		for _, risk := range Risks() {
			if n, why := lib.SizeOf(d, 100, risk); n < 1 || !strings.Contains(why, "no standard prescribes it") {
				t.Errorf("%s at %s risk: %d %q", d.ID, risk, n, why)
			}
		}
	}
	few, _ := lib.SizeOf(PopulationDef{Frequency: "per event"}, 249, "high")
	many, _ := lib.SizeOf(PopulationDef{Frequency: "per event"}, 250, "high")
	if few != 40 || many != 60 {
		t.Errorf("%d and %d", few, many)
	}
}

// Each of the thirty lists auditors ask for has a definition.
func TestThirtyPopulations(t *testing.T) {
	lib := realLibrary(t)
	for _, id := range strings.Fields(`aws-accounts people-with-aws-access joiners leavers role-changes incidents guardduty-high-findings access-reviews vendors
		iam-policies changes infrastructure-changes deployments emergency-changes access-requests vulnerabilities backup-jobs restore-tests failover-tests monthly-reviews
		alarms-fired data-stores certificates keys policies training exceptions customer-notifications data-deletions data-subject-requests`) {
		if _, ok := lib.population(id); !ok {
			t.Errorf("there is no population %q", id)
		}
	}
}

// A list of several sources asks each item what its own source answers: a question put
// to another kind of item is not one that was refused.
func TestPopulationOfSeveralSources(t *testing.T) {
	lib := realLibrary(t)
	ev := Evidence{At: onDay("2026-06-01")}
	for _, s := range []string{"iam/credential", "s3/bucket"} {
		ev.cell("1", "global", s, evidence.Collected)
	}
	for _, s := range []string{"identitystore/user", "rds/instance"} {
		ev.cell("1", "eu", s, evidence.Collected)
	}
	ev.found(t, "1", "global", "iam/credential", "arn:idle", `{"GetCredentialReport":{"user":"idle","password_enabled":"false","access_key_1_active":"false","access_key_2_active":"false"}}`)
	ev.found(t, "1", "global", "iam/credential", "arn:eva", `{"GetCredentialReport":{"user":"eva","password_enabled":"true","mfa_active":"true","access_key_1_active":"false","access_key_2_active":"false"}}`)
	ev.found(t, "1", "eu", "identitystore/user", "off", `{"ListUsers":{"UserName":"off","UserStatus":"DISABLED"}}`)
	ev.found(t, "1", "eu", "identitystore/user", "jan", `{"ListUsers":{"UserName":"jan"}}`)
	ev.found(t, "", "", "record/person", "jan", `{"record":{"id":"jan","name":"Jan","start":"2020-01-01","last_day":"2026-03-31","identity_center":"jan"}}`)
	ev.found(t, "1", "eu", "rds/instance", "db", `{"DescribeDBInstances":{"StorageEncrypted":false}}`)
	ev.found(t, "1", "global", "s3/bucket", "b", `{"GetBucketEncryption":{"Rules":[]}}`)
	r := judged(t, lib, ev)
	p := populationOf(t, r, "people-with-aws-access")
	got := map[string]string{}
	for i, it := range p.Items {
		got[it.ID] = strings.Join(p.Members[i].Risks(), ", ")
	}
	if len(got) != 2 || !strings.Contains(got["jan"], "left") || strings.Contains(got["jan"], "not answered") || strings.Contains(got["arn:eva"], "left") {
		t.Errorf("%q", got)
	}
	// The attributes of a sampled item likewise.
	w := newWorld(ev, smallEngagement().Period)
	c := newCompiling(lib, w, r.Checks)
	for id, want := range map[string]Verdict{"db": Fail, "b": Pass} {
		for _, it := range populationOf(t, r, "data-stores").Items {
			if it.ID == id {
				if f := c.attributes("data-stores", it)[0]; f.Verdict != want {
					t.Errorf("%s: %s %s", id, f.Verdict, f.Reason)
				}
			}
		}
	}
}

// A rollback's record names the change that was undone by its number, git by its commit.
func TestUnusualChanges(t *testing.T) {
	lib := realLibrary(t)
	ev := Evidence{At: onDay("2026-06-01")}
	ev.cell("", "shop", "git/change", evidence.Collected)
	ev.found(t, "", "shop", "git/change", "a", `{"change":{"in_period":true,"pull_request":{"number":7}},"commit":{"sha":"aaaa","subject":"X (#7)"},"files":[]}`)
	ev.found(t, "", "shop", "git/change", "b", `{"change":{"in_period":true,"pull_request":{"number":9},"reverts":{"sha":"aaaa"}},"commit":{"sha":"bbbb","subject":"Revert X (#9)"},"files":[]}`)
	ev.found(t, "", "shop", "git/change", "c", `{"change":{"in_period":true},"commit":{"sha":"cccc","subject":"Pin it"},"files":[]}`)
	ev.found(t, "", "shop", "git/change", "d", `{"change":{"in_period":true},"commit":{"sha":"dddd","subject":"Nobody wrote of it"},"files":[]}`)
	ev.found(t, "", "", "record/change-rollback", "r", `{"record":{"id":"shop#7","date":"2026-03-01"}}`)
	ev.found(t, "", "", "record/change-emergency", "e", `{"record":{"id":"shop: Pin it","made":"2026-03-02T10:00:00Z","made_by":"a","approved_after_by":"b","approved_after":"2026-03-02T12:00:00Z"}}`)
	p := populationOf(t, judged(t, lib, ev), "emergency-changes")
	if d := p.Second.Differences; len(d) != 1 || d[0].Item != "d" || p.Second.Count != 3 {
		t.Errorf("%+v", p.Second)
	}
}
