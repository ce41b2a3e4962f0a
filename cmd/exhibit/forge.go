package main

import (
	"fmt"
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
	Kind       string `yaml:"kind"`       // github
	Repository string `yaml:"repository"` // owner/name there
	URL        string `yaml:"url"`        // of the API; "" for https://api.github.com
	AuditLog   bool   `yaml:"audit_log"`  // the organization's; only GitHub Enterprise has one
}

func (v *validator) forge(p string, f Forge) {
	if f == (Forge{}) {
		return
	}
	if !slices.Contains(forge.Kinds(), forge.Kind(f.Kind)) {
		v.bad(p+".kind", "%q is not a code host that can be asked; allowed: github", f.Kind)
	}
	if owner, name, ok := strings.Cut(f.Repository, "/"); !ok || owner == "" || name == "" || strings.ContainsAny(name, "/ ") {
		v.bad(p+".repository", "%q must name the repository as owner/name", f.Repository)
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
		Token: func(kind forge.Kind, host string) (string, string) { return j.forgeToken(host) },
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

// forgeToken looks for a token: in the environment, as GitHub's own client reads
// it, and in that client's file.
func (j *job) forgeToken(host string) (token, looked string) {
	if j.server != nil {
		return sample.ForgeToken, "the sample"
	}
	names := []string{"GH_TOKEN", "GITHUB_TOKEN"}
	if host != "api.github.com" && !strings.HasSuffix(host, ".ghe.com") {
		names = []string{"GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"}
	}
	for _, n := range names {
		if t := strings.TrimSpace(j.Getenv(n)); t != "" {
			return t, n
		}
	}
	dir := j.Getenv("GH_CONFIG_DIR")
	if dir == "" {
		dir = filepath.Join(j.Home, ".config", "gh")
	}
	file := filepath.Join(dir, "hosts.yml")
	looked = fmt.Sprintf("%s and %s", strings.Join(names, ", "), file)
	b, err := os.ReadFile(file)
	if err != nil {
		return "", looked
	}
	var hosts map[string]struct {
		Token string `yaml:"oauth_token"`
	}
	if yaml.Unmarshal(b, &hosts) != nil {
		return "", looked
	}
	return hosts[strings.TrimPrefix(host, "api.")].Token, looked
}
