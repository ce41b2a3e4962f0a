package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A ChangeSheet is what is known of one change, for whoever tests it by hand: texts are
// empty where nothing is known, and lists where there is nothing.
type ChangeSheet struct {
	Repository, Branch string
	Commit, Subject    string
	Evidence, Pulled   Pointer // where git's line and the code host's lie; Pulled is zero for none
	Claims             string  // whom the commit names as its author: nobody vouches for it
	Committed          time.Time
	Signature          string
	Files              []string // "infra/network.tf", as git lists them
	Ticket             string
	Undoes             []string // "undoes 1a2b3c4d5e"

	Way, Unknown         string // as a ChangeLine has them
	Pull, URL, Title     string
	From, Head           string // the branch it was proposed on, and the commit that was merged
	Author, MergedBy     string
	Opened, Merged       time.Time
	Commits              []SheetCommit
	Reviews              []SheetReview
	Runs                 []SheetRun
	Labels               []string
	Explained            string
	Deployed, DeployedBy string // the first deployment that has it, in words
	DeployedAt           time.Time
	// Findings are those of the checks over changes, in the library's order.
	Findings []Finding
}

// A SheetCommit is one commit of a pull request.
type SheetCommit struct {
	ID, Title, Authors string
	At                 time.Time
}

// A SheetReview is what one person said of a pull request.
type SheetReview struct {
	Who, Said, On string // On is the commit it was about
	At            time.Time
	Counts        bool
	Why           string // why it does not count, or for what later state it stands
}

// A SheetRun is one check of the commit that was merged.
type SheetRun struct {
	Name, Required, Ended string // Required is yes, no or not known
	At                    time.Time
}

// SheetKey is under what Report.Sheets has the sheet of a change.
func SheetKey(repository, commit string) string { return repository + " " + commit }

// sheets are those of the changes that auditors drew.
func (w *world) sheets(report *Report) map[string]ChangeSheet {
	drawn := map[string]bool{}
	for _, s := range report.Samples {
		for _, r := range s.Results {
			if r.Item.Source == "git/change" {
				drawn[SheetKey(r.Item.Region, r.Item.ID)] = true
			}
		}
	}
	if len(drawn) == 0 {
		return nil
	}
	lines := map[string]ChangeLine{}
	for _, f := range report.Changes {
		for _, l := range f.Lines {
			lines[SheetKey(f.Repository, l.ID)] = l
		}
	}
	out := map[string]ChangeSheet{}
	in := joining{Of: w.listing("git/change"), With: map[string]listing{"pulls": w.listing("forge/pull-request"), "approvals": w.listing("record/change-approval"), "emergencies": w.listing("record/change-emergency")},
		Period: w.period, AsOf: w.asOf, At: w.runAt()}
	for _, c := range changesOf(in) {
		k := SheetKey(c.Region, c.ID)
		if !drawn[k] {
			continue
		}
		s := c.sheet(lines[k])
		s.deployed(report.Deployments, c.Region, lineNumber(c.Located))
		for _, check := range report.Checks {
			if check.Check.Of != "git/change" {
				continue
			}
			for _, f := range check.Findings {
				if f.Region == c.Region && f.Item == c.ID {
					if s.Findings = append(s.Findings, f); f.Check == "" {
						s.Findings[len(s.Findings)-1].Check = check.Check.Name
					}
					if v, _ := f.Value.(map[string]any); s.Ticket == "" && v["ticket"] != nil {
						s.Ticket = fmt.Sprint(v["ticket"])
					}
				}
			}
		}
		out[k] = s
	}
	return out
}

