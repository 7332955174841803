package verify

// clusterControls lists the controls of the area.
func clusterControls() []Control { return nil }
