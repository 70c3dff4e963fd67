package banner

// Layout is the shape of a banner.
type Layout uint8

// The layouts. The zero value is what an unknown name gets.
const (
	Bar    Layout = iota // full width, 80 px high; 96 px where it is narrower than 480 px
	Sticky               // a bar at the foot of the window, which can be closed
	Box                  // 300 px wide, for a column
	Tall                 // 160 px wide, for a narrow column
	Wide                 // 728 px wide at most
	Card                 // for sharing: the picture of Open Graph
	Badge                // the smallest, for lists of links
	layouts
)

// NumLayouts is how many there are.
const NumLayouts = int(layouts)

// shape is what a layout is by itself. Sizes are in CSS pixels.
type shape struct {
	name          string
	width, height int // of the picture
	frame         int // width of the frame at most; 0: that of the page
	usual, narrow int // heights of the frame, and where it is narrower than 480 px
	draw          func(cast) scene
}

var shapes = [layouts]shape{
	Bar:    {"bar", 720, 96, 0, 80, 96, barScene(720, 96)},
	Sticky: {"sticky", 720, 96, 0, 80, 96, barScene(720, 96)},
	Box:    {"box", 300, 250, 300, 250, 250, drawBox},
	Tall:   {"tall", 160, 600, 160, 600, 600, drawTall},
	Wide:   {"wide", 728, 90, 728, 90, 96, barScene(728, 90)},
	Card:   {"card", 1200, 630, 600, 315, 315, drawCard},
	Badge:  {"badge", 88, 31, 88, 31, 31, drawBadge},
}

// LayoutOf returns the layout with a name, or Bar.
func LayoutOf(name string) Layout {
	for l := range layouts {
		if shapes[l].name == name {
			return l
		}
	}
	return Bar
}

func (l Layout) String() string { return shapes[l].name }

// Height is the room a frame of this layout needs in CSS pixels, however narrow it is.
func (l Layout) Height() int { return max(shapes[l].usual, shapes[l].narrow) }

// FrameHeights are those that the loader keeps room for in CSS pixels: usually, and where the frame is narrower than
// 480 of them.
func (l Layout) FrameHeights() (usual, narrow int) { return shapes[l].usual, shapes[l].narrow }

// FrameWidth is how wide a frame of this layout is at most in CSS pixels; 0
// is as wide as there is room.
func (l Layout) FrameWidth() int { return shapes[l].frame }

// PictureSize is that of its pictures in CSS pixels.
func (l Layout) PictureSize() (width, height int) { return shapes[l].width, shapes[l].height }

// Layouts returns all of them.
func Layouts() []Layout {
	all := make([]Layout, layouts)
	for i := range all {
		all[i] = Layout(i)
	}
	return all
}
