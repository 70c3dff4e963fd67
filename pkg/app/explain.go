package app

import (
	"errors"
	"strings"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/fault"
)

// Explain puts a refusal into English sentences, for the command line; "" for
// an error that is none of ours.
func (o *Core) Explain(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind == fault.Internal {
		return ""
	}
	w := o.Catalogues.For(appeal.DefaultLang)
	say := func(f *fault.Error) string {
		var pairs []any
		for name, value := range f.Args {
			pairs = append(pairs, name, value)
		}
		return w.T(f.Key, pairs...)
	}
	sentences := []string{say(f)}
	for _, name := range f.Fields.Names() {
		sentences = append(sentences, name+": "+say(f.Fields[name]))
	}
	return strings.Join(sentences, "\n")
}
