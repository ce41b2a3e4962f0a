package aws

import (
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// commandDays is how long Systems Manager tells of a command.
const commandDays = 30

// ssmCommands collects what Run Command had hosts do in the last 30 whole days: which
// document, on how many hosts, and how it ended. What was passed to it, the text of a
// script among it, is withheld, and what it printed is not asked for.
var ssmCommands = Service{
	Name:    "ssm/command",
	Actions: []string{"ssm:ListCommands"},
	Keeps: Retention{
		Days: 30, Asked: commandDays, What: "commands run on hosts",
		Says: "Systems Manager keeps the history of commands for 30 days.",
		Doc:  "https://docs.aws.amazon.com/general/latest/gr/ssm.html",
	},
	Collect: func(c *call) {
		svc := ssm.NewFromConfig(c.cfg)
		commands := func(p *ssm.ListCommandsOutput) []types.Command { return p.Commands }
		from, to := c.wholeDays(commandDays)
		in := &ssm.ListCommandsInput{MaxResults: sdk.Int32(50), Filters: []types.CommandFilter{
			{Key: types.CommandFilterKeyInvokedAfter, Value: sdk.String(from.Format(time.RFC3339))},
			{Key: types.CommandFilterKeyInvokedBefore, Value: sdk.String(to.Format(time.RFC3339))},
		}}
		list(c, svc.ListCommands, in, commands, func(it *item, m types.Command) { it.id(m.CommandId) })
	},
}
