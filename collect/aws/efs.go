package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/efs/types"
)

// efsFileSystems collects the file systems: encryption, automatic backup, and
// where they can be mounted.
var efsFileSystems = Service{
	Name:    "efs/file-system",
	Actions: []string{"elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeBackupPolicy", "elasticfilesystem:DescribeMountTargets"},
	Absent:  []string{"DescribeBackupPolicy:PolicyNotFound"},
	Collect: func(c *call) {
		svc := efs.NewFromConfig(c.cfg)
		systems := func(p *efs.DescribeFileSystemsOutput) []types.FileSystemDescription { return p.FileSystems }
		list(c, svc.DescribeFileSystems, &efs.DescribeFileSystemsInput{}, systems, func(it *item, f types.FileSystemDescription) {
			it.id(f.FileSystemArn)
			ask(it, svc.DescribeBackupPolicy, &efs.DescribeBackupPolicyInput{FileSystemId: f.FileSystemId})
			askAll(it, svc.DescribeMountTargets, &efs.DescribeMountTargetsInput{FileSystemId: f.FileSystemId})
		})
	},
}
