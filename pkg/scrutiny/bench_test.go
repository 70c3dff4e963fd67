package scrutiny_test

import (
	"fmt"
	"testing"

	"context"
	"olivebranch/pkg/mailer"
	"olivebranch/pkg/scrutiny"
	"olivebranch/pkg/testkit"
)

// lost is a mail server that takes letters, and no catcher.
type lost struct{}

func (lost) Send(context.Context, mailer.Letter) error { return nil }

// BenchmarkDoubt asks about requests from many places, as the intake does for
// each.
func BenchmarkDoubt(b *testing.B) {
	a := testkit.Run(b, testkit.SQLite(b))
	froms := make([]scrutiny.Seen, 4096)
	for i := range froms {
		froms[i] = seen(a, fmt.Sprintf("d%d.example", i), fmt.Sprintf("10.%d.%d.0/24", i/256, i%256), "KR", int64(i%50))
	}
	for i := 0; b.Loop(); i++ {
		a.Scrutiny.Doubt(froms[i%len(froms)])
	}
}
