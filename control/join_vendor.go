package control

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// An opening is a source whose items let somebody in: the variable by which
// external-principals-are-known-vendors reads it, and the answers that say whom.
type opening struct {
	variable, source string // variable is "" for the check's own population
	answers          []string
}

func openings() []opening {
	return []opening{
		{"", "iam/role", []string{"GetAccountAuthorizationDetails"}}, {"buckets", "s3/bucket", []string{"GetBucketPolicy"}}, {"keys", "kms/key-policy", []string{"GetKeyPolicy", "ListGrants"}},
		{"topics", "sns/topic", []string{"GetTopicAttributes"}}, {"queues", "sqs/queue", []string{"GetQueueAttributes"}}, {"functions", "lambda/function", []string{"GetPolicy"}},
		{"images", "ecr/repository", []string{"GetRepositoryPolicy"}}, {"vaults", "backup/vault", []string{"GetBackupVaultAccessPolicy"}}, {"buses", "events/bus", []string{"ListEventBuses"}},
		{"logs", "logs/resource-policy", []string{"DescribeResourcePolicies"}}, {"secrets", "secretsmanager/secret", []string{"GetResourcePolicy"}}, {"shares", "ram/resource-share", []string{"GetResourceShares", "ListPrincipals"}},
		{"saml", "iam/saml-provider", []string{"ListSAMLProviders"}}, {"oidc", "iam/oidc-provider", []string{"GetOpenIDConnectProvider"}}, {"peerings", "ec2/vpc-peering-connection", []string{"DescribeVpcPeeringConnections"}},
	}
}

// externalPrincipalsAreVendors: one finding for each resource whose policy lets in
// a principal of an account that is not the organisation's, each identity provider
// that is not AWS's own, each peering with another's network, and each share with or
// from another account. Of is iam/role; with reads the variables of openings, vendors
// and organisation.
func externalPrincipalsAreVendors(in joining) []Finding {
	var out []Finding
	own := map[string]bool{"": true}
	for _, a := range in.Params.texts("of_aws") {
		own[a] = true
	}
	for _, l := range append([]listing{in.Of}, in.With["organisation"]) {
		for _, c := range l.Cells {
			own[c.Account] = true
		}
	}
	for _, it := range in.With["organisation"].Items {
		v, _ := field(it, "ListAccounts")
		own[written(fieldsOf(v)).text("Id")] = true
	}
	for _, p := range openings() {
		l := in.Of
		if p.variable != "" {
			l = in.With[p.variable]
			for _, c := range l.Missing {
				if !left(c) {
					out = append(out, Finding{Account: c.Account, Region: c.Region, Source: c.Source, Item: place{c.Account, c.Region}.String() + " " + c.Source, Verdict: NotEvaluated, Reason: cellReason(c), Evidence: Pointer{Path: c.Path}})
				}
			}
		}
		for _, it := range l.Items {
			var found []outsider
			unclear := ""
			for _, question := range p.answers {
				answer, known := field(it, question)
				switch _, gap := it.Gap(question); {
				case gap:
					unclear = first(unclear, notAnswered(question))
				case known && answer != nil:
					more, why := letIn(p.variable, question, answer, own)
					found, unclear = append(found, more...), first(unclear, why)
				}
			}
			if len(found) > 0 || unclear != "" {
				out = append(out, in.knownVendors(about(it), found, unclear))
			}
		}
	}
	return out
}

// letIn is whom one answer lets in.
func letIn(variable, question string, answer any, own map[string]bool) (out []outsider, unclear string) {
	r := written(fieldsOf(answer))
	switch variable + " " + question {
	case "saml ListSAMLProviders":
		if name := providerOf(r.text("Arn")); name != "" {
			return []outsider{{name: name, by: "SAML provider"}}, ""
		}
		return nil, ""
	case "oidc GetOpenIDConnectProvider":
		if host := providerOf(r.text("Url")); host != "" {
			return []outsider{{name: host, by: "OpenID Connect provider"}}, ""
		}
		return nil, ""
	case "peerings DescribeVpcPeeringConnections":
		for _, side := range []string{"AccepterVpcInfo", "RequesterVpcInfo"} {
			if a := written(fieldsOf(r[side])).text("OwnerId"); a != "" {
				out = add(out, outsider{a, a, "VPC peering"}, own)
			}
		}
		return out, ""
	case "keys ListGrants":
		return grantedTo(r["Grants"], own)
	case "shares GetResourceShares":
		if a := r.text("owningAccountId"); r.text("status") == "ACTIVE" {
			out = add(out, outsider{a, a, "a share it opened to us"}, own)
		}
		return out, ""
	case "shares ListPrincipals":
		return sharedWith(r["principals"], own)
	}
	return outsiders(question, answer, own)
}

