package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
)

// acmCertificates collects the certificates: validity, renewal, and what uses them.
//
// The listing gives RSA keys of 1024 and 2048 bits alone unless the others are
// named, so all kinds the SDK knows are.
var acmCertificates = Service{
	Name:    "acm/certificate",
	Actions: []string{"acm:ListCertificates", "acm:DescribeCertificate"},
	Collect: func(c *call) {
		svc := acm.NewFromConfig(c.cfg)
		certificates := func(p *acm.ListCertificatesOutput) []types.CertificateSummary { return p.CertificateSummaryList }
		in := &acm.ListCertificatesInput{Includes: &types.Filters{KeyTypes: types.KeyAlgorithm("").Values()}, MaxItems: sdk.Int32(1000)}
		list(c, svc.ListCertificates, in, certificates, func(it *item, s types.CertificateSummary) {
			it.id(s.CertificateArn)
			ask(it, svc.DescribeCertificate, &acm.DescribeCertificateInput{CertificateArn: s.CertificateArn})
		})
	},
}
