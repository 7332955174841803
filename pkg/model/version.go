package model

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// KubeVersion is a Kubernetes minor version. The zero KubeVersion means that
// none is known.
type KubeVersion struct{ Major, Minor int }

// OldestKubeVersion is the oldest version whose admission rules are modelled.
func OldestKubeVersion() KubeVersion { return KubeVersion{1, 25} }

// NewestKubeVersion is the newest one, and the default where the input names none.
func NewestKubeVersion() KubeVersion { return KubeVersion{1, 37} }

// ParseKubeVersion reads 1.36, v1.36.2 or v1.36.2-gke.1; patch level and
// suffix play no part in admission and are dropped.
func ParseKubeVersion(s string) (KubeVersion, error) {
	major, rest, ok := strings.Cut(strings.TrimPrefix(s, "v"), ".")
	minor, _, _ := strings.Cut(rest, ".")
	maj, err1 := strconv.ParseUint(major, 10, 16)
	mnr, err2 := strconv.ParseUint(minor, 10, 16)
	if !ok || err1 != nil || err2 != nil {
		return KubeVersion{}, fmt.Errorf("%q is not a Kubernetes version: want, for example, 1.36 or v1.36.2", s)
	}
	return KubeVersion{int(maj), int(mnr)}, nil
}

// String returns, for example, 1.36.
func (v KubeVersion) String() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// Compare orders versions, older first.
func (v KubeVersion) Compare(w KubeVersion) int {
	return cmp.Or(cmp.Compare(v.Major, w.Major), cmp.Compare(v.Minor, w.Minor))
}

// AtLeast reports whether v is major.minor or newer.
func (v KubeVersion) AtLeast(major, minor int) bool {
	return v.Compare(KubeVersion{major, minor}) >= 0
}
