package render

import "exhibit/render/table"

// trustPage says who could cheat, what catches it and what is left, in plain words.
// What is not proven comes first: it matters more to whoever relies on a package.
func (b *binder) trustPage() *table.Paper {
	p := &table.Paper{Kicker: "Integrity", Title: "What this proves, and what it does not", Crumbs: crumbs(),
		Lead: table.Line("Who could cheat, what catches it, and what is left. What nothing here proves comes first. How to check the rest yourself: ", table.A("How to verify", "how-to-verify.html"), ".")}
	not := table.List{}
	for _, e := range []struct{ what, says string }{
		{"That an answer was true when it was sealed.", " Whoever controls the machine that collects can alter an answer of AWS before it is sealed. No signature made afterwards shows that. Ask for a sample of the calls again, or compare it with CloudTrail, if that lies where the same person cannot change it."},
		{"When something was sealed, where no timestamp authority says so.", " A claimed time is what a machine's clock said. A timestamp proves that the seal existed then; it may be older."},
		{"That this is the only history.", " Whoever holds the key can build a second one from its first run. Only somebody who kept an older SEAL.txt notices. Keep the one of this package."},
		{"That the key was in the right hands.", " A signature shows that a key was used, not by whom."},
		{"That everything was asked.", " An account that nobody named does not appear. Compare the scope with the organisation's own list of accounts."},
		{"That what people wrote is right.", " A record of a restore test shows that somebody wrote it, and since when, not that the test took place."},
		{"That the program that checks is honest.", " If it came from the organisation, so did its verdict. The commands of VERIFY.txt need no program of ours."},
	} {
		not.Items = append(not.Items, table.Line(table.B(e.what), e.says))
	}
	t := &table.Table{ID: "who", Title: "Who could cheat, and what catches it", Columns: []table.Column{
		{Key: "who", Name: "Who", Width: 24}, {Key: "does", Name: "Does", Width: 40}, {Key: "caught", Name: "Caught by", Width: 44}, {Key: "left", Name: "What is left", Width: 40},
	}}
	for _, r := range [][4]string{
		{"Anybody on the way", "changes, adds, removes, renames or swaps files", "the list of files, every one with its hash, and no other", "They can withhold the package."},
		{"Anybody on the way", "makes all of it again with a key of their own", "your list of whose key is whose", "A list that came with the package proves nothing."},
		{"Anybody on the way", "sends an older, genuine package", "its period and run, and a newer SEAL.txt that you kept", "Without one, nobody looks."},
		{"An engineer with the repository", "changes or removes evidence of a run", "the run's seal; the chain of seals; git's history, for what was put back", "A history rewritten and copied anew: only a SEAL.txt you kept."},
		{"An engineer with the repository", "drops the newest runs", "a SEAL.txt you kept; the expected pause between two runs", "Without either the history just ends earlier."},
		{"An engineer with the key", "seals changed evidence as a new run", "it comes after the others, and cannot replace one that somebody kept", "What it says: see the first point above."},
		{"An engineer with the key", "sets the clock back", "the timestamps, where there are: a run that names one cannot be older than it", "Without timestamps nothing catches it."},
		{"Somebody with a timestamp service of their own", "makes timestamps of any date", "only authorities whose root certificate you pinned count", "An authority that lies, or whose key was taken."},
		{"Somebody who left and kept the key", "seals later, with an earlier date", "the list of revoked keys: then only a timestamp counts, no claim", "A key that nobody revoked."},
		{"Whoever runs the collection", "asks a machine that answers as AWS", "other addresses and certificates stand in red on every page; CloudTrail has no trace of the run", "Whoever also changes the program: see the first point above."},
	} {
		t.Add("", table.Str(r[0]), table.Str(r[1]), table.Str(r[2]), table.Str(r[3]))
	}
	p.Blocks = append(b.secondBlocks(), table.H2("not", "What nothing here proves"), not, table.H2("caught", "Who could cheat"), table.Grid{Table: t})
	return p
}

// secondBlocks say who signed the runs a second time, where anybody did or a seal asks
// for it. Missing ones come first.
func (b *binder) secondBlocks() []table.Block {
	signed, lacking := 0, 0
	for _, r := range b.Runs {
		if len(r.Reviews) > 0 {
			signed++
		}
		if len(r.Reviews) < r.Reviewers {
			lacking++
		}
	}
	switch says := table.Plural(signed, "of the runs is", "of the runs are") + " signed a second time, by somebody else than the one who sealed. When is not proved. "; {
	case lacking > 0:
		return []table.Block{table.Notice{Kind: "gap", Title: "A second signature is missing", Spans: table.Line(
			table.Plural(lacking, "run asks", "runs ask"), " for a reviewer's signature and had none when this package was made. ", says, table.A("Which", "runs.html#runs"), ".")}}
	case signed > 0:
		return []table.Block{table.H2("second", "Two signatures"), table.P(says, table.A("By whom", "runs.html#runs"), ". The package itself may be signed a second time too: the verifier says by whom.")}
	}
	return nil
}
