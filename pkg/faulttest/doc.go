// Package faulttest runs the real program and takes away what it stands on:
// it is killed at any moment and at any write, its disk is full, read-only or
// broken, its PostgreSQL is stopped. A ledger outside the program remembers
// every answer that was read whole; whatever the ledger has must be so
// afterwards. The package holds nothing but tests.
//
// go test runs the short version; OLIVEBRANCH_LONG=1 runs 300 rounds and
// 100,000 acknowledgements.
package faulttest
