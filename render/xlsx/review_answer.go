package xlsx

import (
	"bytes"
	"fmt"

	"exhibit/evidence/review"

	"github.com/xuri/excelize/v2"
)

// An Answer is what a reviewer writes beside a row.
type Answer struct{ Decision, Justification string }

// AnswerReview fills in a workbook as its reviewer would: the reviewers of the
// sample organisation decide so. otherwise is the answer to rows that answers does
// not name. The same answers give the same bytes.
func AnswerReview(book []byte, decidedBy string, answers map[string]Answer, otherwise Answer) ([]byte, error) {
	rec := ReadReview(book)
	if rec.Unread || len(rec.Problems) > 0 {
		return nil, fmt.Errorf("filling in a workbook: %v", rec.Problems)
	}
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		return nil, fmt.Errorf("filling in a workbook: %w", err)
	}
	defer func() { _ = f.Close() }()
	put := func(sheet, cell, text string) {
		if text != "" {
			err = firstError(err, f.SetCellStr(sheet, cell, shared(text)))
		}
	}
	put(review.ReadMeSheet, rec.Facts[review.FactDecidedBy].At, decidedBy)
	left := len(answers)
	for _, row := range rec.Rows {
		a, named := answers[row.Cells[0]]
		if !named {
			a = otherwise
		} else {
			left--
		}
		put(review.DecisionSheet, fmt.Sprint(review.ColumnLetter(review.DecisionColumn), row.Line), a.Decision)
		put(review.DecisionSheet, fmt.Sprint(review.ColumnLetter(review.JustificationColumn), row.Line), a.Justification)
	}
	if err == nil && left > 0 {
		err = fmt.Errorf("%d answers are about rows the workbook does not have", left)
	}
	if err != nil {
		return nil, fmt.Errorf("filling in a workbook: %w", err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return nil, fmt.Errorf("filling in a workbook: %w", err)
	}
	return normalise(out.Bytes())
}
