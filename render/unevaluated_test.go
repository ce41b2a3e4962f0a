package render_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"exhibit/control"
	"exhibit/evidence"
	"exhibit/render/table"

	"golang.org/x/net/html"
)

// rowsOf are the rows of a table on all parts of a page, each as its cells' texts.
func rowsOf(t *testing.T, files map[string][]byte, page, id string) (rows [][]string) {
	t.Helper()
	for part := 0; ; part++ {
		p := table.PartPath(page, part)
		data, is := files[p]
		if !is {
			return rows
		}
		for n := range parse(t, p, data).Descendants() {
			if got, _ := attr(n, "id"); n.Type != html.ElementNode || n.Data != "table" || got != id {
				continue
			}
			for tr := range n.Descendants() {
				if tr.Type != html.ElementNode || tr.Data != "tr" || tr.Parent.Data == "thead" {
					continue
				}
				var row []string
				for c := range tr.ChildNodes() {
					if c.Type == html.ElementNode {
						row = append(row, strings.TrimSpace(text(c)))
					}
				}
				rows = append(rows, row)
			}
		}
	}
}

// TestUnevaluatedAddsUp holds the one list of gaps against each page that has a part of it.
func TestUnevaluatedAddsUp(t *testing.T) {
	files := shared(t, 450)
	of := map[string]int{}
	total := 0
	for _, row := range rowsOf(t, files, "not-evaluated.html", "open-by-kind") {
		n, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(row)
		}
		if row[0] == "All" {
			total = n
			continue
		}
		of[row[0]] = n
	}
	sum := 0
	for _, n := range of {
		sum += n
	}
	list := rowsOf(t, files, "not-evaluated.html", "open")
	reasons := 0
	for _, row := range rowsOf(t, files, "not-evaluated.html", "open-by-reason") {
		n, _ := strconv.Atoi(row[1])
		reasons += n
	}
	if total == 0 || sum != total || len(list) != total || reasons != total {
		t.Fatalf("%d rows; by kind %d, by reason %d, all %d", len(list), sum, reasons, total)
	}
	t.Logf("%v", of)
	open := func(word string) bool {
		return strings.HasSuffix(word, string(control.NotEvaluatedIn)) || strings.HasSuffix(word, string(control.ManualHasNot))
	}
	status := func(page, id string, column int) (n int) {
		for _, row := range rowsOf(t, files, page, id) {
			if open(row[column]) {
				n++
			}
		}
		return n
	}
	criteria := 0
	for _, m := range regexp.MustCompile(`id="(criteria-[a-z-]+)"`).FindAllSubmatch(files["criteria.html"], -1) {
		criteria += status("criteria.html", string(m[1]), 2)
	}
	never := 0
	for _, row := range rowsOf(t, files, "timeline/checks.html", "checks") {
		if strings.Contains(strings.Join(row, "\n"), "not observed") {
			never++
		}
	}
	whole := 0
	for _, row := range rowsOf(t, files, "populations.html", "populations") {
		if strings.HasSuffix(row[2], "Not whole") || strings.HasSuffix(row[2], "Not made yet") {
			whole++
		}
	}
	for _, c := range []struct {
		kinds []string
		page  string
		want  int
	}{
		{[]string{"Listing"}, "coverage.html", len(rowsOf(t, files, "coverage.html", "gaps"))},
		{[]string{"Item of a check", "Change"}, "findings/not-evaluated.html", len(rowsOf(t, files, "findings/not-evaluated.html", "findings"))},
		{[]string{"Item that needs a record"}, "findings/record-needed.html", len(rowsOf(t, files, "findings/record-needed.html", "findings"))},
		{[]string{"Part of the period"}, "lost.html", len(rowsOf(t, files, "lost.html", "lost"))},
		{[]string{"Listing at a run"}, "timeline.html", len(rowsOf(t, files, "timeline.html", "unseen"))},
		{[]string{"Check over time"}, "timeline/checks.html", never},
		{[]string{"Population"}, "populations.html", whole},
		{[]string{"Control"}, "controls.html", status("controls.html", "controls", 2)},
		{[]string{"Criterion"}, "criteria.html", criteria},
	} {
		n := 0
		for _, k := range c.kinds {
			n += of[k]
		}
		if n != c.want {
			t.Errorf("%s: %d here, %d on %s", strings.Join(c.kinds, " and "), n, c.want, c.page)
		}
	}
	for _, p := range []string{"index.html", "coverage.html", "lost.html", "populations.html", "findings/not-evaluated.html", "timeline.html", "responses.html"} {
		if !bytes.Contains(files[p], []byte("not-evaluated.html\">Everything")) && !bytes.Contains(files[p], []byte("not-evaluated.html\">everything")) && !bytes.Contains(files[p], []byte("not-evaluated.html\">What was not observed")) {
			t.Errorf("%s does not lead to the list of everything not evaluated", p)
		}
	}
	if data := files["not-evaluated.html"]; len(data) > 500_000 {
		t.Errorf("not-evaluated.html has %d bytes", len(data))
	}
	book := files["artifacts/not-evaluated.xlsx"]
	if z, err := zip.NewReader(bytes.NewReader(book), int64(len(book))); err != nil || len(z.File) == 0 {
		t.Error("no workbook of everything not evaluated", err)
	}
	if _, old := files[path.Join("timeline", "nobody-looked.html")]; old {
		t.Error("a second page tells what was not observed")
	}
}

