package aws

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"exhibit/internal/awstest"
)

// plantWatchers makes one of each thing this file compares, with the aws command.
func plantWatchers(t *testing.T, endpoint string) {
	t.Helper()
	for _, args := range [][]string{
		strings.Fields("logs create-log-group --log-group-name trail"),
		strings.Fields("logs put-retention-policy --log-group-name trail --retention-in-days 365"),
		{"logs", "put-metric-filter", "--log-group-name", "trail", "--filter-name", "root", "--filter-pattern", `{ $.userIdentity.type = "Root" }`,
			"--metric-transformations", "metricName=root,metricNamespace=Trail,metricValue=1,defaultValue=0"},
		strings.Fields("sns create-topic --name on-call"),
		strings.Fields("sns subscribe --topic-arn arn:aws:sns:" + awstest.Home + ":" + awstest.Account + ":on-call --protocol email --notification-endpoint ana@example.com"),
		{"events", "put-rule", "--name", "guardduty", "--event-pattern", `{"source":["aws.guardduty"]}`},
		strings.Fields("events put-targets --rule guardduty --targets Id=1,Arn=arn:aws:sns:" + awstest.Home + ":" + awstest.Account + ":on-call"),
		strings.Fields("secretsmanager create-secret --name db --secret-string sample-only"),
		strings.Fields("ssm put-parameter --name /api-key --type SecureString --value sample-only"),
		{"ssm", "create-document", "--name", "restart", "--document-type", "Command", "--content",
			`{"schemaVersion":"2.2","mainSteps":[{"action":"aws:runShellScript","name":"r","inputs":{"runCommand":["true"]}}]}`},
		{"cloudformation", "create-stack", "--stack-name", "queue", "--parameters", "ParameterKey=Name,ParameterValue=jobs", "--template-body",
			`{"Parameters":{"Name":{"Type":"String"}},"Resources":{"Q":{"Type":"AWS::SQS::Queue","Properties":{"QueueName":{"Ref":"Name"}}}}}`},
	} {
		if _, refusal := awstest.CLI(t, endpoint, awstest.Home, args...); refusal != "" {
			t.Fatalf("aws %s: %s", strings.Join(args, " "), refusal)
		}
	}
}

// TestMotoWatch lays what watches and carries alerts, secrets' names and stacks
// beside what the aws command prints. What is withheld, or read where the command
// prints text, is left out on both sides.
func TestMotoWatch(t *testing.T) {
	endpoint := awstest.Start(t)
	plantWatchers(t, endpoint)
	snap := planted(t, endpoint, "logs/*", "sns/*", "events/*", "secretsmanager/*", "ssm/*", "cloudformation/*", "sqs/*")
	topic := "arn:aws:sns:" + awstest.Home + ":" + awstest.Account + ":on-call"
	for _, tt := range []struct {
		source, operation, list string
		id                      []string // the fields that name a row
		args                    string
		withheld                []string
	}{
		{"logs/log-group", "DescribeLogGroups", "logGroups", []string{"arn"}, "logs describe-log-groups", nil},
		{"logs/metric-filter", "DescribeMetricFilters", "metricFilters", []string{"logGroupName", "filterName"}, "logs describe-metric-filters", nil},
		{"sns/topic", "ListTopics", "Topics", []string{"TopicArn"}, "sns list-topics", nil},
		{"events/bus", "ListEventBuses", "EventBuses", []string{"Arn"}, "events list-event-buses", nil},
		{"events/rule", "ListRules", "Rules", []string{"Arn"}, "events list-rules", nil},
		{"secretsmanager/secret", "ListSecrets", "SecretList", []string{"ARN"}, "secretsmanager list-secrets", nil},
		{"ssm/parameter", "DescribeParameters", "Parameters", []string{"Name"}, "ssm describe-parameters", nil},
		{"ssm/document", "ListDocuments", "DocumentIdentifiers", []string{"Name"}, "ssm list-documents --filters Key=Owner,Values=Self", nil},
		{"cloudformation/stack", "DescribeStacks", "Stacks", []string{"StackId"}, "cloudformation describe-stacks", []string{"Parameters"}},
	} {
		t.Run(tt.source, func(t *testing.T) {
			rows := rowsAt(printed(t, endpoint, tt.args), []string{tt.list})
			items := itemsOf(t, snap, awstest.Home, tt.source)
			if len(rows) == 0 || len(rows) != len(items) {
				t.Fatalf("%d items, aws lists %d", len(items), len(rows))
			}
			for _, r := range rows {
				theirs := r.(map[string]any)
				var name []string
				for _, f := range tt.id {
					part, _ := theirs[f].(string)
					name = append(name, strings.TrimSuffix(part, ":*"))
				}
				id := strings.Join(name, "/")
				ours, _ := items[id].Answers[tt.operation].(map[string]any)
				for _, w := range tt.withheld {
					delete(ours, w)
					delete(theirs, w)
				}
				alike(t, id, ours, theirs)
			}
		})
	}
	subscriptions := printed(t, endpoint, "sns list-subscriptions-by-topic --topic-arn "+topic)
	ours, _ := itemsOf(t, snap, awstest.Home, "sns/topic")[topic].Answers["ListSubscriptionsByTopic"].(map[string]any)
	for _, list := range []map[string]any{ours, subscriptions} {
		rows, _ := list["Subscriptions"].([]any)
		if len(rows) != 1 {
			t.Fatalf("subscriptions: %v", list)
		}
		row := rows[0].(map[string]any)
		if e, _ := row["Endpoint"].(string); reflect.DeepEqual(list, ours) && !strings.HasPrefix(e, "redacted:") {
			t.Errorf("the endpoint is %q", e)
		}
		delete(row, "Endpoint")
	}
	alike(t, "subscriptions", ours, subscriptions)
}

// printed is what the aws command prints.
func printed(t *testing.T, endpoint, args string) map[string]any {
	t.Helper()
	out, refusal := awstest.CLI(t, endpoint, awstest.Home, append(strings.Fields(args), "--output", "json")...)
	if refusal != "" {
		t.Fatal(refusal)
	}
	var answer map[string]any
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// alike compares two answers in one form.
func alike(t *testing.T, what string, ours, theirs any) {
	t.Helper()
	if g, w := form(ours), form(theirs); !reflect.DeepEqual(g, w) {
		gj, _ := json.Marshal(g)
		wj, _ := json.Marshal(w)
		t.Errorf("%s: we say\n%s\naws says\n%s", what, gj, wj)
	}
}
