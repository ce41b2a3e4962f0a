package render

import (
	"strings"

	"exhibit/control"
	"exhibit/render/table"
)

// helpPages explain the words and how to verify.
func (b *binder) helpPages() {
	b.page("glossary.html", glossary)
	b.page("how-to-verify.html", b.howToVerify)
	b.file("README.txt", func() ([]byte, error) { return b.readme(), nil })
}

func glossary() *table.Paper {
	p := &table.Paper{Kicker: "Words", Title: "Glossary", Crumbs: crumbs(), Lead: table.Line("The words of this package, in an auditor's sense. A status is management's own; the service auditor forms their own conclusion.")}
	type entry struct {
		id, term string
		says     []table.Span
	}
	statuses := table.List{}
	for _, e := range []struct {
		s    control.Status
		says string
	}{
		{control.Met, "Every item of the population was asked about, and each passes or is not applicable. It is a statement about the tests named here, no more."},
		{control.ExceptionIn, "At least one item fails a test. Each is listed with the value that decided."},
		{control.Compensated, "Items fail, and each is covered by an exception that management approved in writing and that has not expired. An auditor may disagree."},
		{control.NotCollected, "Something was not answered, and nothing fails. The reason is given. It is never counted as met."},
		{control.NA, "The test does not apply to any item, for the reason given."},
		{control.NoOccurrence, "The question was asked and the population is empty. An empty population is evidence too."},
		{control.ManualHas, "Only a person can give this evidence, and the records expected are there."},
		{control.ManualHasNot, "Only a person can give this evidence, and a record expected is missing."},
		{control.StatementOnly, "Only management's word, or another firm's report, shows this."},
	} {
		statuses.Items = append(statuses.Items, table.Line(table.B(string(e.s)), ". ", e.says))
	}
	p.Blocks = append(p.Blocks, table.H2("statuses", "Statuses"), statuses)
	p.Blocks = append(p.Blocks, table.H2("coverage-words", "Coverage"), table.List{Items: [][]table.Span{
		table.Line(table.B(table.CoverCollected), ". Asked and answered; there is at least one item."),
		table.Line(table.B(table.CoverNothing), ". Asked and answered: there is none."),
		table.Line(table.B(table.CoverNA), ". The service is not in use, not offered or switched off there, or management left it out with a reason."),
		table.Line(table.B(table.CoverPartial), ". The list is whole; single questions about its items were not answered."),
		table.Line(table.B(table.CoverGap), ". Refused, cut short or failed: nothing can be concluded."),
	}}, table.H2("words", "Words"))
	for _, e := range []entry{
		{"cell", "Cell", table.Line("One account, one region, one source: the unit in which coverage is planned and counted.")},
		{"check", "Check", table.Line("One automated test of a control on a whole population.")},
		{"compensating", "Compensating control", table.Line("What the organisation does instead, where a control does not hold for an item.")},
		{"control", "Control", table.Line("What the organisation does to meet criteria: a statement with an owner and a frequency.")},
		{"criterion", "Criterion", table.Line("One of the Trust Services Criteria, CC1.1 to P8.1. Titles here are in our own words; the criteria themselves are published by the AICPA.")},
		{"cuec", "Complementary user entity control (CUEC)", table.Line("A control that a service provider's report expects its customers to have.")},
		{"csoc", "Complementary subservice organisation control (CSOC)", table.Line("A control that this organisation expects of its own providers, such as AWS.")},
		{"carve-out", "Carve-out", table.Line("A way to report in which a provider's controls are left to the provider's own report.")},
		{"deviation", "Deviation", table.Line("An item that does not do what the control says. Auditors also say exception.")},
		{"exception", "Exception", table.Line("Here, two things that belong together: an item that fails a test, and management's written acceptance of it with a compensating control and an end date.")},
		{"finding", "Finding", table.Line("One check's verdict on one item, with the value that decided and where it stands in the evidence.")},
		{"gap", "Gap", table.Line("A question that was not answered, and why. A gap is shown, never filled.")},
		{"ipe", "IPE, information produced by the entity", table.Line("A listing the organisation itself made. Before relying on it an auditor looks at its source, parameters, completeness, accuracy and time: the box on each listing's page.")},
		{"item", "Item", table.Line("One resource, change or record, with the answers its source gave about it.")},
		{"population", "Population", table.Line("The whole list from which a sample may be drawn. It is only as good as its completeness, which is shown with it.")},
		{"record", "Record", table.Line("Evidence that a person writes: an incident, an exercise, a review.")},
		{"run", "Run", table.Line("One collection, with everything it asked, was answered, and was refused.")},
		{"seal", "Seal", table.Line("A small signed text that fixes every file of a run or of this package by its hash, and names the seal before it.")},
		{"tie-out", "Tie-out", table.Line("Comparing a count here with the count the source gives, by the command on each listing's page.")},
	} {
		p.Blocks = append(p.Blocks, table.H3(e.id, e.term), table.Para{Spans: e.says})
	}
	return p
}

