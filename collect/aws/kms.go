package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

func keys(p *kms.ListKeysOutput) []types.KeyListEntry { return p.Keys }

// kmsKeys collects every KMS key and whether it rotates.
//
// Rotation is asked of the keys it can apply to: the customer's own symmetric
// ones with key material from KMS. Keys that AWS manages may refuse the question
// even to an administrator, and nobody could act on the answer. Past rotations
// are asked where rotation is on.
var kmsKeys = Service{
	Name:    "kms/key",
	Actions: []string{"kms:ListKeys", "kms:DescribeKey", "kms:GetKeyRotationStatus", "kms:ListKeyRotations"},
	Absent:  []string{"GetKeyRotationStatus:UnsupportedOperationException"}, // no such thing for this kind of key
	Collect: func(c *call) {
		svc := kms.NewFromConfig(c.cfg)
		list(c, svc.ListKeys, &kms.ListKeysInput{Limit: sdk.Int32(1000)}, keys, func(it *item, key types.KeyListEntry) {
			it.id(key.KeyArn)
			told := ask(it, svc.DescribeKey, &kms.DescribeKeyInput{KeyId: key.KeyId})
			if told != nil && !rotates(told.KeyMetadata) {
				return
			}
			if now := ask(it, svc.GetKeyRotationStatus, &kms.GetKeyRotationStatusInput{KeyId: key.KeyId}); now != nil && now.KeyRotationEnabled {
				askAll(it, svc.ListKeyRotations, &kms.ListKeyRotationsInput{KeyId: key.KeyId, Limit: sdk.Int32(1000)})
			}
		})
	},
}

func rotates(k *types.KeyMetadata) bool {
	return k == nil || k.KeyManager == types.KeyManagerTypeCustomer && k.KeySpec == types.KeySpecSymmetricDefault && k.Origin == types.OriginTypeAwsKms
}

// kmsAliases collects the names of keys. An alias AWS reserves for a key it has
// not made yet has no TargetKeyId.
var kmsAliases = Service{
	Name:    "kms/alias",
	Actions: []string{"kms:ListAliases"},
	Collect: func(c *call) {
		svc := kms.NewFromConfig(c.cfg)
		aliases := func(p *kms.ListAliasesOutput) []types.AliasListEntry { return p.Aliases }
		list(c, svc.ListAliases, &kms.ListAliasesInput{Limit: sdk.Int32(100)}, aliases, func(it *item, a types.AliasListEntry) { it.id(a.AliasArn) })
	},
}

// kmsKeyPolicies collects who may use each key: its policy, and the grants beside it.
var kmsKeyPolicies = Service{
	Name:    "kms/key-policy",
	Actions: []string{"kms:ListKeys", "kms:GetKeyPolicy", "kms:ListGrants"},
	Collect: func(c *call) {
		svc := kms.NewFromConfig(c.cfg)
		list(c, svc.ListKeys, &kms.ListKeysInput{Limit: sdk.Int32(1000)}, keys, func(it *item, key types.KeyListEntry) {
			it.id(key.KeyArn)
			ask(it, svc.GetKeyPolicy, &kms.GetKeyPolicyInput{KeyId: key.KeyId, PolicyName: sdk.String("default")})
			askAll(it, svc.ListGrants, &kms.ListGrantsInput{KeyId: key.KeyId, Limit: sdk.Int32(100)})
		})
	},
}
