package control

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A leaf is a place within an example's data.
type leaf struct {
	path string
	set  func(v any) // a value, or absent{} to take it away
}

type absent struct{}

func leaves(path string, v any, set func(any)) (out []leaf) {
	if path != "" {
		out = append(out, leaf{path, set})
	}
	switch v := v.(type) {
	case map[string]any:
		for _, k := range sortedKeys(v) {
			if k == "id" { // how the item is called, not an answer
				continue
			}
			old := v[k]
			out = append(out, leaves(path+"."+k, old, func(x any) {
				if _, gone := x.(absent); gone {
					delete(v, k)
				} else {
					v[k] = x
				}
			})...)
		}
	case []any:
		for i := range v {
			out = append(out, leaves(fmt.Sprintf("%s[%d]", path, i), v[i], func(x any) {
				if _, gone := x.(absent); gone {
					x = nil
				}
				v[i] = x
			})...)
		}
	}
	return out
}

// copied is a deep copy that can be changed.
func copied(t *testing.T, e Example) Example {
	t.Helper()
	var out Example
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func leavesOf(e Example) (out []leaf) {
	one := func(name string, m map[string]any) {
		out = append(out, leaves(name, m, func(any) {})[1:]...) // not the item as a whole
	}
	if e.Item != nil {
		one("item", e.Item)
	}
	for i, m := range e.Items {
		one(fmt.Sprintf("items[%d]", i), m)
	}
	for _, v := range sortedKeys(e.With) {
		for i, m := range e.With[v] {
			one(fmt.Sprintf("%s[%d]", v, i), m)
		}
	}
	return out
}

// mayBeAbsent are the fields whose absence is itself an answer of AWS's: it leaves
// them out where there is none. Source: the API references, and botocore's models.
// The last are our own: collect/git writes what a message says, and nothing where it says nothing.
var mayBeAbsent = []string{
	".Variables.DB_PASSWORD", ".Variables.stripeApiKey", // Lambda: a variable that a function does not have
	".privileged", // ECS: a container definition has what was set in it; without it the container is not
	".LatestDigestDeliveryError", ".RolePolicyList", ".UserPolicyList", ".GroupPolicyList", ".NotAction", ".NotResource",
	".ListSecrets.RotationEnabled",       // Secrets Manager: a secret for which rotation was never set up
	".DescribeLogGroups.retentionInDays", // CloudWatch Logs: the group keeps its events for ever
	".record.last_day",                   // a person who works here has none
	".record.ended",                      // an identity that goes on has no end
	// EC2: no public address; what a launch template does not settle; no key pair.
	".DescribeInstances.PublicIpAddress", ".Association", ".AssociatePublicIpAddress", ".DescribeInstances.KeyName",
	// AWS Backup: without a schedule the default is used; without a day of deletion a backup stays; a restore nobody validates has no status.
	".Rules[0].ScheduleExpression", ".Rules[1].ScheduleExpression", ".Rules[0].Lifecycle", ".Rules[1].Lifecycle", ".Lifecycle.DeleteAfterDays", ".Lifecycle.DeleteAfterEvent",
	".ListRecoveryPointsByBackupVault.Lifecycle", ".ListRecoveryPointsByBackupVault.CalculatedLifecycle", ".CalculatedLifecycle.DeleteAt", ".ListRestoreJobs.ValidationStatus",
	// RDS, CreateEventSubscription: without a type, sources or categories a subscription is for all of them.
	".DescribeEventSubscriptions.SourceType", ".DescribeEventSubscriptions.SourceIdsList", ".DescribeEventSubscriptions.EventCategoriesList",
	// EMR, ListInstances: an instance without a public address. Glue: the arguments of a job are a map of those that were given.
	".ListInstances.Instances[1].PublicIpAddress", ".NonOverridableArguments.--enable-continuous-cloudwatch-log",
	".change.reverts",
	// IAM: a virtual device nobody was given. KMS: an alias reserved for a key AWS has not made.
	".ListVirtualMFADevices.User", ".ListAliases.TargetKeyId",
	".LatestDeliveryError", // CloudTrail: the last delivery went well
	// S3: never versioned; a rule for all objects has no prefix, and need not expire any; a trail without one writes at the top.
	".GetBucketVersioning.Status", ".Filter.Prefix", ".Filter.And", ".Filter.Tag", ".Expiration", ".Expiration.Days", ".Expiration.Date", ".DescribeTrails.S3KeyPrefix",
	".record.buckets", // what people write: the data lies in no bucket
}

// What is unknown, or not there at all, never decides for a pass: whatever a pass
// or "not applicable" was reached without may be anything, and does not change it.
func TestUnknownNeverPasses(t *testing.T) {
	lib := realLibrary(t)
	values := []any{nil, true, false, "", "x", "true", "false", "2020-01-01", "2026-07-14", json.Number("0"), json.Number("1"), json.Number("99"), []any{}, map[string]any{}}
	tried := 0
	for _, c := range lib.Checks {
		r := lib.ready[c.Name]
		judge := func(e Example, i int, v any) (Verdict, string) {
			changed := copied(t, e)
			leavesOf(changed)[i].set(v)
			return r.example(changed)
		}
		for _, e := range slices.Concat(c.Examples.Pass, c.Examples.Fail, c.Examples.Unknown, c.Examples.NotApplicable) {
			for i, l := range leavesOf(copied(t, e)) {
				for name, without := range map[string]any{"unanswered": gapText, "absent": absent{}} {
					if name == "absent" && slices.ContainsFunc(mayBeAbsent, func(s string) bool { return strings.HasSuffix(l.path, s) }) {
						continue
					}
					got, _ := judge(e, i, without)
					tried++
					if got != Pass && got != NotApplicable {
						continue
					}
					for _, v := range values {
						other, says := judge(e, i, v)
						if other == Fail || other == NeedsRecord || other == Pass && got == NotApplicable {
							t.Errorf("%s: %s is %s: %s; %v: %s (%s)", c.Name, l.path, name, got, v, other, says)
							break
						}
					}
				}
			}
		}
	}
	if tried < 1000 {
		t.Errorf("only %d cases", tried)
	}
	t.Log(tried, "cases")
}
