package appeal_test

import (
	"context"
	"fmt"
	"testing"

	mailaddress "olivebranch/pkg/address"
	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/testkit"
)

// app runs the program on a fresh database, with limits off.
func onEach(t *testing.T, test func(t *testing.T, a *testkit.App)) {
	t.Helper()
	t.Parallel()
	testkit.OnEach(t, func(t *testing.T, c *config.Config) { test(t, testkit.Run(t, c)) })
}

// form is a good sign form of a person.
func form(email string) appeal.Form {
	return appeal.Form{Name: "Mina Example", Email: email, Country: "KR", Lang: "en", Consents: appeal.ConsentCount, Range: "192.0.2.0/24"}
}

// request stores a sign request and returns its row.
func request(t *testing.T, a *testkit.App, f appeal.Form) int64 {
	t.Helper()
	row, err := a.Intake.Request(context.Background(), f)
	if err != nil {
		t.Fatalf("request: %v", err)
	}
	return row
}

// confirm confirms a request and expects an outcome.
func confirm(t *testing.T, a *testkit.App, row int64, want appeal.Outcome) {
	t.Helper()
	got, err := a.Intake.Confirm(context.Background(), row)
	if err != nil || got != want {
		t.Fatalf("confirm: outcome %q, %v, want %q", got, err, want)
	}
}

func address(i int) string { return fmt.Sprintf("person-%d@example.org", i) }

// entry is a signature that came in another way than through the form.
func entry(t *testing.T, mail string) appeal.Entry {
	t.Helper()
	to, err := mailaddress.ParseMail(mail)
	if err != nil {
		t.Fatal(err)
	}
	return appeal.Entry{Name: "Mina Example", Mail: to, Country: "KR", Lang: "en", Origin: appeal.Online, Confirmed: testkit.Start}
}
