package control

import (
	"slices"
	"strings"
)

// tellsOf are the events of CloudTrail's history that change what a check looks at.
// An event says what somebody did and when, to the second; whether the test was met
// before or after it, the looks say. The history is no complete record: that it has
// no event says nothing.
func tellsOf() map[string][]string {
	trails := []string{"cloudtrail-multi-region-trail", "cloudtrail-logging-active", "cloudtrail-log-file-validation", "cloudtrail-digests-delivered", "cloudtrail-kms-encrypted", "cloudtrail-to-cloudwatch"}
	objects := []string{"cloudtrail-s3-read-data-events", "cloudtrail-s3-write-data-events"}
	buckets := []string{"s3-bucket-public-access-blocked", "s3-policy-not-public", "s3-no-public-read", "s3-no-public-write", "s3-tls-only"}
	return map[string][]string{
		"DeactivateMFADevice":            {"iam-users-have-mfa", "iam-console-users-have-mfa"},
		"StopLogging":                    trails,
		"DeleteTrail":                    append(slices.Clone(trails), objects...),
		"UpdateTrail":                    trails,
		"PutEventSelectors":              objects,
		"DeleteDetector":                 {"guardduty-enabled-all-regions", "guardduty-s3-protection", "guardduty-malware-protection"},
		"StopConfigurationRecorder":      {"config-recorder-all-regions", "config-records-iam"},
		"PutBucketPolicy":                buckets,
		"DeleteBucketPolicy":             buckets,
		"DeleteBucketPublicAccessBlock":  buckets,
		"DeleteAccountPublicAccessBlock": {"s3-account-public-access-blocked", "s3-bucket-public-access-blocked"},
		"PutBucketPublicAccessBlock":     {"s3-bucket-public-access-blocked"},
		"PutAccountPublicAccessBlock":    {"s3-account-public-access-blocked"},
		"AuthorizeSecurityGroupIngress":  {"sg-no-open-ssh", "sg-no-open-rdp", "sg-no-open-all-ports", "sg-no-open-high-risk-ports"},
		"DisableKey":                     {"kms-rotation-enabled"},
		"ScheduleKeyDeletion":            {"kms-keys-not-pending-deletion", "kms-rotation-enabled"},
		"CreateLoginProfile":             {"iam-console-users-have-mfa"},
	}
}

// trailBridges are the events that tell of a time between looks. Each was asked for
// by the run whose evidence holds it first.
func trailBridges(looked []*world) []Bridge {
	tells := tellsOf()
	seen := map[string]bool{}
	var out []Bridge
	for _, w := range looked {
		for _, it := range w.items("cloudtrail/event") {
			v, known := field(it, "LookupEvents")
			e := written(fieldsOf(v))
			checks := tells[e.text("EventName")]
			at, err := instant(e["EventTime"])
			if !known || err != nil || len(checks) == 0 || seen[it.Account+"/"+it.ID] || failedEvent(e) { // what was refused changed nothing
				continue
			}
			seen[it.Account+"/"+it.ID] = true
			b := Bridge{Via: "CloudTrail", Account: it.Account, Region: it.Region, Source: it.Source, Checks: checks, From: at, To: at, Captured: w.runAt(), Evidence: it.Pointer}
			for _, c := range w.planned(it.Source) {
				if c.Account == it.Account && c.Region == it.Region && !c.Ended.IsZero() {
					b.Captured = c.Ended
				}
			}
			b.Says = e.text("EventName")
			if who := e.text("Username"); who != "" {
				b.Says += " by " + who
			}
			list, _ := e["Resources"].([]any)
			var on []string
			for _, r := range list {
				if name := written(fieldsOf(r)).text("ResourceName"); name != "" && !slices.Contains(on, name) {
					on = append(on, name)
				}
			}
			if len(on) > 0 {
				b.Item = on[0]
				b.Says += " on " + strings.Join(on, ", ")
			}
			if !outcomeKnown(e) {
				b.Says += "; how it ended is withheld, so that it may have been refused,"
			}
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b Bridge) int { return a.From.Compare(b.From) })
	return out
}
