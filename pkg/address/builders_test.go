package address_test

import (
	"testing"

	"olivebranch/pkg/address"
)

func TestFramesOfSiteBuildersAreAnybodys(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"1234-atari-embeds.googleusercontent.com", "acme-org.filesusr.com", "acme.wixsite.com", "x.squarespace.com", "acme-org.translate.goog"} {
		if !address.Builders(host) || !address.Anybodys(host) {
			t.Error(host)
		}
	}
	for _, host := range []string{"acme.example", "notfilesusr.com", "com", ""} {
		if address.Builders(host) {
			t.Error(host)
		}
	}
	for host, want := range map[string]bool{"blog.naver.com": true, "facebook.com": true, "acme.tistory.com": false, "acme.example": false, "acme.github.io": false} {
		if address.Anybodys(host) != want {
			t.Error(host)
		}
	}
}
