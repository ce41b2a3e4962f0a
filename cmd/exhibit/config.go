package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"exhibit/control"
	"exhibit/evidence/review"
	"exhibit/internal/near"
	"exhibit/seal"
)

// Config is exhibit.yaml. Every default is set in defaults, nowhere else.
type Config struct {
	Organisation string       `yaml:"organisation"`
	Sample       bool         `yaml:"sample"` // stamps SAMPLE on all that is made
	Engagement   Engagement   `yaml:"engagement"`
	AWS          AWS          `yaml:"aws"`
	Repositories []Repository `yaml:"repositories"`
	// Pipeline says by which identities of AWS production is changed.
	Pipeline Pipeline `yaml:"pipeline"`
	// CodeHosts are organisations whose repositories are listed whole.
	CodeHosts []CodeHost `yaml:"code_hosts"`
	// Records are the organisation's own choices about kinds of records, by kind;
	// "all" stands for every kind that is not named.
	Records Records `yaml:"records"`
	Signing Signing `yaml:"signing"`
	// Sharing says whom packages may be encrypted to.
	Sharing Sharing `yaml:"sharing"`
	// Timestamping says who proves when a seal was made; nobody when it is empty.
	Timestamping Timestamping `yaml:"timestamping"`
	People       People       `yaml:"people"`
	Review       Review       `yaml:"review"`
	Out          string       `yaml:"out"` // folder for packages, from the repository's root
	Sampling     Sampling     `yaml:"sampling"`
	// Responses say which findings must be answered, and how soon.
	Responses Responses `yaml:"responses"`

	dir string // the evidence repository
	sum string // hex SHA-256 of the file
}

// Engagement is what the auditor was hired for.
type Engagement struct {
	System     string   `yaml:"system"`
	Auditor    string   `yaml:"auditor"`
	Type       string   `yaml:"type"` // type-1 or type-2
	Period     Period   `yaml:"period"`
	Categories []string `yaml:"categories"`
	Fieldwork  string   `yaml:"fieldwork"` // the day the auditor's fieldwork begins, YYYY-MM-DD; "" when not known
}

// Period is the audit period, both days included.
type Period struct {
	Start string `yaml:"start"` // YYYY-MM-DD
	End   string `yaml:"end"`
}

// AWS says which accounts and regions are in scope and how they are entered.
type AWS struct {
	Profile    string       `yaml:"profile"`     // of the SDK's default chain; "" is its default
	Discover   string       `yaml:"discover"`    // named, or organizations
	Role       string       `yaml:"role"`        // name of the role assumed in each account; "" uses the caller's own
	ExternalID string       `yaml:"external_id"` // for that role
	Accounts   []Account    `yaml:"accounts"`
	Regions    []string     `yaml:"regions"` // empty: every enabled region
	OutOfScope []OutOfScope `yaml:"out_of_scope"`
	Endpoint   string       `yaml:"endpoint"`       // a stand-in for AWS; shown in red on the site
	Salt       string       `yaml:"redaction_salt"` // keys the digests of withheld fields; without it they read only "redacted"
	// Trails says how much of CloudTrail's digests and log files is validated.
	Trails TrailValidation `yaml:"trail_validation"`
}

// TrailValidation bounds the validation of CloudTrail's files: a year of a busy
// account is millions of log files.
type TrailValidation struct {
	DigestDays int    `yaml:"digest_days"` // the last days whose digests are validated; 0 is the whole period
	Logs       string `yaml:"logs"`        // the log files that are hashed: recent, all or none
	LogDays    int    `yaml:"log_days"`    // how many days recent is
}

// Account is an AWS account in scope.
type Account struct {
	ID         string `yaml:"id"`
	Name       string `yaml:"name"`
	Role       string `yaml:"role"`
	Profile    string `yaml:"profile"`
	ExternalID string `yaml:"external_id"`
}

// OutOfScope excludes cells, with the reason the auditor reads.
type OutOfScope struct {
	Account string `yaml:"account"`
	Region  string `yaml:"region"`
	Source  string `yaml:"source"`
	Reason  string `yaml:"reason"`
}

// Repository is a git repository whose production branch is a change population.
type Repository struct {
	Name   string `yaml:"name"`
	Path   string `yaml:"path"` // local; from the evidence repository's root when relative
	URL    string `yaml:"url"`
	Branch string `yaml:"branch"`
	Forge  Forge  `yaml:"forge"` // the code host that knows who approved what; none when empty
}

