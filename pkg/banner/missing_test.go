package banner_test

import (
	"context"
	"log/slog"
	"testing"
)

// missing is a log whose every record is an error of the test: a letter
// without a font, or a font that cannot be read.
type missing struct{ t testing.TB }

func (missing) Enabled(context.Context, slog.Level) bool { return true }
func (m missing) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	m.t.Error(text)
	return nil
}
func (m missing) WithAttrs([]slog.Attr) slog.Handler { return m }
func (m missing) WithGroup(string) slog.Handler      { return m }
