package app

// SealedColumns is sealedColumns, for tests that fill all of them.
var SealedColumns = sealedColumns

// ResealChunk is one transaction of Reseal.
var ResealChunk = (*Core).resealChunk
