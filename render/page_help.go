package render

import (
	"strings"

	"exhibit/control"
	"exhibit/render/table"
	"exhibit/seal"
	"exhibit/site"
)

// helpPages explain the words and how to verify.
func (b *binder) helpPages() {
	b.page("glossary.html", glossary)
	b.page("how-to-verify.html", b.howToVerify)
	b.page("trust.html", b.trustPage)
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
		{control.NotEvaluatedIn, "A question was not answered, so nobody decided. The reason is given. It is never counted as met. A check, control or criterion has this status where anything of it was not evaluated and nothing fails."},
		{control.NA, "The test does not apply to any item, for the reason given."},
		{control.NoOccurrence, "The question was asked and the population is empty. An empty population is evidence too."},
		{control.ManualHas, "Only a person can give this evidence, and the records expected are there."},
		{control.ManualHasNot, "A record that a person must write is missing."},
		{control.StatementOnly, "Only management's word, or another firm's report, shows this."},
	} {
		statuses.Items = append(statuses.Items, table.Line(table.B(string(e.s)), ". ", e.says))
	}
	p.Blocks = append(p.Blocks, table.H2("statuses", "Statuses"), table.P("An item that a check tested has one of five: ", table.B(string(control.Met)), ", ", table.B(string(control.ExceptionIn)), " (it fails), ", table.B(string(control.NA)), ", ", table.B(string(control.NotEvaluatedIn)), " or ", table.B(string(control.ManualHasNot)), ". No other word stands for one of them."), statuses)
	p.Blocks = append(p.Blocks, table.H2("coverage-words", "Coverage"), table.P("A listing that was planned has one of five words. They are about what was asked, never about what was found."), table.List{Items: [][]table.Span{
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
		{"counted-to", "Counted to", table.Line("The day that ages, deadlines and what is overdue are counted to: the last day of the period, or the newest run where that came first. It is one for the whole package. A check that counts to another day, such as one of access that a run saw after the period, says so on its page and beside each value: counted to the run.")},
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
		{"not-answered", "Not answered", table.Line("Of one question, or of the value it asks for: the source refused, failed or does not tell. What depends on it is not evaluated.")},
		{"not-observed", "Not observed", table.Line("Of a time, never of an item: no run looked then, or the run that did was not answered. What was so in that time no run tells. Where another source with a memory of its own tells of it, such as CloudTrail, that is said beside it: told, not observed.")},
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

// howToVerify is VERIFY.txt as a page: the commands are the same, word for word,
// because both come from one text.
func (b *binder) howToVerify() *table.Paper {
	p := &table.Paper{Kicker: "Integrity", Title: "How to verify this package", Crumbs: crumbs(),
		Lead: table.Line("What can be checked with tools you already have, what it proves, and what it does not. The same text stands in VERIFY.txt, to be copied from.")}
	if b.verify == "" {
		p.Blocks = append(p.Blocks, table.P("The commands stand in ", table.K("VERIFY.txt"), "."))
	} else {
		p.Blocks = append(p.Blocks, plainText(b.verify)...)
	}
	p.Blocks = append(p.Blocks, table.H2("browser", "In a browser"),
		table.P(table.A("verify.html", "verify.html"), " checks this package in a browser, without the network: choose its folder or zip, and the allowed_signers file you were given by another way. It came in this package, so against somebody who changed the package it proves nothing. Take it from the release of the program, where it is the same file, and compare its SHA-256 with the one that ", table.K("exhibit version"), " prints there. The one that was rendered into this package has:"),
		table.Pre{Text: site.VerifyPageSum() + "  verify.html"},
		table.H2("one-file", "One file alone"),
		table.P("To keep or pass on one workbook and still show that it belongs to this package, whoever has the package runs the first command. It puts the file, its proof, SEAL.txt, SEAL.txt.sig and a script into a folder. Any of the others checks it; the last needs no program of ours."),
		table.Pre{Text: "exhibit proof artifacts/findings.xlsx --to one-file"},
		table.Pre{Text: "exhibit verify-proof one-file/findings.xlsx.proof --signers allowed_signers"},
		table.Pre{Text: "exhibit-verify --proof one-file/findings.xlsx.proof --signers allowed_signers"},
		table.Pre{Text: "cd one-file && sh verify-proof.sh findings.xlsx.proof ../allowed_signers NAME"},
		table.Pre{Title: "verify-proof.sh", Text: seal.ProofScript},
		table.H2("origin", "Rendered from the evidence"),
		table.P("Every page, document and workbook is made from the evidence repository at commit ", table.K(b.Commit), " alone. Whoever has the repository gets the same bytes again:"),
		table.Pre{Text: "exhibit render --check --at " + b.Commit},
		table.H2("limits", "What else no check here proves"),
		table.List{Items: [][]table.Span{
			table.Line("That the list of accounts is the whole list. Compare it with the organisation's invoices or its management account."),
			table.Line("That a record tells what happened. It shows that its author said so, and when at the latest it was written."),
			table.Line("That nothing changed between two runs. The runs and their seals are listed under ", table.A("runs", "runs.html"), "."),
		}},
		table.H2("formats", "What the formats do to data"),
		table.P("The HTML, PDF, XLSX, CSV and JSON of one table hold the same cells. In CSV ", table.CSVNote, ". Characters that do not show, or turn the direction of text, are written out in all of them as <U+202E>. The JSON lines under data/ are the bytes the source's answer was kept as."))
	return p
}

// plainText reads the plain layout of VERIFY.txt: a heading is underlined with
// =, a line set in by four spaces is a command, one that begins with "- " an
// item of a list. What stands before the first blank line but one (the title,
// and whose package it is) stands on the page already.
func plainText(text string) []table.Block {
	lines := strings.Split(text, "\n")
	var out []table.Block
	var para, command []string
	var list table.List
	flush := func() {
		if len(para) > 0 {
			out = append(out, table.P(strings.Join(para, " ")))
		}
		if len(command) > 0 {
			out = append(out, table.Pre{Text: strings.Join(command, "\n")})
		}
		if len(list.Items) > 0 {
			out = append(out, list)
		}
		para, command, list = nil, nil, table.List{}
	}
	blank := 0
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if blank < 2 { // the title, and the lines that say whose package it is
			if line == "" {
				blank++
			}
			continue
		}
		switch {
		case line == "":
			flush()
		case i+1 < len(lines) && lines[i+1] != "" && strings.Trim(lines[i+1], "=") == "":
			flush()
			out = append(out, table.H2("v-"+strings.ReplaceAll(strings.ToLower(line), " ", "-"), sentence(line)))
			i++
		case strings.HasPrefix(line, "    "):
			if command == nil {
				flush()
			}
			command = append(command, strings.TrimPrefix(line, "    "))
		case strings.HasPrefix(line, "- "):
			if para != nil || command != nil {
				flush()
			}
			list.Items = append(list.Items, table.Line(strings.TrimPrefix(line, "- ")))
		case list.Items != nil:
			last := &list.Items[len(list.Items)-1]
			*last = table.Line((*last)[0].Text + " " + strings.TrimSpace(line))
		default:
			if n, rest, ok := strings.Cut(line, ".  "); ok && len(n) == 1 && n[0] >= '1' && n[0] <= '9' {
				flush()
				out = append(out, table.Pre{Title: "Step " + n, Text: strings.TrimSpace(rest)})
				continue
			}
			para = append(para, strings.TrimSpace(line))
		}
	}
	flush()
	return out
}

// sentence is a heading that shouts, as one that does not.
func sentence(s string) string {
	switch s {
	case "MACOS":
		return "macOS"
	case "":
		return ""
	}
	return s[:1] + strings.ToLower(s[1:])
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
	if b.aliases != nil {
		line("People appear under pseudonyms. The organisation can tell who one is;")
		line("withheld.html says what was replaced and what was not.")
		line("")
	}
	line("  index.html            overview: what is not met first, then all criteria")
	line("  artifacts.html        every document and workbook, by request and control")
	line("  artifacts/            those files: PDF, XLSX, CSV, JSON")
	line("  data/                 the same facts for machines; the listings as collected")
	line("  runs/                 what fixes each collection: the chain of seals")
	line("  verify.html           checks this package in a browser; take it from elsewhere")
	line("  how-to-verify.html    how to see that nothing was changed since it was sealed")
	line("  glossary.html         the words")
	line("")
	line(table.Opinion)
	return []byte(s.String())
}
