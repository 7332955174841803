package arm

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// A template has at most 4 MB, so that no string in it is longer.
const maxString = 4 << 20

var errLong = errors.New("the string gets too long")

// toString writes a value as string() does: strings as they are, all else as JSON.
func toString(args []tree.Node) (tree.Node, error) {
	n := args[0]
	switch {
	case n.Kind == tree.String, n.Kind == tree.Expression && n.Items != nil:
		return n, nil
	case unknown(n):
		return n, errOpen
	case n.Kind == tree.Bool:
		return text(strings.ToUpper(n.Text[:1]) + n.Text[1:]), nil
	}
	var b strings.Builder
	err := writeJSON(&b, n)
	return text(b.String()), err
}

func writeJSON(b *strings.Builder, n tree.Node) error {
	switch n.Kind {
	case tree.Absent, tree.Null:
		b.WriteString("null")
	case tree.Bool, tree.Number:
		b.WriteString(n.Text)
	case tree.String, tree.Expression:
		var line strings.Builder
		e := json.NewEncoder(&line)
		e.SetEscapeHTML(false)
		err := e.Encode(n.Text)
		b.WriteString(strings.TrimSuffix(line.String(), "\n"))
		return err
	case tree.List:
		b.WriteByte('[')
		for i, item := range n.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := writeJSON(b, item); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	case tree.Object:
		b.WriteByte('{')
		for i, m := range n.Members {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := writeJSON(b, text(m.Name)); err != nil {
				return err
			}
			b.WriteByte(':')
			if err := writeJSON(b, m.Value); err != nil {
				return err
			}
		}
		b.WriteByte('}')
	}
	return nil
}

func fromJSON(args []tree.Node) (tree.Node, error) {
	s, err := wantString(args[0])
	if err != nil {
		return args[0], err
	}
	n, repeated, err := readJSON([]byte(s))
	if err != nil || len(repeated) > 0 {
		return n, errors.New("the string is not valid JSON")
	}
	return n, nil
}

// splitString splits at a separator, or at each of a list of them. Ids are split
// although the scope in them is not known: no part of it has a slash.
func splitString(args []tree.Node) (tree.Node, error) {
	n := args[0]
	if unknown(args[1]) {
		return n, errOpen
	}
	if n.Kind == tree.Expression {
		if !isID(n) || args[1].Text != "/" {
			return n, errOpen
		}
		return list(split(n)), nil
	}
	s, err := wantString(n)
	if err != nil {
		return n, err
	}
	separators := []tree.Node{args[1]}
	if args[1].Kind == tree.List {
		separators = args[1].Items
	}
	pieces := []string{s}
	for i, separator := range separators {
		at, err := wantString(separator)
		if err != nil {
			return separator, err
		}
		if at == "" || i > 0 && len(at) > 1 {
			return separator, errOpen // several, of which one may begin within another
		}
		var next []string
		for _, piece := range pieces {
			next = append(next, strings.Split(piece, at)...)
		}
		pieces = next
	}
	out := make([]tree.Node, len(pieces))
	for i, piece := range pieces {
		out[i] = text(piece)
	}
	return list(out), nil
}

func join(args []tree.Node) (tree.Node, error) {
	if args[0].Kind == tree.Expression || args[1].Kind == tree.Expression {
		return tree.Node{}, errOpen
	}
	separator, err := wantString(args[1])
	if err != nil || args[0].Kind != tree.List {
		return args[0], errors.New("want a list and a string")
	}
	if len(args[0].Items)*len(separator) > maxString {
		return args[0], errLong
	}
	var pieces []tree.Node
	for i, item := range args[0].Items {
		if i > 0 {
			pieces = append(pieces, text(separator))
		}
		s, err := toString([]tree.Node{item})
		if item.Kind == tree.Expression {
			s, err = item, nil
		}
		if err != nil {
			return s, err
		}
		pieces = append(pieces, s)
	}
	n := joined(pieces...)
	if n.Kind == tree.Expression && n.Items == nil {
		return n, errOpen
	}
	return n, nil
}

