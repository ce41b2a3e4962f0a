package git

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"exhibit/collect"
	"exhibit/evidence"
)

// The sources of this package.
const (
	Changes = "git/change"
	Refs    = "git/ref"
)

// Config says which repositories to read.
type Config struct {
	Repositories []Repository
	Period       Period
	// Cache is the folder for clones of repositories given by URL.
	Cache string
	// Now is the clock, for the times of calls.
	Now func() time.Time
	// Credentials gives user and password (or token) for an https URL; nil for
	// none. For ssh the agent's keys are used.
	Credentials func(url string) (user, password string, ok bool)
}

// A Period is from Start until just before End.
type Period struct{ Start, End time.Time }

func (p Period) holds(t time.Time) bool { return !t.Before(p.Start) && t.Before(p.End) }

// A Repository is one to read. Names differ from each other: a second branch of
// one repository is given under a second name.
type Repository struct {
	Name   string // becomes the cell's region and a folder
	Path   string // of a repository on this machine, bare or not; "" when URL is given
	URL    string // https://, ssh://, git@host:path or file://
	Branch string // the branch that goes to production: "main"
	// Previous are the tips an earlier run saw, by full name of the ref; nil when
	// there was none. PreviousTips reads them.
	Previous map[string]string
	// Since is the tip of Branch at the last run before the period, when known:
	// what came after it arrived in the period whatever its date says.
	Since string
}

// Tasks are two for each repository: its changes and its refs.
func Tasks(cfg Config) []collect.Task {
	var out []collect.Task
	for _, r := range cfg.Repositories {
		s := &source{cfg: cfg, repo: r}
		out = append(out,
			s.task(Changes, "changes-"+safe(r.Branch), s.changes),
			s.task(Refs, "refs", s.refs))
	}
	return out
}

func (s *source) task(name, file string, ask func(context.Context, *question) error) collect.Task {
	return collect.Task{
		Cell: evidence.Cell{Region: s.repo.Name, Source: name, Path: "evidence/git/" + safe(s.repo.Name) + "/" + file + ".jsonl"},
		Ask: func(ctx context.Context, a *collect.Answer) {
			q := &question{Answer: a, source: name, s: s}
			if err := ask(ctx, q); err != nil {
				q.refuse(ctx, err)
			}
		},
	}
}

// PreviousTips reads the tips from a refs.jsonl that an earlier run wrote.
func PreviousTips(refs []byte) (map[string]string, error) {
	items, err := evidence.ReadItems(refs)
	if err != nil {
		return nil, fmt.Errorf("reading the tips of an earlier run: %w", err)
	}
	tips := make(map[string]string, len(items))
	for _, it := range items {
		ref, _ := it.Answers["ref"].(map[string]any)
		sha, ok := ref["sha"].(string)
		if !ok {
			return nil, fmt.Errorf("reading the tips of an earlier run: %s has no sha", it.ID)
		}
		tips[it.ID] = sha
	}
	return tips, nil
}

// safe makes a file name of a branch or repository. Where a character had to be
// replaced, two names could become one, so a digest of the whole name is added.
//
//	main          main
//	release-1.2   release-1.2
//	release/1.2   release-1.2-5e884898
func safe(name string) string {
	s := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-+=@", r) {
			return r
		}
		return '-'
	}, name)
	if len(s) > 100 {
		s = s[:100]
	}
	stem, _, _ := strings.Cut(strings.ToLower(s), ".")
	device := len(stem) == 3 && strings.Contains("con prn aux nul", stem) || len(stem) == 4 && (strings.HasPrefix(stem, "com") || strings.HasPrefix(stem, "lpt"))
	if s == name && s != "" && !strings.ContainsAny(s[:1], ".-") && !strings.HasSuffix(s, ".") && !device {
		return s
	}
	sum := sha256.Sum256([]byte(name))
	if device {
		s = "_" + s
	}
	return fmt.Sprintf("%s-%x", strings.Trim(s, ".-"), sum[:4])
}
