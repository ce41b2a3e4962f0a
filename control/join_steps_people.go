package control

// peopleSteps are the steps of the joins about people over the period.
func peopleSteps() map[string][]string {
	return map[string][]string{
		"policy-versions-approved": {
			"The population is the versions of policies that were in force in the period, or were approved or committed in it, and every text committed in it without a new version.",
			"A version is met when its front matter names who approved it and when; it took effect on that day or later; the approver did not commit it, by name and by the people register; and the register has the approver here on that day.",
			"A text without a version is an exception. Where the register does not have the approver, such as a board, or the committer, who may be the approver by another name, the version is not evaluated.",
		},
		"policies-acknowledged": {
			"The population is everyone of the people register who worked here in the period, once for each of the policies {policies}.",
			"Whoever came in the period acknowledged it at most {days} days after the first day; everybody else within the period, or, who left, in the 365 days before the last day.",
			"An acknowledgement counts of a version that was approved and that no newer one in force had taken the place of on that day. One that came late, or is of another version, is an exception; none at all needs a record.",
		},
		"leavers-lost-access-in-time": {
			"The population is the people whose last day, by the register, the HR system's list or an offboarding record, lies within the period and has come.",
			"Each is looked for at every run of the period, under the identities the people register and the identity table give and under the work address.",
			"Whom any run later than {days} day(s) after the last one saw with access is an exception, whatever a record says.",
			"Otherwise when access ended is told by CloudTrail, where it names the deletion of every IAM user that was open before; by a run within the time allowed that sees nothing; or by the offboarding record, where no run saw access after the day it gives. The last run that saw access and the first that did not are shown.",
			"Without any of the three a record is needed. Where no run after the last day could tell, the person is not evaluated.",
		},
		"leavers-did-not-use-access": {
			"The population is the people whose last day lies within the period and has come.",
			"The last uses of the person's passwords and access keys are read from the credential report of every run of the period.",
			"A use later than the day after the last one is an exception; it is shown with its time.",
			"A user, password or key that the newest run does not list any more may have been used between the last run that did and its end, of which IAM tells nothing then: not evaluated, unless the offboarding record says that access was removed by the last day and no later run saw it open.",
			"Whoever had no IAM user is not applicable: Identity Center and code hosts tell no last use.",
		},
		"joiners-access-in-order": {
			"The population is the people whose first day lies within the period.",
			"Access was first there on the day the IAM user was made or, where AWS does not say it, at the first run that saw it.",
			"Access before the first day is an exception. Otherwise an access request for the person must be there, approved by somebody else, and not after access was; without one a record is needed.",
		},
		"movers-access-changed": {
			"The population is the records of a change of role that are dated within the period, and every title or team that two runs of the period list differently.",
			"A record is met when access was changed at most {days} days after the move. A move without a record needs one.",
			"What the last run before and the first run after saw the person with is shown; whether the new work needs it is not judged.",
		},
		"identities-have-an-owner": {
			"The population is the IAM users but root, and the Identity Center users.",
			"One is met when the people register or the identity table names whose it is, or the identity table names an owner who still works here and a purpose.",
			"An owner who left, an entry that says the identity ended, or no entry at all is an exception.",
		},
		"people-have-one-identity": {
			"The population is the people of the register who still work here.",
			"For each, the open ways into every account are counted: IAM users, and assignments in Identity Center, to the person by name or to a group. Two into the same account are an exception.",
		},
		"people-register-agrees-with-hr": {
			"The population is the rows of the HR system's list, and whoever stands in the people register alone.",
			"Rows are matched by id, then by work address.",
			"A difference in one of {decide} is an exception, and so is a person in one of the two alone. Other differences are shown. What came about after the export is none.",
		},
		"external-principals-are-known-vendors": {
			"Own accounts are those exhibit.yaml names and those the organization lists. Accounts AWS itself delivers logs from are named in the check.",
			"The population is every role, bucket, key, topic, queue, function, image repository, backup vault, event bus, log policy and secret whose policy lets in a principal of another account, every key with a grant to one, every share with one or from one, every identity provider but AWS's own, and every network peering with another account.",
			"Services of AWS are left out. Everybody (a star) is left to the checks on public access, unless a condition narrows it down to accounts.",
			"One is met when every such account or provider stands with a vendor of the register that has not ended (aws_accounts, identity_providers). Any other is an exception.",
			"A policy that was refused or cannot be read is not evaluated.",
		},
		"vendor-reports-cover-the-period": {
			"The population is the vendors. Those that handle no customer data and whose failure would matter little are not applicable.",
			"The days to cover are those of the audit period up to the day ages are counted to; from the start of the contract and up to the end of the service, where those lie inside.",
			"They are covered by the periods of the reports that reviews name, and by the days from a report's end to the day a bridge letter reaches (bridge_letter_until).",
			"Days nothing covers are an exception, and are named. A vendor that gives no report over a period is not applicable; one whose reviews do not say the period needs the record.",
		},
	}
}
