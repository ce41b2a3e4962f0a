package collect

import (
	"slices"
	"strings"

	"exhibit/evidence"
)

// StateOf says which state a refusal stands for, from the code and the words
// AWS gives. Source of the phrases: the IAM guide, "Access denied error message
// examples", https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html.
func StateOf(g evidence.Gap) evidence.State {
	msg := strings.ToLower(g.Message)
	switch {
	case g.Code == CancelledCode:
		return evidence.Cancelled
	case g.Code == TruncatedCode:
		return evidence.Truncated
	case g.Code == NoEndpointCode:
		return evidence.ServiceNotInRegion
	case g.Code == "NoCredentials":
		return evidence.AccountUnreachable
	case slices.Contains(expiredCodes, g.Code):
		return evidence.CredentialExpired
	case slices.Contains(throttleCodes, g.Code), g.Code == "HTTP 429":
		return evidence.Throttled
	case slices.Contains(deniedCodes, g.Code), g.Code == "HTTP 403", g.Code == "HTTP 401":
		switch {
		case strings.Contains(msg, "service control policy"), strings.Contains(msg, "resource control policy"):
			return evidence.DeniedSCP
		case strings.Contains(msg, "resource-based policy"), strings.Contains(msg, "vpc endpoint policy"):
			return evidence.DeniedResource
		}
		return evidence.DeniedIdentity
	}
	return evidence.Failed
}

// NoEndpointCode is the code of a gap whose endpoint's name AWS does not publish.
const NoEndpointCode = "NoEndpoint"

// Ends reports whether a gap means that the account's credentials are over, and
// not merely that this question was refused. A key that was deleted, or a region
// that does not know it, is told per cell. RequestExpired is what EC2 calls an
// expired session.
func Ends(g evidence.Gap) bool {
	return slices.Contains([]string{"ExpiredToken", "ExpiredTokenException", "SessionExpired", "RequestExpired"}, g.Code)
}

var expiredCodes = []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId", "UnrecognizedClientException", "SessionExpired"}

var throttleCodes = []string{
	"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException", "RequestThrottled",
	"TooManyRequestsException", "RequestLimitExceeded", "BandwidthLimitExceeded", "SlowDown", "EC2ThrottledException",
	"PriorRequestNotComplete", "LimitExceededException", "Throttled",
}

var deniedCodes = []string{
	"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedAccess", "AuthorizationError", "AuthorizationErrorException",
	"Forbidden", "ForbiddenException", "NotAuthorized", "UnauthorizedException", "AllAccessDisabled", "AccountProblem", "WAFUnauthorizedOperationException",
}
