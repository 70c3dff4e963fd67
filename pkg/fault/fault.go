// Package fault is the one error type of the program. An error has two
// readers: the visitor gets a sentence, named here by a message key with its
// arguments and put into words by package locale; the operator gets the
// wrapped cause in the log. Packages below the web say what kind of trouble
// it is and never which status code that becomes.
package fault

import (
	"errors"
	"fmt"
	"sort"
)

// Kind says what sort of trouble an error is; the web maps each to one status.
type Kind int

// The kinds, with the HTTP status the web gives each.
const (
	Internal        Kind = iota // 500: ours; nothing of it is shown
	Invalid                     // 422: what was sent is not acceptable
	BadRequest                  // 400: what was sent cannot even be read
	Unauthenticated             // 401: nobody is signed in
	Forbidden                   // 403: somebody is, and may not
	NotFound                    // 404: there is no such thing
	NotAllowed                  // 405: not with this method
	Conflict                    // 409: somebody else was first
	Gone                        // 410: there was such a thing
	TooLarge                    // 413
	Unsupported                 // 415: not in this format
	Misdirected                 // 421: not on this host
	TooMany                     // 429
	Unavailable                 // 503: not now; try again
)

// Args are the named values of a message's placeholders.
type Args map[string]any

// Error is a fault: Key and Args for people, Cause for the log.
// Fields, when present, holds one sentence for each refused form field.
type Error struct {
	Kind   Kind
	Key    string
	Args   Args
	Fields Fields
	Cause  error
}

// New makes a fault of a kind, with the message key people read.
// Pairs are placeholder names and their values, in turn.
func New(kind Kind, key string, pairs ...any) *Error {
	e := &Error{Kind: kind, Key: key}
	for i := 0; i+1 < len(pairs); i += 2 {
		if e.Args == nil {
			e.Args = Args{}
		}
		e.Args[pairs[i].(string)] = pairs[i+1]
	}
	return e
}

// Because returns a copy of e with the cause the operator reads.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

func (e *Error) Error() string {
	s := e.Key
	if len(e.Fields) > 0 {
		s = fmt.Sprintf("%s %v", s, e.Fields.Names())
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Cause }

// Is makes errors.Is compare kind and key, so that a package can export its
// faults as variables and return copies with causes.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Key == e.Key
}

// KindOf returns the kind of the first fault in err's chain; Internal if none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Fields are the refused fields of a form: name to fault.
type Fields map[string]*Error

// Add notes that a field was refused. The first fault of a field stays;
// a nil err is no fault. An error that is no fault is kept as it is, so that
// Err can return it.
func (f Fields) Add(field string, err error) {
	if err == nil || f[field] != nil {
		return
	}
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Kind: Internal, Key: "error.internal", Cause: err}
	}
	f[field] = e
}

// Names lists the refused fields in alphabetical order.
func (f Fields) Names() []string {
	names := make([]string, 0, len(f))
	for n := range f {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Err returns nil when no field was refused, an internal fault when one of
// the checks itself failed, else one Invalid fault that carries them all.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	for _, e := range f {
		if e.Kind == Internal {
			return e
		}
	}
	return &Error{Kind: Invalid, Key: "form.refused", Fields: f}
}

// Join makes one refusal of several, so that all fields are named at once. An
// error that is no refusal of fields stands alone, and nil for none.
func Join(errs ...error) error {
	all := Fields{}
	for _, err := range errs {
		var e *Error
		if err == nil {
			continue
		}
		if !errors.As(err, &e) || len(e.Fields) == 0 {
			return err
		}
		for name, f := range e.Fields {
			all.Add(name, f)
		}
	}
	return all.Err()
}
