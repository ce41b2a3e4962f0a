package aws

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	dms "github.com/aws/aws-sdk-go-v2/service/databasemigrationservice"
	dmstypes "github.com/aws/aws-sdk-go-v2/service/databasemigrationservice/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/mq"
	mqtypes "github.com/aws/aws-sdk-go-v2/service/mq/types"
	"github.com/aws/aws-sdk-go-v2/service/opensearch"
	opensearchtypes "github.com/aws/aws-sdk-go-v2/service/opensearch/types"

	"exhibit/internal/awstest"
)

// plantTables makes one or two of each thing this file compares.
func plantTables(t *testing.T, moto string) {
	t.Helper()
	ctx := context.Background()
	cfg := sdk.Config{Region: awstest.Home, BaseEndpoint: &moto, Credentials: credentials.NewStaticCredentialsProvider(awstest.Access, awstest.Secret, "")}
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	tables := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.DisableValidateResponseChecksum = true })
	id := []types.AttributeDefinition{{AttributeName: sdk.String("id"), AttributeType: types.ScalarAttributeTypeS}}
	by := []types.KeySchemaElement{{AttributeName: sdk.String("id"), KeyType: types.KeyTypeHash}}
	must(tables.CreateTable(ctx, &dynamodb.CreateTableInput{TableName: sdk.String("orders"), AttributeDefinitions: id, KeySchema: by,
		BillingMode: types.BillingModePayPerRequest, DeletionProtectionEnabled: sdk.Bool(true), SSESpecification: &types.SSESpecification{Enabled: sdk.Bool(true), SSEType: types.SSETypeKms}}))
	must(tables.CreateTable(ctx, &dynamodb.CreateTableInput{TableName: sdk.String("stock"), AttributeDefinitions: id, KeySchema: by,
		ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: sdk.Int64(5), WriteCapacityUnits: sdk.Int64(5)}}))
	must(tables.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: sdk.String("orders"),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: sdk.String("expires"), Enabled: sdk.Bool(true)}}))
	must(elasticache.NewFromConfig(cfg).CreateReplicationGroup(ctx, &elasticache.CreateReplicationGroupInput{
		ReplicationGroupId: sdk.String("sessions"), ReplicationGroupDescription: sdk.String("sessions"), Engine: sdk.String("redis"), CacheNodeType: sdk.String("cache.t3.micro"),
		NumNodeGroups: sdk.Int32(1), ReplicasPerNodeGroup: sdk.Int32(1), AutomaticFailoverEnabled: sdk.Bool(true), MultiAZEnabled: sdk.Bool(true),
		TransitEncryptionEnabled: sdk.Bool(true), AtRestEncryptionEnabled: sdk.Bool(true), SnapshotRetentionLimit: sdk.Int32(7)}))
	must(kinesis.NewFromConfig(cfg).CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: sdk.String("events"), StreamModeDetails: &kinesistypes.StreamModeDetails{StreamMode: kinesistypes.StreamModeOnDemand}}))
	must(firehose.NewFromConfig(cfg).CreateDeliveryStream(ctx, &firehose.CreateDeliveryStreamInput{DeliveryStreamName: sdk.String("logs"), DeliveryStreamType: firehosetypes.DeliveryStreamTypeDirectPut,
		ExtendedS3DestinationConfiguration: &firehosetypes.ExtendedS3DestinationConfiguration{BucketARN: sdk.String("arn:aws:s3:::logs"), RoleARN: sdk.String("arn:aws:iam::" + awstest.Account + ":role/firehose")}}))
	must(mq.NewFromConfig(cfg).CreateBroker(ctx, &mq.CreateBrokerInput{BrokerName: sdk.String("orders"), EngineType: mqtypes.EngineTypeRabbitmq, EngineVersion: sdk.String("3.13"),
		HostInstanceType: sdk.String("mq.m5.large"), DeploymentMode: mqtypes.DeploymentModeSingleInstance, PubliclyAccessible: sdk.Bool(false), AutoMinorVersionUpgrade: sdk.Bool(true),
		Logs: &mqtypes.Logs{General: sdk.Bool(true)}, Users: []mqtypes.User{{Username: sdk.String("jane"), Password: sdk.String("not-a-password")}}}))
	must(opensearch.NewFromConfig(cfg).CreateDomain(ctx, &opensearch.CreateDomainInput{DomainName: sdk.String("search"), EngineVersion: sdk.String("OpenSearch_2.13"),
		EncryptionAtRestOptions: &opensearchtypes.EncryptionAtRestOptions{Enabled: sdk.Bool(true)}, NodeToNodeEncryptionOptions: &opensearchtypes.NodeToNodeEncryptionOptions{Enabled: sdk.Bool(true)},
		DomainEndpointOptions: &opensearchtypes.DomainEndpointOptions{EnforceHTTPS: sdk.Bool(true), TLSSecurityPolicy: opensearchtypes.TLSSecurityPolicyPolicyMinTls12201907}}))
	must(dms.NewFromConfig(cfg).CreateEndpoint(ctx, &dms.CreateEndpointInput{EndpointIdentifier: sdk.String("shop"), EndpointType: dmstypes.ReplicationEndpointTypeValueSource, EngineName: sdk.String("postgres"),
		ServerName: sdk.String("shop.internal"), Port: sdk.Int32(5432), Username: sdk.String("jane"), Password: sdk.String("not-a-password"), DatabaseName: sdk.String("shop"), SslMode: dmstypes.DmsSslModeValueRequire}))
}

