package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"exhibit/control"
	"exhibit/evidence/record"
	"exhibit/policies"
)

var recordCommand = command{
	name: "record", args: "new KIND [NAME] | list | check",
	short: "what people write: a template to fill in, the kinds there are, what is wrong",
	long: `new KIND   writes the template of a kind where it belongs, with today's date; a file
           that is there is never overwritten. NAME is the file's name, by default
           today's date. Kinds kept as one list get one more entry to fill in.
list       every kind: where it lies, how often it is wanted, how many there are
check      reads everything people wrote, and names what is wrong with file and line

What new writes is an example: every line is to be read and changed.`,
	setup: func(fs *flag.FlagSet) func(context.Context, *call) error {
		return func(_ context.Context, c *call) error {
			verb := "list"
			if len(c.args) > 0 {
				verb = c.args[0]
			}
			cfg, err := loadConfig(c.Dir)
			if err != nil {
				return err
			}
			schemas, err := record.Schemas(policies.FS)
			if err != nil {
				return err
			}
			switch {
			case verb == "new" && (len(c.args) == 2 || len(c.args) == 3):
				name := ""
				if len(c.args) == 3 {
					name = c.args[2]
				}
				return newRecord(c, cfg, schemas, c.args[1], name)
			case verb == "list" && len(c.args) <= 1:
				return listRecords(c, cfg, schemas)
			case verb == "check" && len(c.args) == 1:
				return checkRecords(c, cfg, schemas)
			}
			return withHint(usageError("record %s is not a command", strings.Join(c.args, " ")), "exhibit record new KIND, exhibit record list, or exhibit record check")
		}
	},
}

