package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"exhibit/control"
	"exhibit/evidence/record"
	"exhibit/evidence/store"
	"exhibit/policies"
	"exhibit/render/pseudonym"
)

// How people appear in packages: sharing.people.
const (
	peopleByName      = "names"
	peopleByPseudonym = "pseudonyms"
)

const defaultPeopleKey = "~/.config/exhibit/people_key"

var peopleCommand = command{
	name: "people", args: "[--who P-...] [--new-key]",
	short: "say who is behind a pseudonym",
	long: `Lists everybody who appears under a pseudonym where exhibit.yaml has
sharing.people: pseudonyms, with all the names that are replaced. It stays with the
organisation: an auditor asks for single ones, and --who answers that.

--new-key makes the key that pseudonyms are made with, at EXHIBIT_PEOPLE_KEY or
sharing.people_key (` + defaultPeopleKey + `). Keep it as long as packages are
compared: another key gives everybody another pseudonym.`,
	setup: func(flags *flag.FlagSet) func(context.Context, *call) error {
		who := flags.String("who", "", "the `PSEUDONYM` asked about")
		fresh := flags.Bool("new-key", false, "make a key; one that exists is kept")
		at := flags.String("at", "HEAD", "the `COMMIT` whose people are listed")
		return func(_ context.Context, c *call) error {
			if len(c.args) > 0 {
				return withHint(usageError("people takes no argument %q", c.args[0]), "ask about one with: exhibit people --who %s", c.args[0])
			}
			if *fresh {
				return newPeopleKey(c)
			}
			return listPeople(c, *at, *who)
		}
	},
}

func newPeopleKey(c *call) error {
	cfg, err := loadConfig(c.Dir)
	if err != nil {
		return err
	}
	path, err := newJob(c, cfg).peopleKeyPath()
	if err != nil {
		return err
	}
	b, err := pseudonym.NewKey(rand.Reader)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return withHint(fmt.Errorf("there is a key already at %s", path), "it is kept: with another key everybody would get another pseudonym")
	}
	if err != nil {
		return err
	}
	if _, err := f.Write(b); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	return c.result(map[string]string{"key": path}, func(w io.Writer) {
		fmt.Fprintf(w, "made %s; keep it secret, and keep a copy\n", path)
	})
}

func listPeople(c *call, at, who string) error {
	j, err := rendering(c, at)
	if err != nil {
		return err
	}
	key, err := j.peopleKey()
	if err != nil {
		return err
	}
	repo, err := store.Open(j.cfg.dir)
	if err != nil {
		return err
	}
	defer repo.Close()
	report, _, err := j.assess(repo, at)
	if err != nil {
		return err
	}
	names, err := pseudonymise(key, report)
	if err != nil {
		return err
	}
	all := names.People()
	if who != "" {
		i := slices.IndexFunc(all, func(p pseudonym.Person) bool { return strings.EqualFold(p.Pseudonym, who) })
		if i < 0 {
			return withHint(usageError("nobody is %q under this key", who), "exhibit people lists all; the key of a package is named on its withheld.html, this one is %s", names.Fingerprint())
		}
		all = all[i : i+1]
	}
	return c.result(map[string]any{"key": names.Fingerprint(), "people": all}, func(w io.Writer) {
		for _, p := range all {
			id := p.ID
			if id == "" {
				id = "in no register"
			}
			line := p.Pseudonym + "  " + id
			if p.Name != "" {
				line += ", " + p.Name
			}
			fmt.Fprintf(w, "%s: %s\n", line, strings.Join(p.Names, "; "))
		}
	})
}

// unnamed replaces the names of people in a report where sharing.people says so; nil
// where people appear by name.
func (j *job) unnamed(r *control.Report) (*pseudonym.Names, error) {
	if j.cfg.Sharing.People != peopleByPseudonym {
		return nil, nil
	}
	if j.bundles {
		return nil, withHint(usageError("--bundle writes the evidence repository, in which people stand by name, and sharing.people is %s", peopleByPseudonym), "leave --bundle out, or set sharing.people to %s for an auditor who may have both", peopleByName)
	}
	key, err := j.peopleKey()
	if err != nil {
		return nil, err
	}
	names, err := pseudonymise(key, r)
	if err != nil {
		return nil, err
	}
	j.say("people appear under pseudonyms: %s, key %s", count(len(names.People()), "of them", "of them"), names.Fingerprint())
	return names, nil
}

// pseudonymise finds everybody in a report and replaces their names in it.
func pseudonymise(key pseudonym.Key, r *control.Report) (*pseudonym.Names, error) {
	schemas, err := record.Schemas(policies.FS)
	if err != nil {
		return nil, err
	}
	names, err := pseudonym.New(key, r, personFields(schemas))
	if err != nil {
		return nil, fmt.Errorf("giving people pseudonyms: %w", err)
	}
	names.Report(r)
	return names, nil
}

// personFields are the fields of records that hold the id of a person.
func personFields(schemas []record.Schema) (out []string) {
	var walk func([]record.Field)
	walk = func(fields []record.Field) {
		for _, f := range fields {
			if f.Type == "person" || f.Of == "person" {
				out = append(out, f.Name)
			}
			walk(f.Fields)
		}
	}
	for _, s := range schemas {
		walk(s.Fields)
	}
	return out
}

func (j *job) peopleKeyPath() (string, error) {
	path := j.Getenv("EXHIBIT_PEOPLE_KEY")
	if path == "" {
		path = j.cfg.Sharing.PeopleKey
	}
	if path == "" {
		path = defaultPeopleKey
	}
	path = j.cfg.path(j.Home, path)
	if rel, err := filepath.Rel(j.cfg.dir, path); err == nil && filepath.IsLocal(rel) {
		return "", withHint(fmt.Errorf("the key of the pseudonyms, %s, lies in the evidence repository", path), "keep it outside: whoever has both can tell who everybody is; sharing.people_key names another place")
	}
	return path, nil
}

func (j *job) peopleKey() (pseudonym.Key, error) {
	path, err := j.peopleKeyPath()
	if err != nil {
		return pseudonym.Key{}, err
	}
	b, err := os.ReadFile(path)
	if err == nil {
		var key pseudonym.Key
		if key, err = pseudonym.ParseKey(b); err == nil {
			return key, nil
		}
	}
	return pseudonym.Key{}, withHint(fmt.Errorf("reading the key of the pseudonyms at %q: %w", path, plain(err)), "make one with: exhibit people --new-key")
}
