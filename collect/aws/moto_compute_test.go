package aws

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"exhibit/internal/awstest"
)

// plantServers makes one of each thing this file compares.
func plantServers(t *testing.T, moto string) {
	t.Helper()
	ctx := context.Background()
	cfg := sdk.Config{Region: awstest.Home, BaseEndpoint: &moto, Credentials: credentials.NewStaticCredentialsProvider(awstest.Access, awstest.Secret, "")}
	svc, scaling := ec2.NewFromConfig(cfg), autoscaling.NewFromConfig(cfg)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	subnets, err := svc.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})
	must(err)
	subnet, vpc := subnets.Subnets[0].SubnetId, subnets.Subnets[0].VpcId
	images, err := svc.DescribeImages(ctx, &ec2.DescribeImagesInput{Owners: []string{"amazon"}})
	must(err)
	image := images.Images[0].ImageId
	run, err := svc.RunInstances(ctx, &ec2.RunInstancesInput{
		ImageId: image, InstanceType: types.InstanceTypeT3Micro, MinCount: sdk.Int32(2), MaxCount: sdk.Int32(2), SubnetId: subnet,
		MetadataOptions: &types.InstanceMetadataOptionsRequest{HttpTokens: types.HttpTokensStateRequired},
		BlockDeviceMappings: []types.BlockDeviceMapping{{DeviceName: sdk.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{
			Encrypted: sdk.Bool(true), VolumeSize: sdk.Int32(20), VolumeType: types.VolumeTypeGp3}}},
	})
	must(err)
	_, err = svc.StopInstances(ctx, &ec2.StopInstancesInput{InstanceIds: []string{*run.Instances[1].InstanceId}})
	must(err)
	_, err = svc.CreateImage(ctx, &ec2.CreateImageInput{InstanceId: run.Instances[0].InstanceId, Name: sdk.String("own")})
	must(err)
	_, err = svc.CreateVolume(ctx, &ec2.CreateVolumeInput{AvailabilityZone: sdk.String(awstest.Home + "a"), Size: sdk.Int32(8)})
	must(err)
	_, err = svc.CreateKeyPair(ctx, &ec2.CreateKeyPairInput{KeyName: sdk.String("ops")})
	must(err)
	_, err = svc.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc})
	must(err)
	_, err = svc.CreateFlowLogs(ctx, &ec2.CreateFlowLogsInput{
		ResourceIds: []string{*vpc}, ResourceType: types.FlowLogsResourceTypeVpc, TrafficType: types.TrafficTypeAll, LogGroupName: sdk.String("flow"),
		DeliverLogsPermissionArn: sdk.String("arn:aws:iam::" + awstest.Account + ":role/flow")})
	must(err)
	_, err = svc.CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{VpcId: vpc, ServiceName: sdk.String("com.amazonaws." + awstest.Home + ".s3")})
	must(err)
	_, err = svc.CreateTransitGateway(ctx, &ec2.CreateTransitGatewayInput{})
	must(err)
	other, err := svc.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: sdk.String("10.9.0.0/16")})
	must(err)
	_, err = svc.CreateVpcPeeringConnection(ctx, &ec2.CreateVpcPeeringConnectionInput{VpcId: vpc, PeerVpcId: other.Vpc.VpcId})
	must(err)
	_, err = scaling.CreateLaunchConfiguration(ctx, &autoscaling.CreateLaunchConfigurationInput{
		LaunchConfigurationName: sdk.String("old"), ImageId: image, InstanceType: sdk.String("t3.micro"), UserData: sdk.String("IyEvYmluL3NoCg==")})
	must(err)
	_, err = scaling.CreateAutoScalingGroup(ctx, &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: sdk.String("web"), LaunchConfigurationName: sdk.String("old"), MinSize: sdk.Int32(0), MaxSize: sdk.Int32(1), VPCZoneIdentifier: subnet})
	must(err)
}

