package table

import (
	"cmp"
	"slices"
	"strings"

	"exhibit/control"
)

// A stored is how one source says whether and with which key it is encrypted.
type stored struct {
	source, what string
	yes          string // path of a true or false, or of a word; "" where it always is
	key          string // path of the key's id, ARN or alias; "" where AWS names none
	// always says what protects it where yes is empty, or where AWS sends no key.
	always string
}

// stores are the sources that hold data at rest. Source of always: the services' own
// documentation of their default encryption.
var stores = []stored{
	{"s3/bucket", "S3 bucket", "GetBucketEncryption.ServerSideEncryptionConfiguration.Rules.0.ApplyServerSideEncryptionByDefault.SSEAlgorithm", "GetBucketEncryption.ServerSideEncryptionConfiguration.Rules.0.ApplyServerSideEncryptionByDefault.KMSMasterKeyID", "a key of S3's own"},
	{"ec2/volume", "EBS volume", "DescribeVolumes.Encrypted", "DescribeVolumes.KmsKeyId", ""},
	{"ec2/snapshot", "EBS snapshot", "DescribeSnapshots.Encrypted", "DescribeSnapshots.KmsKeyId", ""},
	{"rds/instance", "RDS instance", "DescribeDBInstances.StorageEncrypted", "DescribeDBInstances.KmsKeyId", ""},
	{"rds/cluster", "RDS cluster", "DescribeDBClusters.StorageEncrypted", "DescribeDBClusters.KmsKeyId", ""},
	{"rds/snapshot", "RDS snapshot", "DescribeDBSnapshots.Encrypted", "DescribeDBSnapshots.KmsKeyId", ""},
	{"rds/cluster-snapshot", "RDS cluster snapshot", "DescribeDBClusterSnapshots.StorageEncrypted", "DescribeDBClusterSnapshots.KmsKeyId", ""},
	{"neptune/cluster", "Neptune cluster", "DescribeDBClusters.StorageEncrypted", "DescribeDBClusters.KmsKeyId", ""},
	{"docdb/cluster", "DocumentDB cluster", "DescribeDBClusters.StorageEncrypted", "DescribeDBClusters.KmsKeyId", ""},
	{"redshift/cluster", "Redshift cluster", "DescribeClusters.Encrypted", "DescribeClusters.KmsKeyId", ""},
	{"dynamodb/table", "DynamoDB table", "", "DescribeTable.Table.SSEDescription.KMSMasterKeyArn", "a key DynamoDB owns"},
	{"efs/file-system", "EFS file system", "DescribeFileSystems.Encrypted", "DescribeFileSystems.KmsKeyId", ""},
	{"fsx/file-system", "FSx file system", "", "DescribeFileSystems.KmsKeyId", "a key of FSx's own"},
	{"opensearch/domain", "OpenSearch domain", "DescribeDomains.EncryptionAtRestOptions.Enabled", "DescribeDomains.EncryptionAtRestOptions.KmsKeyId", ""},
	{"elasticache/replication-group", "ElastiCache group", "DescribeReplicationGroups.AtRestEncryptionEnabled", "DescribeReplicationGroups.KmsKeyId", ""},
	{"kinesis/stream", "Kinesis stream", "DescribeStreamSummary.StreamDescriptionSummary.EncryptionType", "DescribeStreamSummary.StreamDescriptionSummary.KeyId", ""},
	{"sns/topic", "SNS topic", "", "GetTopicAttributes.Attributes.KmsMasterKeyId", "not by a KMS key"},
	{"sqs/queue", "SQS queue", "", "GetQueueAttributes.Attributes.KmsMasterKeyId", "not by a KMS key"},
	{"logs/log-group", "log group", "", "DescribeLogGroups.kmsKeyId", "a key CloudWatch Logs owns"},
	{"secretsmanager/secret", "secret", "", "ListSecrets.KmsKeyId", "alias/aws/secretsmanager"},
	{"backup/vault", "backup vault", "", "ListBackupVaults.EncryptionKeyArn", "not said"},
	{"cloudtrail/trail", "CloudTrail trail", "", "DescribeTrails.KmsKeyId", "the bucket's own encryption"},
	{"ecr/repository", "ECR repository", "DescribeRepositories.encryptionConfiguration.encryptionType", "DescribeRepositories.encryptionConfiguration.kmsKey", "a key of S3's own"},
}

func encryptionSources() []string {
	out := []string{"kms/key", "kms/alias"}
	for _, s := range stores {
		out = append(out, s.source)
	}
	return out
}

