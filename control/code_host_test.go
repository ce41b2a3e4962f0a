package control

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
)

// toldOf is a listing as one run was told it; state is that of its only cell.
func toldOf(t *testing.T, source string, state evidence.State, items ...map[string]any) listing {
	t.Helper()
	region := "shop"
	c := evidence.Cell{Region: region, Source: source, State: state}
	l := listing{Source: source, Cells: []evidence.Cell{c}}
	if !state.Answered() {
		l.Missing = l.Cells
	}
	for _, it := range items {
		answers := plainJSON(t, it)
		id := answers["id"].(string)
		delete(answers, "id")
		l.Items = append(l.Items, Located{Item: evidence.Item{ID: id, Answers: answers}, Region: region, Source: source})
	}
	return l
}

func repositoryRow(id int, name, scope string, more ...any) map[string]any {
	r := map[string]any{"id": fmt.Sprint("R_", id), "databaseId": id, "nameWithOwner": "example/" + name}
	for i := 0; i+1 < len(more); i += 2 {
		r[more[i].(string)] = more[i+1]
	}
	s := map[string]any{"is": scope}
	switch scope {
	case "in scope":
		s["as"] = name
	case "excluded":
		s["by"], s["reason"] = "a rule", "It is an experiment."
	}
	return map[string]any{"id": "example/" + name, "repository": r, "scope": s}
}

// Every case of a repository is planted once; each is found as it is, and none invented.
func TestScriptedRepositories(t *testing.T) {
	event := func(n int, action, repo, scope string, repoID int) map[string]any {
		return map[string]any{"id": fmt.Sprint("example/audit/", n), "event": map[string]any{"_document_id": fmt.Sprint(n), "action": action, "actor": "eve", "repo": "example/" + repo, "repo_id": repoID, "created_at": 1774000000000 + n}, "scope": map[string]any{"is": scope, "reason": "Why not."}}
	}
	run := func(name, day string, state evidence.State, rows ...map[string]any) joining {
		return joining{Run: name, At: onDay(day), Of: toldOf(t, "forge/repository", state, rows...), With: map[string]listing{}}
	}
	lost := map[string]any{"id": "example/lost", "repository": nil, "scope": map[string]any{"is": "in scope", "as": "lost"}}
	lostThen := map[string]any{"id": "example/found", "repository": nil, "scope": map[string]any{"is": "in scope", "as": "found"}}
	bare := repositoryRow(11, "bare", "excluded")
	bare["scope"].(map[string]any)["reason"] = " "
	unsaid := repositoryRow(12, "unsaid", "")
	delete(unsaid, "scope")
	first := run("1", "2026-01-05", evidence.Collected, repositoryRow(1, "shop", "in scope"), repositoryRow(2, "old-name", "excluded"), repositoryRow(3, "deleted", "excluded"), repositoryRow(4, "was-open", "neither"), repositoryRow(6, "decided", "neither"), lostThen)
	between := run("2", "2026-02-05", evidence.Truncated, repositoryRow(1, "shop", "in scope")) // shown fewer: nobody is gone for that
	in := run("3", "2026-03-05", evidence.Collected, repositoryRow(1, "shop", "in scope"), repositoryRow(2, "new-name", "excluded", "isArchived", true, "isFork", true, "visibility", "PUBLIC"), repositoryRow(5, "open", "neither"),
		repositoryRow(6, "decided", "excluded"), repositoryRow(7, "found", "in scope"), repositoryRow(8, "made-and-kept", "excluded"), bare, unsaid, lost)
	in.Past, in.Period = []joining{first, between}, Period{onDay("2026-01-01"), onDay("2026-12-31")}
	in.With["events"] = toldOf(t, "forge/audit-event", evidence.Collected,
		event(1, "repo.create", "made-and-kept", "excluded", 8), event(2, "repo.create", "hidden", "neither", 20), event(3, "repo.destroy", "hidden", "neither", 20), event(4, "repo.create", "shop-2", "in scope", 21),
		event(5, "repo.create", "sandbox", "excluded", 22), event(6, "repo.rename", "new-name", "excluded", 2), event(7, "repo.destroy", "deleted", "excluded", 3), event(8, "repo.destroy", "before-us", "neither", 23),
		map[string]any{"id": "example/audit", "asked": map[string]any{"from": "2025-10-01T00:00:00Z", "until": "2026-03-05T00:00:00Z"}}, map[string]any{"id": "example/audit/9", "event": map[string]any{"action": "repository_ruleset.update", "ruleset_name": "all"}})
	want := map[string]struct {
		word, says string
	}{
		"example/shop": {"met", "as:shop"}, "example/new-name": {"met", "called_before:[example/old-name until run 1]"}, "example/deleted": {"met", "not listed since run 3; deleted on"},
		"example/was-open": {"exception", "not listed since run 3"}, "example/open": {"exception", "neither in scope nor excluded"}, "example/decided": {"met", "reason:It is an experiment."}, "example/found": {"met", "as:found"},
		"example/made-and-kept": {"met", "excluded"}, "example/bare": {"exception", "reason:none"}, "example/unsaid": {"not evaluated", "what the configuration says"}, "example/lost": {"exception", "lists none of that name"},
		"example/hidden": {"exception", "made on 2026-03-20 09:46 by eve; deleted on"}, "example/shop-2": {"exception", "no run listed it"}, "example/sandbox": {"met", "seen_by_the_audit_log_alone"},
	}
	findings := repositoriesScoped(in)
	for _, f := range findings {
		w, planted := want[f.Item]
		if said := fmt.Sprint(f.Reason, f.Value); !planted || f.word() != w.word || !strings.Contains(said, w.says) {
			t.Errorf("%s is %q, want %q and %q: %s", f.Item, f.word(), w.word, w.says, said)
		}
	}
	if len(findings) != len(want) {
		t.Errorf("%d findings, planted were %d", len(findings), len(want))
	}
}

