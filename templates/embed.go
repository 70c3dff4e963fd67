package templates

import "embed"

//go:embed */*
var FS embed.FS
