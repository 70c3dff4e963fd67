package app_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/config"
	"olivebranch/pkg/testkit"
)

// withOps is a campaign with an address for operators, on a free port.
func withOps(t *testing.T) *config.Config {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := testkit.SQLite(t)
	c.OpsAddr = free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOperatorsReadWhatTheNightErased(t *testing.T) {
	t.Parallel()
	c := withOps(t)
	a, _ := signed(t, c)
	w := &crowd{App: a, t: t}
	const want = "erased: 2 address ranges, 0 addresses, 0 addresses after the delivery, 0 coded addresses after the close"
	if err := w.due("retention", 30*24*time.Hour+time.Second); err != nil {
		t.Fatal(err)
	}
	res, err := http.Get("http://" + c.OpsAddr + "/retention")
	if err != nil {
		t.Fatal(err)
	}
	var last struct {
		At     int64
		Result string
	}
	if err := json.NewDecoder(res.Body).Decode(&last); err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
	if !strings.HasPrefix(last.Result, want+", ") || last.At != a.Clock.Now().UnixMilli() {
		t.Errorf("%+v, want %q", last, want)
	}
}

func TestOperatorsSeeHowMuchIsHeldAndLate(t *testing.T) {
	t.Parallel()
	c := withOps(t)
	a, rows := signed(t, c)
	if _, err := a.Sweeps.Apply(t.Context(), appeal.Order{IDs: rows, From: appeal.Counted, To: appeal.Mark{State: appeal.Held, Reason: appeal.ReasonAlike}, By: operator}); err != nil {
		t.Fatal(err)
	}
	for _, late := range []string{"0", "2"} {
		res, err := http.Get("http://" + c.OpsAddr + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		metrics, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
		for _, want := range []string{"olivebranch_held 2\n", "olivebranch_held_overdue " + late + "\n"} {
			if !strings.Contains(string(metrics), want) {
				t.Errorf("metrics lack %q", want)
			}
		}
		a.Clock.Advance(7 * 24 * time.Hour)
	}
}
