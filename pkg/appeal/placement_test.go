package appeal_test

import (
	"maps"
	"testing"

	"olivebranch/pkg/appeal"
	"olivebranch/pkg/testkit"
)

func TestASignatureCountsForThePageOfItsBannerUntilItIsForgottenOrWithdrawn(t *testing.T) {
	onEach(t, func(t *testing.T, a *testkit.App) {
		const page, other = 41, 42
		expect := func(what string, want map[int64]int64) {
			t.Helper()
			got, err := a.Tally.PlacementSignatures(t.Context(), []int64{page, other})
			maps.DeleteFunc(got, func(_, n int64) bool { return n == 0 })
			if err != nil || !maps.Equal(got, want) {
				t.Errorf("%s: %v %v, want %v", what, got, err, want)
			}
			a.MustVerify()
		}
		var rows []int64
		for i, placement := range []int64{page, page, other, 0} {
			f := form(address(i))
			f.PlacementID = placement
			rows = append(rows, request(t, a, f))
		}
		expect("before anybody confirmed", map[int64]int64{})
		for _, row := range rows {
			confirm(t, a, row, appeal.OutcomeConfirmed)
		}
		expect("after all confirmed", map[int64]int64{page: 2, other: 1})
		if err := a.Signatures.Forget(t.Context(), rows[0]); err != nil {
			t.Fatal(err)
		}
		expect("after one was forgotten", map[int64]int64{page: 1, other: 1})
		if err := a.Signatures.Withdraw(t.Context(), rows[1]); err != nil {
			t.Fatal(err)
		}
		expect("after one was withdrawn", map[int64]int64{other: 1})
		var left int64
		if err := a.Store.Read(t.Context()).Table("signatures").Where("placement_id = ?", page).Count(&left).Error; err != nil || left != 0 {
			t.Errorf("%d rows still name the page, %v", left, err)
		}
		if err := a.Store.Read(t.Context()).Table("sign_requests").Where("placement_id <> 0").Count(&left).Error; err != nil || left != 0 {
			t.Errorf("%d confirmed requests still name a page, %v", left, err)
		}
		if a.Tally.Total() != 3 {
			t.Errorf("the total is %d", a.Tally.Total())
		}
	})
}
