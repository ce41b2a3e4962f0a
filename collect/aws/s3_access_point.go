package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/s3control/types"
)

// s3AccessPoints collects the region's access points and their own block of public access.
var s3AccessPoints = Service{
	Name:    "s3/access-point",
	Actions: []string{"s3:ListAccessPoints", "s3:GetAccessPoint"},
	Collect: func(c *call) {
		svc := s3control.NewFromConfig(c.cfg)
		points := func(p *s3control.ListAccessPointsOutput) []types.AccessPoint { return p.AccessPointList }
		list(c, svc.ListAccessPoints, &s3control.ListAccessPointsInput{AccountId: &c.account, MaxResults: 1000}, points, func(it *item, p types.AccessPoint) {
			it.id(p.AccessPointArn)
			ask(it, svc.GetAccessPoint, &s3control.GetAccessPointInput{AccountId: &c.account, Name: p.Name})
		})
	},
}

// s3MultiRegionAccessPoints collects the account's Multi-Region Access Points.
// Oregon answers for all regions, and only in AWS's commercial partition.
var s3MultiRegionAccessPoints = Service{
	Name:    "s3/multi-region-access-point",
	Scope:   Global,
	Actions: []string{"s3:ListMultiRegionAccessPoints"},
	Collect: func(c *call) {
		if partition := partitionOf(c.cfg.Region); partition != "aws" {
			c.notInUse("S3 has no Multi-Region Access Points in the partition " + partition)
			return
		}
		oregon := *c
		oregon.cfg = c.in("us-west-2")
		svc := s3control.NewFromConfig(oregon.cfg)
		points := func(p *s3control.ListMultiRegionAccessPointsOutput) []types.MultiRegionAccessPointReport {
			return p.AccessPoints
		}
		in := &s3control.ListMultiRegionAccessPointsInput{AccountId: &c.account, MaxResults: 100}
		list(&oregon, svc.ListMultiRegionAccessPoints, in, points, func(it *item, p types.MultiRegionAccessPointReport) { it.id(p.Name) })
	},
}
