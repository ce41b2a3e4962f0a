package render

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"exhibit/evidence"
	"exhibit/render/table"
)

// ipe is the box of one listing: source, parameters, completeness, accuracy,
// time, and how to count again.
func (b *binder) ipe(c evidence.Cell, file raw) table.Provenance {
	k := table.KeyOf(c)
	calls := b.calls[k]
	var p table.Provenance
	fact := func(name string, cells ...table.Cell) {
		p.Facts = append(p.Facts, table.Fact{Name: name, Values: slices.DeleteFunc(cells, func(c table.Cell) bool { return !c.Set })})
	}
	run := b.RunOf(k)
	system := "AWS"
	switch {
	case strings.HasPrefix(c.Source, "git/"):
		system = "the git repository " + c.Region
	case strings.HasPrefix(c.Source, "forge/"):
		system = "the code host of the repository " + c.Region
	case strings.HasPrefix(c.Source, "record/"):
		system = "the organisation's own records"
	case len(calls) > 0:
		system = "AWS, " + calls[0].Service
	}
	fact("Source system", table.Str(system))
	if c.Account != "" {
		fact("Account", table.Str(b.AccountName(c.Account)+" ("+c.Account+")").To(b.AccountPage(c.Account)))
	}
	fact("Region or repository", table.Mono(c.Region))
	if run != nil {
		fact("Asked as", b.callers(run.Run, c.Account)...)
		fact("Run", table.Mono(run.Run.Name).To(b.RunHref(run.Run.Name)))
		fact("Collected by", table.Str(run.Run.Tool))
	}
	fact("Operations", operations(calls)...)
	fact("Started", table.At(c.Started))
	fact("Ended", table.At(c.Ended))
	if c.AsOf != nil {
		fact("The source says it is as of", table.At(*c.AsOf))
	}
	fact("Paging", table.Str(paging(c, calls)))
	fact("Rows written", table.Int(c.Items))
	if rows := listed(calls); rows != nil {
		fact("Rows the source listed", rows...)
	}
	fact("Questions not answered", table.Int(c.Gaps))
	fact("Filters", table.Str(filters(calls)))
	if run != nil {
		asked := []string{}
		for _, c := range calls {
			asked = append(asked, c.Service+":"+c.Operation)
		}
		fact("Withheld in this run", redactions(run.Run, asked)...)
	}
	fact("File", table.Mono(c.Path).To(linkOf(b.rawLinks(c))))
	fact("SHA-256 of the file", table.Mono(cmp.Or(c.Sum, file.sum)))
	if c.Path != "" && !file.missing {
		fact("Size of the file", table.Str(fmt.Sprintf("%d bytes", len(file.data))))
	}
	fact("Commit", table.Mono(b.Commit))
	if to := rawPath(c.Path); to != "" && c.State.Answered() {
		fact("To prove the file alone", table.Mono("exhibit proof "+to).To("how-to-verify.html#one-file"))
	}
	p.Commands = recount(calls)
	p.Shows, p.ShowsNot = b.reading(c)
	return p
}

func linkOf(links []table.Link) string {
	if len(links) == 0 {
		return ""
	}
	return links[0].Href
}

func (b *binder) callers(run evidence.Run, account string) []table.Cell {
	var out []table.Cell
	for _, c := range run.Callers {
		if c.Account == account && account != "" {
			out = append(out, table.Mono(c.ARN))
			if c.ARNAfter != "" && c.ARNAfter != c.ARN {
				out = append(out, table.Str("and after the run as "+c.ARNAfter))
			}
		}
	}
	return out
}

// operations lists each operation with its parameters and how often it was called.
func operations(calls []evidence.Call) []table.Cell {
	count := map[string]int{}
	var order []string
	for _, c := range calls {
		line := c.Service + ":" + c.Operation
		if len(c.Params) > 0 && len(c.Params) < 6 && c.Page <= 1 {
			if text := table.ValueText(c.Params); len(text) < 120 && c.Count != 1 {
				line += " " + text
			}
		}
		line = strings.TrimSpace(line)
		if count[line] == 0 {
			order = append(order, line)
		}
		count[line]++
	}
	var out []table.Cell
	for i, line := range order {
		if i == 12 {
			out = append(out, table.Str(fmt.Sprintf("and %d more; all are listed under The calls", len(order)-i)))
			break
		}
		if count[line] > 1 {
			line += fmt.Sprintf(" (%d calls)", count[line])
		}
		out = append(out, table.Mono(line))
	}
	return out
}

