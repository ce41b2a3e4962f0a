package table

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"exhibit/control"
	"exhibit/evidence"
)

// A Field is one leaf of an answer: "DescribeKey.KeyMetadata.KeySpec".
type Field struct {
	Path string
	Cell Cell
}

// Flatten lists the leaves of answers by path. A list of plain values is one
// leaf, joined with commas; a list of objects is its JSON; null is "(none)",
// because "there is none" is an answer; so is an empty list.
func Flatten(answers map[string]any) []Field {
	var out []Field
	for _, k := range sortedKeys(answers) {
		flatten(&out, k, answers[k])
	}
	return out
}

func flatten(out *[]Field, path string, v any) {
	switch v := v.(type) {
	case nil:
		*out = append(*out, Field{path, Str("(none)")})
	case map[string]any:
		if len(v) == 0 {
			*out = append(*out, Field{path, Str("{}")})
		}
		for _, k := range sortedKeys(v) {
			flatten(out, path+"."+k, v[k])
		}
	case []any:
		text := joinList(v)
		if len(v) == 0 {
			text = "(none)"
		}
		*out = append(*out, Field{path, Str(text)})
	default:
		*out = append(*out, Field{path, scalar(v)})
	}
}

func joinList(vs []any) string {
	parts := make([]string, len(vs))
	for i, v := range vs {
		switch v.(type) {
		case map[string]any, []any:
			return ValueText(vs)
		}
		parts[i] = scalar(v).String()
	}
	return strings.Join(parts, ", ")
}

// scalar types a JSON value: whole numbers as numbers, RFC 3339 times as times,
// days as days, the rest as text.
func scalar(v any) Cell {
	switch v := v.(type) {
	case nil:
		return Str("(none)")
	case string:
		if len(v) >= 10 && len(v) <= 35 && v[4] == '-' && v[7] == '-' {
			if t, err := time.Parse(time.DateOnly, v); err == nil {
				return Day(t)
			}
			if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
				return At(t)
			}
		}
		return Str(v)
	case bool:
		return Str(strconv.FormatBool(v))
	case json.Number:
		// Beyond 15 digits a spreadsheet would change the number: it stays text.
		if n, err := v.Int64(); err == nil && n > -1e15 && n < 1e15 {
			return Int(n)
		}
		return Str(v.String())
	case int:
		return Int(v)
	case float64:
		if v == float64(int64(v)) && v > -1e15 && v < 1e15 {
			return Int(int64(v))
		}
		return Str(strconv.FormatFloat(v, 'f', -1, 64))
	case time.Time:
		return At(v)
	}
	return Str(fmt.Sprint(v))
}

// FlatColumns are the leaves of some items in the order a reader wants them:
// those most items have first, then the shallow before the deep, then by name.
// Leaves that only repeat the item's id are left out. most limits the number; 0
// is no limit. Where it limits, what people look for comes first (telling), then
// short answers, and lists of objects last.
func FlatColumns(items []evidence.Item, most int) []string {
	type stat struct{ n, depth, differ, long, nested, room int }
	stats := map[string]*stat{}
	first := map[string]string{}
	for _, it := range items {
		for _, f := range Flatten(it.Answers) {
			text := f.Cell.String()
			s := stats[f.Path]
			if s == nil {
				s = &stat{depth: strings.Count(f.Path, ".")}
				stats[f.Path] = s
				first[f.Path] = text
			}
			s.n++
			if text != it.ID {
				s.differ++
			}
			if len(text) > 200 {
				s.long++
			}
			if strings.HasPrefix(text, "[{") || strings.HasPrefix(text, "[[") || text == "{}" {
				s.nested++
			}
			s.room = max(s.room, min(len(text)/24, 3))
		}
	}
	var paths []string
	for _, p := range sortedKeys(stats) {
		if stats[p].differ > 0 {
			paths = append(paths, p)
		}
	}
	slices.SortStableFunc(paths, func(a, b string) int {
		x, y := stats[a], stats[b]
		return cmp.Or(cmp.Compare(min(x.long, 1), min(y.long, 1)), cmp.Compare(y.n, x.n), cmp.Compare(x.depth, y.depth), cmp.Compare(a, b))
	})
	if most <= 0 {
		return paths
	}
	slices.SortStableFunc(paths, func(a, b string) int {
		x, y := stats[a], stats[b]
		return cmp.Or(cmp.Compare(min(x.long+x.nested, 1), min(y.long+y.nested, 1)), cmp.Compare(telling(a), telling(b)), cmp.Compare(y.n, x.n), cmp.Compare(x.room, y.room))
	})
	// For a narrow table the same leaf under two operations is shown once.
	var out []string
	last := map[string]bool{}
	for _, p := range paths {
		name := p[strings.LastIndexByte(p, '.')+1:]
		if last[name] || stats[p].long > 0 && len(out) > 0 {
			continue
		}
		last[name] = true
		if out = append(out, p); len(out) == most {
			break
		}
	}
	return out
}

