package git

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	gogit "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/http"

	"exhibit/collect"
	"exhibit/evidence"
	"exhibit/evidence/store/objects"
	"exhibit/internal/secret"
)

// A source is one repository, brought up to date once for both of its tasks.
type source struct {
	cfg  Config
	repo Repository

	once sync.Once
	dir  string // of the repository on this machine
	err  error
}

// A question is one task being asked.
type question struct {
	*collect.Answer
	source string
	s      *source
	rows   int
}

// A refusal is an error with the code its gap gets.
type refusal struct {
	question, code, message string
}

func (r *refusal) Error() string { return r.message }

// refuse ends the cell with the state an error stands for.
func (q *question) refuse(ctx context.Context, err error) {
	g := evidence.Gap{Question: "open", Code: "Unreadable", Message: q.s.clean(err.Error())}
	var r *refusal
	switch {
	case errors.As(err, &r):
		g.Question, g.Code = r.question, r.code
	case ctx.Err() != nil:
		g.Code, g.Message = collect.CancelledCode, "the run was cancelled"
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			g.Message = "the run's time was up"
		}
	case errors.Is(err, objects.ErrMissing):
		g.Code = "MissingObject"
	}
	q.Refuse(g, q.rows)
}

// clean keeps a password that stands in a URL, and the place of the cache, out
// of what is written.
func (s *source) clean(message string) string {
	if s.repo.URL != "" {
		message = strings.ReplaceAll(message, s.repo.URL, withoutUser(s.repo.URL))
	}
	if s.cfg.Cache != "" {
		message = strings.ReplaceAll(message, s.cfg.Cache, "the cache")
	}
	message, _ = secret.Withhold(message) // an error may spell the URL another way
	return message
}

// withoutUser is a URL without user, password, query and fragment.
func withoutUser(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		if _, after, ok := strings.Cut(raw, "@"); ok && !strings.Contains(raw, "://") {
			return after // git@host:path
		}
		return strings.SplitN(raw, "?", 2)[0]
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// call takes down one question and its answer. at is when it was put.
func (q *question) call(operation string, at time.Time, rows int, params map[string]any) {
	if q.s.repo.URL != "" {
		params["url"] = withoutUser(q.s.repo.URL)
	} else {
		params["path"] = q.s.repo.Path
	}
	q.Call(evidence.Call{
		Region: q.s.repo.Name, Source: q.source, Service: "git", Operation: operation, Params: params,
		Page: 1, Started: at, Ended: q.s.now(), Attempts: 1, Count: rows,
	})
}

func (s *source) now() time.Time {
	if s.cfg.Now == nil {
		return time.Time{}
	}
	return s.cfg.Now().UTC()
}

// open gives the repository, after bringing a clone up to date.
func (q *question) open(ctx context.Context) (*repository, error) {
	s := q.s
	s.once.Do(func() {
		at := s.now()
		if s.dir, s.err = s.locate(); s.dir != "" || s.err != nil {
			return
		}
		s.dir, s.err = s.fetch(ctx)
		code := "OK"
		if s.err != nil {
			code = "failed"
		}
		q.call("fetch", at, 0, map[string]any{"result": code})
	})
	if s.err != nil {
		return nil, s.err
	}
	return openRepository(s.dir)
}

// locate is the folder of a repository on this machine; "" for one to be cloned.
func (s *source) locate() (string, error) {
	if s.repo.Path != "" {
		return s.repo.Path, nil
	}
	u, err := url.Parse(s.repo.URL)
	switch {
	case s.repo.URL == "":
		return "", &refusal{"open", "NotFound", "neither a path nor a URL is configured"}
	case err == nil && u.Scheme == "file":
		return filepath.FromSlash(u.Path), nil
	case err == nil && (u.Scheme == "https" || u.Scheme == "http" || u.Scheme == "ssh") && u.Host != "",
		!strings.Contains(s.repo.URL, "://") && strings.Contains(s.repo.URL, ":"):
		return "", nil
	}
	return "", &refusal{"open", "NotFound", fmt.Sprintf("the URL %q is none of https://, ssh://, git@host:path and file://", withoutUser(s.repo.URL))}
}

// fetch brings the bare clone of a URL up to date: all branches and tags as
// they are there now, rewritten ones too.
func (s *source) fetch(ctx context.Context) (string, error) {
	sum := sha256.Sum256([]byte(s.repo.URL))
	dir := filepath.Join(s.cfg.Cache, fmt.Sprintf("%s-%x.git", safe(s.repo.Name), sum[:8]))
	g, err := gogit.PlainOpen(dir)
	if errors.Is(err, gogit.ErrRepositoryNotExists) {
		if g, err = gogit.PlainInit(dir, true); err == nil {
			_, err = g.CreateRemote(&config.RemoteConfig{Name: "origin", URLs: []string{withoutUser(s.repo.URL)}})
		}
	}
	if err != nil {
		return "", &refusal{"fetch", "Unreadable", fmt.Sprintf("opening the clone in the cache: %v", err)}
	}
	opt := &gogit.FetchOptions{
		RemoteURL: s.repo.URL, Tags: gogit.NoTags, Force: true, Prune: true,
		RefSpecs: []config.RefSpec{"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"},
	}
	if s.cfg.Credentials != nil {
		if user, password, ok := s.cfg.Credentials(s.repo.URL); ok {
			opt.Auth = &http.BasicAuth{Username: user, Password: password}
		}
	}
	err = g.FetchContext(ctx, opt)
	switch {
	case err == nil, errors.Is(err, gogit.NoErrAlreadyUpToDate):
		return dir, nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, transport.ErrAuthenticationRequired), errors.Is(err, transport.ErrAuthorizationFailed), errors.Is(err, transport.ErrInvalidAuthMethod),
		strings.Contains(err.Error(), "unable to authenticate"), strings.Contains(err.Error(), "SSH_AUTH_SOCK"):
		return "", &refusal{"fetch", "AccessDenied", s.clean(err.Error())}
	case errors.Is(err, transport.ErrRepositoryNotFound):
		return "", &refusal{"fetch", "NotFound", "there is no such repository, or these credentials may not see it"}
	case errors.Is(err, transport.ErrEmptyRemoteRepository):
		return "", &refusal{"fetch", "NoBranch", "the repository has no branch yet"}
	}
	return "", &refusal{"fetch", "Unreadable", s.clean(err.Error())}
}

