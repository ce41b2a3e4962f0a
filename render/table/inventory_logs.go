package table

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"exhibit/control"
)

func logSources() []string {
	return []string{"cloudtrail/trail", "ec2/flow-log", "elbv2/load-balancer", "cloudfront/distribution", "wafv2/web-acl", "apigateway/stage", "apigatewayv2/stage", "rds/instance", "rds/cluster", "s3/bucket", "logs/log-group"}
}

// A logged is one thing that writes a log, and where the log goes.
type logged struct {
	it   control.Located
	what string
	on   string // yes, no, or why it is not known
	to   string // an S3 bucket as s3://NAME, a log group's name or ARN, or as AWS says it
	last string // when AWS last delivered, where it says so
}

// LogsTable lists what writes logs, what is switched off first.
func (b *Book) LogsTable() *Table {
	t := b.inventory("logs", "Who writes logs, where to, and for how long they are kept", logSources(),
		Column{"what", "What", Text, 30}, Column{"item", "Item", Code, 44}, Column{"on", "Writes a log", Text, 14}, Column{"to", "Where to", Code, 40}, Column{"kept", "Kept", Text, 26},
		Column{"last", "Last delivery", Text, 20}, Column{"account", "Account", Code, 15}, Column{"region", "Region", Code, 14})
	var all []logged
	add := func(source string, of func(it control.Located) []logged) {
		for _, it := range b.Items[source] {
			for _, l := range of(it) {
				l.it = it
				all = append(all, l)
			}
		}
	}
	add("cloudtrail/trail", trailLogs)
	add("ec2/flow-log", func(it control.Located) []logged {
		to := textAt(it, "DescribeFlowLogs.LogGroupName")
		if d := textAt(it, "DescribeFlowLogs.LogDestination"); d != "" {
			to = destination(d)
		}
		return []logged{{what: "flow log of " + textAt(it, "DescribeFlowLogs.ResourceId"), on: map[string]string{"ACTIVE": "yes"}[textAt(it, "DescribeFlowLogs.FlowLogStatus")], to: to, last: textAt(it, "DescribeFlowLogs.DeliverLogsStatus")}}
	})
	add("elbv2/load-balancer", balancerLogs)
	add("cloudfront/distribution", func(it control.Located) []logged {
		const c = "GetDistributionConfig.DistributionConfig.Logging."
		return []logged{{what: "CloudFront access log", on: orRefused(it, c+"Enabled"), to: prefixed("s3://", strings.TrimSuffix(textAt(it, c+"Bucket"), ".s3.amazonaws.com"))}}
	})
	add("wafv2/web-acl", func(it control.Located) []logged {
		l := logged{what: "web firewall log", on: "no"}
		if why := refused(it, "GetLoggingConfiguration"); why != "" {
			l.on = why
		}
		for _, d := range listAt(it, "GetLoggingConfiguration.LoggingConfiguration.LogDestinationConfigs") {
			if s, ok := d.(string); ok {
				l.on, l.to = "yes", destination(s)
			}
		}
		return []logged{l}
	})
	for _, source := range []string{"rds/instance", "rds/cluster"} {
		op := map[string]string{"rds/instance": "DescribeDBInstances", "rds/cluster": "DescribeDBClusters"}[source]
		add(source, func(it control.Located) []logged {
			l := logged{what: "database logs", on: "no"}
			if why := refused(it, op); why != "" {
				l.on = why
			}
			if exports := listAt(it, op+".EnabledCloudwatchLogsExports"); len(exports) > 0 {
				l.on, l.to = "yes: "+joinList(exports), "CloudWatch Logs"
			}
			return []logged{l}
		})
	}
	for _, source := range []string{"apigateway/stage", "apigatewayv2/stage"} {
		op := map[string]string{"apigateway/stage": "GetStages.accessLogSettings.destinationArn", "apigatewayv2/stage": "GetStages.AccessLogSettings.DestinationArn"}[source]
		add(source, func(it control.Located) []logged {
			l := logged{what: "API access log", on: "no"}
			if why := refused(it, op); why != "" {
				l.on = why
			} else if to := textAt(it, op); to != "" {
				l.on, l.to = "yes", destination(to)
			}
			return []logged{l}
		})
	}
	add("s3/bucket", func(it control.Located) []logged {
		const g = "GetBucketLogging.LoggingEnabled."
		l := logged{what: "bucket access log", on: "no"}
		if why := refused(it, "GetBucketLogging"); why != "" {
			l.on = why
		} else if to := textAt(it, g+"TargetBucket"); to != "" {
			l.on, l.to = "yes", "s3://"+to
		}
		return []logged{l}
	})
	add("logs/log-group", func(it control.Located) []logged {
		return []logged{{what: "log group", on: "yes", to: textAt(it, "DescribeLogGroups.logGroupName")}}
	})
	slices.SortStableFunc(all, func(x, y logged) int { return cmp.Compare(rankOn(x.on), rankOn(y.on)) })
	kept := b.retention()
	for _, l := range all {
		t.Add("", Str(l.what), b.itemCellOf(l.it), Str(cmp.Or(l.on, "not said")), Mono(l.to), Str(kept(l)), Str(l.last), Mono(l.it.Account), Mono(l.it.Region))
	}
	return t
}

