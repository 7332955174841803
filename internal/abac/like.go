package abac

import (
	"unicode"
	"unicode/utf8"
)

// matchLike reports whether the text is like the pattern: * is any run of
// characters, ? any one, and a backslash before either makes it itself (AZ31).
func matchLike(text, pattern string, f folding) bool {
	// Where to go on after the last star, if what follows it does not fit.
	resumeText, resumePattern := "", ""
	starred := false
	for {
		want, wild, size := likeRune(pattern)
		if wild == '*' {
			pattern = pattern[size:]
			resumeText, resumePattern, starred = text, pattern, true
			continue
		}
		got, width := utf8.DecodeRuneInString(text)
		switch {
		case size == 0 && width == 0:
			return true
		case size > 0 && width > 0 && (wild == '?' || sameRune(got, want, f)):
			text, pattern = text[width:], pattern[size:]
		case starred && resumeText != "":
			_, skip := utf8.DecodeRuneInString(resumeText)
			resumeText = resumeText[skip:]
			text, pattern = resumeText, resumePattern
		default:
			return false
		}
	}
}

// likeRune returns the first character of a pattern: one to match, or a
// wildcard, and how many bytes it takes.
func likeRune(pattern string) (want, wild rune, size int) {
	r, size := utf8.DecodeRuneInString(pattern)
	switch {
	case r == '\\' && len(pattern) > 1 && (pattern[1] == '*' || pattern[1] == '?'):
		return rune(pattern[1]), 0, 2
	case size > 0 && (r == '*' || r == '?'):
		return 0, r, size
	default:
		return r, 0, size
	}
}

func hasPrefix(text, prefix string, f folding) bool {
	for prefix != "" {
		want, size := utf8.DecodeRuneInString(prefix)
		got, width := utf8.DecodeRuneInString(text)
		if width == 0 || !sameRune(got, want, f) {
			return false
		}
		text, prefix = text[width:], prefix[size:]
	}
	return true
}

// sameText compares all of both.
func sameText(a, b string, f folding) bool {
	for a != "" && b != "" {
		x, width := utf8.DecodeRuneInString(a)
		y, size := utf8.DecodeRuneInString(b)
		if !sameRune(x, y, f) {
			return false
		}
		a, b = a[width:], b[size:]
	}
	return a == b
}

// folding says which letters are the same but for their case.
type folding uint8

const (
	exactCase folding = iota // none
	asciiCase                // those of ASCII
	anyCase                  // those of Unicode, too
)

func sameRune(a, b rune, f folding) bool {
	switch {
	case a == b:
		return true
	case f == exactCase:
		return false
	case f == asciiCase:
		return a|0x20 == b|0x20 && 'a' <= a|0x20 && a|0x20 <= 'z'
	}
	for r := unicode.SimpleFold(a); r != a; r = unicode.SimpleFold(r) {
		if r == b {
			return true
		}
	}
	return false
}