// texts returns what the arguments, all strings, say.
func texts(args []tree.Node) ([]string, error) {
	out := make([]string, len(args))
	var err error
	for i, arg := range args {
		if out[i], err = wantString(arg); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func replace(args []tree.Node) (tree.Node, error) {
	s, err := texts(args)
	if err != nil {
		return args[0], err
	}
	if s[1] == "" {
		return args[1], errors.New("want a string to replace that is not empty")
	}
	if strings.Count(s[0], s[1])*len(s[2]) > maxString {
		return args[0], errLong
	}
	return text(strings.ReplaceAll(s[0], s[1], s[2])), nil
}

func substring(args []tree.Node) (tree.Node, error) {
	if args[0].Kind != tree.String {
		return args[0], fmt.Errorf("want a string, not %s", kindName(args[0]))
	}
	length, err := size(args[0])
	if err != nil {
		return args[0], err
	}
	start, err := wantInt(args[1])
	count := int64(length) - start
	if len(args) == 3 && err == nil {
		count, err = wantInt(args[2])
	}
	if err != nil {
		return args[1], err
	}
	if start < 0 || count < 0 || start > int64(length) || count > int64(length)-start {
		return args[0], fmt.Errorf("index %d and length %d leave a string of %d characters", start, count, length)
	}
	return slice(args[0], int(start), int(start+count))
}

func startsWith(args []tree.Node) (tree.Node, error) {
	s, err := texts(args)
	if err != nil {
		return args[0], err
	}
	return boolean(strings.HasPrefix(strings.ToLower(s[0]), strings.ToLower(s[1]))), nil
}

func endsWith(args []tree.Node) (tree.Node, error) {
	s, err := texts(args)
	if err != nil {
		return args[0], err
	}
	return boolean(strings.HasSuffix(strings.ToLower(s[0]), strings.ToLower(s[1]))), nil
}

func indexOf(args []tree.Node) (tree.Node, error) { return position(args, strings.Index) }

func lastIndexOf(args []tree.Node) (tree.Node, error) { return position(args, strings.LastIndex) }

// position finds the index of an element of a list, or of a string in another,
// whatever its case.
func position(args []tree.Node, index func(s, of string) int) (tree.Node, error) {
	if args[0].Kind == tree.List {
		at := make([]int, 0, len(args[0].Items))
		for i, item := range args[0].Items {
			if eq, _ := equal(item, args[1]); eq {
				at = append(at, i)
			}
		}
		switch {
		case len(at) == 0:
			return integer(-1), nil
		case index("aa", "a") == 0:
			return integer(int64(at[0])), nil
		}
		return integer(int64(at[len(at)-1])), nil
	}
	s, err := texts(args)
	if err != nil {
		return args[0], err
	}
	if !isASCII(s[0]) || !isASCII(s[1]) || s[1] == "" {
		return args[0], errOpen
	}
	return integer(int64(index(strings.ToLower(s[0]), strings.ToLower(s[1])))), nil
}

func toLower(args []tree.Node) (tree.Node, error) {
	s, err := wantString(args[0])
	return text(strings.ToLower(s)), err
}

func toUpper(args []tree.Node) (tree.Node, error) {
	s, err := wantString(args[0])
	return text(strings.ToUpper(s)), err
}

func trim(args []tree.Node) (tree.Node, error) {
	s, err := wantString(args[0])
	return text(strings.TrimSpace(s)), err
}

func padLeft(args []tree.Node) (tree.Node, error) {
	s, pad := args[0].Text, " "
	if args[0].Kind != tree.String && args[0].Kind != tree.Number {
		return args[0], fmt.Errorf("want a string or an integer, not %s", kindName(args[0]))
	}
	width, err := wantInt(args[1])
	if err == nil && len(args) == 3 {
		pad, err = wantString(args[2])
	}
	switch {
	case err != nil:
		return args[1], err
	case !isASCII(s):
		return args[0], errOpen
	case len([]rune(pad)) != 1 || width > maxRange:
		return args[1], fmt.Errorf("want one character to fill up to at most %d", maxRange)
	}
	return text(strings.Repeat(pad, max(0, int(width)-len(s))) + s), nil
}
