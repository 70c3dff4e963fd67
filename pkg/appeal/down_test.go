package appeal_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/store"
	"olivebranch/pkg/testkit"
)

// One by one some of them would fit, after a thousand tries: a full disk is no
// fault of an item.
func TestABatchThatMeetsAFullDiskIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	a := testkit.Run(t, testkit.SQLite(t))
	var pages int64
	if err := a.Store.Read(t.Context()).Raw("PRAGMA page_count").Scan(&pages).Error; err != nil {
		t.Fatal(err)
	}
	limit := func(n int64) {
		if err := a.Store.Exec(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", n)); err != nil {
			t.Fatal(err)
		}
	}
	var forms []appeal.Form
	for i := range 100 {
		f := form(address(i))
		f.Message = strings.Repeat("peace ", 80)
		forms = append(forms, f)
	}
	limit(pages + 8)
	for i, err := range a.Intake.CommitTogether(forms...) {
		if !errors.Is(err, store.ErrDown) {
			t.Fatalf("item %d was told %v, want ErrDown", i, err)
		}
	}
	var rows int64
	if err := a.Store.Read(t.Context()).Table("sign_requests").Count(&rows).Error; err != nil || rows != 0 {
		t.Errorf("%d rows, %v, want none", rows, err)
	}
	limit(1 << 30)
	for i, err := range a.Intake.CommitTogether(forms...) {
		if err != nil {
			t.Fatalf("when there is room again item %d was told %v", i, err)
		}
	}
	a.MustVerify()
}