// People says how personal data that is kept encrypted is opened.
type People struct {
	AgeIdentity string `yaml:"age_identity"` // a file of age identities or an OpenSSH Ed25519 key; EXHIBIT_AGE_IDENTITY goes before it
}

// Signing says which key seals: one in a file, in ssh-agent, or in AWS KMS.
type Signing struct {
	Key       string `yaml:"key"`   // an OpenSSH private key file, of a security key too; ~ is the home folder
	Agent     string `yaml:"agent"` // instead: a key that ssh-agent holds, by its fingerprint (SHA256:…)
	KMS       string `yaml:"kms"`   // instead: the ARN of a key of AWS KMS
	Principal string `yaml:"principal"`
	Reviewers int    `yaml:"reviewers"` // how many second signatures every seal asks for; see exhibit countersign
}

// Review says who decides in access reviews about whose access. People are ids of
// registers/people.yaml; the flags of exhibit review open stand before it.
type Review struct {
	Default     string            `yaml:"default"`      // decides what is no manager's and no account owner's
	Second      string            `yaml:"second"`       // decides what would be about the decider's own access
	Accounts    map[string]string `yaml:"accounts"`     // owners by account id: they decide what is nobody's
	DormantDays int               `yaml:"dormant_days"` // without use for longer is flagged
}

// Sampling says how many items a sample has where no --size is given.
type Sampling struct {
	Risk  string         `yaml:"risk"`  // the column of the table of sizes: low, moderate or high
	Sizes map[string]int `yaml:"sizes"` // by population, instead of the table
}

const configName = "exhibit.yaml"

func defaults() Config {
	return Config{
		Engagement: Engagement{Type: "type-2", Categories: []string{"security"}},
		AWS:        AWS{Discover: "named", Trails: TrailValidation{Logs: "recent", LogDays: 7}},
		Review:     Review{DormantDays: review.DefaultDormantDays},
		Signing:    Signing{Key: "~/.config/exhibit/id_ed25519", Principal: "exhibit"},
		Sampling:   Sampling{Risk: "moderate"},
		Sharing:    Sharing{People: peopleByName},
		Out:        "out",
	}
}

var categories = []string{"security", "availability", "confidentiality", "processing integrity", "privacy"}

// loadConfig finds exhibit.yaml in dir or above it.
func loadConfig(dir string) (Config, error) {
	for d := dir; ; d = filepath.Dir(d) {
		b, err := os.ReadFile(filepath.Join(d, configName))
		if err == nil {
			c, err := parseConfig(configName, b)
			c.dir, c.sum = d, fmt.Sprintf("%x", sha256.Sum256(b))
			return c, err
		}
		if !errors.Is(err, os.ErrNotExist) {
			return Config{}, fmt.Errorf("reading the configuration: %w", err)
		}
		if d == filepath.Dir(d) {
			return Config{}, withHint(fmt.Errorf("no %s in %s or above it", configName, dir),
				"make an evidence repository with: exhibit init FOLDER, or try the sample: exhibit init --sample FOLDER")
		}
	}
}

