package aws

import "github.com/aws/aws-sdk-go-v2/service/macie2"

// macieSession collects, one item a region, whether Macie looks for personal data.
// Where Macie is not enabled it refuses every question with those words.
var macieSession = Service{
	Name:     "macie2/session",
	Actions:  []string{"macie2:GetMacieSession", "macie2:GetAutomatedDiscoveryConfiguration"},
	NotInUse: []string{"AccessDeniedException: Macie is not enabled"},
	Collect: func(c *call) {
		svc := macie2.NewFromConfig(c.cfg)
		c.single(c.account, func(it *item) {
			if ask(it, svc.GetMacieSession, &macie2.GetMacieSessionInput{}) != nil {
				ask(it, svc.GetAutomatedDiscoveryConfiguration, &macie2.GetAutomatedDiscoveryConfigurationInput{})
			}
		})
	},
}
