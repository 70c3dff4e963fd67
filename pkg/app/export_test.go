package app

// SealedColumns is sealedColumns, for tests that fill all of them.
var SealedColumns = sealedColumns

// ResealChunk is one transaction of Reseal.
var ResealChunk = (*Core).resealChunk

// FollowWall is how the watcher reads the wall anew.
var FollowWall = (*App).followWall

// WallOf is a wall of those changes.
func WallOf(messages, register int64) wallOf { return wallOf{messages, register} }
