package netsim

import (
	"sync"
)

// portsID stands for a Ports in a portTable. Equal sets have equal numbers.
type portsID uint32

const (
	noPorts  portsID = 0
	allPorts portsID = 1
)

// portTable numbers port sets, so that the relation between many pods holds a
// number where it would hold a set, and remembers what it has combined. It is
// safe for concurrent use.
type portTable struct {
	mu    sync.RWMutex
	byKey map[string]portsID
	sets  []Ports
	memo  [2]map[uint64]portsID // by combination: union, intersection
}

func newPortTable() *portTable {
	t := &portTable{byKey: map[string]portsID{}, memo: [2]map[uint64]portsID{{}, {}}}
	t.id(Ports{})
	t.id(AllPorts())
	return t
}

func (t *portTable) id(s Ports) portsID {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.intern(s)
}

func (t *portTable) intern(s Ports) portsID {
	key := make([]byte, 0, 64)
	for _, ranges := range s.ranges {
		for _, r := range ranges {
			key = append(key, byte(r.First>>8), byte(r.First), byte(r.Last>>8), byte(r.Last))
		}
		key = append(key, 0, 0) // no range starts at port 0
	}
	if id, ok := t.byKey[string(key)]; ok {
		return id
	}
	id := portsID(len(t.sets))
	t.byKey[string(key)] = id
	t.sets = append(t.sets, s)
	return id
}

// get returns the set of a number.
func (t *portTable) get(id portsID) Ports {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.sets[id]
}

func (t *portTable) union(a, b portsID) portsID {
	switch {
	case a == b || b == noPorts || a == allPorts:
		return a
	case a == noPorts || b == allPorts:
		return b
	}
	return t.combine(0, a, b, Ports.Union)
}

func (t *portTable) intersect(a, b portsID) portsID {
	switch {
	case a == b || a == noPorts || b == allPorts:
		return a
	case b == noPorts || a == allPorts:
		return b
	}
	return t.combine(1, a, b, Ports.Intersect)
}

func (t *portTable) combine(op int, a, b portsID, f func(Ports, Ports) Ports) portsID {
	if a > b {
		a, b = b, a
	}
	key := uint64(a)<<32 | uint64(b)
	t.mu.RLock()
	id, ok := t.memo[op][key]
	t.mu.RUnlock()
	if ok {
		return id
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	id = t.intern(f(t.sets[a], t.sets[b]))
	t.memo[op][key] = id
	return id
}
