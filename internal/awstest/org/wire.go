package org

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// A format is one of AWS's protocols.
type format int

const (
	jsonRPC  format = iota // KMS, Organizations: X-Amz-Target
	restJSON               // Account, GuardDuty
	query                  // IAM, STS, RDS
	ec2Query               // EC2
	restXML                // S3, S3 Control
)

// read tells what a request asks.
func read(r *http.Request, body []byte) (Question, *exchange) {
	q := Question{}
	q.Account, q.Region, q.Service = accountOf(r)
	x := &exchange{in: map[string]string{}}
	fill := func() {
		var m map[string]any
		if json.Unmarshal(body, &m) == nil {
			for k, v := range m {
				x.in[k] = strings.TrimSuffix(fmt.Sprint(v), ".0")
			}
		}
		for k, v := range r.URL.Query() {
			x.in[k] = v[0]
		}
	}
	path := strings.Trim(r.URL.Path, "/")
	switch target := r.Header.Get("X-Amz-Target"); {
	case target != "":
		_, q.Action, _ = strings.Cut(target, ".")
		fill()
	case q.Service == "account":
		x.format = restJSON
		q.Action = strings.ToUpper(path[:min(1, len(path))]) + path[min(1, len(path)):]
		fill()
	case q.Service == "guardduty":
		x.format = restJSON
		fill()
		if _, id, one := strings.Cut(path, "/"); one {
			q.Action, x.in["DetectorId"] = "GetDetector", id
		} else {
			q.Action = "ListDetectors"
		}
	case q.Service == "s3":
		x.format, x.control = restXML, strings.HasPrefix(path, controlPath)
		fill()
		q.Action = s3Action(path, r.URL.Query())
	default:
		x.format = query
		if q.Service == "ec2" {
			x.format = ec2Query
		}
		form, _ := url.ParseQuery(string(body)) // what cannot be read is an action nobody knows
		for k, v := range form {
			x.in[k] = v[0]
		}
		q.Action = x.in["Action"]
	}
	return q, x
}

// controlPath begins the paths of S3 Control, whose errors are shaped as the query protocol's.
const controlPath = "v20180820/"

// s3Action names the operation of a path and its query.
func s3Action(path string, q url.Values) string {
	if strings.HasPrefix(path, controlPath) {
		return "GetAccountPublicAccessBlock"
	}
	if path == "" {
		return "ListBuckets"
	}
	for sub, action := range map[string]string{
		"location": "GetBucketLocation", "encryption": "GetBucketEncryption", "publicAccessBlock": "GetPublicAccessBlock",
		"policyStatus": "GetBucketPolicyStatus", "policy": "GetBucketPolicy", "acl": "GetBucketAcl",
		"ownershipControls": "GetBucketOwnershipControls", "versioning": "GetBucketVersioning", "logging": "GetBucketLogging",
		"lifecycle": "GetBucketLifecycleConfiguration", "notification": "GetBucketNotificationConfiguration", "tagging": "GetBucketTagging",
		"object-lock": "GetObjectLockConfiguration", "replication": "GetBucketReplication",
	} {
		if q.Has(sub) {
			return action
		}
	}
	return ""
}

// send writes an answer of the exchange's format.
func (x *exchange) send(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", map[format]string{
		jsonRPC: "application/x-amz-json-1.1", restJSON: "application/json", query: "text/xml", ec2Query: "text/xml;charset=UTF-8", restXML: "application/xml",
	}[x.format])
	if x.status != 0 {
		w.WriteHeader(x.status)
	}
	_, _ = io.WriteString(w, text) // the client sees what did not arrive
}

// A refusal is an error as AWS gives it.
type refusal struct {
	status        int
	code, message string
}

// refuse answers with an error, in the format's own shape.
func (x *exchange) refuse(w http.ResponseWriter, q Question, r refusal) {
	x.status = r.status
	if x.format == restJSON {
		w.Header().Set("X-Amzn-Errortype", r.code)
	}
	x.send(w, x.errorText(r))
}

func (x *exchange) errorText(r refusal) string {
	switch x.format {
	case jsonRPC, restJSON:
		b, err := json.Marshal(map[string]string{"__type": r.code, "message": r.message})
		if err != nil {
			panic(err) // two strings
		}
		return string(b)
	case ec2Query:
		return fmt.Sprintf("<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>r</RequestID></Response>", r.code, r.message)
	case restXML:
		if x.control {
			break
		}
		return fmt.Sprintf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s</Message><RequestId>r</RequestId><HostId>h</HostId></Error>", r.code, r.message)
	}
	return fmt.Sprintf("<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>r</RequestId></ErrorResponse>", r.code, r.message)
}
