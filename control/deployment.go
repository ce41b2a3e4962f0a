package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Deployment is one time something was brought to production, as whoever did it
// tells: a release, a deployment the code host was told of, an execution of a pipeline.
type Deployment struct {
	Source          string // "git/ref" for a tag, "forge/release", "forge/deployment", "codepipeline/execution", "codedeploy/deployment"
	Item            string // the item's id
	Account, Region string
	Evidence        Pointer
	// Where is what it was brought to: an environment, a pipeline, an application.
	Where string
	Name  string // a tag or a revision, as it is called; "" for none
	At    time.Time
	By    string
	// Outcome is what became of it, in the words of whoever did it; "" where it is a mark
	// and not an act, as a tag is.
	Outcome string
	Commit  string // "" where none is named
	// Rollback says why it is one: it says so itself, or it brought an earlier change than
	// the one before it; "" where it is none.
	Rollback string
	// Place says where the commit stands among the changes, Known whether it is one: pass,
	// fail, or not evaluated with the reason in Place.
	Place string
	Known Verdict

	number int64  // on the branch; 0 where that is not known
	line   string // the repository whose branch that is
}

// A linePlaces knows where commits stand on the production branches.
type linePlaces struct {
	at      map[string]Located // by commit: changes of the period
	began   map[string]string  // by commit: the state a period began with, and its repository
	tags    map[string]Located // by commit: tags
	pulls   map[string]string  // by commit: the pull request it is a part of, and was not merged as
	refused string
}

func placesOf(changes, refs, pulls listing) *linePlaces {
	p := &linePlaces{at: map[string]Located{}, began: map[string]string{}, tags: map[string]Located{}, pulls: map[string]string{}}
	oldest := map[string]Located{}
	for _, it := range changes.Items {
		p.at[it.ID] = it
		if old, ok := oldest[it.Region]; !ok || lineNumber(it) < lineNumber(old) {
			oldest[it.Region] = it
		}
	}
	for repository, it := range oldest {
		if parents := written(fieldsOf(it.Answers["commit"])).texts("parents"); len(parents) > 0 {
			p.began[parents[0]] = repository
		}
	}
	for _, it := range refs.Items {
		ref := written(fieldsOf(it.Answers["ref"]))
		if ref.text("kind") == "tag" && ref.text("commit") != "" {
			p.tags[ref.text("commit")] = it
		}
	}
	for _, it := range pulls.Items {
		one := &pull{fieldsOf(it.Answers["pullRequest"]), it.ID}
		for _, n := range one.nodes("commits") {
			if oid := written(fieldsOf(n["commit"])).text("oid"); oid != "" {
				p.pulls[oid] = it.ID
			}
		}
	}
	p.refused = cmp.Or(changes.refused(), refs.refused())
	return p
}

// find looks a commit up; rollback says that an old one is no surprise.
func (p *linePlaces) find(commit string, rollback bool) (v Verdict, place string, number int64) {
	switch {
	case commit == "":
		return NotEvaluated, notAnswered("which commit it brought"), 0
	case p.at[commit].ID != "":
		it := p.at[commit]
		return Pass, fmt.Sprintf("commit %d on the line of %s", lineNumber(it), it.Region), lineNumber(it)
	}
	if tag, ok := p.tags[commit]; ok {
		v, known := field(tag, "line")
		switch n := written(fieldsOf(v)).number("number", 0); {
		case !known:
		case n > 0:
			return Pass, fmt.Sprintf("commit %d on the line of %s, from before the period", n, tag.Region), n
		default:
			return Fail, "it is not on the production branch of " + tag.Region, 0
		}
	}
	switch {
	case p.began[commit] != "":
		return Pass, "the state in which the period began, of " + p.began[commit], 0
	case p.pulls[commit] != "":
		return Fail, "a commit of " + p.pulls[commit] + ", and no change of the production branch", 0
	case p.refused != "":
		return NotEvaluated, p.refused, 0
	case rollback:
		return NotEvaluated, notAnswered("whether a change from before the period has this commit"), 0
	}
	return Fail, "no change of the period has this commit, and it is not the state the period began with", 0
}

// deployed reads one item of whatever source as a deployment; nil where it is none.
func deployed(it Located) *Deployment {
	d := &Deployment{Source: it.Source, Item: it.ID, Account: it.Account, Region: it.Region, Evidence: it.Pointer}
	switch it.Source {
	case "git/ref":
		ref := written(fieldsOf(it.Answers["ref"]))
		if ref.text("kind") != "tag" || ref.text("commit") == "" {
			return nil
		}
		d.Where, d.Name, d.Commit, d.By = it.Region, strings.TrimPrefix(it.ID, "refs/tags/"), ref.text("commit"), ref.text("tagger")
		d.At = ref.time("tagged")
		if d.At.IsZero() {
			d.At = written(fieldsOf(it.Answers["line"])).time("committed")
		}
	case "forge/release":
		r := written(fieldsOf(it.Answers["release"]))
		if r.bool("isDraft") {
			return nil
		}
		d.Where, d.Name, d.At, d.By = it.Region, r.text("tagName"), r.time("publishedAt"), loginOf(r["author"])
		d.Commit = written(fieldsOf(r["tagCommit"])).text("oid")
	case "forge/deployment":
		r := written(fieldsOf(it.Answers["deployment"]))
		d.Where, d.At, d.By, d.Commit = r.text("environment"), r.time("createdAt"), loginOf(r["creator"]), r.text("commitOid")
		d.Name = written(fieldsOf(r["ref"])).text("name")
		d.Outcome = outcomeOf(r)
	case "codepipeline/execution":
		r := written(fieldsOf(it.Answers["ListPipelineExecutions"]))
		d.Where, _, _ = strings.Cut(it.ID, "/")
		d.At, d.Outcome, d.Name = r.time("StartTime"), r.text("Status"), r.text("PipelineExecutionId")
		d.By = written(fieldsOf(r["Trigger"])).text("TriggerDetail")
		revisions, _ := r["SourceRevisions"].([]any)
		for _, e := range revisions {
			if id := written(fieldsOf(e)).text("RevisionId"); isHash(id) {
				d.Commit = id
				break
			}
		}
		if r.text("ExecutionType") == "ROLLBACK" {
			d.Rollback = "the pipeline says so"
		}
	case "codedeploy/deployment":
		r := written(fieldsOf(it.Answers["BatchGetDeployments"]))
		d.Where = strings.Trim(r.text("ApplicationName")+", "+r.text("DeploymentGroupName"), ", ")
		d.At, d.Outcome, d.Name, d.By = r.time("CreateTime"), r.text("Status"), r.text("DeploymentId"), r.text("Creator")
		d.Commit = written(fieldsOf(fieldsOf(r["Revision"])["GitHubLocation"])).text("CommitId")
		if d.By == "codeDeployRollback" || written(fieldsOf(r["RollbackInfo"])).text("RollbackTriggeringDeploymentId") != "" {
			d.Rollback = "CodeDeploy says so"
		}
	default:
		return nil
	}
	return d
}

