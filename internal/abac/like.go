package abac

import (
	"unicode"
	"unicode/utf8"
)

// matchLike reports whether the text is like the pattern: * is any run of
// characters, ? any one, and a backslash before either makes it itself (AZ31).
func matchLike(text, pattern string, anyCase bool) bool {
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
		case size > 0 && width > 0 && (wild == '?' || sameRune(got, want, anyCase)):
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

func hasPrefix(text, prefix string, anyCase bool) bool {
	for prefix != "" {
		want, size := utf8.DecodeRuneInString(prefix)
		got, width := utf8.DecodeRuneInString(text)
		if width == 0 || !sameRune(got, want, anyCase) {
			return false
		}
		text, prefix = text[width:], prefix[size:]
	}
	return true
}

// sameRune compares as strings.EqualFold does.
func sameRune(a, b rune, anyCase bool) bool {
	if a == b || !anyCase {
		return a == b
	}
	for r := unicode.SimpleFold(a); r != a; r = unicode.SimpleFold(r) {
		if r == b {
			return true
		}
	}
	return false
}