// A repository is one on this machine, open for reading.
type repository struct {
	*objects.Store
	dir     string // the git folder all work trees share
	refs    map[string]objects.ID
	shallow map[objects.ID]bool
	read    map[objects.ID]*ownersFile // CODEOWNERS files, each once
}

func openRepository(path string) (*repository, error) {
	dir, err := gitFolder(path)
	if err != nil {
		return nil, err
	}
	if err := supported(dir); err != nil {
		return nil, err
	}
	r := &repository{dir: dir}
	if r.Store, err = objects.Open(filepath.Join(dir, "objects")); err != nil {
		return nil, &refusal{"open", "Unreadable", err.Error()}
	}
	if err := r.readRefs(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	r.shallow, err = readShallow(dir)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// gitFolder finds the git folder of a work tree, a linked work tree or a bare repository.
func gitFolder(path string) (string, error) {
	fi, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", &refusal{"open", "NotFound", fmt.Sprintf("there is no folder %s", path)}
	case err != nil:
		return "", &refusal{"open", accessCode(err), err.Error()}
	case !fi.IsDir():
		return "", &refusal{"open", "NotFound", fmt.Sprintf("%s is not a folder", path)}
	}
	dir := path
	if fi, err := os.Stat(filepath.Join(path, ".git")); err == nil && fi.IsDir() {
		dir = filepath.Join(path, ".git")
	} else if err == nil {
		b, err := os.ReadFile(filepath.Join(path, ".git"))
		to, ok := strings.CutPrefix(strings.TrimSpace(string(b)), "gitdir: ")
		if err != nil || !ok {
			return "", &refusal{"open", "Unreadable", fmt.Sprintf("%s names no git folder", filepath.Join(path, ".git"))}
		}
		if dir = to; !filepath.IsAbs(dir) {
			dir = filepath.Join(path, dir)
		}
	}
	if b, err := os.ReadFile(filepath.Join(dir, "commondir")); err == nil {
		if to := strings.TrimSpace(string(b)); filepath.IsAbs(to) {
			dir = to
		} else {
			dir = filepath.Join(dir, to)
		}
	}
	for _, name := range []string{"HEAD", "objects"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			code := accessCode(err)
			if errors.Is(err, fs.ErrNotExist) {
				code = "NotFound"
			}
			return "", &refusal{"open", code, fmt.Sprintf("%s is not a git repository", path)}
		}
	}
	return dir, nil
}

func accessCode(err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return "AccessDenied"
	}
	return "Unreadable"
}

// supported refuses kinds of repository that would be misread.
func supported(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, "config"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &refusal{"open", accessCode(err), err.Error()}
	}
	var section string
	for line := range strings.Lines(string(b)) {
		line = strings.ToLower(strings.TrimSpace(line))
		if strings.HasPrefix(line, "[") {
			section = strings.Trim(line, "[]")
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if section != "extensions" {
			continue
		}
		if key == "objectformat" && value != "sha1" || key == "refstorage" && value != "files" {
			return &refusal{"open", "Unsupported", fmt.Sprintf("the repository has %s = %s, which exhibit cannot read", key, value)}
		}
	}
	return nil
}

func readShallow(dir string) (map[objects.ID]bool, error) {
	b, err := os.ReadFile(filepath.Join(dir, "shallow"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &refusal{"open", accessCode(err), err.Error()}
	}
	out := map[objects.ID]bool{}
	for line := range strings.Lines(string(b)) {
		id, err := objects.ParseID(strings.TrimSpace(line))
		if err != nil {
			return nil, &refusal{"open", "Unreadable", "the list of shallow commits: " + err.Error()}
		}
		out[id] = true
	}
	return out, nil
}
