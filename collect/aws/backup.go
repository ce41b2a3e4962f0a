package aws

import (
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
)

func backupPlanRows(p *backup.ListBackupPlansOutput) []types.BackupPlansListMember {
	return p.BackupPlansList
}

func backupVaultRows(p *backup.ListBackupVaultsOutput) []types.BackupVaultListMember {
	return p.BackupVaultList
}

// backupPlans collects the backup plans with their rules: when, where to, for how long.
var backupPlans = Service{
	Name:    "backup/plan",
	Actions: []string{"backup:ListBackupPlans", "backup:GetBackupPlan"},
	Collect: func(c *call) {
		svc := backup.NewFromConfig(c.cfg)
		list(c, svc.ListBackupPlans, &backup.ListBackupPlansInput{}, backupPlanRows, func(it *item, p types.BackupPlansListMember) {
			it.id(p.BackupPlanArn)
			ask(it, svc.GetBackupPlan, &backup.GetBackupPlanInput{BackupPlanId: p.BackupPlanId})
		})
	},
}

// backupSelections collects what each plan is for: resources by name, by tag, and what is left out.
var backupSelections = Service{
	Name:    "backup/selection",
	Actions: []string{"backup:ListBackupPlans", "backup:ListBackupSelections", "backup:GetBackupSelection"},
	Collect: func(c *call) {
		svc := backup.NewFromConfig(c.cfg)
		selections := func(p *backup.ListBackupSelectionsOutput) []types.BackupSelectionsListMember {
			return p.BackupSelectionsList
		}
		list(c, svc.ListBackupPlans, &backup.ListBackupPlansInput{}, backupPlanRows, func(_ *item, p types.BackupPlansListMember) {
			in := &backup.ListBackupSelectionsInput{BackupPlanId: p.BackupPlanId}
			list(c, svc.ListBackupSelections, in, selections, func(it *item, s types.BackupSelectionsListMember) {
				it.name(p.BackupPlanId, s.SelectionId)
				ask(it, svc.GetBackupSelection, &backup.GetBackupSelectionInput{BackupPlanId: p.BackupPlanId, SelectionId: s.SelectionId})
			})
		})
	},
}

// backupVaults collects the vaults: key, lock, and who may delete from them.
var backupVaults = Service{
	Name:    "backup/vault",
	Actions: []string{"backup:ListBackupVaults", "backup:GetBackupVaultAccessPolicy"},
	Absent:  []string{"GetBackupVaultAccessPolicy:ResourceNotFoundException"},
	Collect: func(c *call) {
		svc := backup.NewFromConfig(c.cfg)
		list(c, svc.ListBackupVaults, &backup.ListBackupVaultsInput{}, backupVaultRows, func(it *item, v types.BackupVaultListMember) {
			it.id(v.BackupVaultArn)
			ask(it, svc.GetBackupVaultAccessPolicy, &backup.GetBackupVaultAccessPolicyInput{BackupVaultName: v.BackupVaultName})
		})
	},
}

// backupRecoveryPoints collects every backup the vaults hold: what is kept, a
// plan's lifecycle bounds.
var backupRecoveryPoints = Service{
	Name:    "backup/recovery-point",
	Actions: []string{"backup:ListBackupVaults", "backup:ListRecoveryPointsByBackupVault"},
	Collect: func(c *call) {
		svc := backup.NewFromConfig(c.cfg)
		points := func(p *backup.ListRecoveryPointsByBackupVaultOutput) []types.RecoveryPointByBackupVault {
			return p.RecoveryPoints
		}
		list(c, svc.ListBackupVaults, &backup.ListBackupVaultsInput{}, backupVaultRows, func(_ *item, v types.BackupVaultListMember) {
			in := &backup.ListRecoveryPointsByBackupVaultInput{BackupVaultName: v.BackupVaultName, MaxResults: sdk.Int32(1000)}
			list(c, svc.ListRecoveryPointsByBackupVault, in, points, func(it *item, p types.RecoveryPointByBackupVault) { it.id(p.RecoveryPointArn) })
		})
	},
}

