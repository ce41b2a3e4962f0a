// Package policies holds the library: criteria and controls (soc2), checks,
// starter documents and the kinds of records. It is content; the packages that
// read it are control and evidence/record.
package policies

import "embed"

// FS is the library as built in: soc2/*.yaml, checks/*.yaml, populations/*.yaml,
// sampling/sizes.yaml, requests/*.yaml, documents/*.md and
// records/*.yaml.
//
//go:embed soc2 checks documents records populations sampling requests
var FS embed.FS
