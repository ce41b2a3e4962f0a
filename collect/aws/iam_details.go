package aws

import (
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// Users, groups, roles and policies with their documents, each from its own
// filtered pages of one operation: a refused page then leaves one of the four
// incomplete, not all.
var (
	iamUsers = details("iam/user", func(p *iam.GetAccountAuthorizationDetailsOutput) []types.UserDetail { return p.UserDetailList },
		func(it *item, u types.UserDetail) { it.id(u.Arn) }, types.EntityTypeUser)
	iamGroups = details("iam/group", func(p *iam.GetAccountAuthorizationDetailsOutput) []types.GroupDetail { return p.GroupDetailList },
		func(it *item, g types.GroupDetail) { it.id(g.Arn) }, types.EntityTypeGroup)
	iamRoles = details("iam/role", func(p *iam.GetAccountAuthorizationDetailsOutput) []types.RoleDetail { return p.RoleDetailList },
		func(it *item, r types.RoleDetail) { it.id(r.Arn) }, types.EntityTypeRole)
	iamPolicies = details("iam/policy", func(p *iam.GetAccountAuthorizationDetailsOutput) []types.ManagedPolicyDetail { return p.Policies },
		func(it *item, p types.ManagedPolicyDetail) {
			if used(p) {
				it.id(p.Arn)
			}
		}, types.EntityTypeLocalManagedPolicy, types.EntityTypeAWSManagedPolicy)
)

// used keeps the account's own policies, and of AWS's those that are attached.
func used(p types.ManagedPolicyDetail) bool {
	aws := strings.HasPrefix(sdk.ToString(p.Arn), "arn:") && strings.Contains(sdk.ToString(p.Arn), ":iam::aws:policy/")
	return !aws || sdk.ToInt32(p.AttachmentCount) > 0 || sdk.ToInt32(p.PermissionsBoundaryUsageCount) > 0
}

func details[Row any](name string, rows func(*iam.GetAccountAuthorizationDetailsOutput) []Row, about func(*item, Row), of ...types.EntityType) Service {
	return Service{
		Name:    name,
		Scope:   Global,
		Actions: []string{"iam:GetAccountAuthorizationDetails"},
		Collect: func(c *call) {
			svc := iam.NewFromConfig(c.cfg)
			list(c, svc.GetAccountAuthorizationDetails, &iam.GetAccountAuthorizationDetailsInput{Filter: of}, rows, about)
		},
	}
}
