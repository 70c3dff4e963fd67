package outbound

import (
	"errors"
	"testing"
)

// What the dialer asks just before it connects: nothing above it need be
// right.
func TestTheDialerConnectsToThePortsOfThePublicWebOnly(t *testing.T) {
	t.Parallel()
	c := New("https://appeal.test")
	for _, to := range []string{"8.8.8.8:80", "8.8.8.8:443", "[2606:4700::1111]:443"} {
		if err := c.judge("tcp", to, nil); err != nil {
			t.Errorf("%s: %v", to, err)
		}
	}
	for _, to := range []string{"8.8.8.8:22", "8.8.8.8:25", "8.8.8.8:8080", "8.8.8.8:0", "[2606:4700::1111]:6379", "127.0.0.1:80", "[::1]:443",
		"[::ffff:10.0.0.1]:80", "[fe80::1%eth0]:80", "localhost:80", "/run/postgresql.sock", ""} {
		if err := c.judge("tcp", to, nil); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v, want ErrRefused", to, err)
		}
	}
}
