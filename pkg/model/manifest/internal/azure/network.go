package azure

import (
	"slices"
	"strings"

	"github.com/aksim/aksim/pkg/model"
)

func equal(a, b string) bool { return strings.EqualFold(a, b) }

func virtualNetwork(s *sheet) *model.VirtualNetwork {
	n := &model.VirtualNetwork{Resource: s.resource(), Subnets: listed(s.view, subnet, "subnets")}
	n.Peerings = listed(s.view, peering, "virtualNetworkPeerings")
	if a := s.child("addressSpace"); a != nil {
		n.AddressPrefixes = a.strs("addressPrefixes")
	}
	return n
}

func subnet(v *view) model.Subnet {
	return model.Subnet{
		ID: v.str("id"), Name: v.str("name"), AddressPrefixes: firstOf(nonEmpty(v.strs("addressPrefixes")), single(v.str("addressPrefix"))),
		SecurityGroupID: v.str("networkSecurityGroup", "id"), RouteTableID: v.str("routeTable", "id"),
	}
}

func peering(v *view) model.Peering {
	return model.Peering{
		Name: v.str("name"), RemoteID: v.str("remoteVirtualNetwork", "id"), State: v.str("peeringState"),
		Access: v.boolean("allowVirtualNetworkAccess"), Forwarded: v.boolean("allowForwardedTraffic"),
	}
}

func (s *sheet) networkPart(part model.VirtualNetwork, join func(*model.VirtualNetwork)) *model.VirtualNetwork {
	of := s.ofID(parentOf)
	partOf(s, of, join)
	part.Resource, part.AddressPrefixes = s.wholeOf(of, "Microsoft.Network/virtualNetworks"), notThere[[]string]("the network")
	return &part
}

func subnetAlone(s *sheet) *model.VirtualNetwork {
	one := subnet(s.view)
	one.ID, one.Name = s.id, firstOf(mapped(s.id, lastOf), one.Name)
	return s.networkPart(model.VirtualNetwork{Subnets: []model.Subnet{one}}, func(n *model.VirtualNetwork) {
		if !slices.ContainsFunc(n.Subnets, func(known model.Subnet) bool { return sameName(known.Name, one.Name) }) {
			n.Subnets = append(n.Subnets, one)
		}
	})
}

func peeringAlone(s *sheet) *model.VirtualNetwork {
	one := peering(s.view)
	one.Name = firstOf(mapped(s.id, lastOf), one.Name)
	return s.networkPart(model.VirtualNetwork{Peerings: []model.Peering{one}}, func(n *model.VirtualNetwork) {
		if !slices.ContainsFunc(n.Peerings, func(known model.Peering) bool { return sameName(known.Name, one.Name) }) {
			n.Peerings = append(n.Peerings, one)
		}
	})
}

func privateDNSZone(s *sheet) *model.PrivateDNSZone {
	return &model.PrivateDNSZone{Resource: s.resource()}
}

func privateDNSLink(s *sheet) *model.PrivateDNSLink {
	return &model.PrivateDNSLink{
		Resource: s.resource(), ZoneID: s.ofID(parentOf), NetworkID: s.str("virtualNetwork", "id"), State: s.str("virtualNetworkLinkState"),
	}
}

func privateEndpoint(s *sheet) *model.PrivateEndpoint {
	e := &model.PrivateEndpoint{Resource: s.resource(), SubnetID: s.str("subnet", "id")}
	e.Targets = slices.Concat(listed(s.view, privateTarget, "privateLinkServiceConnections"), listed(s.view, privateTarget, "manualPrivateLinkServiceConnections"))
	return e
}

func privateTarget(v *view) model.PrivateTarget {
	return model.PrivateTarget{
		ResourceID: v.str("privateLinkServiceId"), GroupIDs: v.strs("groupIds"), Status: v.str("privateLinkServiceConnectionState", "status"),
	}
}