// grantedTo are whom grants of a key let use it, or end the grant. A service of AWS
// holds most of them, for one of our own resources.
func grantedTo(grants any, own map[string]bool) (out []outsider, unclear string) {
	list, ok := grants.([]any)
	if !ok {
		return nil, "ListGrants: the grants cannot be read"
	}
	for _, e := range list {
		g := written(fieldsOf(e))
		for _, who := range []string{"GranteePrincipal", "RetiringPrincipal"} {
			name := g.text(who)
			parts := strings.Split(name, ":")
			switch {
			case name == "" || strings.HasSuffix(name, ".amazonaws.com"):
			case len(parts) > 5 && parts[0] == "arn":
				out = add(out, outsider{name, parts[4], "a grant of the key"}, own)
			case strings.HasPrefix(name, "AIDA"), strings.HasPrefix(name, "AROA"):
				unclear = first(unclear, "ListGrants: "+name+" is the id of a user or role that was deleted; which account it was of AWS does not say")
			default:
				out = append(out, outsider{name: name, by: "a grant of the key"})
			}
		}
	}
	return out, unclear
}

// sharedWith are the accounts a share of ours is open to. What is shared with the
// organization or a part of it stays within; a service of AWS is none.
func sharedWith(principals any, own map[string]bool) (out []outsider, unclear string) {
	list, ok := principals.([]any)
	if !ok {
		return nil, "ListPrincipals: the principals cannot be read"
	}
	for _, e := range list {
		p := written(fieldsOf(e))
		name := p.text("id")
		parts := strings.Split(name, ":")
		switch {
		case accountForm.MatchString(name):
			out = add(out, outsider{name, name, "a share of ours"}, own)
		case len(parts) > 5 && parts[2] == "organizations" || strings.HasSuffix(name, ".amazonaws.com"):
			if p.bool("external") {
				out = append(out, outsider{name: name, by: "a share of ours"})
			}
		case len(parts) > 5 && parts[0] == "arn":
			out = add(out, outsider{name, parts[4], "a share of ours"}, own)
		default:
			unclear = first(unclear, "ListPrincipals: whom "+name+" names AWS does not say")
		}
	}
	return out, unclear
}

// knownVendors judges whom a resource lets in against the vendor register.
func (in joining) knownVendors(f Finding, found []outsider, unclear string) Finding {
	var list, unknown []any
	told := map[string]bool{}
	for _, o := range found {
		if told[o.name+o.by] {
			continue
		}
		told[o.name+o.by] = true
		vendor, state := in.vendorOf(o)
		entry := map[string]any{"principal": o.name, "by": o.by, "vendor": vendor}
		if state != "" {
			entry["vendor"] = state
			unknown = append(unknown, o.name)
		}
		list = append(list, entry)
	}
	f.Value = map[string]any{"outside": list}
	switch {
	case len(unknown) > 0 && in.With["vendors"].refused() != "":
		f.Verdict, f.Reason = NotEvaluated, in.With["vendors"].refused()
	case len(unknown) > 0:
		f.Verdict, f.Value = Fail, map[string]any{"outside": list, "unknown": unknown}
	case unclear != "":
		f.Verdict, f.Reason = NotEvaluated, unclear
	default:
		f.Verdict = Pass
	}
	return f
}

// vendorOf is the vendor whose an outsider is; state says why there is none.
func (in joining) vendorOf(o outsider) (name, state string) {
	state = "none in the register"
	for _, it := range in.With["vendors"].Items {
		v := recordOf(it)
		mine := o.account != "" && slices.Contains(v.texts("aws_accounts"), o.account) ||
			o.account == "" && slices.ContainsFunc(v.texts("identity_providers"), func(s string) bool { return strings.EqualFold(s, o.name) })
		if !mine {
			continue
		}
		if ended := v.day("ended"); v.text("status") == "ended" && !ended.After(in.At) {
			state = fmt.Sprintf("%s, which ended on %s", v.text("name"), v.text("ended"))
			continue
		}
		return v.text("name"), ""
	}
	return "", state
}

// A covered stretch is days a report or letter speaks for, both included.
type stretch struct {
	from, to time.Time
	by       string
}

