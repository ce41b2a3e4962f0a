package main

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"exhibit/render/xlsx"
)

// answerWorkbook is the script command
//
//	answer FROM.xlsx TO.xlsx 'Decided By' DECISION [JUSTIFICATION]
//
// which fills in a workbook of an access review, every row alike.
func answerWorkbook(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: answer FROM.xlsx TO.xlsx NAME DECISION [JUSTIFICATION]")
	}
	book, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	a := xlsx.Answer{Decision: args[3]}
	if len(args) > 4 {
		a.Justification = args[4]
	}
	out, err := xlsx.AnswerReview(book, args[2], nil, a)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out, 0o600))
}
