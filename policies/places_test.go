package policies_test

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// What people must show for an audit has its place: a kind of record that a control
// names, or a document. The names on the left are ours for what auditors ask for.
func TestEverythingHasItsPlace(t *testing.T) {
	const document = "document "
	places := map[string]string{
		"access review": "access-review", "access request": "access-request", "register of identities": "identity", "change of role": "role-change", "leaver's checklist": "offboarding",
		"people": "person", "incident": "incident", "review after an incident": "post-incident-review", "answer to a high finding": "guardduty-finding-response", "exercise": "tabletop-exercise",
		"notice to customers": "customer-notification", "on call": "on-call-roster", "alert taken up": "alert-acknowledgement", "monthly review": "monthly-security-review", "network review": "network-review",
		"incident log compared": "incident-log-review", "answer to a vulnerability": "vulnerability-response", "availability": "availability-review", "capacity": "availability-review",
		"approval of a change": "change-approval", "emergency change": "change-emergency", "rollback": "change-rollback", "rollback test": "rollback-test", "change of a schema": "schema-change",
		"environments apart": "environment-review", "restore test": "restore-test", "failover test": "failover-test", "recovery plan": document + "disaster-recovery-plan", "impact analysis": "business-impact-analysis",
		"vendors": "vendor", "vendor review": "vendor-review", "what AWS expects": "complementary-controls", "scope": "audit-scope", "description of the system": "system-description",
		"policies": document + "information-security", "acknowledgement of policies": "policy-acknowledgement", "training": "training", "penetration test": "penetration-test", "risks": "risk-assessment",
		"exception": "exception", "finding of an audit": "ticket", "review of controls": "control-review", "board": "board-meeting", "organisation chart": "role", "duties of a role": "role",
		"background check": "background-check", "talk of the year": "performance-evaluation", "confidentiality": "confidentiality-agreement", "ethics channel": "ethics-report", "commitments": "commitment",
		"representation letter": "management-representation", "walkthrough": "walkthrough-preparation", "encryption": "encryption-inventory", "retention": "data-class", "deletion of data": "data-deletion",
		"classes of data": "data-class", "what is logged": document + "logging-and-monitoring", "network diagram": "network-diagram", "reasons of firewall rules": "firewall-rule", "devices": "device",
		"visitors": "visitor", "disposal": "media-disposal", "rotation of a secret": "secret-rotation", "certificates from elsewhere": "certificate", "privacy notice": "privacy-notice",
		"request about personal data": "data-subject-request", "disclosure": "disclosure", "quality of personal data": "personal-data-review", "processing": "processing-specification", "processing error": "processing-error",
	}
	if len(places) != 70 {
		t.Errorf("%d things people must show have a place, not 70", len(places))
	}
	named := map[string]bool{}
	for _, c := range controls(t) {
		for _, kind := range c.Records {
			named[kind] = true
		}
	}
	var kinds []string
	for _, s := range schemas(t) {
		kinds = append(kinds, s.Kind)
	}
	for thing, place := range places {
		if id, is := strings.CutPrefix(place, document); is {
			if _, err := os.Stat("documents/" + id + ".md"); err != nil {
				t.Errorf("%s: %v", thing, err)
			}
			continue
		}
		if !slices.Contains(kinds, place) {
			t.Errorf("%s: there is no kind of record %q", thing, place)
		}
		if !named[place] {
			t.Errorf("%s: no control names the kind %q", thing, place)
		}
	}
}
