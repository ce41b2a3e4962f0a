package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"
)

// configRecorders collects what AWS Config records in the region, whether it does, and
// for how long it keeps what it recorded: without a setting, 2,557 days.
var configRecorders = Service{
	Name:    "config/recorder",
	Actions: []string{"config:DescribeConfigurationRecorders", "config:DescribeConfigurationRecorderStatus", "config:DescribeRetentionConfigurations"},
	Collect: func(c *call) {
		svc := configservice.NewFromConfig(c.cfg)
		recorders := func(p *configservice.DescribeConfigurationRecordersOutput) []types.ConfigurationRecorder {
			return p.ConfigurationRecorders
		}
		list(c, svc.DescribeConfigurationRecorders, &configservice.DescribeConfigurationRecordersInput{}, recorders, func(it *item, r types.ConfigurationRecorder) {
			it.id(r.Name)
			ask(it, svc.DescribeConfigurationRecorderStatus, &configservice.DescribeConfigurationRecorderStatusInput{ConfigurationRecorderNames: []string{it.ID}})
			askAll(it, svc.DescribeRetentionConfigurations, &configservice.DescribeRetentionConfigurationsInput{})
		})
	},
}

// configChannels collects where AWS Config delivers what it recorded, and whether it arrives.
var configChannels = Service{
	Name:    "config/delivery-channel",
	Actions: []string{"config:DescribeDeliveryChannels", "config:DescribeDeliveryChannelStatus"},
	Collect: func(c *call) {
		svc := configservice.NewFromConfig(c.cfg)
		channels := func(p *configservice.DescribeDeliveryChannelsOutput) []types.DeliveryChannel {
			return p.DeliveryChannels
		}
		list(c, svc.DescribeDeliveryChannels, &configservice.DescribeDeliveryChannelsInput{}, channels, func(it *item, d types.DeliveryChannel) {
			it.id(d.Name)
			ask(it, svc.DescribeDeliveryChannelStatus, &configservice.DescribeDeliveryChannelStatusInput{DeliveryChannelNames: []string{it.ID}})
		})
	},
}

// configPacks collects the conformance packs: whether they stand, what they say
// together, and the share of their rules that is met.
var configPacks = Service{
	Name:    "config/conformance-pack",
	Actions: []string{"config:DescribeConformancePacks", "config:DescribeConformancePackStatus", "config:GetConformancePackComplianceSummary", "config:ListConformancePackComplianceScores"},
	Collect: func(c *call) {
		svc := configservice.NewFromConfig(c.cfg)
		packs := func(p *configservice.DescribeConformancePacksOutput) []types.ConformancePackDetail {
			return p.ConformancePackDetails
		}
		list(c, svc.DescribeConformancePacks, &configservice.DescribeConformancePacksInput{}, packs, func(it *item, p types.ConformancePackDetail) {
			it.id(p.ConformancePackArn)
			name := []string{sdk.ToString(p.ConformancePackName)}
			ask(it, svc.DescribeConformancePackStatus, &configservice.DescribeConformancePackStatusInput{ConformancePackNames: name})
			ask(it, svc.GetConformancePackComplianceSummary, &configservice.GetConformancePackComplianceSummaryInput{ConformancePackNames: name})
			ask(it, svc.ListConformancePackComplianceScores, &configservice.ListConformancePackComplianceScoresInput{
				Filters: &types.ConformancePackComplianceScoresFilters{ConformancePackNames: name}})
		})
	},
}

// configCounts collects how many resources of which kind AWS Config knows in the region.
var configCounts = Service{
	Name:    "config/resource-count",
	Actions: []string{"config:GetDiscoveredResourceCounts"},
	Collect: func(c *call) {
		svc := configservice.NewFromConfig(c.cfg)
		counts := func(p *configservice.GetDiscoveredResourceCountsOutput) []types.ResourceCount {
			return p.ResourceCounts
		}
		list(c, svc.GetDiscoveredResourceCounts, &configservice.GetDiscoveredResourceCountsInput{Limit: 100}, counts, func(it *item, n types.ResourceCount) { it.id(sdk.String(string(n.ResourceType))) })
	},
}
