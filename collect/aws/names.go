package aws

import (
	"reflect"
	"slices"
	"strings"
)

// names.go knows how the aws command calls each API, and how each API spells its
// fields. Source: botocore's models, which the aws command prints by.

// commands are the APIs whose name in the aws command differs from that of the SDK's package.
var commands = map[string]string{
	"applicationautoscaling":   "application-autoscaling",
	"cloudwatchlogs":           "logs",
	"databasemigrationservice": "dms",
	"elasticloadbalancing":     "elb",
	"elasticloadbalancingv2":   "elbv2",
	"eventbridge":              "events",
	"networkfirewall":          "network-firewall",
	"s3":                       "s3api",
	"sfn":                      "stepfunctions",
	"ssoadmin":                 "sso-admin",
	"aws":                      "artifact", // this package: the client written here
}

// api names an operation's service as the aws command does, from the package of
// its input type.
func api(in reflect.Type) string {
	path := in.PkgPath()
	name := path[strings.LastIndexByte(path, '/')+1:]
	if command, ok := commands[name]; ok {
		return command
	}
	return name
}

// spelling says with which letter the fields of an API's types begin. A type
// named in except is spelt the other way.
type spelling struct {
	lower  bool
	except []string
}

// spellings of the APIs that do not begin every field with a capital.
var spellings = map[string]spelling{
	"accessanalyzer": {lower: true},
	"apigateway":     {lower: true},
	"appsync":        {lower: true},
	"artifact":       {lower: true},
	"bedrock":        {lower: true},
	"codebuild":      {lower: true},
	"codedeploy":     {lower: true, except: []string{"DeploymentOverview", "EC2TagFilter", "TagFilter"}},
	"codepipeline":   {lower: true},
	"configservice": {except: []string{
		"BaseConfigurationItem", "ConfigExportDeliveryInfo", "ConfigSnapshotDeliveryProperties", "ConfigStreamDeliveryInfo",
		"ConfigurationItem", "ConfigurationRecorder", "ConfigurationRecorderStatus", "ConfigurationRecorderSummary", "DeliveryChannel",
		"DeliveryChannelStatus", "ExclusionByResourceTypes", "GetDiscoveredResourceCountsOutput", "GetResourceConfigHistoryOutput",
		"ListDiscoveredResourcesOutput", "RecordingGroup", "RecordingMode", "RecordingModeOverride", "RecordingStrategy", "Relationship",
		"ResourceCount", "ResourceIdentifier", "ResourceKey",
	}},
	"ecr":           {lower: true},
	"ecs":           {lower: true},
	"eks":           {lower: true},
	"events":        {except: []string{"CapacityProviderStrategyItem", "NetworkConfiguration", "PlacementConstraint", "PlacementStrategy"}},
	"inspector2":    {lower: true},
	"logs":          {lower: true},
	"macie2":        {lower: true},
	"health":        {lower: true},
	"ram":           {lower: true},
	"stepfunctions": {lower: true},
}

// small reports whether the fields of a type begin with a small letter.
func (s spelling) small(t reflect.Type) bool { return s.lower != slices.Contains(s.except, t.Name()) }
