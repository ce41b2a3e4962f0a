package aws

import (
	"strings"
	"testing"
)

// TestHollow knows what comes with a good status and is no answer.
func TestHollow(t *testing.T) {
	for _, x := range []struct{ body, header, why string }{
		{"", "", "empty"},
		{" \n", "", "empty"},
		{"<!DOCTYPE html><title>x</title>", "", "page for people"},
		{"<html><body/></html>", "", "page for people"},
		{`{"__type":"InternalFailure","message":"x"}`, "", "InternalFailure"},
		{`{"__type":"com.amazonaws.kms#DependencyTimeoutException","reason":"x"}`, "", "DependencyTimeoutException"},
		{`{"message":"x","__type":"Unavailable"}`, "", "Unavailable"},
		{`{}`, "ThrottlingException:http://internal/", "status: ThrottlingException"},
		{"<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code></Error>", "", "error"},
		{"<ErrorResponse><Error><Code>x</Code></Error></ErrorResponse>", "", "error"},
		{"<Response><Errors><Error/></Errors></Response>", "", "error"},
		{"\xa2\x66__type\x6fInternalFailure", "", "error"},

		{`{}`, "", ""},
		{`{"Keys":[]}`, "", ""},
		{`{"__type":"com.amazonaws.x#ListThingsResponse","Things":[]}`, "", ""},
		{`{"Rows":[{"__type":"x","message":"y"}]}`, "", ""},
		{`{"Keys":[`, "", ""}, // cut: the SDK's to say
		{"<ListUsersResponse><ListUsersResult/></ListUsersResponse>", "", ""},
		{"<DescribeVpcsResponse><Errors/></DescribeVpcsResponse>", "", ""},
		{"<PolicyStatus><IsPublic>false</IsPublic></PolicyStatus>", "", ""},
	} {
		h := &hearing{body: []byte(x.body), errorType: x.header}
		if got := h.hollow(); (got == "") != (x.why == "") || !strings.Contains(got, x.why) {
			t.Errorf("%q: %q, want %q", x.body, got, x.why)
		}
	}
}
