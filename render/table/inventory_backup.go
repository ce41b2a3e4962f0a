package table

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"exhibit/control"
)

// A held is one kind of resource that holds data and how its own copies are dated.
type held struct {
	source, what string
	name         string // path of the name people know it by; "" for the item's id
	newest       string // path of the newest moment it can be brought back to; "" where AWS gives none
	own          func(it control.Located) string
}

var holders = []held{
	{"rds/instance", "RDS instance", "DescribeDBInstances.DBInstanceIdentifier", "DescribeDBInstances.LatestRestorableTime", days("DescribeDBInstances.BackupRetentionPeriod")},
	{"rds/cluster", "RDS cluster", "DescribeDBClusters.DBClusterIdentifier", "DescribeDBClusters.LatestRestorableTime", days("DescribeDBClusters.BackupRetentionPeriod")},
	{"neptune/cluster", "Neptune cluster", "DescribeDBClusters.DBClusterIdentifier", "DescribeDBClusters.LatestRestorableTime", days("DescribeDBClusters.BackupRetentionPeriod")},
	{"docdb/cluster", "DocumentDB cluster", "DescribeDBClusters.DBClusterIdentifier", "DescribeDBClusters.LatestRestorableTime", days("DescribeDBClusters.BackupRetentionPeriod")},
	{"dynamodb/table", "DynamoDB table", "DescribeTable.Table.TableName", "DescribeContinuousBackups.ContinuousBackupsDescription.PointInTimeRecoveryDescription.LatestRestorableDateTime", func(it control.Located) string {
		switch s := textAt(it, "DescribeContinuousBackups.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus"); s {
		case "ENABLED":
			return "to any second of its last days"
		case "DISABLED":
			return "none"
		}
		return refused(it, "DescribeContinuousBackups")
	}},
	{"ec2/volume", "EBS volume", "", "", nil},
	{"efs/file-system", "EFS file system", "DescribeFileSystems.Name", "", nil},
	{"fsx/file-system", "FSx file system", "", "", nil},
	{"redshift/cluster", "Redshift cluster", "DescribeClusters.ClusterIdentifier", "", days("DescribeClusters.AutomatedSnapshotRetentionPeriod")},
	{"elasticache/replication-group", "ElastiCache group", "DescribeReplicationGroups.ReplicationGroupId", "", days("DescribeReplicationGroups.SnapshotRetentionLimit")},
	{"s3/bucket", "S3 bucket", "ListBuckets.Name", "", func(it control.Located) string {
		switch s := textAt(it, "GetBucketVersioning.Status"); {
		case s == "Enabled":
			return "earlier versions of each object"
		case refused(it, "GetBucketVersioning") != "":
			return refused(it, "GetBucketVersioning")
		}
		return "none: versions are not kept"
	}},
}

// days reads for how many days a service keeps copies of its own.
func days(path string) func(control.Located) string {
	return func(it control.Located) string {
		switch n := textAt(it, path); n {
		case "":
			return cmp.Or(refused(it, path), "not said")
		case "0":
			return "none"
		default:
			return "kept " + n + " days"
		}
	}
}

func backupSources() []string {
	out := []string{"backup/protected-resource", "ec2/snapshot"}
	for _, h := range holders {
		out = append(out, h.source)
	}
	return out
}

