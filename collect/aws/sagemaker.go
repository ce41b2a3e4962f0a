package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker/types"
)

// sageMakerNotebooks collects the notebook instances.
var sageMakerNotebooks = Service{
	Name:    "sagemaker/notebook-instance",
	Actions: []string{"sagemaker:ListNotebookInstances", "sagemaker:DescribeNotebookInstance"},
	Collect: func(c *call) {
		svc := sagemaker.NewFromConfig(c.cfg)
		notebooks := func(p *sagemaker.ListNotebookInstancesOutput) []types.NotebookInstanceSummary {
			return p.NotebookInstances
		}
		list(c, svc.ListNotebookInstances, &sagemaker.ListNotebookInstancesInput{MaxResults: sdk.Int32(100)}, notebooks, func(it *item, n types.NotebookInstanceSummary) {
			it.id(n.NotebookInstanceArn)
			ask(it, svc.DescribeNotebookInstance, &sagemaker.DescribeNotebookInstanceInput{NotebookInstanceName: n.NotebookInstanceName})
		})
	},
}

// sageMakerEndpointConfigs collects the configurations endpoints are made from.
var sageMakerEndpointConfigs = Service{
	Name:    "sagemaker/endpoint-config",
	Actions: []string{"sagemaker:ListEndpointConfigs", "sagemaker:DescribeEndpointConfig"},
	Collect: func(c *call) {
		svc := sagemaker.NewFromConfig(c.cfg)
		configs := func(p *sagemaker.ListEndpointConfigsOutput) []types.EndpointConfigSummary { return p.EndpointConfigs }
		list(c, svc.ListEndpointConfigs, &sagemaker.ListEndpointConfigsInput{MaxResults: sdk.Int32(100)}, configs, func(it *item, e types.EndpointConfigSummary) {
			it.id(e.EndpointConfigArn)
			ask(it, svc.DescribeEndpointConfig, &sagemaker.DescribeEndpointConfigInput{EndpointConfigName: e.EndpointConfigName})
		})
	},
}
