package org

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// A Fault says what goes wrong, and where: for the questions it matches (empty
// fields match all), from the First time one is asked (1 when 0) and for Times
// (always when 0).
type Fault struct {
	Kind FaultKind
	Question
	First, Times int
}

// A FaultKind is one way in which AWS, or the way to it, fails.
type FaultKind string

const (
	ServerError    FaultKind = "server error"     // 500
	Unavailable    FaultKind = "unavailable"      // 503, with a page for people
	Reset          FaultKind = "reset"            // the connection ends before an answer
	CutBody        FaultKind = "cut body"         // the connection ends within the body
	CutText        FaultKind = "cut text"         // a whole answer over HTTP, half of the document
	SameToken      FaultKind = "same token"       // every page names the same next one
	DeniedIdentity FaultKind = "denied identity"  // no identity-based policy allows it
	DeniedSCP      FaultKind = "denied scp"       // a service control policy forbids it
	DeniedResource FaultKind = "denied resource"  // a resource-based policy forbids it
	ExpiredToken   FaultKind = "expired token"    // the credentials have ended
	ErrorIn200     FaultKind = "error in 200"     // an error's body under a good status
	Empty200       FaultKind = "empty 200"        // nothing under a good status
	NotEnabled     FaultKind = "not enabled"      // a region the account's list calls enabled, and that does not know it
	NoService      FaultKind = "no service"       // the endpoint is there, the operation is not
	AlwaysThrottle FaultKind = "always throttled" // too fast, however slow
	UnknownValue   FaultKind = "unknown value"    // a key's state that no SDK knows: no fault of the answer
)

// FaultKinds are all there are.
var FaultKinds = []FaultKind{
	ServerError, Unavailable, Reset, CutBody, CutText, SameToken, DeniedIdentity, DeniedSCP, DeniedResource, ExpiredToken,
	ErrorIn200, Empty200, NotEnabled, NoService, AlwaysThrottle, UnknownValue,
}

func (f Fault) matches(q Question, n int) bool {
	for _, p := range [][2]string{{f.Account, q.Account}, {f.Region, q.Region}, {f.Service, q.Service}, {f.Action, q.Action}} {
		if p[0] != "" && p[0] != p[1] {
			return false
		}
	}
	first := max(1, f.First)
	return n >= first && (f.Times == 0 || n < first+f.Times)
}

func (o *Cloud) fault(q Question, n int) *Fault {
	for i := range o.Faults {
		if o.Faults[i].matches(q, n) {
			return &o.Faults[i]
		}
	}
	return nil
}

// apply answers as the fault has it.
func (f *Fault) apply(w http.ResponseWriter, x *exchange, q Question, answer func(*exchange) string) {
	who := fmt.Sprintf("User: arn:aws:sts::%s:assumed-role/Auditor/exhibit is not authorized to perform: %s:%s", q.Account, q.Service, q.Action)
	denied := refusal{http.StatusForbidden, "AccessDenied", who}
	switch {
	case x.format == ec2Query:
		denied.code = "UnauthorizedOperation"
	case x.format == jsonRPC || x.format == restJSON:
		denied.status, denied.code = http.StatusBadRequest, "AccessDeniedException"
	}
	switch f.Kind {
	case ServerError:
		x.refuse(w, q, refusal{http.StatusInternalServerError, "InternalFailure", "An internal error has occurred"})
	case Unavailable:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "<html><body><h1>503 Service Unavailable</h1></body></html>") // the client sees what did not arrive
	case Reset:
		abort(w)
	case CutBody:
		text := answer(x)
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		x.send(w, text[:len(text)/2])
		_ = http.NewResponseController(w).Flush() // so that the half arrives
		abort(w)
	case CutText:
		text := answer(x)
		x.send(w, text[:len(text)/2])
	case SameToken:
		x.endless = true
		x.send(w, answer(x))
	case DeniedIdentity:
		denied.message += " because no identity-based policy allows the " + q.Service + ":" + q.Action + " action"
		x.refuse(w, q, denied)
	case DeniedSCP:
		denied.message += " with an explicit deny in a service control policy"
		x.refuse(w, q, denied)
	case DeniedResource:
		denied.message += " with an explicit deny in a resource-based policy"
		x.refuse(w, q, denied)
	case ExpiredToken:
		r := refusal{http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired"}
		switch x.format {
		case jsonRPC, restJSON:
			r.status, r.code = http.StatusBadRequest, "ExpiredTokenException"
		case ec2Query:
			r.status, r.code, r.message = http.StatusBadRequest, "RequestExpired", "Request has expired."
		}
		x.refuse(w, q, r)
	case ErrorIn200:
		x.send(w, x.errorText(refusal{http.StatusOK, "InternalError", "We encountered an internal error. Please try again."}))
	case Empty200:
		x.send(w, "")
	case NotEnabled:
		r := refusal{http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid"}
		switch x.format {
		case jsonRPC, restJSON:
			r.status, r.code = http.StatusBadRequest, "UnrecognizedClientException"
		case ec2Query:
			r = refusal{http.StatusUnauthorized, "AuthFailure", "AWS was not able to validate the provided access credentials"}
		case restXML:
			r = refusal{http.StatusForbidden, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."}
		}
		x.refuse(w, q, r)
	case NoService:
		r := refusal{http.StatusBadRequest, "InvalidAction", "The action " + q.Action + " is not valid for this web service."}
		if x.format == jsonRPC || x.format == restJSON {
			r.status, r.code = http.StatusNotFound, "UnknownOperationException"
		}
		x.refuse(w, q, r)
	case AlwaysThrottle:
		x.refuse(w, q, throttle(q))
	case UnknownValue:
		x.state = "Hibernating"
		x.send(w, answer(x))
	default:
		panic("org: unknown kind of fault " + string(f.Kind))
	}
}