// BackupsTable lists what holds data with the newest copy of each, what has none first.
func (b *Book) BackupsTable() *Table {
	t := b.inventory("backups", "Copies of what holds data", backupSources(),
		Column{"what", "What", Text, 20}, Column{"item", "Resource", Code, 44}, Column{"newest", "Newest copy", Time, 21}, Column{"age", "Age, minutes", Number, 12}, Column{"rpo", "Against the shortest RPO stated", Text, 28},
		Column{"how", "Seen as", Text, 26}, Column{"own", "Copies of the service's own", Text, 26}, Column{"plan", "In AWS Backup", Text, 14}, Column{"account", "Account", Code, 15}, Column{"region", "Region", Code, 14})
	rpo, stated := b.shortestRPO()
	if stated != "" {
		t.Note = strings.TrimSpace(t.Note + " " + stated)
	}
	protected, snapshots := b.copies()
	type row struct {
		rank  int
		at    time.Time
		cells []Cell
	}
	var rows []row
	for _, h := range holders {
		for _, it := range b.Items[h.source] {
			at, how := time.Time{}, ""
			newer := func(t time.Time, word string) {
				if !t.IsZero() && t.After(at) && !t.After(b.AsOf.Add(24*time.Hour)) {
					at, how = t, word
				}
			}
			if h.newest != "" {
				newer(timeAt(it, h.newest), "point in time")
			}
			p, in := protected[it.Account+"/"+it.Region+"/"+lastName(it.ID)]
			if in {
				newer(timeAt(p, "ListProtectedResources.LastBackupTime"), "recovery point")
			}
			newer(snapshots[it.Account+"/"+it.Region+"/"+lastName(it.ID)], "snapshot")
			own := ""
			if h.own != nil {
				own = h.own(it)
			}
			plan := "no"
			switch {
			case in:
				plan = "yes"
			case !b.answered("backup/protected-resource", it.Account, it.Region):
				plan = "not answered"
			}
			age, against, rank := Cell{}, "", 1
			switch {
			case at.IsZero() && plan == "no" && (own == "" || strings.HasPrefix(own, "none")):
				against, rank = "no copy is known", 0
			case at.IsZero():
				against = "AWS does not say how old the newest is"
			default:
				minutes := max(0, int(b.AsOf.Sub(at).Minutes()))
				age = Int(minutes)
				rank = 2
				switch {
				case rpo == 0:
					against = "no RPO is stated"
				case minutes > rpo:
					against, rank = fmt.Sprintf("older than %d minutes", rpo), 0
				default:
					against = fmt.Sprintf("within %d minutes", rpo)
				}
			}
			rows = append(rows, row{rank, at, []Cell{Str(h.what), b.itemCellOf(it), At(at), age, Str(against), Str(how), Str(own), Str(plan), Mono(it.Account), Mono(it.Region)}})
		}
	}
	slices.SortStableFunc(rows, func(x, y row) int { return cmp.Or(cmp.Compare(x.rank, y.rank), x.at.Compare(y.at)) })
	for _, r := range rows {
		t.Add("", r.cells...)
	}
	return t
}

// copies are AWS Backup's protected resources and the newest snapshot of each
// volume, by account, region and last word of the resource's name.
func (b *Book) copies() (protected map[string]control.Located, snapshots map[string]time.Time) {
	protected, snapshots = map[string]control.Located{}, map[string]time.Time{}
	for _, p := range b.Items["backup/protected-resource"] {
		protected[p.Account+"/"+p.Region+"/"+lastName(p.ID)] = p
	}
	for _, s := range b.Items["ec2/snapshot"] {
		k := s.Account + "/" + s.Region + "/" + textAt(s, "DescribeSnapshots.VolumeId")
		if at := timeAt(s, "DescribeSnapshots.StartTime"); textAt(s, "DescribeSnapshots.State") == "completed" && at.After(snapshots[k]) {
			snapshots[k] = at
		}
	}
	return protected, snapshots
}

// lastName is what stands behind the last slash or colon: "vol-1" of an ARN or of itself.
func lastName(id string) string {
	return id[strings.LastIndexAny(id, "/:")+1:]
}

// answered reports whether a listing was answered in a place.
func (b *Book) answered(source, account, region string) bool {
	c := b.Cell(Key{account, region, source})
	if c == nil { // a bucket stands under "global"; Backup is asked by region
		return false
	}
	return c.State.Answered()
}

// shortestRPO is the smallest loss of data, in minutes, that the newest business
// impact analysis allows, with all it states in words; 0 where there is none.
func (b *Book) shortestRPO() (minutes int, words string) {
	newest := control.Located{}
	for _, r := range b.Records["business-impact-analysis"] {
		if textAt(r, "record.date") > textAt(newest, "record.date") {
			newest = r
		}
	}
	var parts []string
	for _, p := range listAt(newest, "record.processes") {
		n := 0
		if _, err := fmt.Sscan(fmt.Sprint(dig(p, "rpo_minutes")), &n); err != nil {
			continue
		}
		name, _ := dig(p, "process").(string)
		parts = append(parts, fmt.Sprintf("%s %d", name, n))
		if minutes == 0 || n < minutes {
			minutes = n
		}
	}
	if len(parts) == 0 {
		return 0, "No business impact analysis states how much may be lost."
	}
	return minutes, "Most minutes of work that may be lost, by the business impact analysis of " + textAt(newest, "record.date") + ": " + strings.Join(parts, ", ") + ". Which resource serves which process AWS does not say, so each is held against the shortest."
}