// Every event about rules is planted once; each is judged as what it was, and a push to
// a branch that is no such event is none.
func TestScriptedRuleEvents(t *testing.T) {
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	n := 0
	var events []map[string]any
	want := map[string][2]string{}
	plant := func(name, word, says, action string, fields map[string]any) {
		n++
		at = at.Add(time.Hour)
		e := map[string]any{"_document_id": fmt.Sprint("e", n), "action": action, "actor": "eve", "repo": "example/shop", "created_at": at.UnixMilli()}
		for k, v := range fields {
			e[k] = v
		}
		id := fmt.Sprintf("example/shop/audit/%s", name)
		events = append(events, map[string]any{"id": id, "event": e})
		if word != "" {
			want[id] = [2]string{word, says}
		}
	}
	set := func(id int, more ...any) map[string]any {
		out := map[string]any{"ruleset_id": id, "ruleset_name": fmt.Sprint("set ", id)}
		for i := 0; i+1 < len(more); i += 2 {
			out[more[i].(string)] = more[i+1]
		}
		return out
	}
	plant("switched off", "exception", "until:2026-03-02T12:00:00Z, after 1h0m0s, by eve", "repository_ruleset.update", set(1, "ruleset_old_enforcement", "active", "ruleset_enforcement", "disabled"))
	came := at.Add(10 * time.Minute)
	plant("switched on", "met", "disabled became active", "repository_ruleset.update", set(1, "ruleset_old_enforcement", "disabled", "ruleset_enforcement", "active"))
	plant("only tried out", "exception", "active became evaluate", "repository_ruleset.update", set(2, "ruleset_old_enforcement", "active", "ruleset_enforcement", "evaluate"))
	plant("deleted", "exception", "no event says that they came back", "repository_ruleset.destroy", set(3))
	plant("made", "met", "create", "repository_ruleset.create", set(4, "ruleset_enforcement", "active"))
	plant("a rule taken out", "exception", "rules taken out", "repository_ruleset.update", set(4, "ruleset_rules_deleted", []any{map[string]any{"type": "deletion"}}))
	plant("a rule added", "met", "rules added", "repository_ruleset.update", set(4, "ruleset_rules_added", []any{map[string]any{"type": "deletion"}}))
	plant("one more may go around", "exception", "more may go around", "repository_ruleset.update", set(4, "ruleset_bypass_actors_added", []any{map[string]any{"actor_id": 5}}))
	plant("other branches", "exception", "where they stand", "repository_ruleset.update", set(4, "ruleset_conditions_deleted", []any{"main"}))
	plant("renamed", "met", "renamed", "repository_ruleset.update", set(4, "ruleset_old_name", "before"))
	plant("changed, and nobody knows how", "not evaluated", "the log does not say", "repository_ruleset.update", set(4, "ruleset_rules_updated", []any{map[string]any{"type": "pull_request"}}))
	plant("protection deleted", "exception", "protection of the branch main", "protected_branch.destroy", map[string]any{"name": "main"})
	plant("protection made", "met", "create", "protected_branch.create", map[string]any{"name": "main"})
	plant("pushed past it", "exception", "policy override", "protected_branch.policy_override", map[string]any{"name": "main"})
	plant("refused", "does not apply", "refused", "protected_branch.rejected_ref_update", map[string]any{"name": "main"})
	plant("all protections off", "exception", "the protection of all branches", "repository_branch_protection_evaluation.disable", nil)
	plant("all protections on", "met", "enable", "repository_branch_protection_evaluation.enable", nil)
	plant("approved before", "explained", "approved by bo", "protected_branch.destroy", map[string]any{"name": "docs"})
	plant("an emergency", "explained", "looked at by bo", "protected_branch.destroy", map[string]any{"name": "hot"})
	emergency := at
	plant("no time", "not evaluated", "when example/shop/audit/no time was", "protected_branch.destroy", map[string]any{"name": "x", "created_at": 0})
	plant("before the period", "does not apply", "not in the period", "protected_branch.destroy", map[string]any{"name": "y", "created_at": 1700000000000})
	plant("of another kind", "", "", "repo.create", nil)
	plant("asked", "", "", "", nil)
	plant("by the looks", "met", "The last pusher's approval does not count: yes, before no", "repository_ruleset.update", set(4, "ruleset_rules_updated", []any{map[string]any{"type": "pull_request"}}))
	alone := at.AddDate(0, 0, 20)
	events[len(events)-1]["event"].(map[string]any)["created_at"] = alone.UnixMilli()

	rule := func(last bool) map[string]any {
		return map[string]any{"id": "example/shop@main", "branchProtectionRule": nil, "rules": map[string]any{"nodes": []any{map[string]any{"type": "PULL_REQUEST", "parameters": map[string]any{"requiredApprovingReviewCount": json.Number("1"), "requireLastPushApproval": last}}}}}
	}
	look := func(run string, at time.Time, last bool) joining {
		return joining{Run: run, At: at, Of: toldOf(t, "forge/audit-event", evidence.Collected), With: map[string]listing{"rules": toldOf(t, "forge/branch-rule", evidence.Collected, rule(last))}}
	}
	in := look("3", alone.AddDate(0, 0, 5), true)
	in.Period = Period{onDay("2026-01-01"), onDay("2026-12-31")}
	in.Of = toldOf(t, "forge/audit-event", evidence.Collected, events...)
	in.Past = []joining{look("1", onDay("2026-01-05"), false), look("2", alone.AddDate(0, 0, -5), false)}
	change := func(sha string, at time.Time) map[string]any {
		return map[string]any{"id": strings.Repeat(sha, 40), "commit": map[string]any{"sha": strings.Repeat(sha, 40), "subject": "While it was off"}, "change": map[string]any{"number": 1, "in_period": true, "committed": at.Format(time.RFC3339)}}
	}
	in.With["changes"] = toldOf(t, "git/change", evidence.Collected, change("a", came), change("b", came.AddDate(0, 0, 1)))
	in.With["pulls"] = toldOf(t, "forge/pull-request", evidence.Collected)
	in.With["approvals"] = toldOf(t, "record/change-approval", evidence.Collected, map[string]any{"id": "rules", "record": map[string]any{"id": "rules of docs, e18", "requester": "eve", "approver": "bo", "approved": "2026-03-01T09:00:00Z"}})
	in.With["emergencies"] = toldOf(t, "record/change-emergency", evidence.Collected, map[string]any{"id": "hot", "record": map[string]any{"id": "e19", "made_by": "eve", "made": emergency.Format(time.RFC3339), "approved_after_by": "bo", "approved_after": emergency.Add(20 * time.Hour).Format(time.RFC3339)}})

	findings := ruleChangesAnswered(in)
	for _, f := range findings {
		w, planted := want[f.Item]
		if said := fmt.Sprint(f.Reason, f.Value); !planted || f.word() != w[0] || !strings.Contains(said, w[1]) {
			t.Errorf("%s is %q, want %q and %q: %s", f.Item, f.word(), w[0], w[1], said)
		}
		if list, _ := f.Value.(map[string]any)["came_meanwhile"].([]any); strings.HasSuffix(f.Item, "switched off") && (len(list) != 1 || list[0] != "aaaaaaaaaa While it was off") {
			t.Errorf("meanwhile: %v", list)
		}
	}
	if len(findings) != len(want) {
		t.Errorf("%d findings, planted were %d", len(findings), len(want))
	}
}

