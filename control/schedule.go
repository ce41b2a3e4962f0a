package control

import (
	"fmt"
	"strconv"
	"strings"
)

// daily reports whether a schedule, as AWS writes them, comes round on every day
// of the year: "cron(0 5 ? * * *)", with or without the word, or "rate(12 hours)".
// Source of the grammar: the EventBridge guide, "Schedule expressions".
func daily(schedule string) (bool, error) {
	if rest, ok := strings.CutPrefix(schedule, "rate("); ok {
		return dailyRate(strings.Fields(strings.TrimSuffix(rest, ")")), schedule)
	}
	fields := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(schedule, "cron("), ")"))
	if len(fields) != 6 { // minutes, hours, day of month, month, day of week, year
		return false, fmt.Errorf("reading the schedule %q: neither cron() of six fields nor rate()", schedule)
	}
	for i, f := range []struct {
		names    string
		low, top int
	}{{"", 1, 31}, {"JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC", 1, 12}, {"SUN MON TUE WED THU FRI SAT", 1, 7}} {
		every, err := everyOne(fields[i+2], f.low, f.top, strings.Fields(f.names))
		if err != nil {
			return false, fmt.Errorf("reading the schedule %q: %w", schedule, err)
		}
		if !every {
			return false, nil
		}
	}
	return fields[5] == "*", nil
}

func dailyRate(words []string, schedule string) (bool, error) {
	if len(words) == 2 {
		n, err := strconv.Atoi(words[0])
		hours := map[string]float64{"minute": 1. / 60, "hour": 1, "day": 24}[strings.TrimSuffix(words[1], "s")]
		if err == nil && n > 0 && hours > 0 {
			return float64(n)*hours <= 24, nil
		}
	}
	return false, fmt.Errorf("reading the schedule %q: not a rate", schedule)
}

// everyOne reports whether a field of a cron expression names all values from low to top.
func everyOne(field string, low, top int, names []string) (bool, error) {
	if field == "?" || field == "*" {
		return true, nil
	}
	numbers := strings.ToUpper(field)
	for i, n := range names {
		numbers = strings.ReplaceAll(numbers, n, strconv.Itoa(i+1))
	}
	if strings.ContainsAny(numbers, "LW#") {
		return false, nil // the last, the nearest weekday, the third: single days
	}
	value := func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < low || n > top {
			return 0, fmt.Errorf("%q is not a value from %d to %d", s, low, top)
		}
		return n, nil
	}
	seen := map[int]bool{}
	for _, part := range strings.Split(numbers, ",") {
		span, by, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			var err error
			if step, err = strconv.Atoi(by); err != nil || step < 1 {
				return false, fmt.Errorf("%q is no step", by)
			}
		}
		first, last, ranged := strings.Cut(span, "-")
		from, to := low, top
		if span != "*" {
			var err error
			if from, err = value(first); err != nil {
				return false, err
			}
			switch {
			case ranged:
				if to, err = value(last); err != nil {
					return false, err
				}
			case !stepped:
				to = from
			}
		}
		if to < from { // SAT-MON
			to += top - low + 1
		}
		for n := from; n <= to; n += step {
			seen[low+(n-low)%(top-low+1)] = true
		}
	}
	return len(seen) == top-low+1, nil
}
