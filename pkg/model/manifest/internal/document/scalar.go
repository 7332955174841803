package document

import (
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v4"
	sigsyaml "sigs.k8s.io/yaml"
)

// scalar is what the meaning of a YAML scalar depends on.
type scalar struct {
	tag, text string
	quoted    bool
	key       bool
}

// scalarNode appends the JSON of a scalar node.
func (c *converter) scalarNode(n *yaml.Node) error {
	if !c.scalar(scalarOf(n)) {
		return fail(n, "this scalar cannot be expressed in JSON")
	}
	return nil
}

// scalar appends the JSON of a scalar, if it has any: NaN does not.
func (c *converter) scalar(s scalar) bool {
	switch {
	case s.isString():
		c.out = appendString(c.out, s.text)
		return true
	case s.tag == "" && isDecimal(s.text):
		c.out = append(c.out, s.text...)
		return true
	}
	resolved, ok := c.ask(s)
	c.out = append(c.out, resolved...)
	return ok
}

// nodeName returns the string that a key becomes.
func (c *converter) nodeName(n *yaml.Node) (string, error) {
	if n = target(n); n.Kind == yaml.ScalarNode {
		if name, ok := c.name(scalarOf(n)); ok {
			return name, nil
		}
	}
	return "", fail(n, "this key cannot be expressed in JSON")
}

func (c *converter) name(s scalar) (string, bool) {
	if s.isString() || s.tag == "" && isDecimal(s.text) {
		return s.text, true
	}
	s.key = true
	resolved, ok := c.ask(s)
	if !ok {
		return "", false
	}
	return unquote([]byte(resolved)), true
}

func scalarOf(n *yaml.Node) scalar {
	s := scalar{text: n.Value, quoted: n.Tag == "!" || n.Style&^(yaml.TaggedStyle|yaml.FlowStyle) != 0}
	if n.Style&yaml.TaggedStyle != 0 {
		s.tag = n.Tag
	}
	return s
}

// isString reports whether the scalar is a string by any reading. False means
// that it has to be asked for.
func (s scalar) isString() bool {
	if s.tag != "" {
		return s.tag == "!!str"
	}
	return s.quoted || !mayMeanMore(s.text)
}

// mayMeanMore reports whether YAML 1.1 might read a plain scalar as something
// other than a string: a number, a boolean, null. It may err on that side.
func mayMeanMore[T string | []byte](s T) bool {
	if len(s) == 0 {
		return true
	}
	switch c := s[0]; {
	case c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.':
		return mayBeNumber(s)
	case c == '~':
		return true
	case strings.IndexByte("yYnNtTfFoO", c) >= 0:
		var lower [len("false")]byte
		if len(s) > len(lower) {
			return false
		}
		for i := range len(s) {
			lower[i] = s[i] | 0x20
		}
		switch string(lower[:len(s)]) {
		case "y", "n", "yes", "no", "true", "false", "on", "off", "null":
			return true
		}
	}
	return false
}

func mayBeNumber[T string | []byte](s T) bool {
	i := 0
	if s[0] == '+' || s[0] == '-' {
		i = 1
	}
	if i+1 < len(s) && s[i] == '0' && strings.IndexByte("xXoObB", s[i+1]) >= 0 {
		return true
	}
	points, digits := 0, 0
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '.':
			points++
		case c == '+' || c == '-':
			if s[i-1]|0x20 != 'e' {
				return false
			}
		case c == '_': // is overlooked in numbers, even in the x of 0x1
			return true
		case strings.IndexByte("eEiInNfFaA", c) < 0: // exponents, .inf and .nan
			return false
		}
	}
	return points < 2 && (digits > 0 || points == 1)
}

// isDecimal reports whether JSON and all versions of YAML read an integer the
// same way.
func isDecimal[T string | []byte](s T) bool {
	i := 0
	if len(s) > 1 && s[0] == '-' {
		i = 1
	}
	if n := len(s) - i; n == 0 || n > 15 || s[i] == '0' && len(s) > 1 {
		return false
	}
	for ; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// ask has kubectl's own YAML library read a scalar, so that nothing about YAML
// 1.1 needs to be known here.
func (c *converter) ask(s scalar) (string, bool) {
	if known, ok := c.scalars[s]; ok {
		return known, true
	}
	text := s.text
	if s.quoted || s.tag != "" {
		quoted, _ := json.Marshal(text)
		text = string(quoted)
	}
	if s.tag != "" {
		text = "!<" + longTag(s.tag) + "> " + text
	}
	if s.key {
		text = "? " + text + "\n: 0\n"
	} else {
		text = "- " + text + "\n"
	}
	answer, err := sigsyaml.YAMLToJSON([]byte(text))
	if err != nil {
		return "", false
	}
	resolved := strings.TrimSuffix(string(answer[1:len(answer)-1]), ":0")
	if len(c.scalars) < 1<<12 {
		if c.scalars == nil {
			c.scalars = map[scalar]string{}
		}
		c.scalars[s] = resolved
	}
	return resolved, true
}

func longTag(tag string) string {
	if rest, ok := strings.CutPrefix(tag, "!!"); ok {
		return "tag:yaml.org,2002:" + rest
	}
	return tag
}

// appendString appends a JSON string.
func appendString[T string | []byte](b []byte, s T) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(string(s))
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
