package main

import (
	"fmt"
	"io"
	"strings"
)

// keyAdmin are the actions on a key that change who may use it, or end it: for the
// account's administrators. Signing is not among them.
func keyAdmin() []string {
	return []string{"kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "kms:DisableKey", "kms:EnableKey", "kms:GetKeyPolicy",
		"kms:GetPublicKey", "kms:ListGrants", "kms:ListKeyPolicies", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:RevokeGrant", "kms:ScheduleKeyDeletion",
		"kms:TagResource", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription"}
}

// keyPolicy is the policy of a key that seals: the collector's role may sign, nobody
// else may, not even by a policy of their own. Whoever may write key policies can
// undo it, and CloudTrail records that (PutKeyPolicy). Nobody may make a grant.
func keyPolicy(account, collector, partition string) map[string]any {
	root := "arn:" + partition + ":iam::" + account + ":root"
	return map[string]any{"Version": "2012-10-17", "Statement": []any{
		map[string]any{"Sid": "Administer", "Effect": "Allow", "Principal": map[string]any{"AWS": root}, "Action": keyAdmin(), "Resource": "*"},
		map[string]any{"Sid": "Seal", "Effect": "Allow", "Principal": map[string]any{"AWS": collector}, "Action": []string{"kms:DescribeKey", "kms:GetPublicKey"}, "Resource": "*"},
		map[string]any{"Sid": "SealSigns", "Effect": "Allow", "Principal": map[string]any{"AWS": collector}, "Action": "kms:Sign", "Resource": "*",
			"Condition": map[string]any{"StringEquals": map[string]any{"kms:SigningAlgorithm": "ECDSA_SHA_256", "kms:MessageType": "RAW"}}},
		map[string]any{"Sid": "NobodyElse", "Effect": "Deny", "Principal": map[string]any{"AWS": "*"}, "Action": "kms:Sign", "Resource": "*",
			"Condition": map[string]any{"ArnNotEquals": map[string]any{"aws:PrincipalArn": collector}}},
		map[string]any{"Sid": "NoGrants", "Effect": "Deny", "Principal": map[string]any{"AWS": "*"}, "Action": "kms:CreateGrant", "Resource": "*"},
	}}
}

// printSigning writes the key that seals, with its policy.
func (p *policyPrinter) printSigning(w io.Writer, format string) error {
	account := strings.Split(p.trusted, ":")[4]
	policy := keyPolicy(account, p.trusted, p.partition)
	const about = "Seals the evidence exhibit collects; its collector alone may sign"
	switch format {
	case "cloudformation":
		return printJSON(w, map[string]any{"AWSTemplateFormatVersion": "2010-09-09", "Description": about, "Resources": map[string]any{
			"Seal": map[string]any{"Type": "AWS::KMS::Key", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": map[string]any{
				"Description": about, "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY", "PendingWindowInDays": 30, "KeyPolicy": policy}},
		}, "Outputs": map[string]any{"Key": map[string]any{"Value": map[string]any{"Fn::GetAtt": []any{"Seal", "Arn"}}}}})
	case "terraform":
		var b strings.Builder
		if err := printJSON(&b, policy); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w, "# %s.\n\nresource \"aws_kms_key\" \"seal\" {\n  description              = %s\n  customer_master_key_spec = \"ECC_NIST_P256\"\n  key_usage                = \"SIGN_VERIFY\"\n  deletion_window_in_days  = 30\n  policy                   = <<-POLICY\n%s  POLICY\n}\n\noutput \"key\" {\n  value = aws_kms_key.seal.arn\n}\n",
			about, hcl(about), indented(b.String()))
		return err
	}
	return printJSON(w, policy)
}

func indented(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString("  " + line)
	}
	return b.String()
}
