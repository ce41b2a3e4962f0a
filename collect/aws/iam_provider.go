package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// iamSAMLProviders collects the SAML identity providers the account trusts.
var iamSAMLProviders = Service{
	Name:    "iam/saml-provider",
	Scope:   Global,
	Actions: []string{"iam:ListSAMLProviders"},
	Collect: func(c *call) {
		svc := iam.NewFromConfig(c.cfg)
		providers := func(p *iam.ListSAMLProvidersOutput) []types.SAMLProviderListEntry { return p.SAMLProviderList }
		list(c, svc.ListSAMLProviders, &iam.ListSAMLProvidersInput{}, providers, func(it *item, p types.SAMLProviderListEntry) { it.id(p.Arn) })
	},
}

// iamOIDCProviders collects the OpenID Connect providers the account trusts, and
// for which audiences: build servers and clusters that take roles without a key.
var iamOIDCProviders = Service{
	Name:    "iam/oidc-provider",
	Scope:   Global,
	Actions: []string{"iam:ListOpenIDConnectProviders", "iam:GetOpenIDConnectProvider"},
	Collect: func(c *call) {
		svc := iam.NewFromConfig(c.cfg)
		providers := func(p *iam.ListOpenIDConnectProvidersOutput) []types.OpenIDConnectProviderListEntry {
			return p.OpenIDConnectProviderList
		}
		list(c, svc.ListOpenIDConnectProviders, &iam.ListOpenIDConnectProvidersInput{}, providers, func(it *item, p types.OpenIDConnectProviderListEntry) {
			it.id(p.Arn)
			ask(it, svc.GetOpenIDConnectProvider, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: p.Arn})
		})
	},
}

// iamServerCertificates collects the TLS certificates kept in IAM: their names and
// ends, never the key.
var iamServerCertificates = Service{
	Name:    "iam/server-certificate",
	Scope:   Global,
	Actions: []string{"iam:ListServerCertificates"},
	Collect: func(c *call) {
		svc := iam.NewFromConfig(c.cfg)
		certificates := func(p *iam.ListServerCertificatesOutput) []types.ServerCertificateMetadata {
			return p.ServerCertificateMetadataList
		}
		list(c, svc.ListServerCertificates, &iam.ListServerCertificatesInput{}, certificates, func(it *item, s types.ServerCertificateMetadata) { it.id(s.Arn) })
	},
}

// iamOrganizationFeatures collects whether the organization manages the root
// credentials of its accounts centrally. Without trusted access for IAM it does not.
var iamOrganizationFeatures = Service{
	Name:     "iam/organization-feature",
	Scope:    Organization,
	Actions:  []string{"iam:ListOrganizationsFeatures"},
	Absent:   []string{"ListOrganizationsFeatures:ServiceAccessNotEnabledException"},
	NotInUse: []string{"OrganizationNotFoundException"},
	Collect: func(c *call) {
		svc := iam.NewFromConfig(c.cfg)
		c.single(c.account, func(it *item) { ask(it, svc.ListOrganizationsFeatures, &iam.ListOrganizationsFeaturesInput{}) })
	},
}
