package control

import (
	"strings"
	"time"
)

// expires are the things of AWS that end on a day of their own, and where that
// day stands in the answer. AWS itself renews what has the value of renewed there.
var expires = [...]struct {
	source, answer  string
	path            []string
	what            string
	renewed, renews string // a field of the answer and the value that says so; "" where nothing is renewed
}{
	{"acm/certificate", "DescribeCertificate", []string{"Certificate", "NotAfter"}, "Replace the certificate", "RenewalEligibility", "ELIGIBLE"},
	{"iam/server-certificate", "ListServerCertificates", []string{"Expiration"}, "Replace the server certificate", "", ""},
	{"iam/saml-provider", "ListSAMLProviders", []string{"ValidUntil"}, "Renew the metadata of the identity provider", "", ""},
	{"rds/instance", "DescribeDBInstances", []string{"CertificateDetails", "ValidTill"}, "Rotate the certificate of the database", "", ""},
}

// expiries are certificates that end and access keys that must be replaced, as the
// newest run saw them: what ends before the calendar does.
func (c *duties) expiries() {
	for _, x := range expires {
		for _, it := range c.w.items(x.source) {
			v, _ := field(it, x.answer, x.path...)
			on, err := instant(v)
			if err != nil || on.IsZero() || on.After(c.last()) || on.Before(c.w.period.Start) {
				continue
			}
			why := "it ends then"
			if x.renewed != "" {
				if e, _ := field(it, x.answer, x.path[0], x.renewed); e == x.renews {
					why = "it ends then; AWS renews it by itself as long as its validation stands"
				}
			}
			name := it.ID
			if _, short, ok := strings.Cut(name, "/"); ok {
				name = short
			}
			c.add(Duty{ID: "expiry/" + x.source + "/" + it.Account + "/" + it.Region + "/" + it.ID, Kind: "expiry", Ref: it.ID, What: x.what + " " + name, On: on,
				Why: why + "; in " + place{it.Account, it.Region}.String()})
		}
	}
	for _, it := range c.w.items("iam/access-key") {
		v, _ := field(it, "ListAccessKeys")
		k := written(fieldsOf(v))
		made, err := instant(k["CreateDate"])
		on := made.AddDate(0, 0, keyDays)
		if err != nil || made.IsZero() || k.text("Status") != "Active" || on.After(c.last()) {
			continue
		}
		c.add(Duty{ID: "expiry/iam/access-key/" + it.Account + "/" + it.ID, Kind: "expiry", Ref: it.ID, What: "Replace the access key of " + k.text("UserName"), On: later(on, c.w.period.Start),
			Why: "made on " + made.UTC().Format(time.DateOnly) + ": 90 days; in " + it.Account})
	}
}

// keyDays is after how many days an access key is to be replaced, as the check
// iam-access-keys-rotated-90-days counts.
const keyDays = 90
