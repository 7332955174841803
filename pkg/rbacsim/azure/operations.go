package azure

import (
	_ "embed" // the catalogue of data actions
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aksim/aksim/pkg/rbacsim"
)

// Operations is which data actions there are for the resources that a cluster serves:
// the operation map of AKS' authorization webhook, which is called guard (AZ65). It
// is what wildcards stand for, and what tells custom resources from others. It is
// immutable; nil is the webhook's default, no map at all.
//
// https://github.com/kubeguard/guard/blob/master/util/azure/utils.go
type Operations struct {
	groups map[string]map[string]operation // by API group, with coreGroup for the core group, and resource
}

// operation is what the map has of one resource.
type operation struct {
	namespaced bool
	actions    map[string]string // full ids by suffix, such as read or exec/action
}

// coreGroup is what the map calls the core group. A request that names this group
// finds the core group's resources (AZ65).
const coreGroup = "v1"

// The types whose data actions stand for the Kubernetes API of a cluster, and of a
// cluster that is asked about as the member of a fleet (AZ68).
const (
	clusterType = "Microsoft.ContainerService/managedClusters"
	memberType  = "Microsoft.ContainerService/fleets/members"
)

//go:embed dataactions.txt
var dataActionsText string

// CatalogueDate says as of when the catalogue of data actions is that [NewOperations]
// crosses with what a cluster serves.
const CatalogueDate = "MicrosoftDocs/azure-docs 03adcc30"

var readCatalogue = sync.OnceValue(func() []string { //nolint:gochecknoglobals // a constant table, read once
	var ids []string
	at := ""
	for line := range strings.Lines(dataActionsText) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case line[0] != ' ':
			at = clusterType + "/"
			if group := strings.TrimSuffix(words[0], ":"); group != "core" {
				at += group + "/"
			}
		default:
			for _, suffix := range words[1:] {
				if suffix == "rwd" {
					ids = append(ids, at+words[0]+"/read", at+words[0]+"/write", at+words[0]+"/delete")
				} else {
					ids = append(ids, at+words[0]+"/"+suffix)
				}
			}
		}
	}
	return ids
})

// DataActions yields the data actions for built-in resources of the Kubernetes API
// that Azure is known to offer, by group and resource; see [CatalogueDate].
func DataActions() iter.Seq[string] { return slices.Values(readCatalogue()) }

// NewOperations returns the map that the webhook makes of what a cluster serves
// (AZ66). Resources that are only checked as if they were ones are not in a
// cluster's list, and so not in the map.
func NewOperations(served *rbacsim.Resources) *Operations {
	o := &Operations{groups: map[string]map[string]operation{}}
	for r := range served.All() {
		if !r.Check {
			o.discover(r)
		}
	}
	return o
}

// discover adds a resource with the actions that the webhook takes for its own: those
// whose id goes on from the group and resource. Of other groups than the core group
// it looks at the group only, so that a resource also gets the actions of one whose
// name it begins.
func (o *Operations) discover(r rbacsim.Resource) {
	group, at := coreGroup, clusterType
	if r.Group != "" {
		group, at = r.Group, at+"/"+r.Group
	}
	at += "/" + r.Name
	for _, id := range readCatalogue() {
		rest := strings.Split(strings.TrimPrefix(id, clusterType+"/"), "/")
		if !strings.HasPrefix(id, at) || r.Group == "" && rest[0] != r.Name || r.Group != "" && rest[0] != r.Group {
			continue
		}
		suffix := rest[len(rest)-1]
		if suffix == "action" {
			suffix = rest[len(rest)-2] + "/" + suffix
		}
		o.add(group, r.Name, r.Namespaced, suffix, id)
	}
}

func (o *Operations) add(group, resource string, namespaced bool, suffix, id string) {
	if o.groups[group] == nil {
		o.groups[group] = map[string]operation{}
	}
	op, ok := o.groups[group][resource]
	if !ok {
		op = operation{namespaced: namespaced, actions: map[string]string{}}
		o.groups[group][resource] = op
	}
	op.actions[suffix] = id
}

// ParseOperations reads an operation map from JSON: by API group (v1 is the core
// group) and resource, an object with namespaced, and with verbs, the ids of data
// actions by suffix. The error names what is wrong and where; fields that are not
// known are errors, too.
func ParseOperations(text []byte) (*Operations, error) {
	var groups map[string]map[string]map[string]json.RawMessage
	if err := json.Unmarshal(text, &groups); err != nil {
		return nil, fmt.Errorf("not an operation map, which has an object for each resource of each API group: %w", err)
	}
	if len(groups) == 0 {
		return nil, errors.New("an operation map without groups: leave it out to ask without one")
	}
	o := &Operations{groups: map[string]map[string]operation{}}
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		for _, resource := range slices.Sorted(maps.Keys(groups[group])) {
			if err := o.parse(group, resource, groups[group][resource]); err != nil {
				return nil, fmt.Errorf("%s/%s: %w", group, resource, err)
			}
		}
	}
	return o, nil
}

func (o *Operations) parse(group, resource string, fields map[string]json.RawMessage) error {
	var namespaced *bool
	var verbs map[string]string
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		var err error
		switch key {
		case "namespaced":
			err = json.Unmarshal(fields[key], &namespaced)
		case "verbs":
			err = json.Unmarshal(fields[key], &verbs)
		default:
			err = errors.New("want namespaced and verbs")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	switch {
	case namespaced == nil:
		return errors.New("does not say whether it is namespaced")
	case len(verbs) == 0:
		return errors.New("has no verbs")
	}
	for suffix, id := range verbs {
		if len(id) <= len(clusterType) || !strings.EqualFold(id[:len(clusterType)+1], clusterType+"/") {
			return fmt.Errorf("verbs: %s: %q is no action of %s", suffix, id, clusterType)
		}
		o.add(group, resource, *namespaced, suffix, id)
	}
	return nil
}

// Len returns how many resources the map has; 0 of nil.
func (o *Operations) Len() int {
	n := 0
	if o != nil {
		for _, resources := range o.groups {
			n += len(resources)
		}
	}
	return n
}

// Has reports whether the map has a resource; the core group is the empty one. Those
// that it lacks are custom resources to the webhook, whatever they really are (AZ67).
func (o *Operations) Has(group, resource string) bool {
	if o == nil {
		return false
	}
	if group == "" {
		group = coreGroup
	}
	_, ok := o.groups[group][resource]
	return ok
}

// hasGroup reports whether the map has any resource of a group, by the map's name.
func (o *Operations) hasGroup(group string) bool { return len(o.groups[group]) > 0 }
