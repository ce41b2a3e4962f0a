package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"exhibit/collect/forge"
)

// A CodeHost is an organisation at a code host, whose repositories are listed whole:
// each is in scope, because repositories names it, or left out for a reason.
type CodeHost struct {
	Name         string               `yaml:"name"`         // how the evidence calls it
	Kind         string               `yaml:"kind"`         // one of forge.Kinds
	Organisation string               `yaml:"organisation"` // an organization, a group, or a person's account
	URL          string               `yaml:"url"`          // of the API; "" for the kind's default, where there is one
	Token        string               `yaml:"token"`        // the environment variable that holds the token; "" for the kind's own
	AuditLog     bool                 `yaml:"audit_log"`    // only GitHub Enterprise has one
	OutOfScope   []RepositoryExcluded `yaml:"out_of_scope"`
}

// RepositoryExcluded leaves repositories out of scope, with the reason the auditor reads.
type RepositoryExcluded struct {
	Repository string `yaml:"repository"` // a name, in which * stands for anything; "" for any
	Archived   bool   `yaml:"archived"`   // only those that are
	Fork       bool   `yaml:"fork"`
	Empty      bool   `yaml:"empty"`
	Reason     string `yaml:"reason"`
}

func (v *validator) codeHosts(c *Config) {
	names := map[string]bool{}
	for _, r := range c.Repositories {
		names[r.Name] = true
	}
	for i, h := range c.CodeHosts {
		p := fmt.Sprintf("code_hosts.%d", i)
		if !repoName.MatchString(h.Name) {
			v.bad(p+".name", "%q must be letters, digits, dot, dash or underscore", h.Name)
		}
		if names[h.Name] {
			v.bad(p+".name", "%q is used twice, here or among the repositories", h.Name)
		}
		names[h.Name] = true
		v.host(p, Forge{Kind: h.Kind, URL: h.URL, Token: h.Token, AuditLog: h.AuditLog})
		if slash := strings.Contains(h.Organisation, "/"); h.Organisation == "" || strings.ContainsAny(h.Organisation, " *") || slash && h.Kind != string(forge.GitLab) || strings.Trim(h.Organisation, "/") != h.Organisation {
			v.bad(p+".organisation", "%q must name an organization, a group or an account as the code host calls it", h.Organisation)
		}
		for n, x := range h.OutOfScope {
			p := fmt.Sprintf("%s.out_of_scope.%d", p, n)
			if x.Repository == "" && !x.Archived && !x.Fork && !x.Empty {
				v.bad(p, "names no repository, and neither archived, fork nor empty: it would leave out everything")
			}
			if _, err := path.Match(x.Repository, ""); err != nil || x.Repository == "*" {
				v.bad(p+".repository", "%q is no name and no pattern; write sandbox-* for all that begin so", x.Repository)
			}
			if strings.TrimSpace(x.Reason) == "" {
				v.bad(p+".reason", "is empty; the auditor reads it beside each repository that is left out")
			}
		}
	}
}

// codeHosts are the organisations as the collector asks them: with the repositories of
// each that the configuration names.
func (j *job) codeHosts() (out []forge.Organisation) {
	for _, h := range j.cfg.CodeHosts {
		o := forge.Organisation{Name: h.Name, Kind: forge.Kind(h.Kind), Path: h.Organisation, URL: h.URL, AuditLog: h.AuditLog, InScope: map[string]string{}}
		for _, r := range j.cfg.Repositories {
			f := r.Forge
			if f.Kind == h.Kind && forge.Host(o.Kind, f.URL) == forge.Host(o.Kind, h.URL) && strings.HasPrefix(strings.ToLower(f.Repository), strings.ToLower(h.Organisation)+"/") {
				o.InScope[f.Repository] = r.Name
			}
		}
		for _, x := range h.OutOfScope {
			o.OutOfScope = append(o.OutOfScope, forge.Exclusion(x))
		}
		if j.server != nil {
			o.URL = j.server.URL()
		}
		out = append(out, o)
	}
	return out
}

// tokenNames are the environment variables that exhibit.yaml names for a host.
func (c Config) tokenNames(kind forge.Kind, host string) (out []string) {
	add := func(k, url, token string) {
		if token != "" && forge.Kind(k) == kind && forge.Host(kind, url) == host && !slices.Contains(out, token) {
			out = append(out, token)
		}
	}
	for _, r := range c.Repositories {
		add(r.Forge.Kind, r.Forge.URL, r.Forge.Token)
	}
	for _, h := range c.CodeHosts {
		add(h.Kind, h.URL, h.Token)
	}
	return out
}