// listingCalls are the calls that listed the population: those the collector marked,
// or, where it marked none, the calls of the operation that was called first.
func listingCalls(calls []evidence.Call) []evidence.Call {
	marked := func(c evidence.Call) bool { return c.Listing }
	if len(calls) > 0 && !slices.ContainsFunc(calls, marked) {
		marked = func(c evidence.Call) bool { return c.Operation == calls[0].Operation }
	}
	var out []evidence.Call
	for _, c := range calls {
		if marked(c) {
			out = append(out, c)
		}
	}
	return out
}

// listed says how many rows each listing operation gave, refused pages left out.
func listed(calls []evidence.Call) []table.Cell {
	rows := map[string]int{}
	for _, c := range listingCalls(calls) {
		n := c.Count
		if c.Status >= 400 {
			n = 0
		}
		rows[c.Operation] += n
	}
	var out []table.Cell
	for _, op := range table.SortedKeys(rows) {
		out = append(out, table.Str(fmt.Sprintf("%d in %s", rows[op], op)))
	}
	return out
}

func paging(c evidence.Cell, calls []evidence.Call) string {
	if len(calls) == 0 {
		return "no call of this run is kept for it"
	}
	pages := len(listingCalls(calls))
	switch {
	case c.State == evidence.Truncated:
		return fmt.Sprintf("cut short after %s", table.Plural(pages, "page", "pages"))
	case !c.State.Answered():
		return "not completed"
	}
	return fmt.Sprintf("complete: %s, the last without a token", table.Plural(pages, "page", "pages"))
}

// filters says which parameters of the listing could have left rows out.
func filters(calls []evidence.Call) string {
	var out []string
	for _, c := range listingCalls(calls) {
		for _, k := range table.SortedKeys(c.Params) {
			low := strings.ToLower(k)
			if strings.Contains(low, "filter") || strings.Contains(low, "scope") || strings.Contains(low, "include") || strings.Contains(low, "owner") {
				text := k + " = " + table.ValueText(c.Params[k])
				if !slices.Contains(out, text) {
					out = append(out, text)
				}
			}
		}
	}
	if len(calls) == 0 {
		return ""
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, "; ")
}

// redactions says what was withheld in a run: of these operations, and by rules
// that name none; nil is everything.
func redactions(run evidence.Run, ops []string) []table.Cell {
	var out []table.Cell
	for _, k := range table.SortedKeys(run.Redactions) {
		if op := operation.FindString(k); ops != nil && op != "" && !slices.Contains(ops, op) {
			continue
		}
		out = append(out, table.Str(fmt.Sprintf("%s: %s", k, table.Plural(run.Redactions[k], "field", "fields"))))
	}
	if out == nil {
		out = one(table.Str("nothing"))
	}
	return out
}

// operation is the head of a rule that withholds a field of one operation.
var operation = regexp.MustCompile(`^[a-z0-9-]+:[A-Z][A-Za-z0-9]+`)

// recount gives the commands of the source's own client that ask the same listing
// again: aws, git, or gh for GitHub. Only the listing: its rows are what is counted.
func recount(calls []evidence.Call) []string {
	var out []string
	for _, c := range listingCalls(calls) {
		if c.Page > 1 || c.Service == "" {
			continue
		}
		line, known := counting(c)
		if known {
			if line != "" && !slices.Contains(out, line) {
				out = append(out, line)
			}
			continue
		}
		line = "aws " + cliService(c.Service) + " " + kebab(c.Operation)
		for _, k := range table.SortedKeys(c.Params) {
			if token(k) {
				continue
			}
			line += cliArgument(k, c.Params[k])
		}
		if c.Region != "" && c.Region != "global" {
			line += " --region " + quote(c.Region)
		}
		if !slices.Contains(out, line) {
			out = append(out, line)
		}
		if len(out) == 5 {
			break
		}
	}
	return out
}

// counting is the command for what is not AWS's; known is false for AWS. It is
// empty where nothing is listed.
func counting(c evidence.Call) (line string, known bool) {
	text := func(key string) string { s, _ := c.Params[key].(string); return s }
	repo := text("owner") + "/" + text("name")
	switch c.Service {
	case "git":
		folder := c.Region
		if p := text("path"); p != "" {
			folder = path.Base(p)
		}
		in := "git -C " + quote(folder) + " "
		switch c.Operation {
		case "log":
			return in + "rev-list --first-parent --count " + quote(text("tip")), true
		case "for-each-ref":
			return in + "for-each-ref refs/heads refs/tags", true
		}
		return "", true
	case "github":
		switch c.Operation {
		case "pullRequests":
			return "gh pr list --repo " + quote(repo) + " --base " + quote(text("base")) + " --state merged --limit 10000 --search " + quote("merged:"+text("from")+".."+text("until")) + " --json number,mergedAt", true
		case "rules":
			return "gh api repos/" + quote(repo) + "/rules/branches/" + quote(strings.TrimPrefix(text("ref"), "refs/heads/")), true
		case "rulesets":
			return "gh api --paginate repos/" + quote(repo) + "/rulesets", true
		case "collaborators":
			return "gh api --paginate repos/" + quote(repo) + "/collaborators", true
		}
		return "", true
	}
	return "", false
}