// Every way an event can have come about is planted once.
func TestScriptedPipeline(t *testing.T) {
	var rows []map[string]any
	want := map[string][2]string{}
	plant := func(id, word, says, name string, told any) {
		row := map[string]any{"EventId": id, "EventName": name, "EventTime": "2026-03-02T10:00:00Z", "Username": "x", "Resources": []any{map[string]any{"ResourceName": "shop"}}}
		if told != nil {
			row["CloudTrailEvent"] = told
		}
		rows = append(rows, map[string]any{"id": id, "LookupEvents": row})
		if word != "" {
			want[id] = [2]string{word, says}
		}
	}
	who := func(kind, arn, issuer string, more ...string) map[string]any {
		u := map[string]any{"type": kind, "arn": arn}
		if issuer != "" {
			u["sessionContext"] = map[string]any{"sessionIssuer": map[string]any{"type": "Role", "arn": issuer}}
		}
		out := map[string]any{"userIdentity": u}
		for i := 0; i+1 < len(more); i += 2 {
			if more[i] == "invokedBy" {
				u[more[i]] = more[i+1]
			} else {
				out[more[i]] = more[i+1]
			}
		}
		return out
	}
	person := who("AssumedRole", "arn:aws:sts::1:assumed-role/ops/eve", "arn:aws:iam::1:role/ops", "sessionCredentialFromConsole", "true")
	plant("pipeline", "met", "identity:arn:aws:iam::1:role/deploy-shop", "UpdateService", who("AssumedRole", "arn:aws:sts::1:assumed-role/deploy-shop/run", "arn:aws:iam::1:role/deploy-shop"))
	plant("user", "met", "", "UpdateService", who("IAMUser", "arn:aws:iam::1:user/ci", ""))
	plant("console", "exception", "how:the console", "UpdateService", person)
	plant("program", "exception", "how:Terraform", "ModifyDBInstance", who("AssumedRole", "arn:aws:sts::1:assumed-role/ops/eve", "arn:aws:iam::1:role/ops", "userAgent", "Terraform"))
	plant("named alike", "exception", "", "UpdateService", who("AssumedRole", "arn:aws:sts::1:assumed-role/x/deploy-", "arn:aws:iam::2:role/deploy-shop"))
	plant("root", "exception", "", "UpdateStack", who("Root", "arn:aws:iam::1:root", ""))
	plant("refused", "does not apply", "it was refused: AccessDenied", "UpdateService", who("IAMUser", "arn:aws:iam::1:user/eve", "", "errorCode", "AccessDenied"))
	plant("by a service", "does not apply", "by itself", "UpdateService", who("AWSService", "", "", "invokedBy", "autoscaling.amazonaws.com"))
	plant("by CloudFormation", "does not apply", "an event of its own", "ModifyDBInstance", who("AssumedRole", "arn:aws:sts::1:assumed-role/ops/eve", "arn:aws:iam::1:role/ops", "invokedBy", "cloudformation.amazonaws.com"))
	plant("withheld", "not evaluated", "withheld whole", "UpdateService", "redacted")
	plant("nobody", "not evaluated", "whose UpdateService was", "UpdateService", map[string]any{"eventVersion": "1.11"})
	plant("reads only", "", "", "ConsoleLogin", person)
	plant("eapproved", "explained", "approved by bo", "UpdateService", person)
	plant("eurgent", "explained", "looked at by bo", "UpdateService", person)
	rows = append(rows, map[string]any{"id": "early", "LookupEvents": map[string]any{"EventId": "early", "EventName": "UpdateService", "EventTime": "2025-03-02T10:00:00Z", "CloudTrailEvent": person}})
	want["early"] = [2]string{"does not apply", "not in the period"}
	in := joining{Period: Period{onDay("2026-01-01"), onDay("2026-12-31")}, Of: toldOf(t, "cloudtrail/event", evidence.Collected, rows...),
		Params: written{"events": anys([]string{"UpdateService", "ModifyDBInstance", "UpdateStack"}), "accounts": []any{}, "identities": anys([]string{"arn:aws:iam::1:role/deploy-*", "arn:aws:iam::1:user/ci"})},
		With: map[string]listing{
			"approvals":   toldOf(t, "record/change-approval", evidence.Collected, map[string]any{"id": "a", "record": map[string]any{"id": "by hand: eapproved", "requester": "eve", "approver": "bo", "approved": "2026-03-01T09:00:00Z"}}),
			"emergencies": toldOf(t, "record/change-emergency", evidence.Collected, map[string]any{"id": "b", "record": map[string]any{"id": "eurgent", "made_by": "eve", "made": "2026-03-02T10:00:00Z", "approved_after_by": "bo", "approved_after": "2026-03-03T09:00:00Z"}})}}
	in.Past = []joining{{Of: toldOf(t, "cloudtrail/event", evidence.Collected, rows[0])}} // seen twice, judged once
	findings := productionChangedByPipeline(in)
	for _, f := range findings {
		w, planted := want[f.Item]
		if said := fmt.Sprint(f.Reason, f.Value); !planted || f.word() != w[0] || !strings.Contains(said, w[1]) {
			t.Errorf("%s is %q, want %q and %q: %s", f.Item, f.word(), w[0], w[1], said)
		}
	}
	if len(findings) != len(want) {
		t.Errorf("%d findings, planted were %d", len(findings), len(want))
	}
	in.Params["accounts"] = anys([]string{"2"})
	if n := len(productionChangedByPipeline(in)); n != 0 {
		t.Errorf("%d findings in other accounts", n)
	}
	in.Params["identities"] = []any{}
	if f := productionChangedByPipeline(in); len(f) != 1 || f[0].Verdict != NotEvaluated {
		t.Errorf("nobody said whose the pipeline is: %v", f)
	}
}
