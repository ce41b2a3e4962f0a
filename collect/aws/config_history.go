package aws

import (
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"
)

// historyDays is how far back AWS Config is asked what changed: a quarter, so that a
// run a quarter leaves no day out.
const historyDays = 92

// newestItems asks AWS Config, in a call for each hundred, when it wrote down each
// resource of the types in configTypes last. What it says of a rule's verdict on a
// resource is among them.
var newestItems = "SELECT resourceId, resourceName, resourceType, arn, configurationItemCaptureTime, configurationItemStatus, resourceCreationTime WHERE resourceType IN ('" +
	strings.Join(configTypes(), "', '") + "')"

// configHistory collects what AWS Config remembers of the last 92 days: of every
// resource of configTypes when it was written down last, and of those written down in
// that time, and of security groups that were deleted in it, each state. A resource
// that is not here AWS Config does not record. It answers from its own memory, so
// that a state is what its recorder saw and not what a run saw; whether the recorder
// was on all the time config/recorder says.
//
// One that was not written down in that time has not changed since, and its history
// is not asked for: the calls are one for each hundred resources and one for each
// that changed.
var configHistory = Service{
	Name:     "config/history",
	Actions:  []string{"config:SelectResourceConfig", "config:GetResourceConfigHistory", "config:ListDiscoveredResources"},
	NotInUse: []string{"NoAvailableConfigurationRecorderException"},
	Absent:   []string{"GetResourceConfigHistory:ResourceNotDiscoveredException"},
	Collect: func(c *call) {
		svc := configservice.NewFromConfig(c.cfg)
		from, to := c.wholeDays(historyDays)
		told := func(p *configservice.SelectResourceConfigOutput) []string { return p.Results }
		list(c, svc.SelectResourceConfig, &configservice.SelectResourceConfigInput{Expression: &newestItems, Limit: 100}, told, func(it *item, row string) {
			r, _ := read(&row).(map[string]any)
			kind, _ := r["resourceType"].(string)
			id, _ := r["resourceId"].(string)
			at, _ := r["configurationItemCaptureTime"].(string)
			it.Answers["SelectResourceConfig"] = r
			it.name(&kind, &id) // a row that cannot be read has neither
			if t, err := time.Parse(time.RFC3339, at); err != nil || !t.Before(from) {
				it.states(svc, kind, id, from, to)
			}
		})
		gone := func(p *configservice.ListDiscoveredResourcesOutput) []types.ResourceIdentifier {
			return p.ResourceIdentifiers
		}
		in := &configservice.ListDiscoveredResourcesInput{ResourceType: types.ResourceTypeSecurityGroup, IncludeDeletedResources: true, Limit: 100}
		list(c, svc.ListDiscoveredResources, in, gone, func(it *item, r types.ResourceIdentifier) {
			if r.ResourceDeletionTime != nil && !r.ResourceDeletionTime.Before(from) {
				it.name(sdk.String(string(r.ResourceType)), r.ResourceId)
				it.states(svc, string(r.ResourceType), sdk.ToString(r.ResourceId), from, to)
			}
		})
	},
}

// states asks for the states of a resource, the newest first, down to the one it was
// in when the time asked for began.
func (it *item) states(svc *configservice.Client, kind, id string, from, to time.Time) {
	in := &configservice.GetResourceConfigHistoryInput{ResourceType: types.ResourceType(kind), ResourceId: &id, LaterTime: &to, Limit: 100}
	var all []any
	older := false
	turn(it.c, svc.GetResourceConfigHistory, in, func(p page[configservice.GetResourceConfigHistoryOutput]) bool {
		it.c.record(p.call, 1, p.out != nil)
		if p.out == nil {
			all = nil
			keep(it, p, nil)
			return false
		}
		enc := p.encoder()
		for _, s := range p.out.ConfigurationItems {
			if older {
				break
			}
			all = append(all, it.keepOfState(enc, s))
			older = s.ConfigurationItemCaptureTime != nil && s.ConfigurationItemCaptureTime.Before(from)
		}
		it.Answers["GetResourceConfigHistory"] = map[string]any{"configurationItems": all}
		return !older
	}, nil)
}
