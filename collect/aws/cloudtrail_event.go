package aws

import (
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// sampled are the management events that are asked for by name in every region: what
// stops the recording, what opens a bucket or a key, what CloudFormation changed,
// what is often changed by hand, and what takes access away in IAM Identity Center.
var sampled = []string{
	"StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "DeleteDetector", "StopConfigurationRecorder",
	"PutBucketPolicy", "DeleteBucketPolicy", "DeleteBucketPublicAccessBlock", "PutBucketPublicAccessBlock", "DeleteAccountPublicAccessBlock", "PutAccountPublicAccessBlock",
	"DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy",
	"CreateStack", "UpdateStack", "DeleteStack", "ExecuteChangeSet",
	"AuthorizeSecurityGroupIngress", "ModifyDBInstance", "UpdateFunctionCode20150331v2", "UpdateService",
	"DeleteAccountAssignment", "DeleteUser", "DisableUser", "DeleteGroupMembership", "RemoveMemberFromGroup",
}

// sampledOnce are those of IAM, which CloudTrail records in the partition's home
// region alone: who was let in, what they may do, and what was taken away again.
// Identity Center has a DeleteUser of its own, so that it is in sampled.
var sampledOnce = []string{
	"CreateUser", "CreateAccessKey", "CreateLoginProfile", "DeactivateMFADevice",
	"PutRolePolicy", "AttachRolePolicy", "CreatePolicyVersion", "UpdateAssumeRolePolicy", "DeleteRole",
	"DeleteLoginProfile", "DeleteAccessKey", "UpdateAccessKey", "RemoveUserFromGroup", "DetachUserPolicy", "DeleteUserPolicy",
}

// eventDays is how long CloudTrail's event history goes back.
const eventDays = 90

// cloudTrailEvents collects a part of the event history, which holds ninety days:
// all that root did, signing in included, and the management events of sampled and
// sampledOnce, whoever did them. The days are whole ones before the run's own.
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
		for _, name := range sampledIn(c.cfg.Region) {
			by(types.LookupAttributeKeyEventName, name, func(e types.Event) bool { return sdk.ToString(e.Username) != "root" }) // those are there already
		}
	},
}

// sampledIn are the names that are asked for in a region.
func sampledIn(region string) []string {
	if region == homeRegion(partitionOf(region)) {
		return slices.Concat(sampled, sampledOnce)
	}
	return sampled
}
