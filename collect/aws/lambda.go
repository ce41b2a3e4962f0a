package aws

import (
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// lambdaFunctions collects the functions: who may call each, by policy or by URL,
// how many of it may run, and where failed events go.
//
// GetFunction is not asked: it answers with a link to the code.
var lambdaFunctions = Service{
	Name: "lambda/function",
	Actions: []string{"lambda:ListFunctions", "lambda:GetPolicy", "lambda:ListFunctionUrlConfigs", "lambda:GetFunctionConcurrency",
		"lambda:ListFunctionEventInvokeConfigs"},
	Absent: []string{"GetPolicy:ResourceNotFoundException"}, // the function has no policy
	Collect: func(c *call) {
		svc := lambda.NewFromConfig(c.cfg)
		functions := func(p *lambda.ListFunctionsOutput) []types.FunctionConfiguration { return p.Functions }
		list(c, svc.ListFunctions, &lambda.ListFunctionsInput{}, functions, func(it *item, f types.FunctionConfiguration) {
			it.id(f.FunctionArn)
			ask(it, svc.GetPolicy, &lambda.GetPolicyInput{FunctionName: f.FunctionName})
			askAll(it, svc.ListFunctionUrlConfigs, &lambda.ListFunctionUrlConfigsInput{FunctionName: f.FunctionName})
			ask(it, svc.GetFunctionConcurrency, &lambda.GetFunctionConcurrencyInput{FunctionName: f.FunctionName})
			askAll(it, svc.ListFunctionEventInvokeConfigs, &lambda.ListFunctionEventInvokeConfigsInput{FunctionName: f.FunctionName})
		})
	},
}
