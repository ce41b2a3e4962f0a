package envoy

import "testing"

// TestNative knows AWS's endpoints from others.
func TestNative(t *testing.T) {
	for e, want := range map[string]bool{
		"https://kms.eu-west-1.amazonaws.com": true, "https://111122223333.s3-control.cn-north-1.amazonaws.com.cn": true, "https://kms.eu-west-1.api.aws": true, "": true,
		"http://kms.eu-west-1.amazonaws.com": false, "https://localhost:4566": false, "https://amazonaws.com.example.org": false, "https://evilamazonaws.com": false,
	} {
		if Native(e) != want {
			t.Errorf("Native(%q) is %v", e, !want)
		}
	}
}
