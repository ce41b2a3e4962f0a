package forge

import "exhibit/collect"

// An Expiring is a source whose answers the code host deletes.
type Expiring struct {
	Source string
	Keeps  collect.Retention
}

// Expire lists the sources whose answers the code host deletes: what collect
// --expiring asks of it. They are GitHub's; other hosts tell neither.
func Expire() []Expiring {
	return []Expiring{
		{Bypasses, collect.Retention{Days: keptSuites, What: "pushes past the branch's rules",
			Says: "GitHub tells of rule suites of the last month. 28 days are in every month.",
			Doc:  "https://docs.github.com/en/rest/repos/rule-suites#list-repository-rule-suites"}},
		{AuditLog, collect.Retention{Days: keptEvents, What: "audit log events",
			Says: "GitHub keeps the events of an audit log for 180 days, and those of git for seven, which are not asked for.",
			Doc:  "https://docs.github.com/en/enterprise-cloud@latest/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/reviewing-the-audit-log-for-your-organization"}},
	}
}

// How many days GitHub tells of.
const (
	keptSuites = 28 // a "month"
	keptEvents = 180
)
