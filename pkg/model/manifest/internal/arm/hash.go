package arm

import (
	"crypto/sha1" //nolint:gosec // version 5 of UUIDs is made of it
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"strings"

	"github.com/aksim/aksim/pkg/model/manifest/internal/tree"
)

// guid returns the UUID of version 5 of the arguments joined with -, in the namespace
// that Azure uses for templates.
// https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions-string#guid
func guid(args []tree.Node) (tree.Node, error) {
	s, err := texts(args)
	if err != nil {
		return args[0], err
	}
	namespace := []byte{0x11, 0xfb, 0x06, 0xfb, 0x71, 0x2d, 0x4d, 0xdd, 0x98, 0xc7, 0xe7, 0x1b, 0xbd, 0x58, 0x88, 0x30}
	sum := sha1.Sum(append(namespace, strings.Join(s, "-")...)) //nolint:gosec // see above
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	h := hex.EncodeToString(sum[:16])
	return text(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]), nil
}

// uniqueString returns 13 characters made of a hash of the arguments joined with -.
func uniqueString(args []tree.Node) (tree.Node, error) {
	s, err := texts(args)
	if err != nil {
		return args[0], err
	}
	hash := murmur64([]byte(strings.Join(s, "-")))
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	var b strings.Builder
	for range 13 {
		b.WriteByte(letters[hash>>59])
		hash <<= 5
	}
	return text(b.String()), nil
}

// murmur64 is the hash of 64 bits behind uniqueString: MurmurHash3 cut down to two
// words. Azure does not document it; the tests hold it against values that Azure gave.
func murmur64(data []byte) uint64 {
	const c1, c2 = 0x239b961b, 0xab0e9789
	var h1, h2 uint32
	mix := func(k, first, second uint32, by int) uint32 { return bits.RotateLeft32(k*first, by) * second }
	n := uint32(len(data)) //nolint:gosec // texts are far shorter
	for ; len(data) >= 8; data = data[8:] {
		h1 ^= mix(binary.LittleEndian.Uint32(data), c1, c2, 15)
		h1 = (bits.RotateLeft32(h1, 19)+h2)*5 + 0x561ccd1b
		h2 ^= mix(binary.LittleEndian.Uint32(data[4:]), c2, c1, 17)
		h2 = (bits.RotateLeft32(h2, 13)+h1)*5 + 0x0bcaa747
	}
	var tail [8]byte
	copy(tail[:], data)
	h1 ^= mix(binary.LittleEndian.Uint32(tail[:]), c1, c2, 15) // zero leaves it as it is
	h2 ^= mix(binary.LittleEndian.Uint32(tail[4:]), c2, c1, 17)
	h1 ^= n
	h2 ^= n
	h1 += h2
	h2 += h1
	final := func(h uint32) uint32 {
		h = (h ^ h>>16) * 0x85ebca6b
		h = (h ^ h>>13) * 0xc2b2ae35
		return h ^ h>>16
	}
	h1, h2 = final(h1), final(h2)
	h1 += h2
	h2 += h1
	return uint64(h2)<<32 | uint64(h1)
}
