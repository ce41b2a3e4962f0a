package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// AWS Config writes down what a resource is set to each time that changes, as long
// as its recorder is on. What it wrote is told, not observed: a state speaks of the
// time from when it was written down until the next, and is judged with the check
// itself where AWS Config writes the very fields that the check reads.

// A mapping says how a state of AWS Config reads as the answer of a service.
type mapping struct {
	kind    string // AWS Config's type of resource
	source  string // the source whose items these are
	answer  string // the answer that is made of the state's fields
	part    string // where AWS Config puts them: "configuration" or "supplementaryConfiguration"
	field   string // the one field the answer lies in; "" for all of the part
	wrapped string // the name the answer has around it; "" for none
	checks  []string
}

// mappings are the states that can be judged: the fields kept of them hold all that
// the checks ask of an item to pass it or not. A test judges a state of each.
func mappings() []mapping {
	return []mapping{
		{"AWS::S3::Bucket", "s3/bucket", "GetPublicAccessBlock", "supplementaryConfiguration", "PublicAccessBlockConfiguration", "PublicAccessBlockConfiguration", []string{"s3-bucket-public-access-blocked"}},
		{"AWS::S3::Bucket", "s3/bucket", "GetBucketEncryption", "supplementaryConfiguration", "ServerSideEncryptionConfiguration", "ServerSideEncryptionConfiguration", []string{"s3-default-encryption"}},
		{"AWS::S3::AccountPublicAccessBlock", "s3/account-public-access-block", "GetPublicAccessBlock", "configuration", "", "PublicAccessBlockConfiguration", []string{"s3-account-public-access-blocked"}},
		{"AWS::EC2::SecurityGroup", "ec2/security-group", "DescribeSecurityGroups", "configuration", "", "", []string{"sg-no-open-ssh", "sg-no-open-rdp"}},
		{"AWS::EC2::Volume", "ec2/volume", "DescribeVolumes", "configuration", "", "", []string{"ebs-volumes-encrypted"}},
		{"AWS::RDS::DBInstance", "rds/instance", "DescribeDBInstances", "configuration", "", "", []string{"rds-instance-encrypted", "rds-not-public"}},
		{"AWS::RDS::DBCluster", "rds/cluster", "DescribeDBClusters", "configuration", "", "", []string{"rds-cluster-encrypted"}},
	}
}

// changesOnly are the types of which AWS Config is asked when they changed, and whose
// fields say nothing that a check judges: their changes are told as moments.
func changesOnly() map[string][]string {
	return map[string][]string{
		"AWS::CloudTrail::Trail": {"cloudtrail-multi-region-trail", "cloudtrail-logging-active", "cloudtrail-log-file-validation"},
		"AWS::KMS::Key":          {"kms-rotation-enabled", "kms-keys-not-pending-deletion"},
		"AWS::IAM::Policy":       {"iam-no-full-admin-policies", "iam-no-service-wildcards"},
		"AWS::IAM::User":         {"iam-users-no-inline-policies"},
	}
}

// configBridges are what AWS Config told the looks, each state by the look that was
// told most of it.
func configBridges(lib *Library, looked []*world) []Bridge {
	var out []Bridge
	at := map[string]int{} // in out
	for _, w := range looked {
		h := toldByConfig{lib: lib, w: w, recorded: w.recorders(), idle: map[place][]Located{}, names: map[string]string{}, rules: w.rules()}
		items := w.items("config/history")
		for _, it := range items {
			if r := written(fieldsOf(it.Answers["SelectResourceConfig"])); r.text("resourceName") != "" {
				h.names[it.Account+"/"+r.text("resourceType")+"/"+r.text("resourceId")] = r.text("resourceName")
			}
		}
		for _, it := range items {
			for _, b := range h.of(it) {
				k := strings.Join([]string{b.Account, b.Region, b.Item, b.Says, b.From.Format(time.RFC3339)}, "\x00")
				i, known := at[k]
				switch {
				case !known:
					at[k] = len(out)
					out = append(out, b)
				case b.To.After(out[i].To): // a later run was told that it went on
					out[i] = b
				}
			}
		}
		out = append(out, h.unchanged()...)
	}
	return out
}

// A recorder is since when AWS Config wrote down without a break, and up to when.
type recorder struct {
	since, until time.Time
	daily        bool
}

// recorders are those that were on, by place, as far as the look was told.
func (w *world) recorders() map[place]recorder {
	out := map[place]recorder{}
	for _, it := range w.items("config/recorder") {
		v, told := field(it, "DescribeConfigurationRecorderStatus")
		list, _ := fieldsOf(v)["ConfigurationRecordersStatus"].([]any)
		if !told || len(list) != 1 {
			continue
		}
		s := written(fieldsOf(list[0]))
		since, err := instant(s["lastStartTime"])
		if err != nil {
			continue
		}
		r := recorder{since: since, until: w.capturedAt("config/history", it.Account, it.Region)}
		if !s.bool("recording") {
			stopped, err := instant(s["lastStopTime"])
			if err != nil {
				continue
			}
			r.until = stopped
		}
		set, _ := field(it, "DescribeConfigurationRecorders")
		r.daily = written(fieldsOf(fieldsOf(set)["recordingMode"])).text("recordingFrequency") == "DAILY"
		out[place{it.Account, it.Region}] = r
	}
	return out
}

