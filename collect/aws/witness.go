package aws

import (
	"crypto/sha256"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// customCAs names the certificate authorities this machine was told to trust in
// place of its system's own: whoever holds one of their keys can answer as AWS. The
// run says so, and the site in red.
func customCAs(loaded aws.HTTPClient, getenv func(string) string) []string {
	var found []string
	for _, name := range []string{"AWS_CA_BUNDLE", "SSL_CERT_FILE"} {
		path := getenv(name)
		if path == "" {
			continue
		}
		says := name + ", a file that cannot be read"
		if b, err := os.ReadFile(path); err == nil {
			says = fmt.Sprintf("%s, SHA-256 %x", name, sha256.Sum256(b))
		}
		found = append(found, says)
	}
	if getenv("SSL_CERT_DIR") != "" {
		found = append(found, "SSL_CERT_DIR, a folder")
	}
	if b, ok := loaded.(*awshttp.BuildableClient); ok && getenv("AWS_CA_BUNDLE") == "" {
		if c := b.GetTransport().TLSClientConfig; c != nil && c.RootCAs != nil {
			found = append(found, "ca_bundle of the AWS profile")
		}
	}
	return found
}
