package control

import (
	"slices"
	"strings"
)

// escalationPaths are sets of actions that let whoever has them, on any resource,
// give themselves what others may do: by writing policies, by making credentials
// of somebody else, by handing a stronger role to something they run, or by taking
// it. Sources: Rhino Security Labs, "AWS IAM Privilege Escalation Methods";
// pathfinding.cloud.
var escalationPaths = [][]string{
	{"iam:CreatePolicyVersion"}, {"iam:SetDefaultPolicyVersion"},
	{"iam:AttachUserPolicy"}, {"iam:AttachGroupPolicy"}, {"iam:AttachRolePolicy"},
	{"iam:PutUserPolicy"}, {"iam:PutGroupPolicy"}, {"iam:PutRolePolicy"},
	{"iam:AddUserToGroup"}, {"iam:CreateAccessKey"}, {"iam:CreateLoginProfile"}, {"iam:UpdateLoginProfile"},
	{"iam:UpdateAssumeRolePolicy"}, {"sts:AssumeRole"},
	{"iam:PassRole", "ec2:RunInstances"},
	{"iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"},
	{"iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"},
	{"iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"},
	{"iam:PassRole", "lambda:CreateFunction", "lambda:AddPermission"},
	{"lambda:UpdateFunctionCode", "lambda:InvokeFunction"},
	{"iam:PassRole", "cloudformation:CreateStack"},
	{"iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"},
	{"iam:PassRole", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"},
	{"iam:PassRole", "glue:CreateDevEndpoint"}, {"iam:PassRole", "glue:CreateJob", "glue:StartJobRun"}, {"glue:UpdateDevEndpoint"},
	{"iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"},
	{"iam:PassRole", "ssm:StartAutomationExecution"},
}

// escalations lists, for what iam:GetAccountAuthorizationDetails says of a policy
// or of somebody into whom policies are written, each path a document opens on all
// resources: "release: iam:PassRole + ec2:RunInstances". A document that allows
// everything opens them all, and is the matter of another check; what a document
// denies everywhere and always, it does not allow. Conditions are not weighed.
func escalations(details any) (any, error) {
	documents, cause, err := policyDocuments(fieldsOf(details))
	if err != nil || cause != "" {
		return unanswered{cause}, err
	}
	out := []any{}
	for _, d := range documents {
		everything := slices.ContainsFunc(d.statements, func(s map[string]any) bool {
			return s["Effect"] == "Allow" && allActions(s) && allResources(s)
		})
		if everything {
			continue
		}
		for _, path := range escalationPaths {
			if !slices.ContainsFunc(path, func(action string) bool { return !d.allows(action) }) {
				out = append(out, d.policy+": "+strings.Join(path, " + "))
			}
		}
	}
	return out, nil
}

// allows reports whether a document allows an action on all resources.
func (d policyDocument) allows(action string) bool {
	allowed := false
	for _, s := range d.statements {
		switch {
		case !allResources(s) || !namesAction(s, action):
		case s["Effect"] == "Allow":
			allowed = true
		case len(fieldsOf(s["Condition"])) == 0 && anyMatches(s["Resource"], everyResource):
			return false
		}
	}
	return allowed
}
