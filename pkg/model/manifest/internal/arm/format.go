package arm

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// format fills a format of .NET, of which only plain items and {n:D}, {n:Dwidth} of
// integers are worked out.
// https://learn.microsoft.com/dotnet/standard/base-types/composite-formatting
func format(args []tree.Node) (tree.Node, error) {
	if args[0].Kind == tree.Expression {
		return args[0], errOpen
	}
	f, err := wantString(args[0])
	if err != nil {
		return args[0], err
	}
	var pieces []tree.Node
	written := 0
	for f != "" {
		i := strings.IndexAny(f, "{}")
		if i < 0 {
			pieces, f = append(pieces, text(f)), ""
			break
		}
		pieces = append(pieces, text(f[:i]))
		if strings.HasPrefix(f[i+1:], f[i:i+1]) {
			pieces, f = append(pieces, text(f[i:i+1])), f[i+2:]
			continue
		}
		item, rest, ok := strings.Cut(f[i+1:], "}")
		if f[i] == '}' || !ok {
			return args[0], errors.New("want a format such as 'a{0}', with {{ and }} for brackets")
		}
		n, err := formatItem(item, args[1:])
		if err != nil {
			return n, err
		}
		pieces, f = append(pieces, n), rest
		if written += len(n.Text); written > maxString {
			return n, errLong
		}
	}
	n := joined(pieces...)
	if n.Kind == tree.Expression && n.Items == nil {
		return n, errOpen // the value itself need not be a string
	}
	return n, nil
}

func formatItem(item string, args []tree.Node) (tree.Node, error) {
	position, spec, hasSpec := strings.Cut(item, ":")
	i, err := strconv.Atoi(strings.TrimSpace(position))
	switch {
	case strings.Contains(position, ","):
		return tree.Node{}, errOpen
	case err != nil || i < 0 || i >= len(args):
		return tree.Node{}, fmt.Errorf("the format has no argument {%s}", item)
	}
	switch n := args[i]; n.Kind {
	case tree.Expression:
		if !hasSpec {
			return n, nil
		}
	case tree.Number:
		return formatInt(n, spec)
	case tree.String, tree.Bool, tree.Null:
		if n.Kind == tree.Null {
			return text(""), nil
		}
		return toString([]tree.Node{n})
	default:
	}
	return tree.Node{}, errOpen
}

func formatInt(n tree.Node, spec string) (tree.Node, error) {
	if spec == "" {
		return text(n.Text), nil
	}
	width, err := strconv.Atoi("0" + spec[1:])
	i, wrong := wantInt(n)
	if spec[0] != 'D' && spec[0] != 'd' || err != nil || width > 99 || wrong != nil {
		return n, errOpen
	}
	if i < 0 {
		width++
	}
	return text(fmt.Sprintf("%0*d", width, i)), nil
}
