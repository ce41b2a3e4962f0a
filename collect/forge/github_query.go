package forge

import (
	"fmt"
	"strings"
)

// The questions put to GitHub. Each is valid against the schema GitHub publishes;
// a test runs them against it.

const listQuery = `query($owner: String!, $name: String!, $base: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequests(states: [MERGED], baseRefName: $base, orderBy: {field: UPDATED_AT, direction: DESC}, first: 100, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { number mergedAt updatedAt }
    }
  }
}`

// connections are the lists of a pull request that may need more than one page.
var connections = map[string]string{
	"reviews": `totalCount pageInfo { hasNextPage endCursor }
      nodes { author { ...who } state submittedAt lastEditedAt authorCanPushToRepository commit { oid } }`,
	"commits": `totalCount pageInfo { hasNextPage endCursor }
      nodes { commit { oid messageHeadline committedDate parents(first: 2) { totalCount }
        authors(first: 20) { totalCount nodes { name email user { login } } } committer { name email user { login } } } }`,
	"timelineItems": `totalCount pageInfo { hasNextPage endCursor }
      nodes { __typename
        ... on HeadRefForcePushedEvent { createdAt actor { ...who } beforeCommit { oid } afterCommit { oid } }
        ... on ReviewDismissedEvent { createdAt actor { ...who } previousReviewState dismissalMessage review { submittedAt author { ...who } } }
        ... on AutoMergeEnabledEvent { createdAt actor { ...who } }
        ... on AddedToMergeQueueEvent { createdAt actor { ...who } } }`,
}

// arguments are what those lists are asked with beside first and after.
var arguments = map[string]string{
	"timelineItems": ", itemTypes: [HEAD_REF_FORCE_PUSHED_EVENT, REVIEW_DISMISSED_EVENT, AUTO_MERGE_ENABLED_EVENT, ADDED_TO_MERGE_QUEUE_EVENT]",
}

const who = `fragment who on Actor { __typename login }
`

// detailQuery asks about pull requests by alias. Their numbers stand in the text
// because a check run tells whether it was required of one pull request alone.
func detailQuery(numbers []int) string {
	var b strings.Builder
	b.WriteString("query($owner: String!, $name: String!) {\n  repository(owner: $owner, name: $name) {\n")
	for _, n := range numbers {
		fmt.Fprintf(&b, "    p%d: pullRequest(number: %d) { ...pull mergedHead: commits(last: 1) { nodes { commit { oid statusCheckRollup { state contexts(first: 100) { totalCount pageInfo { hasNextPage endCursor } nodes { __typename\n", n, n)
		fmt.Fprintf(&b, "      ... on CheckRun { name status conclusion startedAt completedAt isRequired(pullRequestNumber: %d) checkSuite { app { slug } } }\n", n)
		fmt.Fprintf(&b, "      ... on StatusContext { context state createdAt isRequired(pullRequestNumber: %d) } } } } } } } }\n", n)
	}
	b.WriteString("  }\n}\n" + who + `fragment pull on PullRequest {
  number title url createdAt mergedAt isCrossRepository baseRefName headRefName headRefOid
  author { ...who } mergedBy { ...who } mergeCommit { oid parents(first: 3) { totalCount } }
  labels(first: 100) { totalCount nodes { name } }
  closingIssuesReferences(first: 50) { totalCount nodes { number url repository { nameWithOwner } } }
`)
	for _, name := range sortedKeys(connections) {
		fmt.Fprintf(&b, "  %s(first: 50%s) { %s }\n", name, arguments[name], connections[name])
	}
	b.WriteString("}\n")
	return b.String()
}

// moreQuery asks for the next page of one list of a pull request.
func moreQuery(name string) string {
	text := "query($owner: String!, $name: String!, $number: Int!, $after: String!) {\n  repository(owner: $owner, name: $name) {\n    pullRequest(number: $number) {\n" +
		fmt.Sprintf("      %s(first: 100, after: $after%s) { %s }\n    }\n  }\n}\n", name, arguments[name], connections[name])
	if strings.Contains(text, "...who") {
		text += who
	}
	return text
}

const rulesQuery = `query($owner: String!, $name: String!, $ref: String!) {
  repository(owner: $owner, name: $name) {
    nameWithOwner visibility isArchived mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed
    defaultBranchRef { name }
    ref(qualifiedName: $ref) {
      name
      branchProtectionRule {
        pattern isAdminEnforced requiresApprovingReviews requiredApprovingReviewCount dismissesStaleReviews
        requiresCodeOwnerReviews requireLastPushApproval requiresStatusChecks requiresStrictStatusChecks
        requiredStatusCheckContexts requiresConversationResolution requiresCommitSignatures requiresLinearHistory
        allowsForcePushes allowsDeletions restrictsPushes restrictsReviewDismissals lockBranch
        bypassPullRequestAllowances(first: 100) { totalCount nodes { actor { __typename ... on User { login } ... on Team { slug } ... on App { slug } } } }
        bypassForcePushAllowances(first: 100) { totalCount nodes { actor { __typename ... on User { login } ... on Team { slug } ... on App { slug } } } }
        pushAllowances(first: 100) { totalCount nodes { actor { __typename ... on User { login } ... on Team { slug } ... on App { slug } } } }
      }
      rules(first: 100) { totalCount pageInfo { hasNextPage endCursor } nodes { type parameters { ...parameters } repositoryRuleset { name enforcement databaseId } } }
    }
  }
}
` + parameters

const ruleSetsQuery = `query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    rulesets(first: 100, includeParents: true) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes {
        databaseId name enforcement target createdAt updatedAt
        source { __typename ... on Repository { nameWithOwner } ... on Organization { login } }
        conditions { refName { include exclude } }
        bypassActors(first: 100) { totalCount nodes { bypassMode deployKey organizationAdmin repositoryRoleName actor { __typename ... on Team { slug } ... on App { slug } } } }
        rules(first: 100) { totalCount nodes { type parameters { ...parameters } } }
      }
    }
  }
}
` + parameters

const parameters = `fragment parameters on RuleParameters {
  __typename
  ... on PullRequestParameters { requiredApprovingReviewCount dismissStaleReviewsOnPush requireCodeOwnerReview requireLastPushApproval requiredReviewThreadResolution allowedMergeMethods }
  ... on RequiredStatusChecksParameters { strictRequiredStatusChecksPolicy requiredStatusChecks { context integrationId } }
  ... on MergeQueueParameters { mergeMethod }
  ... on RequiredDeploymentsParameters { requiredDeploymentEnvironments }
}
`

const membersQuery = `query($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    collaborators(first: 100, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        permission
        node { login name }
        permissionSources { permission roleName source { __typename ... on Organization { login } ... on Repository { nameWithOwner } ... on Team { slug } } }
      }
    }
  }
}`

const deploymentsQuery = `query($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    deployments(orderBy: {field: CREATED_AT, direction: DESC}, first: 50, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        databaseId commitOid createdAt updatedAt environment originalEnvironment task state
        creator { ...who } ref { name prefix }
        statuses(first: 20) { totalCount nodes { state createdAt environment creator { ...who } } }
      }
    }
  }
}
` + who

const releasesQuery = `query($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    releases(orderBy: {field: CREATED_AT, direction: DESC}, first: 100, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { databaseId name tagName url createdAt publishedAt updatedAt isDraft isPrerelease author { ...who } tagCommit { oid } }
    }
  }
}
` + who
