package aws

import (
	"cmp"
	"net/url"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"exhibit/evidence"
)

// iamServiceLastAccessed collects the services each user, and each role that
// people or administrators take, may use and when it last did. Roles that only
// AWS services or workloads take are left out: every answer is a report IAM
// prepares while one waits, some four questions each, and access is reviewed by
// person. The dates at which the report was made stay out of the answer: they
// differ at every run.
var iamServiceLastAccessed = Service{
	Name:  "iam/service-last-accessed",
	Scope: Global,
	Actions: []string{"iam:ListUsers", "iam:ListRoles", "iam:ListEntitiesForPolicy",
		"iam:GenerateServiceLastAccessedDetails", "iam:GetServiceLastAccessedDetails"},
	Collect: func(c *call) {
		svc := iam.NewFromConfig(c.cfg)
		administrators := map[string]bool{}
		full := "arn:" + partitionOf(c.cfg.Region) + ":iam::aws:policy/AdministratorAccess"
		attached := func(p *iam.ListEntitiesForPolicyOutput) []types.PolicyRole { return p.PolicyRoles }
		for _, r := range all(c, svc.ListEntitiesForPolicy, &iam.ListEntitiesForPolicyInput{PolicyArn: &full, EntityFilter: types.EntityTypeRole}, attached) {
			administrators[sdk.ToString(r.RoleName)] = true
		}
		list(c, svc.ListUsers, &iam.ListUsersInput{}, users, func(it *item, u types.User) {
			it.id(u.Arn)
			lastAccessed(it, svc)
		})
		roles := func(p *iam.ListRolesOutput) []types.Role { return p.Roles }
		list(c, svc.ListRoles, &iam.ListRolesInput{}, roles, func(it *item, r types.Role) {
			if administrators[sdk.ToString(r.RoleName)] || peopleTake(sdk.ToString(r.AssumeRolePolicyDocument)) {
				it.id(r.Arn)
				lastAccessed(it, svc)
			}
		})
	},
}

func lastAccessed(it *item, svc *iam.Client) {
	job := wait(it, svc.GenerateServiceLastAccessedDetails, &iam.GenerateServiceLastAccessedDetailsInput{Arn: &it.ID},
		func(*iam.GenerateServiceLastAccessedDetailsOutput) bool { return true })
	if job == nil {
		return
	}
	in := &iam.GetServiceLastAccessedDetailsInput{JobId: job.JobId, MaxItems: sdk.Int32(1000)}
	report := wait(it, svc.GetServiceLastAccessedDetails, in,
		func(p *iam.GetServiceLastAccessedDetailsOutput) bool {
			return p.JobStatus != types.JobStatusTypeInProgress
		})
	switch {
	case report == nil:
	case report.JobStatus == types.JobStatusTypeCompleted:
		askAll(it, svc.GetServiceLastAccessedDetails, in)
		if answer, ok := it.Answers["GetServiceLastAccessedDetails"].(map[string]any); ok {
			delete(answer, "JobCreationDate")
			delete(answer, "JobCompletionDate")
		}
	default:
		why := cmp.Or(report.Error, &types.ErrorDetails{})
		it.gap(evidence.Gap{Question: "GetServiceLastAccessedDetails", Code: cmp.Or(sdk.ToString(why.Code), "NotReady"), Message: sdk.ToString(why.Message)})
	}
}

// peopleTake reports whether a trust policy lets in anything but AWS services and
// workloads with an OpenID Connect token: an account, a user, SAML. A text that
// cannot be read may.
func peopleTake(trust string) bool {
	text, err := url.PathUnescape(trust)
	return err != nil || strings.Contains(text, `"AWS"`) || strings.Contains(text, ":saml-provider/") || strings.Contains(text, `"NotPrincipal"`) ||
		strings.Contains(strings.Join(strings.Fields(text), ""), `"Principal":"*"`)
}
