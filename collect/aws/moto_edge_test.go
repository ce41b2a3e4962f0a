package aws

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"exhibit/internal/awstest"
)

// TestMotoEdge lays answers about load balancers, certificates, names, APIs, images
// and containers beside what the aws command prints, as far as moto tells them as
// AWS does.
func TestMotoEdge(t *testing.T) {
	endpoint := awstest.Start(t)
	cli := func(args ...string) map[string]any {
		t.Helper()
		out, refusal := awstest.CLI(t, endpoint, awstest.Home, append(args, "--output", "json")...)
		var v map[string]any
		if err := json.Unmarshal([]byte(out), &v); refusal != "" || err != nil {
			t.Fatalf("aws %v: %s%v", args, refusal, err)
		}
		return v
	}
	cli("elb", "create-load-balancer", "--load-balancer-name", "old", "--availability-zones", awstest.Home+"a", "--listeners",
		"Protocol=HTTP,LoadBalancerPort=80,InstanceProtocol=HTTP,InstancePort=80")
	cert := cli("acm", "request-certificate", "--domain-name", "www.example.com", "--validation-method", "DNS")["CertificateArn"]
	cli("route53", "create-hosted-zone", "--name", "example.com", "--caller-reference", "r")
	cli("ecr", "create-repository", "--repository-name", "shop/web", "--image-tag-mutability", "IMMUTABLE")
	cli("ecs", "create-cluster", "--cluster-name", "shop", "--settings", "name=containerInsights,value=enabled")
	api := fmt.Sprint(cli("apigatewayv2", "create-api", "--name", "orders", "--protocol-type", "HTTP")["ApiId"])
	cli("apigatewayv2", "create-route", "--api-id", api, "--route-key", "GET /orders", "--authorization-type", "AWS_IAM")
	cli("appsync", "create-graphql-api", "--name", "board", "--authentication-type", "AWS_IAM", "--log-config", "fieldLogLevel=ERROR,cloudWatchLogsRoleArn=arn:aws:iam::"+awstest.Account+":role/appsync")
	snap := planted(t, endpoint, "elb/*", "acm/*", "route53/hosted-zone", "ecr/repository", "ecs/cluster", "apigatewayv2/*", "appsync/*")

	// compare lays all rows of a listing beside our items, and the first alone where the command gives one.
	compare := func(region, source, operation, list string, args ...string) {
		t.Helper()
		items := itemsOf(t, snap, region, source)
		said := cli(args...)
		rows, _ := said[list].([]any)
		if list == "" {
			rows = []any{said}
		}
		if len(rows) != 1 || len(items) != 1 {
			t.Fatalf("%s: %d items, aws lists %d", source, len(items), len(rows))
		}
		for _, it := range items {
			if got, want := form(it.Answers[operation]), form(rows[0]); !reflect.DeepEqual(got, want) {
				g, _ := json.Marshal(got) // for the message
				w, _ := json.Marshal(want)
				t.Errorf("%s %s: we say\n%s\naws says\n%s", source, operation, g, w)
			}
		}
	}
	compare(awstest.Home, "elb/load-balancer", "DescribeLoadBalancers", "LoadBalancerDescriptions", "elb", "describe-load-balancers")
	compare(awstest.Home, "elb/load-balancer", "DescribeLoadBalancerAttributes", "", "elb", "describe-load-balancer-attributes", "--load-balancer-name", "old")
	compare(awstest.Home, "acm/certificate", "DescribeCertificate", "", "acm", "describe-certificate", "--certificate-arn", fmt.Sprint(cert))
	compare("global", "route53/hosted-zone", "ListHostedZones", "HostedZones", "route53", "list-hosted-zones")
	compare(awstest.Home, "ecr/repository", "DescribeRepositories", "repositories", "ecr", "describe-repositories")
	compare(awstest.Home, "ecs/cluster", "DescribeClusters", "clusters", "ecs", "describe-clusters", "--clusters", "shop", "--include", "SETTINGS", "CONFIGURATIONS")
	compare(awstest.Home, "apigatewayv2/route", "GetRoutes", "Items", "apigatewayv2", "get-routes", "--api-id", api)
	compare(awstest.Home, "appsync/api", "ListGraphqlApis", "graphqlApis", "appsync", "list-graphql-apis")
}