// backupProtected collects the resources of which AWS Backup has a backup, and
// when it made the last. A plan that never ran protects nothing and is not here.
var backupProtected = Service{
	Name:    "backup/protected-resource",
	Actions: []string{"backup:ListProtectedResources"},
	Collect: func(c *call) {
		svc := backup.NewFromConfig(c.cfg)
		resources := func(p *backup.ListProtectedResourcesOutput) []types.ProtectedResource { return p.Results }
		list(c, svc.ListProtectedResources, &backup.ListProtectedResourcesInput{MaxResults: sdk.Int32(1000)}, resources, func(it *item, r types.ProtectedResource) {
			it.id(r.ResourceArn)
		})
	},
}

// jobDays is how long AWS Backup tells of a job.
const jobDays = 30

// backupJobs collects the backup jobs of the last 30 whole days. AWS deletes older ones.
var backupJobs = Service{
	Name:    "backup/job",
	Actions: []string{"backup:ListBackupJobs"},
	Keeps: Retention{
		Days: 30, Asked: jobDays, What: "backup jobs",
		Says: "AWS Backup tells of the backup jobs of the last 30 days.",
		Doc:  "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListBackupJobs.html",
	},
	Collect: func(c *call) {
		svc := backup.NewFromConfig(c.cfg)
		jobs := func(p *backup.ListBackupJobsOutput) []types.BackupJob { return p.BackupJobs }
		from, to := c.wholeDays(jobDays)
		in := &backup.ListBackupJobsInput{ByCreatedAfter: &from, ByCreatedBefore: &to, MaxResults: sdk.Int32(1000)}
		list(c, svc.ListBackupJobs, in, jobs, func(it *item, j types.BackupJob) { it.id(j.BackupJobId) })
	},
}

// backupRestores collects the restore jobs of the last 30 whole days. AWS deletes older ones.
var backupRestores = Service{
	Name:    "backup/restore-job",
	Actions: []string{"backup:ListRestoreJobs"},
	Keeps: Retention{
		Days: 30, Asked: jobDays, What: "restore jobs",
		Says: "AWS Backup tells of the restore jobs of the last 30 days.",
		Doc:  "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListRestoreJobs.html",
	},
	Collect: func(c *call) {
		svc := backup.NewFromConfig(c.cfg)
		jobs := func(p *backup.ListRestoreJobsOutput) []types.RestoreJobsListMember { return p.RestoreJobs }
		from, to := c.wholeDays(jobDays)
		in := &backup.ListRestoreJobsInput{ByCreatedAfter: &from, ByCreatedBefore: &to, MaxResults: sdk.Int32(1000)}
		list(c, svc.ListRestoreJobs, in, jobs, func(it *item, j types.RestoreJobsListMember) { it.id(j.RestoreJobId) })
	},
}

// backupRestoreTests collects the plans by which AWS Backup restores of its own accord, as a test.
var backupRestoreTests = Service{
	Name:    "backup/restore-testing-plan",
	Actions: []string{"backup:ListRestoreTestingPlans"},
	Collect: func(c *call) {
		svc := backup.NewFromConfig(c.cfg)
		plans := func(p *backup.ListRestoreTestingPlansOutput) []types.RestoreTestingPlanForList {
			return p.RestoreTestingPlans
		}
		list(c, svc.ListRestoreTestingPlans, &backup.ListRestoreTestingPlansInput{}, plans, func(it *item, p types.RestoreTestingPlanForList) {
			it.id(p.RestoreTestingPlanArn)
		})
	},
}

// wholeDays is the time from n days ago to the last midnight, in UTC: a run asked
// again on the same day asks the same.
func (c *call) wholeDays(n int) (from, to time.Time) {
	to = c.now().UTC().Truncate(24 * time.Hour)
	return to.AddDate(0, 0, -n), to
}
