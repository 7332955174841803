package verify

import (
	"fmt"
	"math/big"
	"net/netip"
	"strings"

	"go4.org/netipx"

	"github.com/aksim/aksim/pkg/model"
)

const rangesPath = "apiServerAccessProfile.authorizedIPRanges"

// checkAPIServer holds if either the API server is private or ranges of addresses
// restrict who gets to it: AKS has no clusters with both.
// https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges
func checkAPIServer(c *Context, a *Answer) {
	c.deployed(a)
	p := &c.AKS().API.APIServer
	if is, ok := p.Private.Get(); ok && is {
		if p.PublicFQDN.Or(false) {
			a.Note("the name of the private API server resolves in public DNS")
		}
		a.Proved("the API server of %s, which is private: reached from %s", c.clusterObject(), c.networks(a))
		return
	}
	if over := c.restricted(a); over != "" {
		a.Proved("the API server of %s, which is public: %s", c.clusterObject(), over)
	}
}

// restricted says how few addresses get to a public API server; empty if it leaves or
// refutes that.
func (c *Context) restricted(a *Answer) string {
	aks := c.AKS()
	p := &aks.API.APIServer
	f := Finding{Object: c.clusterObject(), Place: aks.Origin.At(rangesPath), Missing: exportCluster}
	ranges, known := p.AuthorizedRanges.Get()
	if _, isOpen := p.AuthorizedRanges.Unresolved(); isOpen {
		f.Text = how(rangesPath, p.AuthorizedRanges)
		a.Open(f)
		return ""
	}
	why, over, bad := "no authorized IP range restricts who gets to the API server", "", ""
	if known && len(ranges) > 0 {
		why, over, bad = wide(ranges)
	}
	switch _, isOpen := p.Private.Unresolved(); {
	case bad != "":
		f.Text = bad
		a.Open(f)
	case why == "":
		return over
	case isOpen:
		f.Text, f.Place = how("apiServerAccessProfile.enablePrivateCluster", p.Private)+", and otherwise "+why, aks.Origin.At("apiServerAccessProfile.enablePrivateCluster")
		a.Open(f)
	case !known && c.isAutomatic():
		f.Text = how(rangesPath, p.AuthorizedRanges) + ", and AKS Automatic has presets"
		a.Open(f)
	default:
		f.Text, f.Missing = why, ""
		a.Refute(f)
	}
	return ""
}

// widest is how many public addresses ranges may hold that restrict anything: those of
// a /8, more than which nobody has.
const widest = 1 << 24

// wide says why ranges restrict nobody or, if they do, what they hold; or that one of
// them is not understood.
func wide(ranges []string) (why, over, bad string) {
	var b netipx.IPSetBuilder
	balancer := false
	for _, text := range ranges {
		text = strings.TrimSpace(text)
		prefix, err := netip.ParsePrefix(text)
		if addr, e := netip.ParseAddr(text); err != nil && e == nil {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return "", "", fmt.Sprintf("%q is no range of addresses", text)
		}
		if prefix == netip.PrefixFrom(netip.IPv4Unspecified(), 32) { // AKS' word for the cluster's own outbound address alone
			balancer = true
			continue
		}
		b.AddPrefix(prefix.Masked())
	}
	for _, private := range []string{"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3"} {
		b.RemovePrefix(netip.MustParsePrefix(private))
	}
	set, err := b.IPSet()
	if err != nil {
		return "", "", err.Error()
	}
	total, hasSixth := big.NewInt(0), false
	for _, p := range set.Prefixes() {
		hasSixth = hasSixth || p.Addr().Is6() && p.Bits() < 32
		total.Add(total, new(big.Int).Lsh(big.NewInt(1), uint(p.Addr().BitLen()-p.Bits())))
	}
	if hasSixth || set.Prefixes() != nil && total.IsInt64() && total.Int64() > widest {
		return fmt.Sprintf("the authorized IP ranges %s let %s public addresses get to the API server", list(ranges), total), "", ""
	}
	over = total.String() + " public addresses in " + list(ranges)
	if balancer {
		over += ", 0.0.0.0/32 being the cluster's own outbound address"
	}
	return "", over, ""
}

