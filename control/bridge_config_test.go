package control

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"exhibit/evidence"
)

// Every type that is judged has a check that judges what AWS Config writes of it,
// both ways, and every check that is named exists.
func TestMappings(t *testing.T) {
	lib := realLibrary(t)
	block := func(on string) string {
		return strings.ReplaceAll(`{"blockPublicAcls":?,"ignorePublicAcls":?,"blockPublicPolicy":?,"restrictPublicBuckets":?}`, "?", on)
	}
	rule := func(port, from string) string {
		return `{"groupName":"g","ipPermissions":[{"ipProtocol":"tcp","fromPort":` + port + `,"toPort":` + port + `,"ipRanges":["` + from + `"],"ipv4Ranges":[{"cidrIp":"` + from + `"}],"ipv6Ranges":[],"userIdGroupPairs":[],"prefixListIds":[]}]}`
	}
	states := map[string][3]string{ // met, not met, what nobody can say
		"s3-bucket-public-access-blocked":  {`{"supplementaryConfiguration":{"PublicAccessBlockConfiguration":` + block("true") + `}}`, `{"supplementaryConfiguration":{"PublicAccessBlockConfiguration":` + block("false") + `}}`, `{"configuration":{}}`},
		"s3-default-encryption":            {`{"supplementaryConfiguration":{"ServerSideEncryptionConfiguration":{"rules":[{"applyServerSideEncryptionByDefault":{"sseAlgorithm":"AES256","kmsMasterKeyID":null}}]}}}`, `{"supplementaryConfiguration":{"ServerSideEncryptionConfiguration":{"rules":[{"bucketKeyEnabled":false}]}}}`, `{"supplementaryConfiguration":{}}`},
		"s3-account-public-access-blocked": {`{"configuration":` + block("true") + `}`, `{"configuration":` + block("false") + `}`, `{}`},
		"sg-no-open-ssh":                   {`{"configuration":` + rule("22", "10.0.0.0/8") + `}`, `{"configuration":` + rule("22", "0.0.0.0/0") + `}`, `{"configuration":{"groupName":"g"}}`},
		"sg-no-open-rdp":                   {`{"configuration":` + rule("3389", "10.0.0.0/8") + `}`, `{"configuration":` + rule("3389", "0.0.0.0/0") + `}`, `{}`},
		"ebs-volumes-encrypted":            {`{"configuration":{"encrypted":true}}`, `{"configuration":{"encrypted":false}}`, `{"configuration":{}}`},
		"rds-instance-encrypted":           {`{"configuration":{"storageEncrypted":true}}`, `{"configuration":{"storageEncrypted":false}}`, `{}`},
		"rds-not-public":                   {`{"configuration":{"publiclyAccessible":false}}`, `{"configuration":{"publiclyAccessible":true}}`, `{"configuration":{"storageEncrypted":true}}`},
		"rds-cluster-encrypted":            {`{"configuration":{"storageEncrypted":true}}`, `{"configuration":{"storageEncrypted":false}}`, `{}`},
	}
	ev := Evidence{Run: "r", At: onDay("2026-07-01")}
	w := newWorld(ev, Period{})
	h := toldByConfig{lib: lib, w: w}
	for _, m := range mappings() {
		for _, name := range m.checks {
			for i, want := range []Status{Met, ExceptionIn, ""} {
				got := Status("")
				if answer, ok := m.answerOf(written(fieldsOf(data(t, states[name][i])))); ok {
					got = h.judged(name, m, Bridge{Account: "1", Region: "eu-west-1", Item: "x"}, answer)
				}
				if got != want {
					t.Errorf("%s of %s is %q, want %q", name, states[name][i], got, want)
				}
			}
		}
	}
	for kind, checks := range changesOnly() {
		for _, name := range checks {
			if _, ok := lib.Check(name); !ok {
				t.Errorf("%s speaks to a check %q that does not exist", kind, name)
			}
		}
	}
}

