package arm

import (
	"encoding/base64"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

func base64Encode(args []tree.Node) (tree.Node, error) {
	s, err := wantString(args[0])
	return text(base64.StdEncoding.EncodeToString([]byte(s))), err
}

func base64ToString(args []tree.Node) (tree.Node, error) {
	s, err := wantString(args[0])
	if err != nil {
		return args[0], err
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || !utf8.Valid(b) {
		return args[0], errors.New("the string is not text in base64")
	}
	return text(string(b)), nil
}

func base64ToJSON(args []tree.Node) (tree.Node, error) {
	s, err := base64ToString(args)
	if err != nil {
		return s, err
	}
	return fromJSON([]tree.Node{s})
}

func dataURI(args []tree.Node) (tree.Node, error) {
	s, err := wantString(args[0])
	return text("data:text/plain;charset=utf8;base64," + base64.StdEncoding.EncodeToString([]byte(s))), err
}

// dataURIToString decodes data URIs of text in base64.
func dataURIToString(args []tree.Node) (tree.Node, error) {
	s, err := wantString(args[0])
	if err != nil {
		return args[0], err
	}
	head, data, ok := strings.Cut(s, ",")
	if !ok || !hasFoldedPrefix(head, "data:") {
		return args[0], errors.New("want a data URI")
	}
	if !strings.HasSuffix(strings.ToLower(head), ";base64") {
		return args[0], errOpen
	}
	return base64ToString([]tree.Node{text(data)})
}

// uri resolves a relative URI against one that ends in a slash, or has no path.
// Where others are cut is not the same in all the documentation.
func uri(args []tree.Node) (tree.Node, error) {
	s, err := texts(args)
	if err != nil {
		return args[0], err
	}
	base, err := url.Parse(s[0])
	relative, wrong := url.Parse(s[1])
	if err != nil || wrong != nil || !base.IsAbs() {
		return args[0], errors.New("want an absolute and a relative URI")
	}
	if !strings.HasSuffix(s[0], "/") && base.Path != "" {
		return args[0], errOpen
	}
	return text(base.ResolveReference(relative).String()), nil
}

func uriComponent(args []tree.Node) (tree.Node, error) {
	s, err := wantString(args[0])
	return text(strings.ReplaceAll(url.QueryEscape(s), "+", "%20")), err
}

func uriComponentToString(args []tree.Node) (tree.Node, error) {
	s, err := wantString(args[0])
	if err != nil {
		return args[0], err
	}
	out, err := url.PathUnescape(s)
	if err != nil {
		return args[0], errors.New("the string is not encoded as a part of a URI")
	}
	return text(out), nil
}

// network returns the argument that is an IPv4 network. Others are left open.
func network(n tree.Node) (netip.Prefix, error) {
	s, err := wantString(n)
	if err != nil {
		return netip.Prefix{}, err
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, errors.New("want a network such as 10.0.0.0/16")
	}
	if !p.Addr().Is4() {
		return p, errOpen
	}
	return p.Masked(), nil
}

// addressAt returns the address that many behind the first of a network.
func addressAt(p netip.Prefix, offset int64) netip.Addr {
	b := p.Addr().As4()
	n := int64(b[0])<<24 | int64(b[1])<<16 | int64(b[2])<<8 | int64(b[3])
	n += offset
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

func parseCIDR(args []tree.Node) (tree.Node, error) {
	p, err := network(args[0])
	if err != nil {
		return args[0], err
	}
	count := int64(1) << (32 - p.Bits())
	if p.Bits() > 30 {
		return args[0], errOpen
	}
	mask := addressAt(netip.PrefixFrom(netip.IPv4Unspecified(), 0), (int64(1)<<32)-count)
	return fields(
		"network", text(p.Addr().String()), "netmask", text(mask.String()),
		"broadcast", text(addressAt(p, count-1).String()),
		"firstUsable", text(addressAt(p, 1).String()), "lastUsable", text(addressAt(p, count-2).String()),
		"cidr", integer(int64(p.Bits())),
	), nil
}

func cidrSubnet(args []tree.Node) (tree.Node, error) {
	p, err := network(args[0])
	if err != nil {
		return args[0], err
	}
	bits, err := wantInt(args[1])
	if err != nil {
		return args[1], err
	}
	index, err := wantInt(args[2])
	if err != nil {
		return args[2], err
	}
	if bits < int64(p.Bits()) || bits > 32 || index < 0 || index >= int64(1)<<(bits-int64(p.Bits())) {
		return args[0], errors.New("the network has no such subnet")
	}
	return text(netip.PrefixFrom(addressAt(p, index<<(32-bits)), int(bits)).String()), nil
}

// cidrHost returns a usable address of a network, counted from 0.
func cidrHost(args []tree.Node) (tree.Node, error) {
	p, err := network(args[0])
	if err != nil {
		return args[0], err
	}
	index, err := wantInt(args[1])
	if err != nil {
		return args[1], err
	}
	if p.Bits() > 30 {
		return args[0], errOpen
	}
	if index < 0 || index >= int64(1)<<(32-p.Bits())-2 {
		return args[0], errors.New("the network has no such address")
	}
	return text(addressAt(p, index+1).String()), nil
}
