package aws

import (
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// existing asks for the instances there are. One that was terminated is listed for
// about an hour more, without its network; it is nothing anybody could act on.
func existing() *ec2.DescribeInstancesInput {
	return &ec2.DescribeInstancesInput{MaxResults: sdk.Int32(1000), Filters: []types.Filter{
		{Name: sdk.String("instance-state-name"), Values: []string{"pending", "running", "stopping", "stopped"}},
	}}
}

func instances(p *ec2.DescribeInstancesOutput) []types.Instance {
	var out []types.Instance
	for _, r := range p.Reservations {
		out = append(out, r.Instances...)
	}
	return out
}

// ec2Instances collects every instance, one item each; the reservation it was
// launched with says nothing more. User data is never asked for.
var ec2Instances = Service{
	Name:    "ec2/instance",
	Actions: []string{"ec2:DescribeInstances"},
	Collect: func(c *call) {
		list(c, ec2.NewFromConfig(c.cfg).DescribeInstances, existing(), instances, func(it *item, i types.Instance) { it.id(i.InstanceId) })
	},
}

// ec2InstanceTypes collects what the types in use can do; EC2 has hundreds more.
var ec2InstanceTypes = Service{
	Name:    "ec2/instance-type",
	Actions: []string{"ec2:DescribeInstances", "ec2:DescribeInstanceTypes"},
	Collect: func(c *call) {
		svc := ec2.NewFromConfig(c.cfg)
		var used []types.InstanceType
		for _, i := range all(c, svc.DescribeInstances, existing(), instances) {
			used = append(used, i.InstanceType)
		}
		slices.Sort(used)
		rows := func(p *ec2.DescribeInstanceTypesOutput) []types.InstanceTypeInfo { return p.InstanceTypes }
		for batch := range slices.Chunk(slices.Compact(used), 100) {
			got := list(c, svc.DescribeInstanceTypes, &ec2.DescribeInstanceTypesInput{InstanceTypes: batch}, rows, func(it *item, t types.InstanceTypeInfo) { it.name((*string)(&t.InstanceType)) })
			c.whole("DescribeInstanceTypes", len(batch), got)
		}
	},
}

// ec2Images collects the account's own machine images, disabled ones too.
var ec2Images = Service{
	Name:    "ec2/image",
	Actions: []string{"ec2:DescribeImages"},
	Collect: func(c *call) {
		own := &ec2.DescribeImagesInput{Owners: []string{"self"}, IncludeDisabled: sdk.Bool(true), MaxResults: sdk.Int32(1000)}
		rows := func(p *ec2.DescribeImagesOutput) []types.Image { return p.Images }
		list(c, ec2.NewFromConfig(c.cfg).DescribeImages, own, rows, func(it *item, i types.Image) { it.id(i.ImageId) })
	},
}

// ec2LaunchTemplates collects every launch template as its default version, which
// is what is launched unless another is named. User data is withheld.
var ec2LaunchTemplates = Service{
	Name:    "ec2/launch-template",
	Actions: []string{"ec2:DescribeLaunchTemplateVersions"},
	Collect: func(c *call) {
		defaults := &ec2.DescribeLaunchTemplateVersionsInput{Versions: []string{"$Default"}, MaxResults: sdk.Int32(200)} // without a template: of all
		rows := func(p *ec2.DescribeLaunchTemplateVersionsOutput) []types.LaunchTemplateVersion {
			return p.LaunchTemplateVersions
		}
		list(c, ec2.NewFromConfig(c.cfg).DescribeLaunchTemplateVersions, defaults, rows, func(it *item, v types.LaunchTemplateVersion) { it.id(v.LaunchTemplateId) })
	},
}

// ec2KeyPairs collects the key pairs for SSH: names and fingerprints. AWS keeps no
// private key.
var ec2KeyPairs = Service{
	Name:    "ec2/key-pair",
	Actions: []string{"ec2:DescribeKeyPairs"},
	Collect: func(c *call) {
		rows := func(p *ec2.DescribeKeyPairsOutput) []types.KeyPairInfo { return p.KeyPairs }
		list(c, ec2.NewFromConfig(c.cfg).DescribeKeyPairs, &ec2.DescribeKeyPairsInput{}, rows, func(it *item, k types.KeyPairInfo) { it.id(k.KeyPairId) })
	},
}

// ec2AccountSettings collects, one item a region, what the account forbids or
// presets for everything in it: public snapshots and images, the serial console
// and the metadata service.
var ec2AccountSettings = Service{
	Name:    "ec2/account-setting",
	Actions: []string{"ec2:GetSnapshotBlockPublicAccessState", "ec2:GetImageBlockPublicAccessState", "ec2:GetSerialConsoleAccessStatus", "ec2:GetInstanceMetadataDefaults"},
	Collect: func(c *call) {
		svc := ec2.NewFromConfig(c.cfg)
		c.single(c.region, func(it *item) {
			ask(it, svc.GetSnapshotBlockPublicAccessState, &ec2.GetSnapshotBlockPublicAccessStateInput{})
			ask(it, svc.GetImageBlockPublicAccessState, &ec2.GetImageBlockPublicAccessStateInput{})
			ask(it, svc.GetSerialConsoleAccessStatus, &ec2.GetSerialConsoleAccessStatusInput{})
			ask(it, svc.GetInstanceMetadataDefaults, &ec2.GetInstanceMetadataDefaultsInput{})
		})
	},
}
