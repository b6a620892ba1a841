package app

import (
	"strconv"

	"rsc.io/qr/coding"
)

// quiet is how many modules of nothing stand around a QR code, as ISO/IEC 18004
// wants it.
const quiet = 4

// qrPath returns the dark modules of the QR code of a text as the path of an SVG, each
// one unit wide, and how many it is wide; 0 if the text is too long for one.
func qrPath(content string) (path string, size int) {
	code := qrCode(content)
	if code == nil {
		return "", 0
	}
	var d []byte
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if n := int64(x - from); n > 0 {
				d = strconv.AppendInt(append(d, 'M'), int64(from), 10)
				d = strconv.AppendInt(append(d, ' '), int64(y), 10)
				d = strconv.AppendInt(append(d, 'h'), n, 10)
				d = strconv.AppendInt(append(d, "v1h"...), -n, 10)
				d = append(d, 'z')
			}
		}
	}
	return string(d), code.Size
}

// qrCode makes the smallest code that holds a text.
func qrCode(content string) *coding.Code {
	bytes := coding.String(content)
	for v := coding.Version(coding.MinVersion); v <= coding.MaxVersion; v++ {
		if bytes.Bits(v) > v.DataBytes(coding.M)*8 {
			continue
		}
		plan, err := coding.NewPlan(v, coding.M, 0)
		if err != nil {
			return nil
		}
		code, err := plan.Encode(bytes)
		if err != nil {
			return nil
		}
		return code
	}
	return nil
}

// qrBox is the part of the plane that the code and its quiet zone take.
func qrBox(size int) string {
	edge, all := strconv.Itoa(-quiet), strconv.Itoa(size+2*quiet)
	return edge + " " + edge + " " + all + " " + all
}
