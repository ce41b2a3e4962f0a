package render

import (
	"exhibit/render/table"
)

// sumsFiles are, for each account, the file and SHA-256 that each page of evidence
// shows: a script that a page loads when a finding is cited.
//
//	exhibitSums("111122223333", {"evidence/111122223333/eu-west-1/kms-key.html": ["evidence/aws/…/kms-key.jsonl", "9f86…"]});
func (b *binder) sumsFiles() {
	folders := map[string][]table.Key{}
	for _, c := range b.Cells {
		k := table.KeyOf(c)
		if c.Path != "" && c.Sum != "" && b.CellPage(k) != "" {
			folders[b.AccountFolder(c.Account)] = append(folders[b.AccountFolder(c.Account)], k)
		}
	}
	for _, folder := range table.SortedKeys(folders) {
		b.file("data/sums/"+folder+".js", func() ([]byte, error) {
			sums := map[string][2]string{}
			for _, k := range folders[folder] {
				c := b.Cell(k)
				sums[b.CellPage(k)] = [2]string{c.Path, c.Sum}
			}
			return b.callScript("exhibitSums", folder, sums)
		})
	}
}
