package locales

import "embed"

//go:embed *.toml console cldr
var FS embed.FS