func rankOn(word string) int {
	switch {
	case word == "no":
		return 0
	case strings.HasPrefix(word, "yes"):
		return 2
	}
	return 1
}

func orRefused(it control.Located, path string) string {
	if why := refused(it, path); why != "" {
		return why
	}
	return textAt(it, path)
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// destination is where an ARN of a log's destination leads, as LogsTable writes it.
func destination(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		switch parts[2] {
		case "s3":
			return "s3://" + parts[5]
		case "logs":
			return strings.TrimSuffix(strings.TrimPrefix(parts[5], "log-group:"), ":*")
		}
	}
	return arn
}

func trailLogs(it control.Located) []logged {
	name := textAt(it, "DescribeTrails.Name")
	if textAt(it, "DescribeTrails.TrailARN") != it.ID {
		return nil // a shadow of a trail that stands at its home
	}
	last := textAt(it, "GetTrailStatus.LatestDeliveryTime")
	on := orRefused(it, "GetTrailStatus.IsLogging")
	out := []logged{{what: "trail " + name, on: on, to: prefixed("s3://", textAt(it, "DescribeTrails.S3BucketName")), last: last}}
	if g := textAt(it, "DescribeTrails.CloudWatchLogsLogGroupArn"); g != "" {
		out = append(out, logged{what: "trail " + name, on: on, to: destination(g), last: textAt(it, "GetTrailStatus.LatestCloudWatchLogsDeliveryTime")})
	}
	return out
}

func balancerLogs(it control.Located) []logged {
	if textAt(it, "DescribeLoadBalancers.Type") == "gateway" {
		return nil // has no access log
	}
	l := logged{what: "load balancer access log", on: "not said"}
	if why := refused(it, "DescribeLoadBalancerAttributes"); why != "" {
		l.on = why
	}
	for _, a := range listAt(it, "DescribeLoadBalancerAttributes.Attributes") {
		key, _ := dig(a, "Key").(string)
		value, _ := dig(a, "Value").(string)
		switch key {
		case "access_logs.s3.enabled":
			l.on = map[string]string{"true": "yes", "false": "no"}[value]
		case "access_logs.s3.bucket":
			l.to = prefixed("s3://", value)
		}
	}
	return []logged{l}
}

// retention says how long what lies at a destination is kept.
func (b *Book) retention() func(logged) string {
	groups, buckets := map[string]control.Located{}, map[string]control.Located{}
	for _, g := range b.Items["logs/log-group"] {
		groups[g.Account+"/"+g.Region+"/"+textAt(g, "DescribeLogGroups.logGroupName")] = g
	}
	for _, k := range b.Items["s3/bucket"] {
		buckets[textAt(k, "ListBuckets.Name")] = k
	}
	return func(l logged) string {
		if bucket, ok := strings.CutPrefix(l.to, "s3://"); ok {
			bucket, _, _ = strings.Cut(bucket, "/")
			it, known := buckets[bucket]
			if !known {
				return "not answered: the bucket was not listed"
			}
			return expiry(it)
		}
		if g, ok := groups[l.it.Account+"/"+l.it.Region+"/"+l.to]; ok {
			if days := textAt(g, "DescribeLogGroups.retentionInDays"); days != "" {
				return days + " days"
			}
			return "for ever"
		}
		if l.to == "" || !strings.HasPrefix(l.on, "yes") {
			return ""
		}
		return "not answered: the destination was not listed"
	}
}

// expiry is the shortest time after which a rule of a bucket deletes what lies in it.
func expiry(bucket control.Located) string {
	const op = "GetBucketLifecycleConfiguration"
	if why := refused(bucket, op); why != "" {
		return "not answered: " + why
	}
	shortest, where := 0, ""
	for _, r := range listAt(bucket, op+".Rules") {
		if s, _ := dig(r, "Status").(string); s != "Enabled" {
			continue
		}
		days := 0
		if _, err := fmt.Sscan(fmt.Sprint(dig(r, "Expiration", "Days")), &days); err != nil || days == 0 {
			continue // a rule that moves or tidies up deletes nothing that is current
		}
		if shortest == 0 || days < shortest {
			shortest, where = days, ""
			if p, _ := dig(r, "Filter", "Prefix").(string); p != "" {
				where = " under " + p
			}
		}
	}
	if shortest == 0 {
		return "until somebody deletes it"
	}
	return Plural(shortest, "day", "days") + where
}