// EncryptionTable lists what holds data at rest, what is not encrypted first.
func (b *Book) EncryptionTable() *Table {
	t := b.inventory("encryption", "What is encrypted, with which key, and why that key", encryptionSources(),
		Column{"encrypted", "Encrypted", Text, 16}, Column{"what", "What", Text, 18}, Column{"item", "Item", Code, 44}, Column{"purpose", "What the key is for", Text, 32},
		Column{"manager", "Whose key", Text, 16}, Column{"rotates", "Rotates", Text, 12}, Column{"key", "Key", Code, 40}, Column{"account", "Account", Code, 15}, Column{"region", "Region", Code, 14})
	keys := b.keys()
	type row struct {
		rank  int
		cells []Cell
	}
	var rows []row
	for _, s := range stores {
		for _, it := range b.Items[s.source] {
			word, rank := s.encrypted(it)
			id := textAt(it, s.key)
			k := keys.find(it, id)
			name := Mono(id)
			switch {
			case k != nil:
				name = Mono(k.ID).To(b.ItemHref(Key{k.Account, k.Region, k.Source}, k.ID))
			case s.ownKey(it):
				name = Str("a key of SQS's own")
			case id == "" && word != "no":
				name = Str(s.always)
			}
			rows = append(rows, row{rank, []Cell{Str(word), Str(s.what), b.itemCellOf(it), Str(keys.purpose(k)), Str(whose(id, k)), Str(rotates(k)), name, Mono(it.Account), Mono(it.Region)}})
		}
	}
	slices.SortStableFunc(rows, func(x, y row) int { return cmp.Compare(x.rank, y.rank) })
	for _, r := range rows {
		t.Add("", r.cells...)
	}
	return t
}

// ownKey says that a queue is encrypted by SQS itself, with no KMS key.
func (s stored) ownKey(it control.Located) bool {
	return s.source == "sqs/queue" && textAt(it, s.key) == "" && textAt(it, "GetQueueAttributes.Attributes.SqsManagedSseEnabled") == "true"
}

// encrypted is the word for an item, and its rank: not encrypted, not known, encrypted.
func (s stored) encrypted(it control.Located) (word string, rank int) {
	path := s.yes
	if path == "" {
		path = s.key
	}
	if why := refused(it, path); why != "" {
		return why, 1
	}
	if s.yes == "" {
		if s.ownKey(it) {
			return "yes", 2
		}
		if textAt(it, s.key) == "" && strings.HasPrefix(s.always, "not ") {
			return s.always, 1
		}
		return "yes", 2
	}
	switch v := textAt(it, s.yes); v {
	case "":
		return "not said", 1
	case "no", "NONE":
		return "no", 0
	case "yes":
		return "yes", 2
	default:
		return "yes: " + v, 2
	}
}

// keyring finds KMS keys by whatever another answer calls them.
type keyring struct {
	byID  map[string]*control.Located // ARN, and account/region/id or alias
	alias map[string][]string         // key ARN -> aliases
}

func (b *Book) keys() keyring {
	r := keyring{map[string]*control.Located{}, map[string][]string{}}
	place := func(it control.Located, name string) string { return it.Account + "/" + it.Region + "/" + name }
	for i := range b.Items["kms/key"] {
		k := &b.Items["kms/key"][i]
		r.byID[k.ID] = k
		if id := textAt(*k, "ListKeys.KeyId"); id != "" {
			r.byID[place(*k, id)] = k
		}
	}
	for _, a := range b.Items["kms/alias"] {
		if k := r.byID[place(a, textAt(a, "ListAliases.TargetKeyId"))]; k != nil {
			name := textAt(a, "ListAliases.AliasName")
			r.byID[place(a, name)], r.byID[a.ID] = k, k
			r.alias[k.ID] = append(r.alias[k.ID], name)
		}
	}
	return r
}

func (r keyring) find(it control.Located, id string) *control.Located {
	if id == "" {
		return nil
	}
	if k := r.byID[id]; k != nil {
		return k
	}
	region := it.Region
	if k := r.byID[it.Account+"/"+region+"/"+id]; k != nil {
		return k
	}
	return nil
}

// purpose is what people called the key: its aliases and its description.
func (r keyring) purpose(k *control.Located) string {
	if k == nil {
		return ""
	}
	parts := slices.Clone(r.alias[k.ID])
	if d := textAt(*k, "DescribeKey.KeyMetadata.Description"); d != "" {
		parts = append(parts, d)
	}
	if len(parts) == 0 {
		return "nobody wrote it down: no alias, no description"
	}
	return strings.Join(parts, "; ")
}

func whose(id string, k *control.Located) string {
	switch {
	case k != nil && textAt(*k, "DescribeKey.KeyMetadata.KeyManager") == "CUSTOMER":
		return "the organisation's"
	case k != nil && textAt(*k, "DescribeKey.KeyMetadata.KeyManager") == "AWS", strings.Contains(id, "alias/aws/"):
		return "AWS's"
	case id != "":
		return "not answered: that key was not listed"
	}
	return ""
}

func rotates(k *control.Located) string {
	switch {
	case k == nil || textAt(*k, "DescribeKey.KeyMetadata.KeyManager") != "CUSTOMER":
		return ""
	case refused(*k, "GetKeyRotationStatus") != "":
		return refused(*k, "GetKeyRotationStatus")
	}
	return textAt(*k, "GetKeyRotationStatus.KeyRotationEnabled")
}
