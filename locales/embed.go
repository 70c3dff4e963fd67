package locales

import "embed"

//go:embed *.toml cldr
var FS embed.FS