// TestMotoCompute lays EC2's and Auto Scaling's answers beside what the aws command
// prints. Withheld fields are compared by being withheld.
func TestMotoCompute(t *testing.T) {
	endpoint := awstest.Start(t)
	plantServers(t, endpoint)
	snap := planted(t, endpoint, "ec2/*", "autoscaling/*")
	for _, tt := range []struct {
		source, operation, list, id string
		args                        string
		withheld                    []string
	}{
		{"ec2/instance", "DescribeInstances", "Reservations[].Instances", "InstanceId", "ec2 describe-instances", nil},
		{"ec2/instance-type", "DescribeInstanceTypes", "InstanceTypes", "InstanceType", "ec2 describe-instance-types --instance-types t3.micro", nil},
		{"ec2/volume", "DescribeVolumes", "Volumes", "VolumeId", "ec2 describe-volumes", nil},
		{"ec2/image", "DescribeImages", "Images", "ImageId", "ec2 describe-images --owners self", nil},
		{"ec2/key-pair", "DescribeKeyPairs", "KeyPairs", "KeyPairId", "ec2 describe-key-pairs", nil},
		{"ec2/flow-log", "DescribeFlowLogs", "FlowLogs", "FlowLogId", "ec2 describe-flow-logs", nil},
		{"ec2/network-interface", "DescribeNetworkInterfaces", "NetworkInterfaces", "NetworkInterfaceId", "ec2 describe-network-interfaces", nil},
		{"ec2/address", "DescribeAddresses", "Addresses", "AllocationId", "ec2 describe-addresses", nil},
		{"ec2/vpc-endpoint", "DescribeVpcEndpoints", "VpcEndpoints", "VpcEndpointId", "ec2 describe-vpc-endpoints", []string{"PolicyDocument"}}, // ours is read, theirs is text
		{"ec2/vpc-peering-connection", "DescribeVpcPeeringConnections", "VpcPeeringConnections", "VpcPeeringConnectionId", "ec2 describe-vpc-peering-connections", nil},
		{"ec2/transit-gateway", "DescribeTransitGateways", "TransitGateways", "TransitGatewayArn", "ec2 describe-transit-gateways", nil},
		{"autoscaling/group", "DescribeAutoScalingGroups", "AutoScalingGroups", "AutoScalingGroupARN", "autoscaling describe-auto-scaling-groups", nil},
		{"autoscaling/launch-configuration", "DescribeLaunchConfigurations", "LaunchConfigurations", "LaunchConfigurationARN", "autoscaling describe-launch-configurations", []string{"UserData"}},
	} {
		t.Run(tt.source, func(t *testing.T) {
			out, refusal := awstest.CLI(t, endpoint, awstest.Home, append(strings.Fields(tt.args), "--output", "json")...)
			if refusal != "" {
				t.Fatal(refusal)
			}
			var answer map[string]any
			if err := json.Unmarshal([]byte(out), &answer); err != nil {
				t.Fatal(err)
			}
			rows := rowsAt(answer, strings.Split(tt.list, "."))
			items := itemsOf(t, snap, awstest.Home, tt.source)
			if len(rows) == 0 || len(rows) != len(items) {
				t.Fatalf("%d items, aws lists %d", len(items), len(rows))
			}
			for _, r := range rows {
				theirs := r.(map[string]any)
				id, _ := theirs[tt.id].(string)
				ours, _ := items[id].Answers[tt.operation].(map[string]any)
				for _, w := range tt.withheld {
					if s, text := ours[w].(string); text && theirs[w] != nil && !strings.HasPrefix(s, "redacted:") {
						t.Errorf("%s: %s is %q", id, w, s)
					}
					delete(ours, w)
					delete(theirs, w)
				}
				if g, w := form(ours), form(theirs); !reflect.DeepEqual(g, w) {
					gj, _ := json.Marshal(g)
					wj, _ := json.Marshal(w)
					t.Errorf("%s: we say\n%s\naws says\n%s", id, gj, wj)
				}
			}
		})
	}
}

// rowsAt are the rows at a path such as Reservations[].Instances.
func rowsAt(v any, path []string) (out []any) {
	name, list := strings.CutSuffix(path[0], "[]")
	rows, _ := v.(map[string]any)[name].([]any)
	if !list {
		return rows
	}
	for _, r := range rows {
		out = append(out, rowsAt(r, path[1:])...)
	}
	return out
}
