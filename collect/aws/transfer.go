package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
)

// transferServers collects the file transfer servers and the protocols they speak.
var transferServers = Service{
	Name:    "transfer/server",
	Actions: []string{"transfer:ListServers", "transfer:DescribeServer"},
	Collect: func(c *call) {
		svc := transfer.NewFromConfig(c.cfg)
		servers := func(p *transfer.ListServersOutput) []types.ListedServer { return p.Servers }
		list(c, svc.ListServers, &transfer.ListServersInput{MaxResults: sdk.Int32(1000)}, servers, func(it *item, s types.ListedServer) {
			it.id(s.Arn)
			ask(it, svc.DescribeServer, &transfer.DescribeServerInput{ServerId: s.ServerId})
		})
	},
}
