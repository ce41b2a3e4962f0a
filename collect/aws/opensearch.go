package aws

import (
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/opensearch"
	"github.com/aws/aws-sdk-go-v2/service/opensearch/types"
)

// openSearchDomains collects the OpenSearch and Elasticsearch domains. AWS
// describes five at a time.
var openSearchDomains = Service{
	Name:    "opensearch/domain",
	Actions: []string{"es:ListDomainNames", "es:DescribeDomains"},
	Collect: func(c *call) {
		svc := opensearch.NewFromConfig(c.cfg)
		listed := func(p *opensearch.ListDomainNamesOutput) []types.DomainInfo { return p.DomainNames }
		domains := func(p *opensearch.DescribeDomainsOutput) []types.DomainStatus { return p.DomainStatusList }
		for batch := range slices.Chunk(all(c, svc.ListDomainNames, &opensearch.ListDomainNamesInput{}, listed), 5) {
			in := &opensearch.DescribeDomainsInput{}
			for _, d := range batch {
				in.DomainNames = append(in.DomainNames, sdk.ToString(d.DomainName))
			}
			got := list(c, svc.DescribeDomains, in, domains, func(it *item, d types.DomainStatus) { it.id(d.ARN) })
			c.whole("DescribeDomains", len(batch), got)
		}
	},
}