// parseConfig reads exhibit.yaml strictly: every problem is reported with its
// line, all of them at once.
func parseConfig(name string, b []byte) (Config, error) {
	c := defaults()
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	if err := dec.Decode(&c); err != nil && !errors.Is(err, io.EOF) {
		return c, yamlError(name, err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(b, &root); err != nil {
		return c, yamlError(name, err)
	}
	v := validator{name: name, root: &root}
	v.config(&c)
	v.records(c.Records)
	v.responses(c.Responses)
	return c, errors.Join(v.errs...)
}

var (
	yamlLine  = regexp.MustCompile(`^line (\d+): `)
	yamlField = regexp.MustCompile(`field (\S+) not found in type main\.(\S+)`)
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	regionID  = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	repoName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
	roleName  = regexp.MustCompile(`^[A-Za-z0-9+=,.@_/-]{1,128}$`)
	roleARN   = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$`)
)

func yamlError(name string, err error) error {
	var te *yaml.TypeError
	if !errors.As(err, &te) {
		return fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	var errs []error
	for _, e := range te.Errors {
		line := ""
		if m := yamlLine.FindStringSubmatch(e); m != nil {
			line, e = m[1]+":", e[len(m[0]):]
		}
		if m := yamlField.FindStringSubmatch(e); m != nil {
			allowed := keysOf(m[2])
			e = fmt.Sprintf("unknown key %q; allowed here: %s", m[1], strings.Join(allowed, ", "))
			if s := near.Word(m[1], allowed); s != "" {
				e = fmt.Sprintf("unknown key %q; did you mean %q? Allowed here: %s", m[1], s, strings.Join(allowed, ", "))
			}
		}
		errs = append(errs, fmt.Errorf("%s:%s %s", name, line, e))
	}
	return errors.Join(errs...)
}

type validator struct {
	name string
	root *yaml.Node
	errs []error
}

// bad reports a problem at a path such as "aws.accounts.0.id".
func (v *validator) bad(path, format string, args ...any) {
	v.errs = append(v.errs, fmt.Errorf("%s:%d: %s: %s", v.name, lineOf(v.root, path), path, fmt.Sprintf(format, args...)))
}

func (v *validator) config(c *Config) {
	if strings.TrimSpace(c.Organisation) == "" {
		v.bad("organisation", "is empty; write the company's legal name, as it stands on the report's cover")
	}
	if seal.Visible(c.Organisation) != c.Organisation {
		v.bad("organisation", "holds characters that do not show: %s", seal.Visible(c.Organisation))
	}
	e := c.Engagement
	if e.Type != "type-1" && e.Type != "type-2" {
		v.bad("engagement.type", "%q is not known; allowed: type-1, type-2", e.Type)
	}
	start := v.date("engagement.period.start", e.Period.Start)
	end := v.date("engagement.period.end", e.Period.End)
	if !start.IsZero() && !end.IsZero() && end.Before(start) {
		v.bad("engagement.period.end", "%s lies before the start, %s", e.Period.End, e.Period.Start)
	}
	if e.Fieldwork != "" {
		if on := v.date("engagement.fieldwork", e.Fieldwork); !on.IsZero() && on.Before(start) {
			v.bad("engagement.fieldwork", "%s lies before the period, which starts on %s", e.Fieldwork, e.Period.Start)
		}
	}
	for i, cat := range e.Categories {
		if !slices.Contains(categories, cat) {
			v.bad(fmt.Sprintf("engagement.categories.%d", i), "%q is not known; allowed: %s", cat, strings.Join(categories, ", "))
		}
	}
	if !slices.Contains(e.Categories, "security") {
		v.bad("engagement.categories", "security (the common criteria) is part of every SOC 2 engagement; add it")
	}
	a := c.AWS
	if a.Discover != "named" && a.Discover != "organizations" {
		v.bad("aws.discover", "%q is not known; allowed: named, organizations", a.Discover)
	}
	seen := map[string]bool{}
	for i, acc := range a.Accounts {
		p := fmt.Sprintf("aws.accounts.%d", i)
		if !accountID.MatchString(acc.ID) {
			v.bad(p+".id", "%q is not an AWS account id: 12 digits, in quotes so that a leading zero stays", acc.ID)
		}
		if seen[acc.ID] {
			v.bad(p+".id", "account %s is named twice", acc.ID)
		}
		seen[acc.ID] = true
		v.role(p+".role", acc.Role)
	}
	v.role("aws.role", a.Role)
	for i, r := range a.Regions {
		if !regionID.MatchString(r) {
			v.bad(fmt.Sprintf("aws.regions.%d", i), "%q is not a region; write it as eu-west-1", r)
		}
	}
	for i, o := range a.OutOfScope {
		p := fmt.Sprintf("aws.out_of_scope.%d", i)
		if o.Account == "" && o.Region == "" && o.Source == "" {
			v.bad(p, "names no account, region or source, and would exclude everything")
		}
		if strings.TrimSpace(o.Reason) == "" {
			v.bad(p+".reason", "is empty; the auditor reads it beside the excluded cells")
		}
	}
	if t := a.Trails; t.DigestDays < 0 {
		v.bad("aws.trail_validation.digest_days", "%d is less than 0; write 0 for the whole period", t.DigestDays)
	} else if !slices.Contains([]string{"recent", "all", "none"}, t.Logs) {
		v.bad("aws.trail_validation.logs", "%q is not known; allowed: recent, all, none", t.Logs)
	} else if t.LogDays < 1 {
		v.bad("aws.trail_validation.log_days", "%d is less than 1; to hash no log files write logs: none", t.LogDays)
	}
	names := map[string]bool{}
	for i, r := range c.Repositories {
		p := fmt.Sprintf("repositories.%d", i)
		if !repoName.MatchString(r.Name) {
			v.bad(p+".name", "%q must be letters, digits, dot, dash or underscore", r.Name)
		}
		if names[r.Name] {
			v.bad(p+".name", "%q is used twice", r.Name)
		}
		names[r.Name] = true
		if (r.Path == "") == (r.URL == "") {
			v.bad(p, "needs either path or url")
		}
		if r.Branch == "" {
			v.bad(p+".branch", "is empty; write the branch that goes to production")
		}
		v.forge(p+".forge", r.Forge)
	}
	v.codeHosts(c)
	v.pipeline(c.Pipeline)
	for _, id := range slices.Sorted(maps.Keys(c.Review.Accounts)) {
		if !accountID.MatchString(id) {
			v.bad("review.accounts", "%q is not an AWS account id: 12 digits, in quotes so that a leading zero stays", id)
		}
	}
	if c.Review.DormantDays < 1 {
		v.bad("review.dormant_days", "%d is less than 1", c.Review.DormantDays)
	}
	if !slices.Contains(control.Risks(), c.Sampling.Risk) {
		v.bad("sampling.risk", "%q is not known; allowed: %s", c.Sampling.Risk, strings.Join(control.Risks(), ", "))
	}
	for _, name := range sortedKeys(c.Sampling.Sizes) {
		if n := c.Sampling.Sizes[name]; n < 1 {
			v.bad("sampling.sizes."+name, "%d is less than 1", n)
		}
	}
	v.signing(c.Signing)
	v.timestamping(c.Timestamping)
	v.sharing(c.Sharing)
	v.packages(c.Sharing, c.AWS.Salt)
	if c.Out == "" || filepath.IsAbs(c.Out) || !filepath.IsLocal(c.Out) {
		v.bad("out", "%q must be a folder below the repository; git ignores it there", c.Out)
	}
}

func (v *validator) role(path, role string) {
	if role != "" && !roleName.MatchString(role) && !roleARN.MatchString(role) {
		v.bad(path, "%q is neither a role's name nor its ARN", role)
	}
}

func (v *validator) date(path, s string) time.Time {
	if s == "" {
		v.bad(path, "is missing; write a day as 2026-01-31")
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		v.bad(path, "%q is not a day; write it as 2026-01-31", s)
	}
	return t
}

// lineOf finds the line of the deepest part of path that exists.
func lineOf(n *yaml.Node, path string) int {
	if n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
	line := max(n.Line, 1)
	for part := range strings.SplitSeq(path, ".") {
		next := child(n, part)
		if next == nil {
			break
		}
		n, line = next, next.Line
	}
	return line
}

func child(n *yaml.Node, part string) *yaml.Node {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == part {
				return n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		var i int
		if _, err := fmt.Sscanf(part, "%d", &i); err == nil && i < len(n.Content) {
			return n.Content[i]
		}
	}
	return nil
}

// engagement turns the configuration into the auditor's words. The dates were
// checked by parseConfig.
func (c Config) engagement() control.Engagement {
	day := func(s string) time.Time {
		t, err := time.Parse(time.DateOnly, s)
		if err != nil {
			panic("engagement called on an unchecked configuration: " + err.Error())
		}
		return t
	}
	e := control.Engagement{
		Organisation: c.Organisation, System: c.Engagement.System, Auditor: c.Engagement.Auditor,
		Type: c.Engagement.Type, Categories: c.Engagement.Categories,
		Period: control.Period{Start: day(c.Engagement.Period.Start), End: day(c.Engagement.Period.End)},
	}
	e.Own = c.own()
	if c.Engagement.Fieldwork != "" {
		e.Fieldwork = day(c.Engagement.Fieldwork)
	}
	for _, a := range c.AWS.Accounts {
		e.Accounts = append(e.Accounts, control.Account{ID: a.ID, Name: a.Name})
	}
	return e
}

// path resolves a path of the configuration: ~ is the home folder, relative
// ones start at the repository's root.
func (c Config) path(home, p string) string {
	if rest, ok := strings.CutPrefix(p, "~/"); ok {
		return filepath.Join(home, rest)
	}
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.dir, p)
}
