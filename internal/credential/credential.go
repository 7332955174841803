package credential

import (
	"math"
	"regexp"
	"strings"
)

// Of returns what kind of credential the value looks like, as a noun with its article
// ("a private key"), and false if it looks like none. The name is that of the variable,
// key or flag, and may be empty.
func Of(name, value string) (kind string, ok bool) {
	value = strings.TrimSpace(value)
	if value == "" || isReference(value) {
		return "", false
	}
	if kind, ok := shapeOf(value); ok {
		return kind, true
	}
	if namesSecret(name) && isLiteral(value) {
		return "a value whose name says that it is a secret", true
	}
	if isRandom(value) {
		return "a value of high entropy", true
	}
	return "", false
}

// InText returns what kind of credential is in a text of several lines, such as a file
// of configuration: in any line as a whole, or as NAME=VALUE or NAME: VALUE.
func InText(name, text string) (kind string, ok bool) {
	if kind, ok := Of(name, text); ok {
		return kind, true
	}
	for line := range strings.Lines(text) {
		m := assignment.FindStringSubmatch(strings.TrimRight(line, "\r\n,"))
		if m == nil {
			continue
		}
		if kind, ok := Of(m[1], strings.Trim(m[2], `"'`)); ok {
			return kind, true
		}
	}
	return "", false
}

// assignment takes NAME=VALUE, NAME: VALUE and their like apart.
var assignment = regexp.MustCompile(`^[\s"'-]*([A-Za-z_][A-Za-z0-9_.-]*)["']?\s*[:=]\s*(\S+)\s*$`)

// reference is a value that some tool puts another in place of, or a mask.
var reference = regexp.MustCompile(`^(\$\(.*\)|\$\{.*\}|\{\{.*\}\}|\$[A-Za-z_][A-Za-z0-9_]*|<.*>|%[A-Za-z_]+%|#\{.*\}#?|@Microsoft\.KeyVault\(.*\)|\*+|[xX]+|ENC\[.*\])$`)

func isReference(s string) bool { return reference.MatchString(s) }

// secretName is a name whose value is a credential, if it is a literal.
var secretName = regexp.MustCompile(`(?i)(^|[^a-z])(passwords?|passwd|passphrase|pwd|secrets?|api[-_.]?keys?|access[-_.]?keys?|account[-_.]?keys?|private[-_.]?keys?|signing[-_.]?keys?|encryption[-_.]?keys?|shared[-_.]?keys?|auth[-_.]?tokens?|access[-_.]?tokens?|refresh[-_.]?tokens?|bearer|sas[-_.]?tokens?|tokens?|client[-_.]?secrets?|credentials?)$`)

// camelCase puts an underscore between the words of clientSecret.
var camelCase = regexp.MustCompile(`([a-z0-9])([A-Z])`)

func namesSecret(name string) bool {
	return secretName.MatchString(camelCase.ReplaceAllString(name, "${1}_${2}"))
}

// plain are values that no credential has, whatever the name says: switches, numbers
// of few digits, paths, addresses, and names of other things.
var plain = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|none|null|nil|disabled|enabled|optional|required|default|auto|kubernetes|azure|vault|file|env|jwt|oidc|oauth2?|basic|bearer|-?\d{1,5}(\.\d+)?(ms|[smhd])?)$|^\.{0,2}/|^[a-z][a-z0-9+.-]*://|^[a-z]:\\`)

// isLiteral reports whether a value that a name calls a secret may well be one.
func isLiteral(value string) bool {
	return len(value) >= 4 && !plain.MatchString(value) && !strings.ContainsAny(value, " \t\n{}")
}

// token is a text of one run that some generator may have made.
var token = regexp.MustCompile(`^[A-Za-z0-9+/_~.=-]{20,512}$`)

// What is long and looks made at random, and is no secret.
var harmless = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|^(sha(1|256|384|512)[:-]).*|^[0-9a-f]+$|^[0-9.]+$`)

// leastEntropy is the entropy, in bits a character, from which on a text of upper and
// lower case letters with digits is taken to be made at random: words stay below it.
const leastEntropy = 4.0

// isRandom reports whether the value is made at random, to all appearance: one run of
// upper case, lower case and digits, without the separators of names, with
// digits in several places, and without long stretches of one kind of letter, which
// words have. Hexadecimal digits alone may
// be a hash of anything.
func isRandom(value string) bool {
	if !token.MatchString(value) || harmless.MatchString(value) {
		return false
	}
	value = strings.TrimRight(value, "=")
	if strings.ContainsAny(value, "._-~") || strings.HasPrefix(value, "/") || strings.Count(value, "/") > len(value)/20+1 {
		return false
	}
	classes := [3]int{}
	changes, numbers, before := 0, 0, -1
	for i := range len(value) {
		class := classOf(value[i])
		if class < 0 {
			continue
		}
		classes[class]++
		if before >= 0 && class != before {
			changes++
		}
		if class == 2 && class != before {
			numbers++
		}
		before = class
	}
	return classes[0] > 0 && classes[1] > 0 && numbers >= 2 && changes*3 >= len(value) && entropy(value) >= leastEntropy
}

func classOf(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return 0
	case c >= 'A' && c <= 'Z':
		return 1
	case c >= '0' && c <= '9':
		return 2
	}
	return -1
}

// entropy returns the Shannon entropy of the text's characters, in bits.
func entropy(s string) (bits float64) {
	var counts [256]int
	for i := range len(s) {
		counts[s[i]]++
	}
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(len(s))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}
