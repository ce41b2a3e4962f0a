package forge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"exhibit/collect"
	"exhibit/evidence"
)

// The sources of this package.
const (
	PullRequests = "forge/pull-request"
	Rules        = "forge/branch-rule"
	RuleSets     = "forge/ruleset"
	Members      = "forge/member"
	Deployments  = "forge/deployment"
	Releases     = "forge/release"
	Bypasses     = "forge/rule-suite"
	AuditLog     = "forge/audit-event"
	// of an organisation
	Organisations = "forge/organisation"
	Repositories  = "forge/repository"
)

// Sources are all of them.
func Sources() []string {
	return []string{PullRequests, Rules, RuleSets, Members, Deployments, Releases, Bypasses, AuditLog, Organisations, Repositories}
}

// Config says which repositories to ask about.
type Config struct {
	Repositories []Repository
	// Organisations are those whose repositories are listed.
	Organisations []Organisation
	Period        Period
	// Now is the clock, for the times of calls.
	Now func() time.Time
	// Sleep waits for a rate limit; it returns early with the context's error.
	Sleep func(context.Context, time.Duration) error
	// Token gives the token for a forge's host and says where one was looked for.
	Token func(kind Kind, host string) (token, looked string)
	// Transport carries the requests; nil for the default one.
	Transport http.RoundTripper
}

// A Period is from Start until just before End.
type Period struct{ Start, End time.Time }

// Kind is what a forge speaks.
type Kind string

// The kinds that can be asked. GitHub is github.com, GitHub Enterprise Cloud and
// Server; Gitea and Forgejo have one API.
const (
	GitHub  Kind = "github"
	Gitea   Kind = "gitea"
	Forgejo Kind = "forgejo"
	GitLab  Kind = "gitlab"
)

// Kinds are all of them.
func Kinds() []Kind { return []Kind{GitHub, Gitea, Forgejo, GitLab} }

// A Repository is one to ask about.
type Repository struct {
	Name   string // as git lists it; becomes the cell's region and a folder
	Kind   Kind
	Path   string // owner/name at the forge
	URL    string // of the API; "" for https://api.github.com, where there is a default
	Branch string // the branch that goes to production
	// AuditLog says that the organization has an audit log the token may read.
	AuditLog bool
}

// Tasks are those of each repository: the pull requests that were merged in the
// period, the rules of the branch, the sets they come from, who may merge, what was
// deployed and released, and who went around the rules. Of each organisation they are
// its repositories.
func Tasks(cfg Config) []collect.Task {
	var out []collect.Task
	for _, o := range cfg.Organisations {
		out = append(out, o.tasks(cfg)...)
	}
	for _, r := range cfg.Repositories {
		s := &source{cfg: cfg, repo: r}
		pulls, rules := "pull-requests-"+FileName(r.Branch), "branch-rules-"+FileName(r.Branch)
		switch r.Kind {
		case Gitea, Forgejo: // no sets of rules, no deployments
			out = append(out,
				s.task(PullRequests, pulls, s.giteaPulls),
				s.task(Rules, rules, s.giteaRules),
				s.task(Members, "members", s.giteaMembers),
				s.task(Releases, "releases", s.giteaReleases))
			continue
		}
		if r.Kind == GitLab { // no sets of rules
			out = append(out,
				s.task(PullRequests, pulls, s.gitlabPulls),
				s.task(Rules, rules, s.gitlabRules),
				s.task(Members, "members", s.gitlabMembers),
				s.task(Deployments, "deployments", s.gitlabDeployments),
				s.task(Releases, "releases", s.gitlabReleases))
			continue
		}
		out = append(out,
			s.task(PullRequests, pulls, s.pullRequests),
			s.task(Rules, rules, s.rules),
			s.task(RuleSets, "rulesets", s.ruleSets),
			s.task(Members, "members", s.members),
			s.task(Deployments, "deployments", s.deployments),
			s.task(Releases, "releases", s.releases),
			s.task(Bypasses, "rule-suites-"+FileName(r.Branch), s.bypasses))
		if r.AuditLog {
			out = append(out, s.task(AuditLog, "audit-log", s.auditLog))
		}
	}
	return out
}

// FileName makes a part of a file's name of a branch: what is no letter, digit,
// dot, underscore or hyphen becomes a hyphen.
func FileName(branch string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '-'
	}, strings.Trim(branch, "."))
}

