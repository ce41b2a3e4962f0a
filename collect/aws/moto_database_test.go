package aws

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"exhibit/internal/awstest"
)

// TestMotoDatabases plants databases, file systems and backups by the aws command
// and lays what is collected beside what the command prints.
func TestMotoDatabases(t *testing.T) {
	endpoint := awstest.Start(t)
	aws := func(args ...string) any {
		t.Helper()
		out, refusal := awstest.CLI(t, endpoint, awstest.Home, append(args, "--output", "json")...)
		if refusal != "" {
			t.Fatalf("aws %s: %s", strings.Join(args, " "), refusal)
		}
		var v any
		if out != "" {
			if err := json.Unmarshal([]byte(out), &v); err != nil {
				t.Fatal(err)
			}
		}
		return v
	}
	do := func(words string, more ...string) any {
		t.Helper()
		return aws(append(strings.Fields(words), more...)...)
	}
	login := " --master-username owner --master-user-password not-a-secret-1"
	do("rds create-db-parameter-group --db-parameter-group-name shop --db-parameter-group-family postgres16 --description shop")
	do("rds modify-db-parameter-group --db-parameter-group-name shop --parameters ParameterName=rds.force_ssl,ParameterValue=1,ApplyMethod=immediate")
	do("rds create-db-instance --db-instance-identifier shop --engine postgres --db-instance-class db.t4g.micro --allocated-storage 20 --db-parameter-group-name shop" + login)
	do("rds create-db-snapshot --db-snapshot-identifier before --db-instance-identifier shop")
	do("rds modify-db-snapshot-attribute --db-snapshot-identifier before --attribute-name restore --values-to-add all")
	do("rds create-db-cluster --db-cluster-identifier orders --engine aurora-postgresql" + login)
	do("rds create-db-cluster-snapshot --db-cluster-snapshot-identifier orders-before --db-cluster-identifier orders")
	do("rds create-event-subscription --subscription-name all --sns-topic-arn arn:aws:sns:us-east-1:123456789012:all --source-type db-instance --event-categories failure")
	do("neptune create-db-cluster --db-cluster-identifier graph --engine neptune")
	do("redshift create-cluster --cluster-identifier sales --node-type ra3.xlplus --master-username owner --master-user-password Not-a-secret-1")
	system, _ := do("efs create-file-system --creation-token one --encrypted --backup").(map[string]any)
	bare, _ := do("efs create-file-system --creation-token two").(map[string]any)
	do("backup create-backup-vault --backup-vault-name shop")
	plan, _ := do("backup create-backup-plan", "--backup-plan", `{"BackupPlanName": "daily", "Rules": [{"RuleName": "d", "TargetBackupVaultName": "shop", "ScheduleExpression": "cron(0 5 ? * * *)", "Lifecycle": {"DeleteAfterDays": 35}}]}`).(map[string]any)

	measured := regexp.MustCompile(`("Timestamp":)"[^"]*"`) // moto measures a file system whenever it is asked
	s := planted(t, endpoint, "rds", "neptune", "docdb", "redshift", "efs", "backup")
	compare := func(what string, got, want any) {
		t.Helper()
		said, _ := json.Marshal(form(got))
		printed, _ := json.Marshal(form(want))
		if g, w := measured.ReplaceAllString(string(said), `$1`), measured.ReplaceAllString(string(printed), `$1`); g != w {
			t.Errorf("%s: we say\n%s\naws says\n%s", what, g, w)
		}
	}
	for _, l := range []struct{ source, operation, list, id, command string }{
		{"rds/snapshot", "DescribeDBSnapshots", "DBSnapshots", "DBSnapshotArn", "rds describe-db-snapshots"},
		{"rds/cluster-snapshot", "DescribeDBClusterSnapshots", "DBClusterSnapshots", "DBClusterSnapshotArn", "rds describe-db-cluster-snapshots"},
		{"rds/event-subscription", "DescribeEventSubscriptions", "EventSubscriptionsList", "EventSubscriptionArn", "rds describe-event-subscriptions"},
		{"redshift/cluster", "DescribeClusters", "Clusters", "ClusterIdentifier", "redshift describe-clusters"},
		{"efs/file-system", "DescribeFileSystems", "FileSystems", "FileSystemArn", "efs describe-file-systems"},
		{"backup/plan", "ListBackupPlans", "BackupPlansList", "BackupPlanArn", "backup list-backup-plans"},
		{"backup/vault", "ListBackupVaults", "BackupVaultList", "BackupVaultArn", "backup list-backup-vaults"},
	} {
		rows, _ := do(l.command).(map[string]any)[l.list].([]any)
		items := itemsOf(t, s, awstest.Home, l.source)
		if len(rows) == 0 || len(rows) != len(items) {
			t.Errorf("%s: %d items, aws lists %d", l.source, len(items), len(rows))
		}
		for _, r := range rows {
			id, _ := r.(map[string]any)[l.id].(string)
			compare(l.source+" "+id, items[id].Answers[l.operation], r)
		}
	}
	one := func(source, id, operation, command string) {
		t.Helper()
		compare(source+" "+operation, itemsOf(t, s, awstest.Home, source)[id].Answers[operation], do(command))
	}
	snapshot := "arn:aws:rds:us-east-1:" + awstest.Account + ":snapshot:before"
	one("rds/snapshot", snapshot, "DescribeDBSnapshotAttributes", "rds describe-db-snapshot-attributes --db-snapshot-identifier before")
	one("rds/parameter-group", "shop", "DescribeDBParameters", "rds describe-db-parameters --db-parameter-group-name shop")
	arn, _ := plan["BackupPlanArn"].(string)
	id, _ := plan["BackupPlanId"].(string)
	one("backup/plan", arn, "GetBackupPlan", "backup get-backup-plan --backup-plan-id "+id)
	for _, f := range []map[string]any{system, bare} {
		arn, _ := f["FileSystemArn"].(string)
		id, _ := f["FileSystemId"].(string)
		one("efs/file-system", arn, "DescribeMountTargets", "efs describe-mount-targets --file-system-id "+id)
	}
	arn, _ = system["FileSystemArn"].(string)
	id, _ = system["FileSystemId"].(string)
	one("efs/file-system", arn, "DescribeBackupPolicy", "efs describe-backup-policy --file-system-id "+id)
	arn, _ = bare["FileSystemArn"].(string)
	if policy, asked := itemsOf(t, s, awstest.Home, "efs/file-system")[arn].Answers["DescribeBackupPolicy"]; policy != nil || !asked {
		t.Errorf("a file system without a backup policy has %v (%v)", policy, asked)
	}

	graphs := itemsOf(t, s, awstest.Home, "neptune/cluster")
	if _, ok := graphs["arn:aws:rds:us-east-1:"+awstest.Account+":cluster:graph"]; !ok || len(graphs) != 1 {
		t.Errorf("the graph databases are %d, graph among them: %v", len(graphs), ok)
	}
	if docs := itemsOf(t, s, awstest.Home, "docdb/cluster"); len(docs) != 0 {
		t.Errorf("%d clusters of others are taken for document databases", len(docs))
	}
}
