package aws

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/configservice/types"
)

// keptOfStates are, by type of resource, the fields of a state's configuration that
// stay in evidence: those a check judges, where AWS Config writes what the service's
// own answer says. Every other field, tags and relations among it, is left out, and
// of a type with none it is told only that and when the resource changed.
//
// Source: the schemas in AWS Config's resource schema repository, awslabs/aws-config-resource-schema.
func keptOfStates() map[string][]string {
	return map[string][]string{
		"AWS::S3::Bucket":                   {"supplementaryConfiguration.PublicAccessBlockConfiguration", "supplementaryConfiguration.ServerSideEncryptionConfiguration"},
		"AWS::S3::AccountPublicAccessBlock": {"configuration.blockPublicAcls", "configuration.ignorePublicAcls", "configuration.blockPublicPolicy", "configuration.restrictPublicBuckets"},
		"AWS::EC2::SecurityGroup":           {"configuration.groupName", "configuration.ipPermissions"},
		"AWS::EC2::Volume":                  {"configuration.encrypted"},
		"AWS::RDS::DBInstance":              {"configuration.storageEncrypted", "configuration.publiclyAccessible", "configuration.dBInstanceIdentifier"},
		"AWS::RDS::DBCluster":               {"configuration.storageEncrypted", "configuration.dbclusterIdentifier"},
		"AWS::CloudTrail::Trail":            {"configuration.isMultiRegionTrail", "configuration.logFileValidationEnabled"},
		"AWS::KMS::Key":                     nil,
		"AWS::IAM::User":                    {"configuration.userName"},
		"AWS::IAM::Role":                    {"configuration.roleName"},
		"AWS::IAM::Policy":                  {"configuration.policyName"},
		"AWS::Config::ResourceCompliance":   {"configuration.complianceType", "configuration.targetResourceId", "configuration.targetResourceType", "configuration.configRuleList"},
	}
}

// configTypes are the types of resources AWS Config is asked about: those behind
// checks of what must hold at all times.
func configTypes() []string { return slices.Sorted(maps.Keys(keptOfStates())) }

// keepOfState is one state as it is kept: what AWS Config says around it, and of the
// configuration the fields of keptOfStates, read out of the text they come in.
func (it *item) keepOfState(enc *encoder, s types.ConfigurationItem) map[string]any {
	row, _ := enc.element(s).(map[string]any)
	out := map[string]any{}
	for _, k := range []string{"configurationItemCaptureTime", "configurationItemStatus", "configurationStateId", "recordingFrequency", "resourceCreationTime", "arn", "resourceName"} {
		if v, ok := row[k]; ok {
			out[k] = v
		}
	}
	whole, _ := read(s.Configuration).(map[string]any) // of a deleted resource there is none
	for _, path := range keptOfStates()[string(s.ResourceType)] {
		part, field, _ := strings.Cut(path, ".")
		var v any
		if part == "configuration" {
			v = whole[field]
		} else if text, ok := s.SupplementaryConfiguration[field]; ok {
			v = read(&text)
		}
		if v == nil {
			continue
		}
		below, _ := out[part].(map[string]any)
		if below == nil {
			below = map[string]any{}
			out[part] = below
		}
		below[field] = v
	}
	return out
}

// read is what a text of JSON holds; nil where it is none.
func read(text *string) any {
	if text == nil {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(*text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil || d.More() {
		return nil
	}
	return v
}
