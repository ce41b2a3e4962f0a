package aws

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
)

// backupCopies collects the copies into other regions and accounts that AWS Backup
// made or tried to make in the last 30 whole days.
var backupCopies = Service{
	Name:    "backup/copy-job",
	Actions: []string{"backup:ListCopyJobs"},
	Keeps: Retention{
		Days: 30, Asked: jobDays, What: "copy jobs",
		Says: "AWS Backup sums copy jobs up over the most recent 30 days; for how long it lists one it does not say, and for backup jobs it is 30 days.",
		Doc:  "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListCopyJobSummaries.html",
	},
	Collect: func(c *call) {
		svc := backup.NewFromConfig(c.cfg)
		jobs := func(p *backup.ListCopyJobsOutput) []types.CopyJob { return p.CopyJobs }
		from, to := c.wholeDays(jobDays)
		in := &backup.ListCopyJobsInput{ByCreatedAfter: &from, ByCreatedBefore: &to, MaxResults: sdk.Int32(1000)}
		list(c, svc.ListCopyJobs, in, jobs, func(it *item, j types.CopyJob) { it.id(j.CopyJobId) })
	},
}