// TestMotoTables lays the answers about tables, caches, streams and brokers beside
// what the aws command prints. Withheld fields are compared by being withheld.
func TestMotoTables(t *testing.T) {
	moto := awstest.Start(t)
	plantTables(t, moto)
	snap := planted(t, moto, "dynamodb", "elasticache/replication-group", "kinesis", "firehose", "mq", "opensearch", "dms/endpoint")
	for _, tt := range []struct {
		source, operation string
		count             int
		list              string // of the answer, where the item holds one row of it
		command           string // %: the item's name, the last part of its id
	}{
		{"dynamodb/table", "DescribeTable", 2, "", "dynamodb describe-table --table-name %"},
		{"dynamodb/table", "DescribeTimeToLive", 2, "", "dynamodb describe-time-to-live --table-name %"},
		{"elasticache/replication-group", "DescribeReplicationGroups", 1, "ReplicationGroups", "elasticache describe-replication-groups"},
		{"kinesis/stream", "DescribeStreamSummary", 1, "", "kinesis describe-stream-summary --stream-name %"},
		{"firehose/delivery-stream", "DescribeDeliveryStream", 1, "", "firehose describe-delivery-stream --delivery-stream-name %"},
		{"mq/broker", "DescribeBroker", 1, "", "mq describe-broker --broker-id %"},
		{"opensearch/domain", "DescribeDomains", 1, "DomainStatusList", "opensearch describe-domains --domain-names search"},
		{"dms/endpoint", "DescribeEndpoints", 1, "Endpoints", "dms describe-endpoints"},
	} {
		items := itemsOf(t, snap, awstest.Home, tt.source)
		if len(items) != tt.count {
			t.Errorf("%s has %d items", tt.source, len(items))
		}
		for id, it := range items {
			name := id[strings.LastIndexAny(id, ":/")+1:]
			out, refusal := awstest.CLI(t, moto, awstest.Home, append(strings.Fields(strings.ReplaceAll(tt.command, "%", name)), "--output", "json")...)
			if refusal != "" {
				t.Fatalf("aws %s: %s", tt.command, refusal)
			}
			var said any
			if err := json.Unmarshal([]byte(out), &said); err != nil {
				t.Fatal(err)
			}
			if tt.list != "" {
				said = said.(map[string]any)[tt.list].([]any)[0]
			}
			ours, theirs := form(it.Answers[tt.operation]), form(said)
			if hidden := conceal(ours, theirs); !reflect.DeepEqual(ours, hidden) {
				a, _ := json.Marshal(ours)
				b, _ := json.Marshal(hidden)
				t.Errorf("%s: we say\n%s\naws says\n%s", tt.source, a, b)
			}
		}
	}
}

// conceal withholds in theirs what is withheld in ours, and reads what ours has read.
func conceal(ours, theirs any) any {
	switch o := ours.(type) {
	case string:
		if theirs != "" && theirs != nil && strings.HasPrefix(o, "redacted:") {
			return o
		}
	case map[string]any:
		if text, ok := theirs.(string); ok {
			return form(document(text))
		}
		if them, ok := theirs.(map[string]any); ok {
			out := map[string]any{}
			for k, v := range them {
				out[k] = conceal(o[k], v)
			}
			return out
		}
	case []any:
		if them, ok := theirs.([]any); ok && len(them) == len(o) {
			out := make([]any, len(o))
			for i := range o {
				out[i] = conceal(o[i], them[i])
			}
			return out
		}
	}
	return theirs
}
