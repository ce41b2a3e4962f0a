package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// sampled are the management events an auditor draws samples from: what stops the
// recording, what opens a bucket, a key or the account, and who may do what.
var sampled = []string{
	"StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "DeleteDetector", "StopConfigurationRecorder",
	"PutBucketPolicy", "DeleteBucketPolicy", "DeleteBucketPublicAccessBlock", "DeleteAccountPublicAccessBlock",
	"DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy",
	"CreateUser", "CreateAccessKey", "CreateLoginProfile", "DeactivateMFADevice",
}

// eventDays is how long CloudTrail's event history goes back.
const eventDays = 90

// cloudTrailEvents collects a part of the event history, which holds ninety days:
// all that root did, signing in included, and the management events of sampled,
// whoever did them. The days are whole ones before the run's own.
// LookupEvents takes one attribute at a time and two questions a second in a region:
// to list everything would take a busy account hours, so this is no complete record
// of changes. The trail's own files are that.
var cloudTrailEvents = Service{
	Name:    "cloudtrail/event",
	Actions: []string{"cloudtrail:LookupEvents"},
	Keeps: Retention{
		Days: 90, Asked: eventDays, What: "management events",
		Says: "CloudTrail's event history holds 90 days. A trail's files hold more.",
		Doc:  "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html",
	},
	Collect: func(c *call) {
		svc := cloudtrail.NewFromConfig(c.cfg)
		events := func(p *cloudtrail.LookupEventsOutput) []types.Event { return p.Events }
		start, end := c.wholeDays(eventDays)
		by := func(attribute types.LookupAttributeKey, value string, keep func(types.Event) bool) {
			list(c, svc.LookupEvents, &cloudtrail.LookupEventsInput{StartTime: &start, EndTime: &end, MaxResults: sdk.Int32(50),
				LookupAttributes: []types.LookupAttribute{{AttributeKey: attribute, AttributeValue: &value}}}, events, func(it *item, e types.Event) {
				if keep(e) {
					it.id(e.EventId)
					it.keepOfEvent(e.CloudTrailEvent)
				}
			})
		}
		by(types.LookupAttributeKeyUsername, "root", func(types.Event) bool { return true })
		for _, name := range sampled {
			by(types.LookupAttributeKeyEventName, name, func(e types.Event) bool { return sdk.ToString(e.Username) != "root" }) // those are there already
		}
	},
}