func (b *binder) howToVerify() *table.Paper {
	p := &table.Paper{Kicker: "Integrity", Title: "How to verify this package", Crumbs: crumbs(),
		Lead: table.Line("What can be checked with tools you already have, what it proves, and what it does not.")}
	p.Blocks = []table.Block{
		table.H2("not", "What no check here proves"),
		table.List{Items: [][]table.Span{
			table.Line("That an answer was true: somebody who ran the collection could have altered an answer before it was sealed. Count again, with your own access, by the command on any listing's page."),
			table.Line("That the list of accounts is the whole list. Compare it with the organisation's invoices or its management account."),
			table.Line("That a record tells what happened. It shows that its author said so, and when at the latest it was written."),
			table.Line("That nothing changed between two runs."),
		}},
		table.H2("content", "Nothing was changed, added or removed"),
		table.P("The commands below stand in ", table.K("VERIFY.txt"), " too. The file ", table.K("SHA256SUMS"), " lists every file but the seal's own; ", table.K("SEAL.txt"), " holds its hash. On Linux, or macOS with coreutils, in the package's folder:"),
		table.Pre{Title: "Every listed file is as it was sealed", Text: "sha256sum --strict -c SEAL.txt\nsha256sum --strict --quiet -c SHA256SUMS"},
		table.Pre{Title: "No file was added (prints nothing when all is well)", Text: "LC_ALL=C comm -13 <(cut -c67- SHA256SUMS | LC_ALL=C sort) \\\n  <(find . -type f | sed 's|^\\./||' | grep -v -x -E 'SHA256SUMS|SEAL\\.txt(\\.sig(\\.tsr)?)?' | LC_ALL=C sort)"},
		table.Pre{Title: "On Windows, one file at a time", Text: "Get-FileHash -Algorithm SHA256 index.html"},
		table.H2("signer", "Who signed"),
		table.P("Ask the organisation for its ", table.K("allowed_signers"), " file by another way than this package: nothing in a package can say whom to trust."),
		table.Pre{Title: "The signature is by a key on your list", Text: "ssh-keygen -Y verify -f allowed_signers -I NAME -n exhibit-seal-v1 -s SEAL.txt.sig < SEAL.txt"},
		table.H2("chain", "The chain of runs"),
		table.P("Each run's seal under ", table.K("runs/"), " names the one before; the package's seal names the newest. The hashes are listed under ", table.A("runs", "runs.html"),
			". If you keep the SEAL.txt of an earlier package, a chain that was rebuilt since shows."),
		table.H2("program", "With the verifier"),
		table.P("The small program ", table.K("exhibit-verify"), " does all of this, and names each file that was altered, added or missing:"),
		table.Pre{Text: "exhibit-verify ."},
		table.H2("origin", "Rendered from the evidence"),
		table.P("Every page, document and workbook is made from the evidence repository at commit ", table.K(b.Commit), " alone. Whoever has the repository gets the same bytes again:"),
		table.Pre{Text: "exhibit render --check --at " + b.Commit},
		table.H2("formats", "What the formats do to data"),
		table.P("The HTML, PDF, XLSX, CSV and JSON of one table hold the same cells. In CSV ", table.CSVNote, ". Characters that do not show, or turn the direction of text, are written out in all of them as <U+202E>. The JSON lines under data/ are the bytes the source's answer was kept as."),
	}
	return p
}

func (b *binder) readme() []byte {
	var s strings.Builder
	line := func(t string) { s.WriteString(t + "\r\n") }
	if b.Stamp.Sample {
		line(table.SampleWords)
		line("")
	}
	line(table.Visible(b.Stamp.Organisation) + ": SOC 2 evidence for " + b.Stamp.Period)
	line("Run " + b.Stamp.Run + ", evidence commit " + b.Stamp.Commit)
	line("")
	line("Open index.html in any browser. Extract the whole ZIP first: pages opened")
	line("inside it look bare and their links lead nowhere. Nothing is fetched from")
	line("the network, and no account is needed.")
	line("")
	line("  index.html            overview: what is not met first, then all criteria")
	line("  artifacts.html        every document and workbook, by request and control")
	line("  artifacts/            those files: PDF, XLSX, CSV, JSON")
	line("  data/                 the same facts for machines; the listings as collected")
	line("  runs/                 what fixes each collection: the chain of seals")
	line("  how-to-verify.html    how to see that nothing was changed since it was sealed")
	line("  glossary.html         the words")
	line("")
	line(table.Opinion)
	return []byte(s.String())
}
