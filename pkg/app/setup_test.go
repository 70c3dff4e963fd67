package app_test

import (
	"strconv"
	"testing"

	"olivebranch/pkg/address"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/audit"
	"olivebranch/pkg/testkit"
)

func id(n int64) string { return strconv.FormatInt(n, 10) }

func entry(t testing.TB, mail, message string, shown bool) appeal.Entry {
	t.Helper()
	to, err := address.ParseMail(mail)
	if err != nil {
		t.Fatal(err)
	}
	return appeal.Entry{Name: "Writer Example", Mail: to, Country: "FR", Lang: "en", Spoken: "fr", Origin: appeal.Online,
		Message: message, Shown: shown, Consents: appeal.ConsentShowName, Confirmed: testkit.Start}
}

func shownMessage(t *testing.T) appeal.Entry {
	t.Helper()
	return entry(t, "shown@example.org", "La paix, maintenant.", true)
}

func waitingMessage(t *testing.T) appeal.Entry {
	t.Helper()
	return entry(t, "queued@example.org", "Courage à toutes et à tous.", false)
}

var operator = audit.Actor{Kind: audit.Operator}
