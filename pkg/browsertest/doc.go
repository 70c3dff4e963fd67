// Package browsertest walks through the program in a real Chromium: the
// program at http://localhost:PORT, partners' pages on a second site,
// http://127.0.0.1:OTHERPORT. It fails on any uncaught exception, console
// error, refused content or request to a third site, in pages, frames and new
// windows alike, and runs axe-core on each page it meets.
//
// It needs Chromium on the PATH, and npm to fetch axe-core into the user's
// cache folder; what is absent is skipped. What one answer of the server looks
// like is left to the tests beside the code.
package browsertest
