package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"exhibit/collect"
	"exhibit/collect/forge"
	"exhibit/internal/sample"

	"go.yaml.in/yaml/v3"
)

// Forge says which code host knows of a repository's pull requests.
type Forge struct {
	Kind       string `yaml:"kind"`       // one of forge.Kinds
	Repository string `yaml:"repository"` // owner/name there
	URL        string `yaml:"url"`        // of the API; "" for the kind's default, where there is one
	Token      string `yaml:"token"`      // the environment variable that holds the token; "" for the kind's own
	AuditLog   bool   `yaml:"audit_log"`  // the organization's; only GitHub Enterprise has one
}

func (v *validator) forge(p string, f Forge) {
	if f == (Forge{}) {
		return
	}
	v.host(p, f)
	if owner, name, ok := strings.Cut(f.Repository, "/"); !ok || owner == "" || name == "" || strings.ContainsAny(name, " ") || strings.Contains(name, "/") && forge.Kind(f.Kind) != forge.GitLab {
		v.bad(p+".repository", "%q must name the repository as owner/name", f.Repository)
	}
}

// host refuses a code host that cannot be asked, or not safely.
func (v *validator) host(p string, f Forge) {
	kind := forge.Kind(f.Kind)
	if !slices.Contains(forge.Kinds(), kind) {
		var all []string
		for _, k := range forge.Kinds() {
			all = append(all, string(k))
		}
		v.bad(p+".kind", "%q is not a code host that can be asked; allowed: %s", f.Kind, strings.Join(all, ", "))
	} else if f.URL == "" && forge.Home(kind) == "" {
		v.bad(p+".url", "is missing: write the address of its API, such as https://git.example.com/api/v1")
	}
	if strings.ContainsFunc(f.Token, func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) {
		v.bad(p+".token", "%q is not the name of an environment variable (capitals, digits, underscores); the token itself does not belong here", f.Token)
	}
	if f.AuditLog && kind != forge.GitHub {
		v.bad(p+".audit_log", "is GitHub's alone")
	}
	if f.URL != "" && !strings.HasPrefix(f.URL, "https://") && !loopback(f.URL) {
		v.bad(p+".url", "%q must begin with https://; a token is sent there", f.URL)
	}
}

func loopback(address string) bool {
	return strings.HasPrefix(address, "http://127.0.0.1:") || strings.HasPrefix(address, "http://localhost:")
}

// wants reports whether a source is among those the run is limited to.
func (j *job) wants(source string) bool {
	service, _, _ := strings.Cut(source, "/")
	return len(j.only) == 0 || slices.Contains(j.only, source) || slices.Contains(j.only, service+"/*")
}

// forgeTasks are the cells of the code hosts that the configuration names.
func (j *job) forgeTasks() []collect.Task {
	period := j.cfg.engagement().Period
	cfg := forge.Config{
		Period: forge.Period{Start: period.Start, End: period.End.AddDate(0, 0, 1)}, Now: j.clock, Sleep: j.sleep,
		Token: j.forgeToken, Organisations: j.codeHosts(),
	}
	for _, r := range j.cfg.Repositories {
		if r.Forge.Kind == "" {
			continue
		}
		one := forge.Repository{Name: r.Name, Kind: forge.Kind(r.Forge.Kind), Path: r.Forge.Repository, URL: r.Forge.URL, Branch: r.Branch, AuditLog: r.Forge.AuditLog}
		if j.server != nil {
			one.URL = j.server.URL()
		}
		cfg.Repositories = append(cfg.Repositories, one)
	}
	return slices.DeleteFunc(forge.Tasks(cfg), func(t collect.Task) bool {
		return !j.wants(t.Cell.Source) || j.server != nil && !slices.Contains(sample.ForgeSources(), t.Cell.Source)
	})
}

// forgeToken looks for a token: in the variable exhibit.yaml names, or else in those
// that the host's own client reads, and in that client's file.
func (j *job) forgeToken(kind forge.Kind, host string) (token, looked string) {
	if j.server != nil {
		return sample.ForgeToken, "the sample"
	}
	names, file := j.forgeNames(kind, host)
	for _, n := range names {
		if t := strings.TrimSpace(j.Getenv(n)); t != "" {
			return t, n
		}
	}
	looked = strings.Join(names, ", ")
	if file == "" {
		return "", looked
	}
	looked += " and " + file
	b, err := os.ReadFile(file)
	if err != nil {
		return "", looked
	}
	return clientToken(kind, host, b), looked
}

// forgeNames are where a token may be. Whoever names a variable means no other place.
func (j *job) forgeNames(kind forge.Kind, host string) (names []string, file string) {
	if named := j.cfg.tokenNames(kind, host); len(named) > 0 {
		return named[:1], ""
	}
	config := j.Getenv("XDG_CONFIG_HOME")
	if config == "" {
		config = filepath.Join(j.Home, ".config")
	}
	switch kind {
	case forge.GitHub:
		names = []string{"GH_TOKEN", "GITHUB_TOKEN"}
		if host != "api.github.com" && !strings.HasSuffix(host, ".ghe.com") {
			names = []string{"GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"}
		}
		if dir := j.Getenv("GH_CONFIG_DIR"); dir != "" {
			return names, filepath.Join(dir, "hosts.yml")
		}
		return names, filepath.Join(config, "gh", "hosts.yml")
	case forge.Gitea:
		return []string{"GITEA_TOKEN"}, filepath.Join(config, "tea", "config.yml")
	case forge.GitLab:
		return []string{"GITLAB_TOKEN"}, filepath.Join(config, "glab-cli", "config.yml")
	default:
		return []string{strings.ToUpper(string(kind)) + "_TOKEN"}, filepath.Join(config, "tea", "config.yml")
	}
}

// clientToken reads the token for a host from the file of the host's own client; ""
// for none. What cannot be read is as good as none: it is not ours.
func clientToken(kind forge.Kind, host string, file []byte) string {
	switch kind {
	case forge.GitHub: // of gh
		var hosts map[string]struct {
			Token string `yaml:"oauth_token"`
		}
		if yaml.Unmarshal(file, &hosts) != nil {
			return ""
		}
		return hosts[strings.TrimPrefix(host, "api.")].Token
	case forge.GitLab: // of glab
		var config struct {
			Hosts map[string]struct {
				Token string `yaml:"token"`
			} `yaml:"hosts"`
		}
		if yaml.Unmarshal(file, &config) != nil {
			return ""
		}
		return config.Hosts[host].Token
	default: // of tea
		var logins struct {
			Logins []struct {
				URL   string `yaml:"url"`
				Token string `yaml:"token"`
			} `yaml:"logins"`
		}
		if yaml.Unmarshal(file, &logins) != nil {
			return ""
		}
		for _, l := range logins.Logins {
			if forge.Host(kind, l.URL) == host {
				return l.Token
			}
		}
	}
	return ""
}