// fileName is what a record's file may be called: it becomes a path that is sealed.
var fileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@=+-]{0,99}$`)

func newRecord(c *call, cfg Config, schemas []record.Schema, kind, name string) error {
	at := slices.IndexFunc(schemas, func(s record.Schema) bool { return s.Kind == kind })
	if at < 0 {
		var kinds []string
		for _, s := range schemas {
			kinds = append(kinds, s.Kind)
		}
		err := usageError("there is no kind of record %q", kind)
		return withNear(err, kind, kinds, "exhibit record list names them all")
	}
	s := schemas[at]
	template, err := policies.FS.ReadFile("records/templates/" + kind + path.Ext(s.Where))
	if err != nil {
		return fmt.Errorf("reading the template of %s: %w", kind, err)
	}
	today := c.Now().UTC().Format("2006-01-02")
	if s.Form == record.List {
		return newEntry(c, cfg, s, template, name)
	}
	if name == "" {
		name = today
	}
	name = strings.TrimSuffix(name, ".md")
	if !fileName.MatchString(name) {
		return usageError("%q is no name for a file that is sealed: letters, digits and . _ @ = + - only", name)
	}
	to := strings.Replace(s.Where, "*", name, 1)
	file := filepath.Join(cfg.dir, filepath.FromSlash(to))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("making the folder of %s: %w", to, err)
	}
	text := filled(template, s, name, today)
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return withHint(fmt.Errorf("%s is there already, and is left as it is", to), "give another name: exhibit record new %s NAME", kind)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", to, err)
	}
	if _, err := f.Write(text); err != nil {
		_ = f.Close() // the first error is the one to tell
		return fmt.Errorf("writing %s: %w", to, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("writing %s: %w", to, err)
	}
	return told(c, s, to, text)
}

// newEntry puts the first entry of a list's template at the end of the list, as a
// comment where the list has entries: what is an example must not be read as one.
func newEntry(c *call, cfg Config, s record.Schema, template []byte, name string) error {
	if name != "" {
		return usageError("%s is one list, %s: it takes no NAME", s.Kind, s.Where)
	}
	file := filepath.Join(cfg.dir, filepath.FromSlash(s.Where))
	was, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading %s: %w", s.Where, err)
	}
	text := template
	if len(bytes.TrimSpace(was)) > 0 {
		text = bytes.TrimRight(was, "\n")
		text = append(text, "\n\n# A new entry: fill it in, and take the leading # away.\n"...)
		for _, line := range firstEntry(template) {
			text = append(text, "# "+line+"\n"...)
		}
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("making the folder of %s: %w", s.Where, err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", s.Where, err)
	}
	return told(c, s, s.Where, text)
}

func firstEntry(template []byte) []string {
	var out []string
	for _, line := range strings.Split(strings.TrimRight(string(template), "\n"), "\n") {
		if strings.HasPrefix(line, "- ") && len(out) > 0 {
			break
		}
		if strings.HasPrefix(line, "- ") || len(out) > 0 {
			out = append(out, line)
		}
	}
	return out
}

// filled is a template with the day it is written and the name of its file as its id.
func filled(template []byte, s record.Schema, name, today string) []byte {
	set := map[string]string{}
	if f, ok := s.Field(s.DatedBy); ok {
		set[s.DatedBy] = today
		if f.Type == record.Timestamp {
			set[s.DatedBy] = today + "T09:00:00Z"
		}
	}
	if slices.Equal(s.IdentifiedBy, []string{"id"}) {
		set["id"] = name
	}
	lines := strings.SplitAfter(string(template), "\n")
	for i, line := range lines {
		key, rest, ok := strings.Cut(line, ":")
		value, have := set[key]
		if !ok || !have {
			continue
		}
		comment := ""
		if at := strings.Index(rest, " #"); at >= 0 {
			comment = strings.TrimRight(rest[at:], "\n")
		}
		if b, err := yaml.Marshal(value); err == nil && key == "id" {
			value = strings.TrimSpace(string(b)) // an id of digits needs quotes
		}
		lines[i] = key + ": " + value + comment + "\n"
		delete(set, key)
	}
	return []byte(strings.Join(lines, ""))
}

// told says what was written and what is to be filled in.
func told(c *call, s record.Schema, file string, text []byte) error {
	type todo struct {
		Field    string `json:"field"`
		Says     string `json:"says"`
		Required bool   `json:"required"`
	}
	var fields []todo
	for _, f := range s.Fields {
		fields = append(fields, todo{f.Name, f.Says, f.Required})
	}
	return c.result(map[string]any{"file": file, "kind": s.Kind, "fields": fields}, func(w io.Writer) {
		fmt.Fprintf(w, "%s\n\nAn example stands there: read and change every line.\n\n", file)
		for _, f := range fields {
			mark := " "
			if f.Required {
				mark = "*"
			}
			fmt.Fprintf(w, "%s %-24s %s\n", mark, f.Field, f.Says)
		}
		fmt.Fprintf(w, "\n* must be given. Then: exhibit record check, and commit it; the next run seals it.\n")
	})
}

func listRecords(c *call, cfg Config, schemas []record.Schema) error {
	found, _ := record.Read(os.DirFS(cfg.dir), schemas)
	own := control.Own{Cadence: cfg.own().Cadence}
	type row struct {
		Kind    string `json:"kind"`
		Cadence string `json:"cadence"`
		Where   string `json:"where"`
		Records int    `json:"records"`
		Title   string `json:"title"`
	}
	var rows []row
	for _, s := range schemas {
		cadence := s.Cadence
		if chosen := own.Cadence[s.Kind]; chosen != "" {
			cadence = chosen
		}
		rows = append(rows, row{s.Kind, cadence, s.Where, len(found[s.Kind]), s.Title})
	}
	return c.result(rows, func(w io.Writer) {
		for _, r := range rows {
			fmt.Fprintf(w, "%-28s %-13s %5d  %-42s %s\n", r.Kind, r.Cadence, r.Records, r.Where, r.Title)
		}
	})
}

func checkRecords(c *call, cfg Config, schemas []record.Schema) error {
	found, problems := record.Read(os.DirFS(cfg.dir), schemas)
	n := 0
	for _, list := range found {
		n += len(list)
	}
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.String())
	}
	err := c.result(map[string]any{"records": n, "problems": lines}, func(w io.Writer) {
		for _, l := range lines {
			fmt.Fprintln(w, l)
		}
		if len(lines) == 0 {
			fmt.Fprintf(w, "%s, and nothing is wrong with them\n", count(n, "record"))
		}
	})
	if err == nil && len(lines) > 0 {
		return &exit{code: exitError, err: fmt.Errorf("%s; until it is mended each counts as missing", count(len(lines), "problem"))}
	}
	return err
}