// capturedAt is when a source was asked at a place.
func (w *world) capturedAt(source, account, region string) time.Time {
	for _, c := range w.planned(source) {
		if c.Account == account && c.Region == region && !c.Ended.IsZero() {
			return c.Ended
		}
	}
	return w.runAt()
}

// rules are AWS Config's managed rules by account, region and name.
func (w *world) rules() map[string]string {
	out := map[string]string{}
	for _, it := range w.items("config/rule") {
		v, _ := field(it, "DescribeConfigRules")
		r := written(fieldsOf(v))
		out[it.Account+"/"+it.Region+"/"+r.text("ConfigRuleName")] = written(fieldsOf(r["Source"])).text("SourceIdentifier")
	}
	return out
}

// What one look was told by AWS Config.
type toldByConfig struct {
	lib      *Library
	w        *world
	recorded map[place]recorder
	idle     map[place][]Located // written down before the time asked for, by place
	names    map[string]string   // of resources, by account, type and id
	rules    map[string]string
}

// of are the states of one resource, as bridges.
func (h *toldByConfig) of(it Located) []Bridge {
	at := place{it.Account, it.Region}
	rec, on := h.recorded[at]
	if !on {
		return nil // the recorder was off, or nobody said since when it was on
	}
	kind, id, _ := strings.Cut(it.ID, "/")
	v, asked := it.Answers["GetResourceConfigHistory"]
	if !asked {
		h.idle[at] = append(h.idle[at], it)
		return nil
	}
	list, _ := fieldsOf(v)["configurationItems"].([]any)
	var out []Bridge
	until := rec.until
	for _, e := range list { // newest first
		s := written(fieldsOf(e))
		from, err := instant(s["configurationItemCaptureTime"])
		if err != nil {
			return out
		}
		b := Bridge{Via: "AWS Config history", Account: it.Account, Region: it.Region, Source: it.Source, Item: cmp.Or(h.names[it.Account+"/"+kind+"/"+id], id), From: from, To: until,
			Captured: h.w.capturedAt(it.Source, it.Account, it.Region), Evidence: it.Pointer}
		if kind == "AWS::EC2::SecurityGroup" || kind == "AWS::EC2::Volume" {
			b.Item = id // known by their ids
		}
		if b.From.Before(rec.since) {
			b.From = rec.since
		}
		if until = from; until.After(rec.until) {
			until = rec.until // what changed after the recorder stopped nobody wrote down
		}
		if !b.From.Before(b.To) {
			continue // before the recorder was on
		}
		out = append(out, h.states(b, kind, s, rec.daily, from)...)
	}
	return out
}

// states says of a state what it may: that the resource was gone, what a check
// makes of it, what a rule of AWS Config made of it, or that it changed.
func (h *toldByConfig) states(b Bridge, kind string, s written, daily bool, at time.Time) (out []Bridge) {
	add := func(b Bridge) {
		if len(b.Checks) == 0 {
			return
		}
		if daily {
			b.Says += "; its recorder writes down once a day"
		}
		out = append(out, b)
	}
	if kind == "AWS::Config::ResourceCompliance" {
		h.verdicts(b, s, add)
		return out
	}
	if strings.HasPrefix(s.text("configurationItemStatus"), "ResourceDeleted") {
		b.Status, b.Says = NotThere, b.Item+" was gone"
		for _, m := range mappings() {
			if m.kind == kind {
				b.Checks = append(b.Checks, m.checks...)
			}
		}
		add(b)
		return out
	}
	for _, m := range mappings() {
		answer, ok := m.answerOf(s)
		if m.kind != kind || !ok {
			continue
		}
		for _, name := range m.checks {
			b := b
			b.Checks, b.Status = []string{name}, h.judged(name, m, b, answer)
			switch b.Status {
			case Met:
				b.Says = fmt.Sprintf("%s met %q", b.Item, h.lib.ready[name].check.Title)
			case ExceptionIn:
				b.Says = fmt.Sprintf("%s did not meet %q", b.Item, h.lib.ready[name].check.Title)
			default:
				continue
			}
			add(b)
		}
	}
	if checks := changesOnly()[kind]; len(checks) > 0 && at.Equal(b.From) { // clipped to the recorder's start it is no change
		b.To, b.Checks, b.Says = b.From, checks, b.Item+" was changed, as it was written down"
		add(b)
	}
	return out
}

