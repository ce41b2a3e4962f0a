package aws

import (
	"context"
	"fmt"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"exhibit/collect/envoy"
)

// sign has AWS KMS sign with the caller's own credentials. It is no collecting:
// nothing of it is evidence, and CloudTrail records it on the key owner's side.
//
// The data goes whole (MessageType RAW), never its digest: what is signed must be
// seen to be a seal by whoever reads it, and Ed25519 takes nothing else.
func sign(ctx context.Context, cfg Config, o envoy.SignOrder) (envoy.Report, error) {
	region, err := regionOfKey(o.Key)
	if err != nil {
		return envoy.Report{}, err
	}
	cfg.Only = nil
	c, err := newSession(cfg).load(ctx, cfg.Profile)
	if err != nil {
		return envoy.Report{}, fmt.Errorf("signing with AWS KMS: %w", err)
	}
	c = c.Copy()
	c.Region = region
	svc := kms.NewFromConfig(c)
	pub, err := svc.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: sdk.String(o.Key)})
	if err != nil {
		return envoy.Report{}, fmt.Errorf("asking AWS KMS for the public key of %s: %w", o.Key, err)
	}
	if pub.KeyUsage != types.KeyUsageTypeSignVerify {
		return envoy.Report{}, fmt.Errorf("the key %s is for %s, not for signing", o.Key, pub.KeyUsage)
	}
	algorithm, known := map[types.KeySpec]types.SigningAlgorithmSpec{
		types.KeySpecEccNistP256:         types.SigningAlgorithmSpecEcdsaSha256,
		types.KeySpecEccNistEdwards25519: types.SigningAlgorithmSpecEd25519Sha512,
	}[pub.KeySpec]
	if !known {
		return envoy.Report{}, fmt.Errorf("the key %s is a %s: seals are signed with ECC_NIST_P256 or ECC_NIST_EDWARDS25519", o.Key, pub.KeySpec)
	}
	r := &envoy.Signed{Public: pub.PublicKey, Spec: string(pub.KeySpec)}
	if len(o.Data) == 0 {
		return envoy.Report{Signed: r}, nil
	}
	out, err := svc.Sign(ctx, &kms.SignInput{KeyId: sdk.String(o.Key), Message: o.Data, MessageType: types.MessageTypeRaw, SigningAlgorithm: algorithm})
	if err != nil {
		return envoy.Report{}, fmt.Errorf("signing with the key %s of AWS KMS: %w", o.Key, err)
	}
	r.Signature = out.Signature
	return envoy.Report{Signed: r}, nil
}

// regionOfKey is the region in a key's ARN. An alias may be pointed at another key
// without a trace in exhibit.yaml, so that only a key's own ARN names it.
func regionOfKey(arn string) (string, error) {
	p := strings.Split(arn, ":")
	if len(p) != 6 || p[0] != "arn" || p[2] != "kms" || p[3] == "" || !strings.HasPrefix(p[5], "key/") {
		return "", fmt.Errorf("%q is not the ARN of a key, such as arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", arn)
	}
	return p[3], nil
}
