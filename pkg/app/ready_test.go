package app

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestReadinessAsksTheDatabaseOnceASecondAndWhenItWasIll(t *testing.T) {
	t.Parallel()
	asked, now := 0, time.Unix(1000, 0)
	var ill error
	r := readiness{now: func() time.Time { return now }, ping: func(context.Context) error { asked++; return ill }}
	for _, step := range []struct {
		after time.Duration
		ill   error
		asked int
	}{
		{0, nil, 1},
		{999 * time.Millisecond, errors.New("full"), 1}, // a good answer stands
		{time.Millisecond, errors.New("full"), 2},
		{0, errors.New("full"), 3}, // a bad one does not
		{0, nil, 4},
		{0, nil, 4},
		{-time.Hour, nil, 5}, // the clock went back
	} {
		now, ill = now.Add(step.after), step.ill
		err := r.ask(t.Context())
		if asked != step.asked || asked > 1 && (err == nil) != (step.ill == nil) {
			t.Errorf("%+v: asked %d times, %v", step, asked, err)
		}
	}
}
