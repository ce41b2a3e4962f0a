package evidence

// A Snapshot is what one run collected, in memory, ready to be kept as one
// commit by evidence/store.
type Snapshot struct {
	Run   Run
	Cells []Cell
	Calls []Call
	// Files are the evidence files of the cells that were answered, by path from
	// the repository's root ("evidence/aws/…/kms-key.jsonl"). A cell of this run
	// whose path is not here has no file after the commit; files of cells this
	// run did not plan stay as they are.
	Files map[string][]byte
}