// outcomeOf is how a deployment of the code host went: its last status but that another
// took its place; without statuses how it stands now.
func outcomeOf(r written) string {
	statuses, _ := fieldsOf(r["statuses"])["nodes"].([]any)
	for _, e := range statuses { // newest first
		if s := written(fieldsOf(e)).text("state"); s != "" && s != "INACTIVE" {
			return strings.ToLower(s)
		}
	}
	return strings.ToLower(r.text("state"))
}

// isHash reports whether a text is a commit's whole hash.
func isHash(s string) bool { return len(s) == 40 && strings.Trim(s, "0123456789abcdef") == "" }

// succeeded reports whether it brought anything, as far as it is told.
func (d Deployment) succeeded() bool {
	return slices.Contains([]string{"success", "succeeded", "active", "inactive"}, strings.ToLower(d.Outcome))
}

// deploymentSources are where deployments are told of.
func deploymentSources() []string {
	return []string{"git/ref", "forge/release", "forge/deployment", "codepipeline/execution", "codedeploy/deployment"}
}

// deployments are all of the period, oldest first.
func (w *world) deployments() (out []Deployment) {
	p := placesOf(w.listing("git/change"), w.listing("git/ref"), w.listing("forge/pull-request"))
	end := w.period.End.AddDate(0, 0, 1)
	for _, source := range deploymentSources() {
		for _, it := range w.overPeriod(source) {
			if d := deployed(it); d != nil && (d.At.IsZero() || !d.At.Before(w.period.Start) && d.At.Before(end)) {
				out = append(out, *d)
			}
		}
	}
	return inOrder(out, p)
}

// inOrder says of deployments where their commits stand, and which went back.
func inOrder(list []Deployment, p *linePlaces) []Deployment {
	slices.SortStableFunc(list, func(a, b Deployment) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Source, b.Source), strings.Compare(a.Item, b.Item))
	})
	type line struct{ source, account, region, where string }
	stood := map[line]Deployment{}
	for i := range list {
		d := &list[i]
		d.Known, d.Place, d.number = p.find(d.Commit, d.Rollback != "")
		if d.line = p.at[d.Commit].Region; d.line == "" {
			d.line = p.tags[d.Commit].Region
		}
		if d.Source == "git/ref" || d.Source == "forge/release" {
			continue
		}
		k := line{d.Source, d.Account, d.Region, d.Where}
		if before := stood[k]; d.Rollback == "" && d.number > 0 && d.number < before.number && d.succeeded() {
			d.Rollback = fmt.Sprintf("it brought commit %d after commit %d", d.number, before.number)
			if !before.succeeded() {
				d.Rollback += ", which did not succeed"
			}
		}
		stood[k] = *d
	}
	return list
}

// deployedCommitsKnown: one finding for each deployment of the source, on whether the
// commit it brought is one of the production branch. Of is a source of deployments; with
// reads changes (git/change), refs (git/ref) and pulls (forge/pull-request).
func deployedCommitsKnown(in joining) []Finding {
	p := placesOf(in.With["changes"], in.With["refs"], in.With["pulls"])
	end := in.Period.End.AddDate(0, 0, 1)
	seen := map[[3]string]bool{}
	var out []Finding
	runs := slices.Clone(in.everyRun(""))
	slices.Reverse(runs) // each as it was seen last
	for _, run := range runs {
		for _, it := range run.Items {
			k := [3]string{it.Account, it.Region, it.ID}
			d := deployed(it)
			if d == nil || seen[k] {
				continue
			}
			seen[k] = true
			f := about(it)
			switch {
			case d.At.IsZero():
				f.Verdict, f.Reason = NotEvaluated, notAnswered("when "+it.ID+" was, and whether that is in the period")
			case d.At.Before(in.Period.Start) || !d.At.Before(end):
				f.Verdict, f.Reason = NotApplicable, "it was not in the period"
			default:
				var place string
				if f.Verdict, place, _ = p.find(d.Commit, d.Rollback != ""); f.Verdict == NotEvaluated {
					f.Reason = place
				} else {
					f.Value = map[string]any{"commit": d.Commit, "place": place, "when": d.At.UTC().Format(time.RFC3339), "where": d.Where}
				}
			}
			out = append(out, f)
		}
	}
	return out
}