// token says that a parameter only pages.
func token(param string) bool {
	low := strings.ToLower(param)
	return strings.HasPrefix(low, "max") || strings.HasSuffix(low, "token") || low == "marker" || low == "pagesize" || low == "limit"
}

func cliArgument(name string, v any) string {
	flag := " --" + kebab(name)
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if !v {
			return " --no-" + kebab(name)
		}
		return flag
	case string:
		return flag + " " + quote(v)
	}
	return flag + " " + quote(table.ValueText(v))
}

// quote makes one word of a POSIX shell of anything.
func quote(s string) string {
	for _, r := range s {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		if !letter && !strings.ContainsRune("-_./:=@,", r) {
			return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
		}
	}
	if s == "" {
		return "''"
	}
	return s
}

// cliService is the name of a service in AWS's own client, where it is not the
// service's name in lower case (AWS CLI command reference, version 2).
func cliService(service string) string {
	s := strings.ToLower(strings.ReplaceAll(service, " ", "-"))
	switch s {
	case "configservice", "config", "config-service":
		return "configservice"
	case "s3":
		return "s3api"
	case "elasticloadbalancingv2", "elastic-load-balancing-v2":
		return "elbv2"
	case "elasticloadbalancing", "elastic-load-balancing":
		return "elb"
	case "ssoadmin", "sso-admin":
		return "sso-admin"
	case "cloudwatchlogs", "cloudwatch-logs":
		return "logs"
	case "s3-control":
		return "s3control"
	case "databasemigrationservice", "database-migration-service":
		return "dms"
	case "sfn":
		return "stepfunctions"
	case "costexplorer", "cost-explorer":
		return "ce"
	}
	return s
}

// kebab turns an operation or a parameter into AWS's own spelling of it on the
// command line: GetEbsEncryptionByDefault is get-ebs-encryption-by-default,
// ListMFADevices is list-mfa-devices, ListWebACLs is list-web-acls.
func kebab(op string) string {
	rs := []rune(op)
	upper := func(i int) bool { return i >= 0 && i < len(rs) && 'A' <= rs[i] && rs[i] <= 'Z' }
	lower := func(i int) bool { return i < len(rs) && 'a' <= rs[i] && rs[i] <= 'z' }
	last := len(rs) - 1
	plural := last >= 3 && rs[last] == 's' && upper(last-1) && upper(last-2) && upper(last-3)
	var b strings.Builder
	for i, r := range rs {
		next := lower(i+1) && !(plural && i+1 == last)
		if i > 0 && upper(i) && (!upper(i-1) || next) {
			b.WriteByte('-')
		}
		b.WriteString(strings.ToLower(string(r)))
	}
	return b.String()
}

// reading says in plain words what a listing shows and what it does not.
func (b *binder) reading(c evidence.Cell) (shows, showsNot string) {
	what := "every " + c.Source + " that " + where(c) + " had"
	switch {
	case strings.HasPrefix(c.Source, "record/"):
		return "What the organisation's people wrote down, as it stood in the repository at the commit named below.",
			"That what they wrote is true, or that everything that happened was written down."
	case strings.HasPrefix(c.Source, "git/"):
		return "What the repository's history says at the commit it was read.",
			"Who really sat at the keyboard: names and dates in git are claims of whoever made the commit. Approvals given outside git are not in it."
	case strings.HasPrefix(c.Source, "forge/") && (c.State == evidence.Collected || c.State == evidence.Partial):
		return "As the code host answered the identity of the token at the time below: " + what + ".",
			"What was said outside the code host, and whether whoever signed in there was the person they should be."
	case c.State == evidence.Empty:
		what = "that " + where(c) + " had no " + c.Source
	case !c.State.Answered():
		return "That the question was asked and not answered, and why.", "What there is: nothing can be concluded from it."
	case c.State != evidence.Collected && c.State != evidence.Partial:
		return "Why this listing does not apply here.", "Anything about other accounts or regions."
	}
	return "As AWS answered the identity below at the time below: " + what + ", with its settings.",
		"What the settings were at any other time, what the identity may not see, and whether somebody altered an answer before it was sealed."
}
