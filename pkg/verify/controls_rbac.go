package verify

// rbacControls lists the controls of the area.
func rbacControls() []Control { return nil }
