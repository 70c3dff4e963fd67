package web_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"olivebranch/pkg/staff"
	"olivebranch/pkg/testkit"
)

func TestAnAlarmLeadsToASweepWithWhatItIsAbout(t *testing.T) {
	t.Parallel()
	h := furnished(t, testkit.SQLite(t))
	reviewer := h.asStaff(staff.Reviewer)
	link := regexp.MustCompile(`href="(/console/sweeps\?[^"#]+)#f-domains"`).FindStringSubmatch(h.get("/console/alarms", reviewer...).body)
	if link == nil {
		t.Fatal("no alarm leads to a sweep")
	}
	form := h.get(html.UnescapeString(link[1]), reviewer...).body
	for _, filled := range []string{`>throw-away.example</textarea>`, `<option value="FR" selected>`, `name="from" type="datetime-local" value="20`, `name="to" type="datetime-local" value="20`} {
		if !strings.Contains(form, filled) {
			t.Errorf("the form has no %s", filled)
		}
	}
}
