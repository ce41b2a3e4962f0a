package control

import (
	"fmt"
	"slices"
)

func count(findings []Finding) Counts {
	var c Counts
	for _, f := range findings {
		c.Population++
		switch f.Verdict {
		case Pass:
			c.Passed++
		case Fail:
			c.Failed++
			if f.Compensated {
				c.Compensated++
			}
		case NotApplicable:
			c.NotApplicable++
		case NotEvaluated:
			c.NotEvaluated++
		case NeedsRecord:
			c.NeedsRecord++
		}
	}
	return c
}

// adds checks what the package promises: no item of a population is lost.
func (c Counts) adds() error {
	if sum := c.Passed + c.Failed + c.NotApplicable + c.NotEvaluated + c.NeedsRecord; sum != c.Population || c.Compensated > c.Failed {
		return fmt.Errorf("the counts do not add up: %+v", c)
	}
	return nil
}

// Plus is the sum of two counts.
func (c Counts) Plus(d Counts) Counts {
	c.Population += d.Population
	c.Passed += d.Passed
	c.Failed += d.Failed
	c.Compensated += d.Compensated
	c.NotApplicable += d.NotApplicable
	c.NotEvaluated += d.NotEvaluated
	c.NeedsRecord += d.NeedsRecord
	return c
}

// status is the word for one check: the worst that is true of it.
func (c Counts) status() Status {
	switch {
	case c.Failed > c.Compensated:
		return ExceptionIn
	case c.NeedsRecord > 0:
		return ManualHasNot
	case c.NotEvaluated > 0:
		return NotCollected
	case c.Compensated > 0:
		return Compensated
	case c.Passed > 0:
		return Met
	case c.NotApplicable > 0:
		return NA
	}
	return NoOccurrence
}

// fromWorst orders what a control or a criterion inherits. What is only stated or
// only recorded stands before Met: a sum must not claim more than its weakest part.
var fromWorst = [...]Status{ExceptionIn, ManualHasNot, NotCollected, Compensated, StatementOnly, ManualHas, Met, NoOccurrence, NA}

// worst is the first of fromWorst among list; StatementOnly when it is empty.
func worst(list []Status) Status {
	for _, s := range fromWorst {
		if slices.Contains(list, s) {
			return s
		}
	}
	return StatementOnly
}