func (c change) sheet(l ChangeLine) ChangeSheet {
	s := ChangeSheet{Repository: c.Region, Branch: c.how.text("branch"), Commit: c.sha(), Subject: c.commit.text("subject"), Evidence: c.Pointer, Claims: written(fieldsOf(c.commit["author"])).text("name"),
		Committed: c.how.time("committed"), Signature: l.Signature, Way: l.Way, Unknown: c.unknown, Explained: l.Explained, Author: l.Author, MergedBy: l.MergedBy}
	files, _ := c.Answers["files"].([]any)
	for _, e := range files {
		s.Files = append(s.Files, written(fieldsOf(e)).text("path"))
	}
	for _, id := range l.Undoes {
		s.Undoes = append(s.Undoes, fmt.Sprintf("undoes %.10s", id))
	}
	for _, id := range l.UndoneBy {
		s.Undoes = append(s.Undoes, fmt.Sprintf("undone by %.10s", id))
	}
	p := c.pull
	if p == nil {
		return s
	}
	s.Pull, s.URL, s.Title, s.From, s.Head, s.Opened, s.Merged = p.id, p.text("url"), p.text("title"), p.text("headRefName"), p.text("headRefOid"), p.time("createdAt"), p.time("mergedAt")
	for _, n := range p.nodes("labels") {
		s.Labels = append(s.Labels, n.text("name"))
	}
	for _, n := range p.nodes("commits") {
		one := written(fieldsOf(n["commit"]))
		var who []string
		list, _ := fieldsOf(one["authors"])["nodes"].([]any)
		for _, a := range list {
			who = append(who, cmp.Or(loginOf(fieldsOf(a)["user"]), written(fieldsOf(a)).text("email")))
		}
		s.Commits = append(s.Commits, SheetCommit{one.text("oid"), one.text("messageHeadline"), strings.Join(who, ", "), one.time("committedDate")})
	}
	o := c.approvals()
	for _, r := range p.nodes("reviews") {
		one := SheetReview{Who: loginOf(r["author"]), Said: strings.ToLower(strings.ReplaceAll(r.text("state"), "_", " ")), At: r.time("submittedAt"), On: written(fieldsOf(r["commit"])).text("oid")}
		if i := slices.IndexFunc(o.count, func(x opinion) bool { return x.login == one.Who && x.at.Equal(one.At) }); i >= 0 {
			one.Counts, one.Why = true, o.count[i].since
		} else if one.Said == "approved" {
			for _, why := range append(slices.Clone(o.but), o.open...) {
				if strings.HasPrefix(why, one.Who+" ") || strings.HasPrefix(why, one.Who+":") {
					one.Why = strings.TrimSpace(strings.TrimPrefix(why, one.Who))
				}
			}
			one.Why = cmp.Or(one.Why, o.unknown, "a later word of the same person stands")
		}
		s.Reviews = append(s.Reviews, one)
	}
	if heads := p.nodes("mergedHead"); len(heads) > 0 {
		list, _ := fieldsOf(fieldsOf(fieldsOf(heads[0]["commit"])["statusCheckRollup"])["contexts"])["nodes"].([]any)
		for _, n := range list {
			r := written(fieldsOf(n))
			run := SheetRun{Name: cmp.Or(r.text("name"), r.text("context")), Ended: strings.ToLower(cmp.Or(r.text("conclusion"), r.text("state"), "not ended")), At: r.time("completedAt"), Required: "not known"}
			if run.At.IsZero() {
				run.At = r.time("createdAt")
			}
			if required, said := r["isRequired"].(bool); said {
				run.Required = map[bool]string{true: "yes", false: "no"}[required]
			}
			s.Runs = append(s.Runs, run)
		}
	}
	return s
}

// deployed finds the first deployment that brought the change, or a later one of its line.
func (s *ChangeSheet) deployed(list []Deployment, repository string, number int64) {
	for _, marks := range []bool{false, true} { // a release says less than a deployment
		for _, d := range list { // oldest first
			mark := d.Source == "git/ref" || d.Source == "forge/release"
			if mark != marks || d.line != repository || d.Known != Pass || d.number < number || !mark && !d.succeeded() || d.At.Before(s.Merged) {
				continue
			}
			s.DeployedAt, s.DeployedBy = d.At, d.By
			s.Deployed = strings.TrimSpace(strings.Join([]string{cmp.Or(d.Name, d.Item), "to", d.Where}, " "))
			if mark {
				s.Deployed = cmp.Or(d.Name, d.Item) + ", a release; no deployment that has it is told of"
			}
			if d.number > number {
				s.Deployed += fmt.Sprintf(", with %s after it", plural(int(d.number-number), "change"))
			}
			return
		}
	}
}