// TestCauseOf holds that every state of a cell that is no answer, and what checks say, has
// the group an auditor would put it in.
func TestCauseOf(t *testing.T) {
	for reason, want := range map[string]control.Cause{
		"not answered: kms/key in 1/eu (denied_scp): ListKeys: AccessDeniedException":                                         control.CauseRefused,
		"not answered: kms/key in 1/eu (denied_identity): no":                                                                 control.CauseRefused,
		"not answered: kms/key in 1/eu (account_unreachable): AssumeRole":                                                     control.CauseRefused,
		"not answered: backup/job in 1/3 regions (not_asked): backup jobs from a to b may have been deleted before they were": control.CauseDeleted,
		"not answered: pushes past the rules on 2025-10-02: the code host tells of the last month, and no run asked in time":  control.CauseDeleted,
		"not answered: the digests from a to b: exhibit.yaml leaves them out (trail_validation.digest_days)":                  control.CauseUnasked,
		"never asked: no run collected kms/key":                                                                               control.CauseUnasked,
		"not answered: x in 1/eu (throttled): ListKeys: ThrottlingException":                                                  control.CauseFailed,
		"not answered: x in 1/eu (truncated): a later page failed":                                                            control.CauseFailed,
		"not answered: GetBucketPolicyStatus (NotImplemented)":                                                                control.CauseUnable,
		"not answered: GetFindingsStatistics (SubscriptionRequiredException)":                                                 control.CauseOff,
		"no record answers this: access-review for 2026-Q2":                                                                   control.CauseRecord,
		"which IAM user was this person's is not known: the people register names none":                                       control.CauseRecord,
		"not answered: the rule's compliance: AWS Config says INSUFFICIENT_DATA":                                              control.CauseSilent,
		"": control.CauseSilent,
	} {
		if got := control.CauseOf(reason); got != want {
			t.Errorf("%q: %q, want %q", reason, got, want)
		}
	}
	for _, s := range []evidence.State{evidence.DeniedSCP, evidence.DeniedIdentity, evidence.DeniedResource, evidence.AccountUnreachable, evidence.Throttled, evidence.CredentialExpired, evidence.Truncated, evidence.Cancelled, evidence.NotAsked, evidence.Lost} {
		if got := control.CauseOf(fmt.Sprintf("not answered: kms/key in 1/eu (%s): it said so", s)); got == control.CauseSilent {
			t.Errorf("%s falls to %q", s, got)
		}
	}
}
