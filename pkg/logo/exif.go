package logo

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation reads tag 274 of the first directory of EXIF data, which is a
// TIFF header and a list of entries of 12 bytes. 1, upright, for what cannot
// be read.
func orientation(exif []byte) int {
	if len(exif) < 14 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(exif[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(exif[4:]))
	if at+2 > uint64(len(exif)) {
		return 1
	}
	entries := exif[at+2:]
	for range order.Uint16(exif[at:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 274 {
			return int(order.Uint16(entries[8:]))
		}
		entries = entries[12:]
	}
	return 1
}

// segments walks over a JPEG's markers up to the picture's data and calls
// each with the marker and its content, until it says to stop.
func segments(b []byte, each func(marker byte, content []byte) (stop bool)) {
	for b = b[2:]; len(b) >= 4 && b[0] == 0xff; {
		marker := b[1]
		if marker == 0xff { // a filler
			b = b[1:]
			continue
		}
		size := int(binary.BigEndian.Uint16(b[2:]))
		if marker == 0xda || size < 2 || 2+size > len(b) || each(marker, b[4:2+size]) {
			return
		}
		b = b[2+size:]
	}
}

func exifOfJPEG(b []byte) (exif []byte) {
	segments(b, func(marker byte, content []byte) bool {
		rest, ok := bytes.CutPrefix(content, []byte("Exif\x00\x00"))
		if marker == 0xe1 && ok {
			exif = rest
		}
		return exif != nil
	})
	return exif
}

// progressive says that a JPEG comes in several scans, which a decoder keeps
// until the last.
func progressive(b []byte, _ image.Config) (is bool) {
	segments(b, func(marker byte, _ []byte) bool {
		is = is || marker == 0xc2
		return is
	})
	return is
}

func exifOfPNG(b []byte) []byte {
	for b = b[8:]; len(b) >= 12; {
		size := uint64(binary.BigEndian.Uint32(b))
		if 12+size > uint64(len(b)) {
			return nil
		}
		if string(b[4:8]) == "eXIf" {
			return b[8 : 8+size]
		}
		b = b[12+size:]
	}
	return nil
}

func exifOfWebP(b []byte) []byte {
	for b = b[12:]; len(b) >= 8; {
		size := uint64(binary.LittleEndian.Uint32(b[4:]))
		if 8+size > uint64(len(b)) {
			return nil
		}
		if string(b[:4]) == "EXIF" {
			return bytes.TrimPrefix(b[8:8+size], []byte("Exif\x00\x00"))
		}
		b = b[min(uint64(len(b)), 8+size+size%2):] // chunks begin at even places
	}
	return nil
}
