// Package static holds the files served as they are, and the sources of scripts and styles.
package static

import "embed"

//go:embed css/* embed/* img/* js/*
var FS embed.FS
