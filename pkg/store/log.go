package store

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/utils"
)

// slow is how long a statement may take before it is logged.
const slow = 500 * time.Millisecond

// quiet is GORM's logger: it names the place of a slow statement, and at
// level debug of a failed one, which its caller reports anyway. It never
// writes the statement itself, for GORM puts the values into it.
type quiet struct{}

func (quiet) LogMode(logger.LogLevel) logger.Interface { return quiet{} }

func (quiet) Info(_ context.Context, message string, _ ...any)  { slog.Info("database: " + message) }
func (quiet) Warn(_ context.Context, message string, _ ...any)  { slog.Warn("database: " + message) }
func (quiet) Error(_ context.Context, message string, _ ...any) { slog.Error("database: " + message) }

func (quiet) Trace(_ context.Context, begin time.Time, _ func() (string, int64), err error) {
	took := time.Since(begin)
	if took > slow {
		slog.Warn("slow statement", "place", utils.FileWithLineNum(), "took", took)
	}
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		slog.Debug("statement failed", "place", utils.FileWithLineNum(), "error", err)
	}
}