// A source is one repository at its forge, or an organisation: then org is not nil, and
// of the repository there is only how it is called and where.
type source struct {
	cfg  Config
	repo Repository
	org  *Organisation
}

// A question is one task being asked.
type question struct {
	*collect.Answer
	*source
	name  string // of the cell's source
	token string
	rows  int
}

func (s *source) task(name, file string, ask func(context.Context, *question) error) collect.Task {
	return s.taskIn("evidence/git/"+FileName(s.repo.Name)+"/"+file+".jsonl", name, ask)
}

func (s *source) taskIn(path, name string, ask func(context.Context, *question) error) collect.Task {
	return collect.Task{
		Cell: evidence.Cell{Region: s.repo.Name, Source: name, Path: path},
		Ask: func(ctx context.Context, a *collect.Answer) {
			q := &question{Answer: a, source: s, name: name}
			err := q.ready()
			if err == nil {
				err = ask(ctx, q)
			}
			if err != nil {
				q.refuse(ctx, err)
			}
		},
	}
}

// A refusal is an error with the code its gap gets.
type refusal struct{ question, code, message string }

func (r *refusal) Error() string { return r.message }

// gapOf is what an unanswered question leaves; nil when it was answered.
func gapOf(what string, err error) *evidence.Gap {
	if err == nil {
		return nil
	}
	g := evidence.Gap{Question: what, Code: "Unreadable", Message: err.Error()}
	var r *refusal
	if errors.As(err, &r) {
		g.Code = r.code
	}
	return &g
}

func asRefusal(err error, r **refusal) bool { return errors.As(err, r) }

// refuse ends the cell with the state an error stands for.
func (q *question) refuse(ctx context.Context, err error) {
	g := evidence.Gap{Question: q.name, Code: "Unreadable", Message: err.Error()}
	var r *refusal
	switch {
	case errors.As(err, &r):
		g.Question, g.Code = r.question, r.code
	case ctx.Err() != nil:
		g.Code, g.Message = collect.CancelledCode, "the run was cancelled"
	}
	q.Refuse(g, q.rows)
}

// ready finds the token and refuses what must not be asked.
func (q *question) ready() error {
	u, err := url.Parse(q.api())
	if err != nil || u.Host == "" {
		return &refusal{"url", "NotFound", fmt.Sprintf("%q is not the address of an API", q.repo.URL)}
	}
	local := u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost" || u.Hostname() == "::1"
	if u.Scheme != "https" && !local {
		return &refusal{"url", "Insecure", fmt.Sprintf("a token is sent over https alone, not to %s", q.repo.URL)}
	}
	if q.owner() == "" && q.repo.Kind != GitLab && q.org == nil { // whose groups lie in groups
		return &refusal{"url", "NotFound", fmt.Sprintf("%q does not name a repository as owner/name", q.repo.Path)}
	}
	looked := "nowhere"
	if q.cfg.Token != nil {
		q.token, looked = q.cfg.Token(q.repo.Kind, u.Hostname())
	}
	if q.token == "" {
		return &refusal{"token", "NoCredentials", fmt.Sprintf("there is no token for %s; looked for in %s", u.Hostname(), looked)}
	}
	return nil
}

func (s *source) api() string {
	if s.repo.URL == "" {
		return Home(s.repo.Kind)
	}
	return strings.TrimSuffix(s.repo.URL, "/")
}

// Home is the address of a kind's API where exhibit.yaml names none; "" where it must.
func Home(kind Kind) string {
	switch kind {
	case GitHub:
		return "https://api.github.com"
	case GitLab:
		return "https://gitlab.com/api/v4"
	}
	return ""
}

// Host is the host of the API at an address, "" for the kind's default.
func Host(kind Kind, address string) string {
	if address == "" {
		address = Home(kind)
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// owner and name are the two parts of the repository's path; "" for none.
func (s *source) owner() string {
	owner, name, ok := strings.Cut(s.repo.Path, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return ""
	}
	return owner
}

func (s *source) repository() string {
	_, name, _ := strings.Cut(s.repo.Path, "/")
	return name
}

func (s *source) now() time.Time {
	if s.cfg.Now == nil {
		return time.Time{}
	}
	return s.cfg.Now().UTC()
}