// verdicts are what AWS Config's own rules say, for the checks that name the rule as
// their peer: they are worded as the rule's, and no check of ours.
func (h *toldByConfig) verdicts(b Bridge, s written, add func(Bridge)) {
	conf := written(fieldsOf(s["configuration"]))
	target := conf.text("targetResourceId")
	b.Via, b.Item = "AWS Config rule compliance", cmp.Or(h.names[b.Account+"/"+conf.text("targetResourceType")+"/"+target], target)
	list, _ := conf["configRuleList"].([]any)
	for _, e := range list {
		r := written(fieldsOf(e))
		managed := h.rules[b.Account+"/"+b.Region+"/"+r.text("configRuleName")]
		if managed == "" || b.Item == "" {
			continue
		}
		b := b
		b.Checks = nil
		for _, c := range h.lib.Checks {
			if slices.Contains(c.Peers["aws_config"], managed) {
				b.Checks = append(b.Checks, c.Name)
			}
		}
		b.Says = fmt.Sprintf("its rule %s calls %s %s", r.text("configRuleName"), b.Item, strings.ToLower(strings.ReplaceAll(r.text("complianceType"), "_", "-")))
		add(b)
	}
}

// answerOf lays the fields of a state where the service's answer has them; ok is
// false where AWS Config did not write them down.
func (m mapping) answerOf(s written) (answer any, ok bool) {
	part, there := s[m.part].(map[string]any)
	if !there {
		return nil, false
	}
	var v any = part
	if m.field != "" {
		if v, there = part[m.field]; !there {
			return nil, false
		}
	}
	v = capitalized(v)
	if m.wrapped != "" {
		v = map[string]any{m.wrapped: v}
	}
	return v, true
}

// capitalized spells the fields as the service's API does: AWS Config begins them
// with a small letter.
func capitalized(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			name := strings.ToUpper(k[:min(1, len(k))]) + k[min(1, len(k)):]
			switch name {
			case "IpRanges": // the same ranges as texts
				if _, doubled := v["ipv4Ranges"]; doubled {
					continue
				}
			case "Ipv4Ranges":
				name = "IpRanges"
			case "SseAlgorithm":
				name = "SSEAlgorithm"
			}
			out[name] = capitalized(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = capitalized(e)
		}
		return out
	}
	return v
}

// judged asks a check of a state; "" where it cannot say.
func (h *toldByConfig) judged(name string, m mapping, b Bridge, answer any) Status {
	r := h.lib.ready[name]
	if r == nil || r.check.Of != m.source {
		return ""
	}
	j := &judging{ready: r, w: h.w, res: &CheckResult{Check: r.check}}
	it := Located{Account: b.Account, Region: b.Region, Source: m.source}
	it.ID, it.Answers = b.Item, map[string]any{m.answer: answer}
	switch f := j.item(it); f.Verdict {
	case Pass:
		return Met
	case Fail:
		return ExceptionIn
	}
	return ""
}

// unchanged are, for each kind of resource that can be judged by a state, those that
// AWS Config did not write down anew in the time it was asked about: they are told of
// together, and only of a time in which every recorder was on that speaks here.
func (h *toldByConfig) unchanged() []Bridge {
	var out []Bridge
	told := map[string]int{} // by kind, in out
	for _, m := range mappings() {
		if i, ok := told[m.kind]; ok {
			out[i].Checks = append(out[i].Checks, m.checks...)
			continue
		}
		n, places := 0, 0
		b := Bridge{Via: "AWS Config history", Source: "config/history", Checks: slices.Clone(m.checks), Sum: true}
		for _, at := range sortedPlaces(h.idle) {
			rec := h.recorded[at]
			captured := h.w.capturedAt("config/history", at.account, at.region)
			from := captured.UTC().Truncate(24*time.Hour).AddDate(0, 0, -historyDays)
			if from.Before(rec.since) {
				from = rec.since
			}
			if !from.Before(rec.until) {
				continue
			}
			here := 0
			for _, it := range h.idle[at] {
				if strings.HasPrefix(it.ID, m.kind+"/") {
					if here++; b.Evidence.Path == "" {
						b.Evidence = it.Pointer
					}
				}
			}
			if here == 0 {
				continue
			}
			if n, places = n+here, places+1; from.After(b.From) {
				b.From = from
			}
			if b.To.IsZero() || rec.until.Before(b.To) {
				b.To = rec.until
			}
			if captured.After(b.Captured) {
				b.Captured = captured
			}
		}
		if n > 0 && b.From.Before(b.To) {
			b.Says = fmt.Sprintf("no change of %s of the type %s, in %s", plural(n, "resource"), m.kind, plural(places, "region"))
			told[m.kind] = len(out)
			out = append(out, b)
		}
	}
	return out
}

// historyDays is how many whole days before its own a run asks AWS Config about.
const historyDays = 92

func sortedPlaces[V any](m map[place]V) []place {
	var out []place
	for p := range m {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.region, b.region))
	})
	return out
}
