package arm

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// str reads a string, which may span lines.
func (r *reader) str() (string, error) {
	start := r.at
	r.at++
	var b strings.Builder
	for r.at < len(r.text) {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			return strings.ToValidUTF8(b.String(), "\uFFFD"), nil
		case c == '\\':
			if err := r.escape(&b); err != nil {
				return "", err
			}
		case c < ' ' && c != '\n' && c != '\r' && c != '\t':
			return "", r.wrong(r.at, "the control character %#02x in a string, want an escape", c)
		case c >= utf8.RuneSelf:
			// One replacement for each byte that is wrong, as encoding/json has it.
			ch, size := utf8.DecodeRune(r.text[r.at:])
			b.WriteRune(ch)
			r.at += size
		default:
			b.WriteByte(c)
			r.at++
		}
	}
	return "", r.wrong(start, "the string that begins here does not end, want a quote")
}

func (r *reader) escape(b *strings.Builder) error {
	start := r.at
	r.at += 2
	if r.at > len(r.text) {
		return r.wrong(start, "want a character after the backslash")
	}
	const escapes, meaning = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	c := r.text[start+1]
	if i := strings.IndexByte(escapes, c); i >= 0 {
		b.WriteByte(meaning[i])
		return nil
	}
	if c != 'u' {
		return r.wrong(start, "want one of \"\\/bfnrtu after a backslash")
	}
	high, ok := hex4(r.text[r.at:])
	if !ok {
		return r.wrong(start, "want four hexadecimal digits after \\u")
	}
	r.at += 4
	if high >= 0xD800 && high < 0xDC00 && bytes.HasPrefix(r.text[r.at:], []byte(`\u`)) {
		if low, ok := hex4(r.text[r.at+2:]); ok && low >= 0xDC00 && low < 0xE000 {
			high = 0x10000 + (high-0xD800)<<10 + (low - 0xDC00)
			r.at += 6
		}
	}
	b.WriteRune(high) // half a surrogate pair becomes U+FFFD
	return nil
}

func hex4(text []byte) (rune, bool) {
	if len(text) < 4 {
		return 0, false
	}
	var v rune
	for _, c := range text[:4] {
		i := strings.IndexByte("0123456789abcdef", c|0x20)
		if i < 0 || i < 10 && c|0x20 != c {
			return 0, false
		}
		v = v<<4 | rune(i)
	}
	return v, true
}
