package trail

import (
	"regexp"
	"time"
)

// A Name is what the key of a digest says:
//
//	[prefix/]AWSLogs/[o-…/]111122223333/CloudTrail-Digest/eu-west-1/2026/01/01/111122223333_CloudTrail-Digest_eu-west-1_TRAIL_us-east-1_20260101T011207Z[_backfill].json.gz
//
// The first region is where the events happened, the second where the trail lives.
type Name struct {
	Folder   string // up to and including the region
	Account  string
	Region   string
	Trail    string
	Home     string
	End      time.Time
	Backfill bool
}

var (
	digestName = regexp.MustCompile(`^((?:[^\x00]*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?([0-9]{12})/CloudTrail-Digest/([a-z0-9-]+)/)[0-9]{4}/[0-9]{2}/[0-9]{2}/` +
		`([0-9]{12})_CloudTrail-Digest_([a-z0-9-]+)_([A-Za-z0-9._-]+)_([a-z0-9-]+)_([0-9]{8}T[0-9]{6}Z)(_backfill)?\.json\.gz$`)
	logName = regexp.MustCompile(`^(?:[^\x00]*/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?[0-9]{12}/CloudTrail/[a-z0-9-]+/[0-9]{4}/[0-9]{2}/[0-9]{2}/[^/\x00]+\.json\.gz$`)
)

const stamp = "20060102T150405Z"

// ParseName reads the key of a digest; false when it is none.
func ParseName(key string) (Name, bool) {
	m := digestName.FindStringSubmatch(key)
	if m == nil || m[2] != m[4] || m[3] != m[5] {
		return Name{}, false
	}
	end, err := time.Parse(stamp, m[8])
	if err != nil {
		return Name{}, false
	}
	return Name{Folder: m[1], Account: m[2], Region: m[3], Trail: m[6], Home: m[7], End: end, Backfill: m[9] != ""}, true
}

// isLog reports whether a key is named as CloudTrail names log files.
func isLog(key string) bool { return logName.MatchString(key) }

// Folder is where the digests of a trail lie that come from one account and region.
func Folder(prefix, organization, account, region string) string {
	if prefix != "" {
		prefix += "/"
	}
	if organization != "" {
		organization += "/"
	}
	return prefix + "AWSLogs/" + organization + account + "/CloudTrail-Digest/" + region + "/"
}
