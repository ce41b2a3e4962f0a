package control

import (
	"fmt"
	"slices"
	"strings"
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
		return NotEvaluatedIn
	case c.Compensated > 0:
		return Compensated
	case c.Passed > 0:
		return Met
	case c.NotApplicable > 0:
		return NA
	}
	return NoOccurrence
}

// StatusOf is the status that a word of a package names, also one of an older exhibit,
// which had other words for the same.
func StatusOf(word string) Status {
	switch word {
	case "Not collected":
		return NotEvaluatedIn
	case "Manual, has a record":
		return ManualHas
	case "Manual, has no record":
		return ManualHasNot
	}
	return Status(word)
}

// Counted words a number of items in a state, as every page, document and line of text
// does: "1 needs a record", "95 not evaluated". A status that is not one of an item's
// own is worded in small letters.
func (s Status) Counted(n int) string {
	one, many := strings.ToLower(string(s)), ""
	switch s {
	case ExceptionIn:
		many = "exceptions"
	case Compensated:
		one = "compensated"
	case ManualHasNot:
		many = "need a record"
	}
	if many == "" || n == 1 {
		return fmt.Sprintf("%d %s", n, one)
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Words counts what is in each state, what needs a look first: "2 exceptions, 1 not
// evaluated, 16 met". Empty states are left out; "" where there is no item.
func (c Counts) Words() string {
	return c.counted(ExceptionIn, NotEvaluatedIn, ManualHasNot, Compensated, Met, NA)
}

// Open counts likewise what did not pass; "" where everything did.
func (c Counts) Open() string {
	return c.counted(ExceptionIn, Compensated, NotEvaluatedIn, ManualHasNot)
}

func (c Counts) counted(states ...Status) string {
	of := map[Status]int{ExceptionIn: c.Failed - c.Compensated, Compensated: c.Compensated, NotEvaluatedIn: c.NotEvaluated, ManualHasNot: c.NeedsRecord, Met: c.Passed, NA: c.NotApplicable}
	var say []string
	for _, s := range states {
		if of[s] > 0 {
			say = append(say, s.Counted(of[s]))
		}
	}
	return strings.Join(say, ", ")
}

// fromWorst orders what a control or a criterion inherits. What is only stated or
// only recorded stands before Met: a sum must not claim more than its weakest part.
var fromWorst = [...]Status{ExceptionIn, ManualHasNot, NotEvaluatedIn, Compensated, StatementOnly, ManualHas, Met, NoOccurrence, NA}

// worst is the first of fromWorst among list; StatementOnly when it is empty.
func worst(list []Status) Status {
	for _, s := range fromWorst {
		if slices.Contains(list, s) {
			return s
		}
	}
	return StatementOnly
}