// networks names the virtual networks that a private API server is reached from, and
// notes what of that is not known.
func (c *Context) networks(a *Answer) string {
	own := c.ownNetworks()
	if len(own) == 0 {
		a.Note("which virtual network the cluster is in, the input does not say, nor which reach its API server")
		return "networks that are not known"
	}
	var names []string
	for _, id := range own {
		names = append(names, lastSegment(id)+" (its own)")
		network := c.virtualNetwork(id)
		if network == nil {
			a.Note("which networks are peered with %s is not known: az network vnet show --ids %s -o json", lastSegment(id), id)
			continue
		}
		for _, p := range network.API.Peerings {
			if name := c.peered(a, network, p); name != "" {
				names = append(names, name)
			}
		}
	}
	return list(names)
}

// peered names the other end of a peering if packets get here from there.
func (c *Context) peered(a *Answer, own *model.Object[model.VirtualNetwork], p model.Peering) string {
	remote, ok := p.RemoteID.Get()
	state, known := p.State.Get()
	switch {
	case !ok, !known:
		a.Note("%s may be peered with another network: %s", own.API.Name.Or(""), how("remoteVirtualNetwork", p.RemoteID))
		return ""
	case !strings.EqualFold(state, "Connected"), p.Access.IsKnown() && !p.Access.Or(true):
		return ""
	}
	name := lastSegment(remote)
	if other := c.virtualNetwork(remote); other != nil {
		for _, back := range other.API.Peerings {
			if strings.EqualFold(back.RemoteID.Or(""), own.API.ID.Or("")) && back.Access.IsKnown() && !back.Access.Or(true) {
				return ""
			}
		}
	}
	if p.Forwarded.Or(false) {
		a.Note("%s may forward packets of networks that it is connected with", name)
	}
	if c.resolves(remote) {
		return name + " (peered, the DNS zone linked)"
	}
	return name + " (peered; the DNS zone is not linked: by address alone)"
}

// ownNetworks returns the ids of the virtual networks that nodes and API server are in.
func (c *Context) ownNetworks() (ids []string) {
	aks := c.AKS().API
	subnets := []model.Property[string]{aks.APIServer.SubnetID}
	for _, pool := range aks.Pools {
		subnets = append(subnets, pool.SubnetID)
	}
	seen := map[string]bool{}
	for _, p := range subnets {
		id, _, ok := cutFold(p.Or(""), "/subnets/")
		if key := strings.ToLower(id); ok && !seen[key] {
			seen[key] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// cutFold is strings.Cut without regard to case.
func cutFold(s, sep string) (before, after string, found bool) {
	i := strings.Index(strings.ToLower(s), strings.ToLower(sep))
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func (c *Context) virtualNetwork(id string) *model.Object[model.VirtualNetwork] {
	for o := range model.All[model.VirtualNetwork](c.cluster) {
		if strings.EqualFold(o.API.ID.Or(""), id) {
			return o
		}
	}
	return nil
}

// resolves reports whether the API server's private zone is linked to a network.
func (c *Context) resolves(network string) bool {
	aks := c.AKS().API
	zone := aks.APIServer.PrivateDNSZone.Or("system")
	if strings.EqualFold(zone, "none") {
		return true // the name is public then
	}
	inNodes := "/resourcegroups/" + strings.ToLower(aks.NodeResourceGroup.Or("\x00")) + "/"
	for o := range model.All[model.PrivateDNSLink](c.cluster) {
		id := strings.ToLower(o.API.ZoneID.Or(""))
		isZone := id == strings.ToLower(zone)
		if strings.EqualFold(zone, "system") {
			isZone = strings.Contains(id, inNodes) && strings.HasSuffix(id, ".azmk8s.io")
		}
		if isZone && strings.EqualFold(o.API.NetworkID.Or(""), network) {
			return true
		}
	}
	return false
}
