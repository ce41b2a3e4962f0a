package collect

// A Retention says what the provider deletes of a source's answers, and when.
// The zero value is a source whose answer is the state itself: what it lists
// stays there as long as the thing does.
type Retention struct {
	// Days is after how many days the provider deletes an answer; 0 when no document says that it does.
	Days int `json:"days,omitempty"`
	// Soonest is Days for those it deletes earlier than others; 0 when it treats
	// all alike.
	Soonest int `json:"soonest,omitempty"`
	// Asked is how many whole days before its own a run asks for; 0 when it asks
	// for all there is.
	Asked int    `json:"asked,omitempty"`
	What  string `json:"what,omitempty"` // what is deleted, in words: "backup jobs"
	Says  string `json:"says,omitempty"` // the rule in a sentence
	Doc   string `json:"doc,omitempty"`  // address of the provider's document that says so
}

// Reach is how many days before a run its answer goes back, at least; 0 when
// nothing is deleted.
func (r Retention) Reach() int {
	if r.Days == 0 || r.Asked > 0 && r.Asked < r.Days {
		return r.Asked
	}
	return r.Days
}