// vendorReportsCoverPeriod: one finding for each vendor whose failure would matter
// or that handles customer data. Of is record/vendor; with reads reviews
// (record/vendor-review). The days of the audit period, or of the contract where
// it began later, up to the day ages are counted to, must be covered by the
// periods of the reports that were read and by letters that bridge to a later day.
func vendorReportsCoverPeriod(in joining) []Finding {
	var out []Finding
	for _, it := range in.Of.Items {
		v := recordOf(it)
		f := about(it)
		f.Item = v.text("id")
		from, to := in.Period.Start, in.Period.End
		if day := in.AsOf.UTC().Truncate(24 * time.Hour); day.Before(to) {
			to = day
		}
		if day := v.day("contract_date"); day.After(from) {
			from = day
		}
		if day := v.day("ended"); !day.IsZero() && day.Before(to) {
			to = day
		}
		value := map[string]any{"vendor": v.text("name"), "to_cover": from.Format(time.DateOnly) + " to " + to.Format(time.DateOnly)}
		f.Value = value
		covers, undated := in.stretches(v.text("id"))
		var said []any
		for _, s := range covers {
			said = append(said, fmt.Sprintf("%s: %s to %s", s.by, s.from.Format(time.DateOnly), s.to.Format(time.DateOnly)))
		}
		value["covered_by"] = said
		days, holes := uncovered(from, to, covers)
		value["days_uncovered"] = days
		if days > 0 {
			value["uncovered"] = asList(holes)
		}
		soc := strings.Contains(strings.ToUpper(v.text("report_type")), "SOC")
		switch {
		case v.refused("criticality", "customer_data", "status", "ended", "contract_date", "report_type"), !v.given("customer_data"), !v.given("criticality"):
			f.Verdict, f.Reason = NotEvaluated, notAnswered("a field of the vendor register")
		case !v.bool("customer_data") && v.text("criticality") != "critical" && v.text("criticality") != "high":
			f.Verdict, f.Reason = NotApplicable, "handles no customer data, and its criticality is "+v.text("criticality")
		case to.Before(from):
			f.Verdict, f.Reason = NotApplicable, "was no vendor in the period"
		case days == 0:
			f.Verdict = Pass
		case in.With["reviews"].refused() != "":
			f.Verdict, f.Reason = NotEvaluated, in.With["reviews"].refused()
		case len(covers) == 0 && undated > 0:
			f.Verdict, f.Reason = NeedsRecord, "the reviews name no report with a first and a last day"
		case len(covers) == 0 && (soc || !has(in.With["reviews"].Items, func(r written) bool { return r.text("vendor") == v.text("id") })):
			f.Verdict, f.Reason = NeedsRecord, "no record answers this: vendor-review with the period of the report"
		case len(covers) == 0:
			f.Verdict, f.Reason = NotApplicable, "it gives no report over a period: "+v.text("report_type")
		default:
			f.Verdict = Fail
		}
		out = append(out, f)
	}
	return out
}

// stretches are what the reviews of a vendor say is covered; undated counts those
// that name a last day of a report and no first one.
func (in joining) stretches(vendor string) (out []stretch, undated int) {
	for _, it := range in.With["reviews"].Items {
		r := recordOf(it)
		if r.text("vendor") != vendor || r.day("date").After(in.At) {
			continue
		}
		start, end := r.day("report_period_start"), r.day("report_period_end")
		switch {
		case end.IsZero():
			continue
		case start.IsZero():
			undated++
			continue
		}
		out = append(out, stretch{start, end, "report"})
		if until := r.day("bridge_letter_until"); until.After(end) {
			out = append(out, stretch{end.AddDate(0, 0, 1), until, "bridge letter"})
		}
	}
	slices.SortStableFunc(out, func(a, b stretch) int { return a.from.Compare(b.from) })
	return out, undated
}

// uncovered counts the days from..to that no stretch covers, and names them.
func uncovered(from, to time.Time, covers []stretch) (days int, holes []string) {
	next := from
	hole := func(until time.Time) {
		if !until.Before(next) {
			days += int(until.Sub(next)/(24*time.Hour)) + 1
			holes = append(holes, next.Format(time.DateOnly)+" to "+until.Format(time.DateOnly))
		}
	}
	for _, s := range covers {
		if s.to.Before(next) {
			continue
		}
		if s.from.After(to) {
			break
		}
		hole(s.from.AddDate(0, 0, -1))
		next = s.to.AddDate(0, 0, 1)
	}
	hole(to)
	return days, holes
}

// unknownControls are the controls that a comparison with a provider's report names
// and that there are not.
func unknownControls(lib *Library, w *world) (out []string) {
	known := map[string]bool{}
	for _, c := range lib.Controls {
		known[c.ID] = true
	}
	for _, it := range w.items("record/complementary-controls") {
		list, _ := recordOf(it)["controls"].([]any)
		for i, v := range list {
			if id := written(fieldsOf(v)).text("control"); id != "" && !known[id] {
				out = append(out, fmt.Sprintf("%s:%d: row %d of \"controls\" names %q: no control has this id%s", it.Pointer.Path, it.Pointer.Line, i+1, id, nearest(id, sortedKeys(known))))
			}
		}
	}
	return out
}
