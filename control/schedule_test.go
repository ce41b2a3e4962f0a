package control

import "testing"

func TestDaily(t *testing.T) {
	for _, tt := range []struct {
		schedule string
		want     bool
	}{
		{"cron(0 5 ? * * *)", true},
		{"cron(0 5 * * ? *)", true},
		{"0 12 * * ? *", true},
		{"cron(0/15 * ? * * *)", true},
		{"cron(0 5 1/1 * ? *)", true},
		{"cron(0 5 */1 * ? *)", true},
		{"cron(0 5 1-31 * ? *)", true},
		{"cron(0 5 1-15,16-31 * ? *)", true},
		{"cron(0 5 ? * SUN-SAT *)", true},
		{"cron(0 5 ? * MON-SUN *)", true},
		{"cron(0 5 ? * 1-7 *)", true},
		{"cron(0 5 ? JAN-DEC * *)", true},
		{"cron(0 5 ? * MON-FRI *)", false},
		{"cron(0 5 ? * mon,tue,wed,thu,fri,sat *)", false},
		{"cron(0 5 ? * 2#1 *)", false},
		{"cron(0 5 ? * WED#1 *)", false},
		{"cron(0 5 L * ? *)", false},
		{"cron(0 5 15W * ? *)", false},
		{"cron(0 5 1/2 * ? *)", false},
		{"cron(0 5 1 * ? *)", false},
		{"cron(0 5 2-31 * ? *)", false},
		{"cron(0 5 ? 1-11 * *)", false},
		{"cron(0 5 ? JUL * *)", false},
		{"cron(0 5 ? * * 2026)", false},
		{"rate(1 day)", true},
		{"rate(12 hours)", true},
		{"rate(1440 minutes)", true},
		{"rate(25 hours)", false},
		{"rate(7 days)", false},
	} {
		if got, err := daily(tt.schedule); err != nil || got != tt.want {
			t.Errorf("%s: %v, %v", tt.schedule, got, err)
		}
	}
	for _, s := range []string{"", "cron(0 5 * * ?)", "cron(0 5 32 * ? *)", "cron(0 5 ? * FRY *)", "cron(0 5 1/0 * ? *)", "cron(0 5 1-x * ? *)", "rate(1 week)", "rate(day)", "rate(0 days)", "at(2026-01-01T00:00:00)"} {
		if got, err := daily(s); err == nil {
			t.Errorf("%q is read as %v", s, got)
		}
	}
}
