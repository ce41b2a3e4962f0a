package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/fsx"
	"github.com/aws/aws-sdk-go-v2/service/fsx/types"
)

// fsxFileSystems collects the file systems for Windows, Lustre, ONTAP and OpenZFS.
var fsxFileSystems = Service{
	Name:    "fsx/file-system",
	Actions: []string{"fsx:DescribeFileSystems"},
	Collect: func(c *call) {
		svc := fsx.NewFromConfig(c.cfg)
		systems := func(p *fsx.DescribeFileSystemsOutput) []types.FileSystem { return p.FileSystems }
		list(c, svc.DescribeFileSystems, &fsx.DescribeFileSystemsInput{}, systems, func(it *item, f types.FileSystem) { it.id(f.ResourceARN) })
	},
}
