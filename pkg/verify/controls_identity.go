package verify

// identityControls lists the controls of the area.
func identityControls() []Control { return nil }
