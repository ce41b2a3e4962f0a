package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// ecrRepositories collects the repositories: how images are scanned, who may reach
// them, how long they are kept.
//
// BatchGetRepositoryScanningConfiguration tells what applies to the repository, be
// it set there or by the registry's rules. Images are not listed: there may be
// hundreds of thousands, and the listing has no order that would give the newest.
var ecrRepositories = Service{
	Name: "ecr/repository",
	Actions: []string{"ecr:DescribeRepositories", "ecr:BatchGetRepositoryScanningConfiguration", "ecr:GetLifecyclePolicy",
		"ecr:GetRepositoryPolicy"},
	Absent: []string{"GetLifecyclePolicy:LifecyclePolicyNotFoundException", "GetRepositoryPolicy:RepositoryPolicyNotFoundException"},
	Collect: func(c *call) {
		svc := ecr.NewFromConfig(c.cfg)
		repositories := func(p *ecr.DescribeRepositoriesOutput) []types.Repository { return p.Repositories }
		list(c, svc.DescribeRepositories, &ecr.DescribeRepositoriesInput{MaxResults: sdk.Int32(1000)}, repositories, func(it *item, r types.Repository) {
			it.id(r.RepositoryArn)
			name := sdk.ToString(r.RepositoryName)
			ask(it, svc.BatchGetRepositoryScanningConfiguration, &ecr.BatchGetRepositoryScanningConfigurationInput{RepositoryNames: []string{name}})
			ask(it, svc.GetLifecyclePolicy, &ecr.GetLifecyclePolicyInput{RepositoryName: &name})
			ask(it, svc.GetRepositoryPolicy, &ecr.GetRepositoryPolicyInput{RepositoryName: &name})
		})
	},
}

// ecrRegistry collects the registry's own rules of scanning; every account has
// one registry in a region.
var ecrRegistry = Service{
	Name:    "ecr/registry",
	Actions: []string{"ecr:GetRegistryScanningConfiguration"},
	Collect: func(c *call) {
		svc := ecr.NewFromConfig(c.cfg)
		c.single(c.account, func(it *item) {
			ask(it, svc.GetRegistryScanningConfiguration, &ecr.GetRegistryScanningConfigurationInput{})
		})
	},
}
