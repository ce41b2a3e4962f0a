package table

import (
	"fmt"
	"strings"
	"time"

	"exhibit/control"
)

// deploymentSources are where deployments are told of, with what each tells.
var deploymentSources = [][2]string{
	{"git/ref", "Tags of the repositories, as they stand at each run."},
	{"forge/release", "Releases of the code host."},
	{"forge/deployment", "Deployments the code host was told of."},
	{"codepipeline/execution", "Executions of pipelines of CodePipeline."},
	{"codedeploy/deployment", "Deployments by CodeDeploy."},
}

// IsMark reports whether it marks a state and brings nothing anywhere by itself.
func IsMark(d control.Deployment) bool { return d.Source == "git/ref" || d.Source == "forge/release" }

// Failed reports whether it says that it did not succeed.
func Failed(d control.Deployment) bool {
	switch strings.ToLower(d.Outcome) {
	case "failed", "failure", "error", "stopped", "cancelled":
		return true
	}
	return false
}

// DeploymentSourcesTable says of each source what it tells, and how it was answered.
func (b *Book) DeploymentSourcesTable() *Table {
	t := &Table{ID: "told-by", Title: "Sources of deployments", Columns: []Column{{"source", "Source", Code, 26}, {"tells", "What it tells", Text, 40}, {"coverage", "Coverage", Status, 16}, {"why", "Why", Text, 40}, {"items", "In the period", Number, 10}}}
	count := map[string]int{}
	for _, d := range b.Deployments {
		count[d.Source]++
	}
	for _, s := range deploymentSources {
		cells := b.CellsOf(s[0])
		word, why := CoverGap, "no run has asked for it"
		var open []string
		for _, c := range cells {
			switch w := CoverWord(c.State); w {
			case CoverGap:
				open = append(open, strings.TrimSpace(c.Account+" "+c.Region)+": "+CellWhy(c))
			case CoverCollected, CoverPartial, CoverNothing:
				if word == CoverGap || w == CoverCollected {
					word = w
				}
				why = ""
			default:
				if word == CoverGap {
					word, why = w, CellWhy(c)
				}
			}
		}
		if len(open) > 0 {
			if word != CoverGap {
				word = CoverPartial
			}
			why = strings.Join(open[:min(3, len(open))], "; ")
		}
		source := Mono(s[0])
		if len(cells) > 0 {
			source = source.To(b.SourcePage(s[0]))
		}
		t.Add("", source, Str(s[1]), Word(control.Status(word)), Str(why), Int(count[s[0]]))
	}
	return t
}

// DeploymentMonthsTable counts by month.
func (b *Book) DeploymentMonthsTable() *Table {
	t := &Table{ID: "months-of", Title: "By month", Columns: []Column{{"month", "Month", Text, 14}, {"deployments", "Deployments", Number, 12}, {"back", "That went back", Number, 12}, {"failed", "That did not succeed", Number, 12}, {"marks", "Releases and tags", Number, 12}}}
	type row struct{ acts, back, failed, marks int }
	by := map[string]*row{}
	for _, d := range b.Deployments {
		if d.At.IsZero() {
			continue
		}
		m := d.At.UTC().Format("2006-01")
		if by[m] == nil {
			by[m] = &row{}
		}
		if IsMark(d) {
			by[m].marks++
		} else {
			by[m].acts++
		}
		if d.Rollback != "" {
			by[m].back++
		}
		if Failed(d) {
			by[m].failed++
		}
	}
	for m := b.Engagement.Period.Start.UTC(); !m.After(b.Engagement.Period.End); m = time.Date(m.Year(), m.Month()+1, 1, 0, 0, 0, 0, time.UTC) {
		r := by[m.Format("2006-01")]
		if r == nil {
			r = &row{}
		}
		t.Add("", Str(m.Format("2006-01")), Int(r.acts), Int(r.back), Int(r.failed), Int(r.marks))
	}
	return t
}

// DeploymentsTable lists them, one a row.
func (b *Book) DeploymentsTable(id string, list []control.Deployment) *Table {
	t := &Table{ID: id, Title: "Deployments, releases and tags", Columns: []Column{{"status", "Status", Status, 16}, {"when", "When", Time, 20}, {"where", "Where", Text, 24}, {"what", "What", Text, 24}, {"by", "By", Text, 24}, {"outcome", "Outcome", Text, 14},
		{"commit", "Commit", Code, 20}, {"place", "Among the changes", Text, 36}, {"back", "Went back", Text, 30}, {"source", "Told by", Code, 24}}}
	here := map[string]bool{}
	for _, s := range deploymentSources {
		for _, it := range b.Items[s[0]] {
			here[s[0]+" "+it.Account+" "+it.Region+" "+it.ID] = true
		}
	}
	for _, d := range list {
		source := Mono(d.Source)
		if here[d.Source+" "+d.Account+" "+d.Region+" "+d.Item] {
			source = source.To(b.ItemHref(Key{d.Account, d.Region, d.Source}, d.Item))
		}
		what := d.Name
		if what == "" {
			what = d.Item
		}
		t.Add("dep-"+Hash(d.Source, d.Account, d.Region, d.Item), Word(VerdictStatus(control.Finding{Verdict: d.Known})), At(d.At), Str(d.Where), Str(what), Str(d.By), Str(d.Outcome), Mono(d.Commit), Str(d.Place), Str(d.Rollback), source)
	}
	return t
}

// EventTime is when CloudTrail says an event was.
func EventTime(it control.Located) string {
	e, _ := it.Answers["LookupEvents"].(map[string]any)
	s, _ := e["EventTime"].(string)
	return s
}

// EventsTable lists management events with who made them.
func (b *Book) EventsTable(id string, list []control.Located) *Table {
	t := &Table{ID: id, Title: "Management events", Columns: []Column{{"when", "When", Time, 20}, {"event", "Event", Code, 26}, {"who", "By", Text, 26}, {"on", "On", Text, 40}, {"account", "Account, region", Text, 26}}}
	for _, it := range list {
		e, _ := it.Answers["LookupEvents"].(map[string]any)
		at, err := time.Parse(time.RFC3339, EventTime(it))
		if err != nil {
			at = time.Time{}
		}
		var on []string
		resources, _ := e["Resources"].([]any)
		for _, r := range resources {
			if m, ok := r.(map[string]any); ok && m["ResourceName"] != nil {
				on = append(on, fmt.Sprint(m["ResourceName"]))
			}
		}
		who, _ := e["Username"].(string)
		if who == "" {
			who = "not said"
		}
		t.Add("", At(at), Mono(fmt.Sprint(e["EventName"])), Str(who), Str(strings.Join(on, "\n")), Str(strings.TrimSpace(it.Account+" "+it.Region)))
	}
	return t
}
