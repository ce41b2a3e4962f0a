package control

// Examples are a check's own tests. Each is the item (or, for each: region, the
// list of items) as YAML; With holds the further sources by variable.
type Examples struct {
	Pass          []Example `yaml:"pass"`
	Fail          []Example `yaml:"fail"`
	Unknown       []Example `yaml:"unknown"`        // must end not_evaluated
	NotApplicable []Example `yaml:"not_applicable"` // where When is given
}

// An Example is one case. In Item and With the value "!gap" stands for a
// question that was not answered.
type Example struct {
	Item  map[string]any              `yaml:"item"`
	Items []map[string]any            `yaml:"items"`
	With  map[string][]map[string]any `yaml:"with"`
	// Unanswered names the variables whose listing was refused: one of With, or
	// "items" for the population itself.
	Unanswered []string `yaml:"unanswered"`
}
