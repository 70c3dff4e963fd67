package browsertest

import (
	"os"
	"testing"

	"olivebranch/pkg/testkit"
)

func TestMain(m *testing.M) {
	testkit.UnracedMain()
	os.Exit(m.Run())
}