// What AWS Config wrote down between two looks bridges, as far back as its recorder
// was on; what it never saw, and what lies before, stays unobserved.
func TestConfigBridges(t *testing.T) {
	lib := realLibrary(t)
	look := func(day, recorder string, states ...string) Evidence {
		ev := Evidence{Run: day, Commit: "c-" + day, At: onDay(day)}
		for _, s := range []string{"ec2/security-group", "config/history", "config/recorder", "config/rule"} {
			ev.cell("1", "us-east-1", s, evidence.Collected)
		}
		ev.found(t, "1", "us-east-1", "config/recorder", "default", `{"DescribeConfigurationRecorders":{"name":"default"},"DescribeConfigurationRecorderStatus":{"ConfigurationRecordersStatus":[`+recorder+`]}}`)
		for i, s := range states {
			ev.found(t, "1", "us-east-1", "config/history", []string{"AWS::EC2::SecurityGroup/sg-1", "AWS::EC2::SecurityGroup/sg-2", "AWS::EC2::SecurityGroup/sg-3"}[i], s)
		}
		ev.found(t, "1", "us-east-1", "ec2/security-group", "arn:aws:ec2:us-east-1:1:security-group/sg-2", `{"DescribeSecurityGroups":{"GroupName":"two","IpPermissions":[]}}`)
		return ev
	}
	open := `{"GetResourceConfigHistory":{"configurationItems":[{"configurationItemCaptureTime":"2026-05-09T09:06:00Z","configurationItemStatus":"ResourceDeleted"},` +
		`{"configurationItemCaptureTime":"2026-05-01T19:42:00Z","configurationItemStatus":"ResourceDiscovered","configuration":{"groupName":"one","ipPermissions":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"ipv4Ranges":[{"cidrIp":"0.0.0.0/0"}]}]}}]}}`
	still := `{"SelectResourceConfig":{"resourceType":"AWS::EC2::SecurityGroup","resourceId":"sg-2","configurationItemCaptureTime":"2024-01-01T00:00:00.000Z"}}`
	on := `{"name":"default","recording":true,"lastStartTime":"2023-05-08T09:00:00Z"}`
	told := 0
	of := func(recorder string, states ...string) []string {
		first, last := look("2026-04-01", on), look("2026-07-01", recorder, states...)
		r := judged(t, lib, last, first)
		for _, x := range r.Ledger.ToldOff([]string{"sg-no-open-ssh"}) {
			if x.Item != "sg-1" || x.Looks != 0 || x.Check != "sg-no-open-ssh" {
				t.Errorf("%+v", x)
			}
			told++
		}
		var out []string
		for _, b := range r.Ledger.Bridges {
			if slices.Contains(b.Checks, "sg-no-open-ssh") {
				out = append(out, fmt.Sprintf("%s to %s %s: %s", b.From.Format(time.DateOnly), b.To.Format(time.DateOnly), b.Status, b.Says))
			}
		}
		return out
	}
	for _, c := range []struct {
		name, recorder string
		want           []string
	}{
		{"on all the time", on, []string{
			"2026-03-31 to 2026-07-01 : no change of 1 resource of the type AWS::EC2::SecurityGroup, in 1 region",
			"2026-05-01 to 2026-05-09 Exception: sg-1 did not meet \"No security group opens SSH to the internet\"", "2026-05-09 to 2026-07-01 Not there: sg-1 was gone"}},
		{"switched on in between", `{"name":"default","recording":true,"lastStartTime":"2026-05-05T00:00:00Z"}`, []string{
			"2026-05-05 to 2026-05-09 Exception: sg-1 did not meet \"No security group opens SSH to the internet\"",
			"2026-05-05 to 2026-07-01 : no change of 1 resource of the type AWS::EC2::SecurityGroup, in 1 region",
			"2026-05-09 to 2026-07-01 Not there: sg-1 was gone"}},
		{"stopped in between", `{"name":"default","recording":false,"lastStartTime":"2023-05-08T09:00:00Z","lastStopTime":"2026-05-05T00:00:00Z"}`, []string{
			"2026-05-01 to 2026-05-05 Exception: sg-1 did not meet \"No security group opens SSH to the internet\"",
			"2026-03-31 to 2026-05-05 : no change of 1 resource of the type AWS::EC2::SecurityGroup, in 1 region"}},
		{"never started", `{"name":"default","recording":false}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := of(c.recorder, open, still)
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(c.want, "\n\t"))
			}
		})
	}
	if told != 3 {
		t.Errorf("%d times are told to have been off while no run looked, want one of each recorder that was on", told)
	}
}
