#!/bin/sh
# The nine exports an audit checklist asks for, made the usual way: the aws
# command, one call after another. usage: nine.sh FOLDER
set -u
out=$1
mkdir -p "$out"
account=$($AWS sts get-caller-identity --query Account --output text)

# 1 credential report: poll until it is there
until [ "$($AWS iam generate-credential-report --query State --output text)" = COMPLETE ]; do sleep 0.2; done
$AWS iam get-credential-report --query Content --output text | base64 -d >"$out/credential-report.csv"
# 2, 3
$AWS iam get-account-password-policy >"$out/password-policy.json"
$AWS iam get-account-summary >"$out/account-summary.json"
# 4 every trail and its status
$AWS cloudtrail describe-trails --include-shadow-trails >"$out/trails.json"
for arn in $($AWS cloudtrail describe-trails --query 'trailList[].TrailARN' --output text); do
	$AWS cloudtrail get-trail-status --name "$arn"
done >"$out/trail-status.json"
# 5 every detector
for id in $($AWS guardduty list-detectors --query 'DetectorIds[]' --output text); do
	$AWS guardduty get-detector --detector-id "$id"
done >"$out/detectors.json"
# 6
$AWS configservice describe-compliance-by-config-rule >"$out/config-compliance.json"
# 7 the server-side filter most scripts use
$AWS ec2 describe-security-groups \
	--filters Name=ip-permission.from-port,Values=22 Name=ip-permission.cidr,Values=0.0.0.0/0 \
	--query 'SecurityGroups[].GroupId' --output text >"$out/open-ssh.txt"
# 8
for key in $($AWS kms list-keys --query 'Keys[].KeyId' --output text); do
	printf '%s %s\n' "$key" "$($AWS kms get-key-rotation-status --key-id "$key" --query KeyRotationEnabled --output text)"
done >"$out/kms-rotation.txt"
# 9
$AWS s3control get-public-access-block --account-id "$account" >"$out/s3-account-block.json"