// telling orders leaves by what people ask of a listing: whose it is, whether it
// is on, whether it is open to the world. A leaf it does not name comes after
// those it does, and what says nothing beside an id last.
func telling(path string) int {
	name := path[strings.LastIndexByte(path, '.')+1:]
	first := []string{
		"user", "UserName", "DisplayName", "Name", "GroupName", "PolicyName", "ConfigRuleName", "Title", "title", "AlarmName", "LoadBalancerName", "name",
		"mfa_active", "password_enabled", "access_key_1_active", "access_key_2_active", "password_last_used",
		"KeyRotationEnabled", "RotationPeriodInDays", "KeyManager", "KeyState", "StorageEncrypted", "EbsEncryptionByDefault", "KmsKeyId",
		"PubliclyAccessible", "MultiAZ", "BackupRetentionPeriod", "DeletionProtection",
		"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets", "IsPublic",
		"IsMultiRegionTrail", "IsLogging", "LogFileValidationEnabled", "IncludeGlobalServiceEvents", "IsOrganizationTrail",
		"AccountMFAEnabled", "AccountAccessKeysPresent", "AccountPasswordPresent", "Users",
		"MinimumPasswordLength", "PasswordReusePrevention", "MaxPasswordAge", "RequireSymbols", "RequireNumbers", "RequireUppercaseCharacters",
		"IsEgress", "IpProtocol", "FromPort", "ToPort", "CidrIpv4", "CidrIpv6", "GroupId",
		"Port", "Protocol", "SslPolicy", "SslProtocols", "Severity", "Label", "Status", "status", "State", "state", "ConfigRuleState", "RegionOptStatus", "Type", "type",
		"resource", "resourceType", "AttachmentCount", "AttachedPolicies", "PolicyNames", "PrincipalType", "PrincipalId", "PermissionSetArn", "periodStart", "periodEnd",
		"author", "committed", "approvals", "subject", "pull_request", "production", "descends", "kind",
		"EnableDate", "CreateDate", "CreatedAt", "createdAt", "CreationDate", "LastUsedDate", "PasswordLastUsed", "UpdatedAt", "updatedAt",
	}
	if i := slices.Index(first, name); i >= 0 {
		return i
	}
	switch name {
	case "Tags", "tags", "OwnerId", "AWSAccountId", "AwsAccountId", "AccountId", "Path", "Partition", "LockToken", "Id", "id", "Arn", "arn":
		return len(first) + 1
	}
	return len(first)
}

// header shortens "DescribeKey.KeyMetadata.KeySpec" for a heading: the last two
// names, so that it stays plain which answer it came from.
func header(path string) string {
	parts := strings.Split(path, ".")
	if len(parts) > 2 {
		parts = parts[len(parts)-2:]
	}
	return strings.Join(parts, ".")
}

// commonOperation is what all paths begin with, the dot included, where they
// are leaves of one answer: a column then needs no mention of it, and a
// credential report has the headings AWS gave it.
func commonOperation(paths []string) string {
	if len(paths) < 2 {
		return ""
	}
	op, _, deep := strings.Cut(paths[0], ".")
	if !deep {
		return ""
	}
	for _, p := range paths {
		if !strings.HasPrefix(p, op+".") {
			return ""
		}
	}
	return op + "."
}

// ItemsTable shows items with the given leaves as columns. where adds account
// and region, for tables over many cells.
func (b *Book) ItemsTable(id, title string, items []control.Located, paths []string, where bool) *Table {
	t := &Table{ID: id, Title: title, Columns: []Column{{Key: "id", Name: "Item", Kind: Code, Width: 44}}}
	if where {
		t.Columns = append(t.Columns, Column{Key: "account", Name: "Account", Kind: Code, Width: 15}, Column{Key: "region", Name: "Region", Kind: Code, Width: 14})
	}
	taken := map[string]bool{"id": true, "account": true, "region": true, "not_answered": true}
	same := commonOperation(paths)
	for _, p := range paths {
		p = strings.TrimPrefix(p, same)
		key := p
		for taken[key] {
			key += "_"
		}
		taken[key] = true
		t.Columns = append(t.Columns, Column{Key: key, Name: header(p), Kind: Text, Width: 24})
	}
	t.Columns = append(t.Columns, Column{Key: "not_answered", Name: "Not answered", Kind: Text, Width: 24})
	for _, it := range items {
		cells := make([]Cell, 0, len(t.Columns))
		link := Mono(it.ID).To(b.ItemHref(Key{it.Account, it.Region, it.Source}, it.ID))
		cells = append(cells, link)
		if where {
			cells = append(cells, Mono(it.Account), Mono(it.Region))
		}
		leaf := map[string]Cell{}
		for _, f := range Flatten(it.Answers) {
			leaf[f.Path] = f.Cell
		}
		for _, p := range paths {
			c := leaf[p]
			if !c.Set {
				if g, refused := gapFor(it.Item, p); refused {
					c = Str("(not answered: " + g.Code + ")")
				}
			}
			cells = append(cells, c)
		}
		cells = append(cells, Str(gapsText(it.Gaps)))
		t.Add("t-"+Hash(it.Account, it.Region, it.ID), cells...)
	}
	return t
}

// gapFor finds the gap that explains a missing leaf.
func gapFor(it evidence.Item, path string) (evidence.Gap, bool) {
	op, _, _ := strings.Cut(path, ".")
	return it.Gap(op)
}

func gapsText(gaps []evidence.Gap) string {
	parts := make([]string, len(gaps))
	for i, g := range gaps {
		parts[i] = g.Question + ": " + g.Code
	}
	return strings.Join(parts, "; ")
}
