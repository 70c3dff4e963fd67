package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"
	"gorm.io/gorm"

	"olivebranch/pkg/fault"
)

// ErrDown says that the database itself does not do its work at present: the
// disk is full, broken or read-only, another program keeps the file locked, or
// the server is away. Nothing is wrong with what was to be written; it is not
// written, and may be tried again later. Every error of that sort that comes
// through a handle is this one, so that people read a sentence (503) wherever
// it happens.
//
// The connection is kept, even after an fsync that failed, of which Linux
// forgets what was not written: SQLite moves the end of its log (mxFrame) only
// after the commit's fsync, so the next commit writes the same place anew; what
// was committed before had an fsync of its own; a checkpoint moves its mark
// (nBackfill) only after the database's fsync, and is done over (walFrames and
// walCheckpoint in SQLite's wal.c). What was refused may still turn out to be
// there after a crash, as with every answer that was lost.
//
// The operator's log has the cause once a minute, so callers need not log it.
var ErrDown = fault.New(fault.Unavailable, "error.paused")

// sqliteDown are the results of SQLite that are not the statement's fault.
var sqliteDown = map[sqlite3.ErrNo]bool{
	sqlite3.ErrFull: true, sqlite3.ErrIoErr: true, sqlite3.ErrReadonly: true, sqlite3.ErrCantOpen: true, sqlite3.ErrNomem: true,
	sqlite3.ErrBusy: true, sqlite3.ErrLocked: true, sqlite3.ErrProtocol: true, sqlite3.ErrCorrupt: true, sqlite3.ErrNotADB: true,
}

// postgresDown are the classes of PostgreSQL's codes that are not the
// statement's fault: connection, resources (a full disk among them), operator,
// system.
var postgresDown = []string{"08", "53", "57P", "58"}

// readOnlyServer is PostgreSQL's code for writing where one may only read,
// such as on a standby.
const readOnlyServer = "25006"

// down says that an error is the database's own. What the handle for reading
// refuses to write is a fault of the program.
func down(err error, writer bool) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var lite sqlite3.Error
	if errors.As(err, &lite) {
		return sqliteDown[lite.Code] && (writer || lite.Code != sqlite3.ErrReadonly)
	}
	var coded interface{ SQLState() string }
	if errors.As(err, &coded) {
		code := coded.SQLState()
		for _, class := range postgresDown {
			if strings.HasPrefix(code, class) {
				return true
			}
		}
		return writer && code == readOnlyServer
	}
	var unsent interface{ SafeToRetry() bool } // of PostgreSQL's driver: the connection had ended before
	if errors.As(err, &unsent) && unsent.SafeToRetry() {
		return true
	}
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network)
}

// translated is a dialect that makes ErrDown of what is.
type translated struct {
	dialect
	ill    *illness
	writer bool
}

// dialect is what GORM's drivers for our two databases are.
type dialect interface {
	gorm.Dialector
	gorm.ErrorTranslator
	gorm.SavePointerDialectorInterface
}

func (t translated) Translate(err error) error {
	if errors.Is(err, ErrDown) {
		return err
	}
	err = t.dialect.Translate(err)
	if !down(err, t.writer) {
		return err
	}
	t.ill.note(err)
	return ErrDown.Because(err)
}

// watchRows translates the errors of raw queries too, which GORM hands on as
// the driver made them.
func watchRows(db *gorm.DB) error {
	return db.Callback().Row().After("gorm:row").Register("olivebranch:translate", func(db *gorm.DB) {
		if t, ok := db.Dialector.(translated); ok && db.Error != nil {
			db.Error = t.Translate(db.Error)
		}
	})
}

// sayEvery is how often at most the log says that the database is down: under
// load it may be found out a thousand times in a second.
const sayEvery = time.Minute

// illness keeps the log short while the database is down.
type illness struct {
	now   func() time.Time
	mu    sync.Mutex
	ill   bool
	said  time.Time
	times int // since it was said
}

func (i *illness) note(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ill = true
	i.times++
	if now := i.now(); now.Sub(i.said) >= sayEvery {
		slog.Error("the database is down; people are asked to try again", "failures", i.times, "error", err)
		i.said, i.times = now, 0
	}
}

// well is called after a write was committed.
func (i *illness) well() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.ill {
		slog.Info("the database works again", "failures", i.times)
	}
	i.ill, i.times = false, 0
}
