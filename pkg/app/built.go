package app

import (
	"sync"

	"olivebranch/locales"
	"olivebranch/pkg/locale"
	"olivebranch/pkg/view"
	"olivebranch/static"
	"olivebranch/templates"
)

// What is built into the program is read once in a process, however many
// campaigns it opens, as tests do: reading it takes most of the time of that.

var catalogues = sync.OnceValues(func() (*locale.Catalogues, error) { return locale.Load(locales.FS) })

var assets = sync.OnceValues(func() (*view.Assets, error) { return view.LoadAssets(static.FS, "css", "js", "img") })

var views = sync.OnceValues(func() (*view.Views, error) {
	a, err := assets()
	if err != nil {
		return nil, err
	}
	return view.Load(templates.FS, a)
})
