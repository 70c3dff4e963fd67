package testkit

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// RssAnon is what a process holds in memory that is no file's, in MB; 0 for
// pid means the test's own.
func RssAnon(t testing.TB, pid int) float64 {
	t.Helper()
	if pid == 0 {
		pid = os.Getpid()
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skipf("only Linux tells of RssAnon: %v", err)
	}
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	var kB float64
	if _, err := fmt.Sscan(rest, &kB); err != nil {
		t.Fatalf("read RssAnon of process %d: %v", pid, err)
	}
	return kB / 1024
}
