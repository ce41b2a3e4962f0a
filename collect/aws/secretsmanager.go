package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// secrets collects what is told of secrets: their names, rotation and last use,
// those waiting to be deleted too, and of all others who else may read them. The
// secrets themselves are never asked for.
var secrets = Service{
	Name:    "secretsmanager/secret",
	Actions: []string{"secretsmanager:ListSecrets", "secretsmanager:GetResourcePolicy"},
	Collect: func(c *call) {
		svc := secretsmanager.NewFromConfig(c.cfg)
		rows := func(p *secretsmanager.ListSecretsOutput) []types.SecretListEntry { return p.SecretList }
		in := &secretsmanager.ListSecretsInput{IncludePlannedDeletion: sdk.Bool(true), MaxResults: sdk.Int32(100)}
		list(c, svc.ListSecrets, in, rows, func(it *item, s types.SecretListEntry) {
			if it.id(s.ARN); s.DeletedDate == nil { // of one that waits to be deleted nothing is told
				ask(it, svc.GetResourcePolicy, &secretsmanager.GetResourcePolicyInput{SecretId: s.ARN})
			}
		})
	},
}
