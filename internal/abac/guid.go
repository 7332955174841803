package abac

import "encoding/hex"

type guid [16]byte

// parseGUID reads a GUID of 32 digits, with the four hyphens or without any:
// built-in roles have both (AZ32).
func parseGUID(s string) (guid, bool) {
	var g guid
	if len(s) != 32 && len(s) != 36 {
		return guid{}, false
	}
	digits := 0
	for i := range len(s) {
		if len(s) == 36 && (i == 8 || i == 13 || i == 18 || i == 23) {
			if s[i] != '-' {
				return guid{}, false
			}
			continue
		}
		d, ok := hexDigit(s[i])
		if !ok {
			return guid{}, false
		}
		g[digits/2] = g[digits/2]<<4 | d
		digits++
	}
	return g, true
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	default:
		return 0, false
	}
}

// String returns the GUID in lower case and with hyphens.
func (g guid) String() string {
	h := hex.EncodeToString(g[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
