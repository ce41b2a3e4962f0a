package control

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// joinSteps say in words how a join decides, one step each, for a reader who
// cannot read the function: {days} stands for the check's parameter of that name.
// Every join has some.
func joinSteps() map[string][]string {
	steps := map[string][]string{
		"access-reviewed-quarterly": {
			"The population is the calendar quarters that ended within the period and before the day ages are counted to.",
			"For each, the records of access reviews that name the quarter are read.",
			"Where there is none, the quarter needs a record.",
			"A review is met when it is dated in the quarter or after it and at most {days} days after it ended, and names the reviewer and the systems, says what was changed and who signed it off, on days that had come when the run was made. What is missing is shown.",
		},
		"alarm-on-events": {
			"The population is the accounts. The events that must be heard are those of the kind {event}.",
			"Each event is followed from end to end: a trail of all regions that is logging management events and writes to a log group; a metric filter of that log group whose pattern matches the event, whatever else stands in it; an alarm without dimensions on that filter's metric, switched on, with a threshold one event reaches; a topic the alarm notifies; a subscriber of the topic who confirmed.",
			"An account is met when every event of the kind arrives. Where one does not, the value says where it was lost; where a link could not be looked at, as in another account, the account is not evaluated.",
		},
		"changes-reviewed": {
			"The population is the first-parent commits of the production branch in the period, as git lists them.",
			"Each is paired with the pull request it came by: the one whose merge, by the forge, ended in that commit, or for a rebase the one whose commits stand there in their order.",
			"An approval counts that a person gave, not a bot, who may write to the repository and did not propose, write, commit or push any part of it; as that person's last word before the merge; on the very commit that was merged; and that was not dismissed. The others are shown with why they do not count.",
			"An approval of an earlier commit counts where nothing came after it but merges of the base into the branch that brought nothing else: git shows each file as one of the two sides has it. Where both sides changed a file, or the branch was squashed away, it is not known, and the change is not evaluated. Whoever merged the base in has pushed, and does not count.",
			"Accounts of bots approve nothing. The forge names no account for a bot's commits; its own address there is not taken for that of a person.",
			"A change without a counting approval is met only where something answers for it: a record of an approval by somebody else from before it went to production; a record of an emergency that somebody else looked at; or a label of the pull request (" + strings.Join(emergencyLabels(), ", ") + ") and an approval of what was merged. The last two count up to the end of the second working day after the change. What answers is shown.",
			"Where the forge was not asked, refused, or does not know whose address a commit's author has, the change is not evaluated.",
		},
		"changes-by-pull-request": {
			"The population is the first-parent commits of the production branch in the period, as git lists them.",
			"Each is paired with the pull request it came by: the one whose merge, by the forge, ended in that commit, or for a rebase the one whose commits stand there in their order.",
			"A change is met when there is one, or where a record answers for it: an approval by somebody else from before it went to production, or an emergency that somebody else looked at by the end of the second working day after it.",
			"Where the forge was not asked or refused, the change is not evaluated: a number in a commit's title is a claim.",
		},
		"changes-checked": {
			"The population is the first-parent commits of the production branch in the period, paired with the pull request each came by.",
			"Looked at are the checks the branch's rules required of the pull request, on the commit that was merged; and, of what the rules asked for at the run before the merge and at the one after it, whether it ran at all and ended well: which are required the forge says by the rules of the day it is asked.",
			"A change is met when each of them had ended well, or was skipped, before the merge. One that both runs saw required and that never ran, or did not end well, is an exception. Where only one of the two saw it required, or the rules were not told, the change is not evaluated.",
			"Where none was required, or there is no pull request, the check does not apply.",
		},
		"changes-not-bypassed": {
			"The population is the first-parent commits of the production branch in the period.",
			"A change is an exception when the code host says that the push that brought it was let past rules of the branch; who pushed and which rules are shown. A record or a label answers for it as for every change.",
			"GitHub tells of the last month alone. A change is met only where a run asked within a month after it came, and was told of none; any other is not evaluated. When a change came that was pushed directly is its commit's claim.",
		},
		"changes-name-ticket": {
			"The population is the first-parent commits of the production branch in the period, paired with the pull request each came by.",
			"A change is met when the pull request closes an issue, when its title or its branch's name or the commit's message names a ticket, or when a record about the change does.",
		},
		"bot-changes-reviewed": {
			"The population is the first-parent commits of the production branch in the period that a program proposed: the author of the pull request is a bot by the forge, or a commit that came by none gives a bot's address.",
			"Approvals are counted as for every change: by people, on what was merged, before the merge. There must be one.",
		},
		"code-owners-approved": {
			"The population is the first-parent commits of the production branch in the period that came by a pull request and touch a path with an owner.",
			"Owners are those the CODEOWNERS file named before the change, in the commit's first parent, by GitHub's rules: the last line that matches a path decides.",
			"For every line that decided for a path of the change, one of its owners must be among those whose approval counts: by name, or by a team the forge lists for the approver at the newest run.",
			"Where the forge does not tell the teams, or the approver may not reach the repository any more, the change is not evaluated.",
		},
		"deployed-commits-known": {
			"The population is what the source tells of the period: each time something was brought to production, and for tags each tag whose maker dates it in the period, or without one the commit it names.",
			"Each is met when the commit it names is a change of the period, the state in which the period began, or an older change of the branch, as a tag of it shows.",
			"A commit that is known to be no change of the production branch, such as one of a pull request that was merged as another, is an exception; and so is one that is none of the above, unless it went back: it may then be older than the period.",
			"What names no commit, as a file in a bucket does, is not evaluated: what it was made of is not told.",
		},
		"repositories-scoped": {
			"The population is every repository the code host listed for the organisation at a run of the period, by the identity the host gives it: a rename makes no new one, and the names it had are shown.",
			"One is met when the configuration of the run names it as in scope, or leaves it out by a name, a pattern or a stated rule with a reason. One that is neither is an exception, and so is one the configuration names and the host does not list.",
			"The listing counts as whole when it is as long as the host's own count of the organisation's repositories. Where the token is not told that count, or was shown fewer, the place is not evaluated.",
			"What came and went between two runs no listing holds. Where the organisation's audit log is read, a repository it says was made, and that no run listed, is one more of the population.",
		},
		"production-changed-by-pipeline": {
			"The population is the management events of the period that runs asked CloudTrail for by name and that change what runs in production, in the accounts exhibit.yaml calls production; of what every run was told, captures too. It is no list of all changes: the names are {events}.",
			"An event is met when the role whose session made it, or the user, is one exhibit.yaml names as the pipeline's. Any other is an exception; who it was, what it was done to and by what program is shown.",
			"What was refused changed nothing, and what a service of AWS did by itself or for somebody who asked it to does not apply: that was asked for is an event of its own.",
			"A record of an approval from before it, or of an emergency that somebody else looked at by the end of the second working day after it, answers for an event it names by its id.",
			"Where exhibit.yaml names no identity of the pipeline, where the event's own text is not told, and for the days no run asked for in time, it is not evaluated.",
		},
		"rule-changes-answered": {
			"The population is what the code host's audit log says was done in the period to the rules over branches, or around them; of what every run was told, captures too.",
			"An event that made the rules stricter, or put them back, is met. One that took rules away, switched them off, let more people go around them, or let a push past them is an exception; until when it lasted, and what came to the branch meanwhile, is shown.",
			"Where the event does not say which of the two it was, the run before it and the one after it tell, if it is the only event between them. Else it is not evaluated.",
			"A record of an approval from before it, or of an emergency that somebody else looked at by the end of the second working day after it, answers for an event it names by its id in the log.",
			"Where no run asked for a part of the period in time, that part is not evaluated.",
		},
		"emergencies-in-time": {
			"The population is the first-parent commits of the production branch in the period that a record calls an emergency, or a label of the pull request (" + strings.Join(emergencyLabels(), ", ") + ") where nobody had approved it before the merge.",
			"One is met when somebody other than who made it looked at it, or approved what was merged, by the end of the second working day after it, in UTC; Saturdays and Sundays are none.",
		},
		"infrastructure-reviewed": {
			"The population is the first-parent commits of the production branch in the period that touch a file of infrastructure.",
			"Approvals are counted as for every change: by people who did not write it, on the commit that was merged, before the merge. There must be {reviewers}.",
		},
		"findings-answered": {
			"The population is the grave findings of the source that any run of the period saw: GuardDuty's of severity 7 and above, Inspector's and Security Hub's critical ones, Access Analyzer's of external access, or more where exhibit.yaml says so.",
			"Each is joined to the tickets, incidents and response records that name its id or its ARN, exactly as the source writes it. A title joins nothing.",
			"It must be taken up within 24 hours of the time it was detected, and resolved, or its risk accepted, within 7 days where it is critical and 30 days where it is high, unless exhibit.yaml sets other times. Both times are in the value.",
			"One that no record names, that was taken up or resolved later, or that is still open when the time has passed, is an exception. One still within its time is met, and the value says so.",
			"Where the source says neither how grave it is nor when it was detected, or a record does not say when somebody took it up, it is not evaluated; nor is what a run was not told, or what was deleted before any run looked.",
		},
		"leavers-have-no-access": {
			"The population is the people of the register whose last day, by the register or an offboarding record, has come.",
			"Each is looked for under the IAM users, the Identity Center name and the code host's users the registers give, and under the work address.",
			"Access is an IAM user with a password, an active key or a signing certificate, an Identity Center user that is not disabled, or a repository at the code host that the user is let into. Whoever has any more than {days} day(s) after the last one is an exception.",
			"Where the register does not say which identities the person had, or a listing was refused, the person is not evaluated.",
			"Whoever left within the period and has no access left needs the record of the offboarding besides.",
		},
		"mfa-enforced-by-policy": {
			"The population is the accounts.",
			"An account is met when nobody in it has a password; or a service control policy that binds it denies everything that is done without a second factor; or every user with a password carries such a denial in a policy of the user's own or of a group.",
			"The denial must leave nothing useful open: only what is needed to set up a second factor may be exempt.",
			"A policy that could not be read leaves the account not evaluated.",
		},
		"administrators-few": {
			"The population is the accounts.",
			"Counted are IAM users to whom AdministratorAccess is attached, or to a group of theirs, and people of Identity Center to whom a permission set with it is assigned for the account, by name or by group. Somebody with both ways in counts twice.",
			"An account is met when there are at most {most}. The names are shown.",
		},
		"record-in-every-span": {
			"The population is the spans of {months} calendar month(s) that ended within the period and before the day ages are counted to.",
			"A record dated in the span, or at most {days} days after it, serves it; each record serves one span, the earliest it can, and one with a good outcome goes first.",
			"A span without a record needs one. A span whose record has no result, or a bad one, or says less than the kind asks for, is an exception.",
		},
	}
	maps.Copy(steps, peopleSteps())
	return steps
}

// steps are how the check's join decides, with its parameters filled in; nil for
// a check that is an expression.
func (c *Check) steps() []string {
	list := slices.Clone(joinSteps()[c.Join])
	for i := range list {
		for k, v := range c.Params {
			list[i] = strings.ReplaceAll(list[i], "{"+k+"}", strings.ReplaceAll(fmt.Sprint(v), "-", " "))
		}
	}
	return list
}
