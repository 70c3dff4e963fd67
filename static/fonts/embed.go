// Package fonts holds the fonts that pictures are drawn with; OFL.txt says
// whose they are.
package fonts

import "embed"

//go:embed *.woff
var FS embed.FS
