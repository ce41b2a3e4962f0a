package control

// DrawScript draws a sample with the tools every Unix has. docs/sampling.md and the
// page of samples show it, and a test runs it beside Take.
const DrawScript = `#!/bin/sh
# usage: draw.sh POPULATION.jsonl SEED SIZE [stratified]   prints: stratum, hash, line
digest=$(sha256sum < "$1" | cut -d ' ' -f 1)
while IFS= read -r line; do
  printf '%s\n%s\n%s' "$2" "$digest" "$line" | sha256sum | cut -d ' ' -f 1
done < "$1" | paste - "$1" | LC_ALL=C sort > ranked.txt
flagged='^[0-9a-f]*	{"account":"[^"]*",\("first_seen":"[^"]*",\)\{0,1\}"flags":'
[ -z "$4" ] || grep "$flagged" ranked.txt | sed 's/^/flagged	/'
{ if [ -z "$4" ]; then cat ranked.txt; else grep -v "$flagged" ranked.txt; fi; } | head -n "$3" | sed 's/^/random	/'
`
