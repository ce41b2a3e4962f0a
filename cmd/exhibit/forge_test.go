package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"exhibit/collect/forge"
)

func TestConfigRefusesForges(t *testing.T) {
	for name, x := range map[string]struct{ forge, says string }{
		"an unknown kind":           {"{kind: bitbucket, repository: a/b}", `repositories.0.forge.kind: "bitbucket" is not a code host that can be asked; allowed: github, gitea, forgejo, gitlab`},
		"no address":                {"{kind: gitea, repository: a/b}", "repositories.0.forge.url: is missing"},
		"a token that goes open":    {"{kind: gitea, repository: a/b, url: 'http://git.example.com/api/v1'}", `must begin with https://`},
		"groups in groups":          {"{kind: gitlab, repository: a/b/c}", ""},
		"groups in groups, GitHub":  {"{kind: github, repository: a/b/c}", `"a/b/c" must name the repository as owner/name`},
		"the token itself":          {"{kind: gitlab, repository: a/b, token: glpat-x}", "the token itself does not belong here"},
		"another's audit log":       {"{kind: gitlab, repository: a/b, audit_log: true}", "is GitHub's alone"},
		"a variable for the token":  {"{kind: gitlab, repository: a/b, token: AUDIT_TOKEN}", ""},
		"an audit log where it may": {"{kind: github, repository: a/b, audit_log: true}", ""},
	} {
		_, err := parseConfig("exhibit.yaml", []byte(goodConfig+"repositories:\n  - {name: a, path: a, branch: main, forge: "+x.forge+"}\n"))
		switch {
		case x.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case x.says != "" && (err == nil || !strings.Contains(err.Error(), x.says) || !strings.Contains(err.Error(), "exhibit.yaml:5")):
			t.Errorf("%s: %v, want %q", name, err, x.says)
		}
	}
}

// Where a token is looked for, by kind and host, and that a variable that is named
// is the only place.
func TestForgeToken(t *testing.T) {
	home := t.TempDir()
	for file, content := range map[string]string{
		"gh/hosts.yml":        "github.com: {oauth_token: of-gh}\n",
		"glab-cli/config.yml": "hosts:\n  gitlab.com: {token: of-glab}\n",
		"tea/config.yml":      "logins:\n  - {name: x, url: 'https://git.example.com', token: of-tea}\n",
	} {
		name := filepath.Join(home, ".config", file)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, x := range map[string]struct {
		kind          forge.Kind
		host          string
		env           map[string]string
		named         string
		token, looked string
	}{
		"gh":              {forge.GitHub, "api.github.com", nil, "", "of-gh", "hosts.yml"},
		"glab":            {forge.GitLab, "gitlab.com", nil, "", "of-glab", "glab-cli"},
		"tea":             {forge.Gitea, "git.example.com", nil, "", "of-tea", "tea"},
		"tea, Forgejo":    {forge.Forgejo, "git.example.com", nil, "", "of-tea", "FORGEJO_TOKEN"},
		"another host":    {forge.Gitea, "other.example.com", nil, "", "", "GITEA_TOKEN"},
		"the environment": {forge.GitLab, "gitlab.com", map[string]string{"GITLAB_TOKEN": "of-env"}, "", "of-env", "GITLAB_TOKEN"},
		"a named one":     {forge.GitLab, "gitlab.com", map[string]string{"GITLAB_TOKEN": "of-env", "AUDIT": "named"}, "AUDIT", "named", "AUDIT"},
		"a named none":    {forge.GitLab, "gitlab.com", map[string]string{"GITLAB_TOKEN": "of-env"}, "AUDIT", "", "AUDIT"},
	} {
		j := &job{call: &call{world: world{Getenv: func(k string) string { return x.env[k] }, Home: home}}, cfg: Config{}}
		j.cfg.Repositories = []Repository{{Forge: Forge{Kind: string(x.kind), Token: x.named}}}
		if token, looked := j.forgeToken(x.kind, x.host); token != x.token || !strings.Contains(looked, x.looked) {
			t.Errorf("%s: %q, looked for in %s", name, token, looked)
		}
	}
}
