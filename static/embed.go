// Package static holds the files served as they are, and the sources of scripts and styles.
package static

import "embed"

//go:embed */*
var FS embed.FS
