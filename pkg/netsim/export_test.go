package netsim

// OutsideRuns computes, for each class, direction and family, which ports are open
// to which addresses, and returns the number of runs of addresses that differ.
func OutsideRuns(n *Network) (runs int) {
	for _, c := range n.classes {
		for dir, s := range c.sides {
			for f := range family(numFamilies) {
				if !c.has[f] {
					continue
				}
				for _, r := range s.addressesOf(f, false) {
					if open := n.reachAddress(c.pods[0], Direction(dir), r.From()); !open.IsEmpty() {
						runs++
					}
				}
			}
		}
	}
	return runs
}
