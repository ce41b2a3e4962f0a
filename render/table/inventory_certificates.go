package table

import (
	"slices"
	"strings"
	"time"

	"exhibit/control"
)

// CertificatesTable lists certificates, soonest to expire first.
func (b *Book) CertificatesTable() *Table {
	t := b.inventory("certificates", "Certificates by expiry", []string{"acm/certificate", "iam/server-certificate"},
		Column{"expires", "Expires", Date, 12}, Column{"left", "Days left", Number, 9}, Column{"domain", "Domain", Text, 30}, Column{"also", "Also for", Text, 34}, Column{"status", "Status", Text, 16},
		Column{"issued_by", "Issued by", Text, 22}, Column{"key", "Key", Text, 14}, Column{"renews", "Renews itself", Text, 16}, Column{"used_by", "Used by", Code, 34},
		Column{"item", "Certificate", Code, 44}, Column{"account", "Account", Code, 15}, Column{"region", "Region", Code, 14})
	var all []control.Located
	all = append(all, b.Items["acm/certificate"]...)
	all = append(all, b.Items["iam/server-certificate"]...)
	expiry := func(it control.Located) time.Time {
		if it.Source == "acm/certificate" {
			return timeAt(it, "DescribeCertificate.Certificate.NotAfter")
		}
		return timeAt(it, "ListServerCertificates.Expiration")
	}
	slices.SortStableFunc(all, func(x, y control.Located) int {
		a, c := expiry(x), expiry(y)
		if a.IsZero() != c.IsZero() { // what has no date is not known: first
			if a.IsZero() {
				return -1
			}
			return 1
		}
		return a.Compare(c)
	})
	for _, it := range all {
		on := expiry(it)
		left := Cell{}
		if !on.IsZero() {
			left = Int(int(on.Sub(b.AsOf).Hours() / 24))
		}
		const c = "DescribeCertificate.Certificate."
		if it.Source == "acm/certificate" {
			domain := said(it, c+"DomainName")
			renews := strings.ToLower(textAt(it, c+"RenewalEligibility"))
			t.Add("", Day(on), left, domain, Str(joinList(listAt(it, c+"SubjectAlternativeNames"))), said(it, c+"Status"), Str(textAt(it, c+"Issuer")), Str(textAt(it, c+"KeyAlgorithm")),
				Str(map[string]string{"eligible": "yes", "ineligible": "no"}[renews]), Mono(joinLines(listAt(it, c+"InUseBy"))), b.itemCellOf(it), Mono(it.Account), Mono(it.Region))
			continue
		}
		t.Add("", Day(on), left, Str(textAt(it, "ListServerCertificates.ServerCertificateName")), Cell{}, Cell{}, Str("uploaded to IAM"), Cell{}, Str("no"), Cell{}, b.itemCellOf(it), Mono(it.Account), Mono(it.Region))
	}
	return t
}

// joinLines is a list of texts, one a line.
func joinLines(list []any) string {
	var out []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n")
}
