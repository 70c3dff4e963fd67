package banner

import (
	"bytes"
	"fmt"
	"image/color"

	"github.com/skip2/go-qrcode"
)

// qrLevel mends a seventh of the code, enough for a poster that was out in
// the rain.
const qrLevel = qrcode.Medium

// qrQuiet is the margin that scanners need, in modules (ISO/IEC 18004).
const qrQuiet = 4

// QRSVG draws a QR code of an address, of one unit for each module.
func QRSVG(address string) ([]byte, error) {
	rows, err := modules(address)
	if err != nil {
		return nil, err
	}
	size := len(rows) + 2*qrQuiet
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="`, size, size, size, size)
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			end := x
			for end < len(row) && row[end] {
				end++
			}
			if end > x {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+qrQuiet, y+qrQuiet, end-x, end-x)
				x = end
			}
		}
	}
	b.WriteString(`"/></svg>` + "\n")
	return b.Bytes(), nil
}

// QRPNG draws it with a number of pixels for each module.
func QRPNG(address string, module int) ([]byte, error) {
	q, err := qrcode.New(address, qrLevel)
	if err != nil {
		return nil, fmt.Errorf("QR code of %d bytes: %w", len(address), err)
	}
	q.ForegroundColor, q.BackgroundColor = color.Black, color.White
	return q.PNG(-module)
}

// modules are the dark squares without their margin.
func modules(address string) ([][]bool, error) {
	q, err := qrcode.New(address, qrLevel)
	if err != nil {
		return nil, fmt.Errorf("QR code of %d bytes: %w", len(address), err)
	}
	q.DisableBorder = true
	return q.Bitmap(), nil
}
