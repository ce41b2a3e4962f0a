package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// kmsKeys collects every KMS key: who may use it and whether it rotates.
//
// Rotation is asked of the keys it can apply to: the customer's own symmetric
// ones with key material from KMS. Keys that AWS manages may refuse the question
// even to an administrator, and nobody could act on the answer.
var kmsKeys = Service{
	Name:    "kms/key",
	Actions: []string{"kms:ListKeys", "kms:DescribeKey", "kms:ListAliases", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListKeyRotations"},
	Absent:  []string{"GetKeyRotationStatus:UnsupportedOperationException", "ListKeyRotations:UnsupportedOperationException"}, // no such thing for this kind of key
	Collect: func(c *call) {
		svc := kms.NewFromConfig(c.cfg)
		keys := func(p *kms.ListKeysOutput) []types.KeyListEntry { return p.Keys }
		list(c, svc.ListKeys, &kms.ListKeysInput{Limit: sdk.Int32(1000)}, keys, func(it *item, key types.KeyListEntry) {
			it.id(key.KeyArn)
			told := ask(it, svc.DescribeKey, &kms.DescribeKeyInput{KeyId: key.KeyId})
			askAll(it, svc.ListAliases, &kms.ListAliasesInput{KeyId: key.KeyId})
			ask(it, svc.GetKeyPolicy, &kms.GetKeyPolicyInput{KeyId: key.KeyId, PolicyName: sdk.String("default")})
			if told == nil || rotates(told.KeyMetadata) {
				ask(it, svc.GetKeyRotationStatus, &kms.GetKeyRotationStatusInput{KeyId: key.KeyId})
				askAll(it, svc.ListKeyRotations, &kms.ListKeyRotationsInput{KeyId: key.KeyId})
			}
		})
	},
}

func rotates(k *types.KeyMetadata) bool {
	return k == nil || k.KeyManager == types.KeyManagerTypeCustomer && k.KeySpec == types.KeySpecSymmetricDefault && k.Origin == types.OriginTypeAwsKms
}
