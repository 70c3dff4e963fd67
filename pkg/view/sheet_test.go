package view_test

import (
	"slices"
	"testing"

	"olivebranch/pkg/view"
)

func TestPiecesOfALine(t *testing.T) {
	t.Parallel()
	got := view.Line("Hello " + view.Isolate("Ann") + ", " + view.Isolate("x")).Pieces()
	want := []view.Piece{{Text: "Hello "}, {Text: "Ann", Inserted: true}, {Text: ", "}, {Text: "x", Inserted: true}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
