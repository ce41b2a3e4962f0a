package aws

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// iamCredentials collects IAM's credential report, one item a row, root's
// included. Values stay as the report has them: N/A, no_information and
// not_supported are three different ways to say nothing. The report may be up to
// four hours old; the cell's as-of time is the report's own.
var iamCredentials = Service{
	Name:    "iam/credential",
	Scope:   Global,
	Actions: []string{"iam:GenerateCredentialReport", "iam:GetCredentialReport"},
	Collect: func(c *call) {
		svc := iam.NewFromConfig(c.cfg)
		until(c, svc.GenerateCredentialReport, &iam.GenerateCredentialReportInput{}, func(p *iam.GenerateCredentialReportOutput) bool {
			return p.State == types.ReportStateTypeComplete
		})
		if c.answer.Refusal() != nil {
			return
		}
		rows := func(p *iam.GetCredentialReportOutput) []map[string]string {
			if p.GeneratedTime != nil {
				c.answer.AsOf(*p.GeneratedTime)
			}
			rows, err := credentialRows(p.Content)
			c.unreadable("GetCredentialReport", err)
			return rows
		}
		list(c, svc.GetCredentialReport, &iam.GetCredentialReportInput{}, rows, func(it *item, row map[string]string) { it.ID = row["arn"] })
	},
}

// reportPolls and reportPause bound the wait for what IAM prepares: it takes
// seconds, a large account a minute. The pause grows from a tenth of a second.
const (
	reportPolls = 60
	reportPause = 2 * time.Second
)

// credentialRows reads the report by its header, whatever columns it has.
func credentialRows(report []byte) ([]map[string]string, error) {
	r := csv.NewReader(bytes.NewReader(report))
	records, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("the report has no header")
	}
	header := records[0]
	seen := map[string]bool{}
	for _, name := range header {
		if name == "" || seen[name] {
			return nil, fmt.Errorf("the report's header names %q twice or not at all", name)
		}
		seen[name] = true
	}
	if !seen["arn"] || !seen["user"] {
		return nil, fmt.Errorf("the report has no column arn or no column user")
	}
	var rows []map[string]string
	for n, rec := range records[1:] {
		row := map[string]string{}
		for i, name := range header {
			row[name] = rec[i]
		}
		if row["arn"] == "" {
			return nil, fmt.Errorf("row %d has no arn", n+1)
		}
		rows = append(rows, row)
	}
	return rows, nil
}
