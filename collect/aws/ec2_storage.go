package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func snapshots(p *ec2.DescribeSnapshotsOutput) []types.Snapshot { return p.Snapshots }

// ec2Volumes collects every EBS volume, attached or not.
var ec2Volumes = Service{
	Name:    "ec2/volume",
	Actions: []string{"ec2:DescribeVolumes"},
	Collect: func(c *call) {
		rows := func(p *ec2.DescribeVolumesOutput) []types.Volume { return p.Volumes }
		list(c, ec2.NewFromConfig(c.cfg).DescribeVolumes, &ec2.DescribeVolumesInput{MaxResults: sdk.Int32(1000)}, rows, func(it *item, v types.Volume) { it.id(v.VolumeId) })
	},
}

// ec2Snapshots collects the account's own EBS snapshots; without an owner EC2
// would list those of everybody that are public.
var ec2Snapshots = Service{
	Name:    "ec2/snapshot",
	Actions: []string{"ec2:DescribeSnapshots"},
	Collect: func(c *call) {
		own := &ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}, MaxResults: sdk.Int32(1000)}
		list(c, ec2.NewFromConfig(c.cfg).DescribeSnapshots, own, snapshots, func(it *item, s types.Snapshot) { it.id(s.SnapshotId) })
	},
}

// ec2PublicSnapshots collects those of the account's own snapshots that everybody
// may make a volume of. EC2 finds them in one listing; the permissions of each
// snapshot would be one question for every snapshot there is.
var ec2PublicSnapshots = Service{
	Name:    "ec2/public-snapshot",
	Actions: []string{"ec2:DescribeSnapshots"},
	Collect: func(c *call) {
		public := &ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}, RestorableByUserIds: []string{"all"}, MaxResults: sdk.Int32(1000)}
		list(c, ec2.NewFromConfig(c.cfg).DescribeSnapshots, public, snapshots, func(it *item, s types.Snapshot) { it.id(s.SnapshotId) })
	},
}
