package verify

// auditingControls lists the controls of the area.
func auditingControls() []Control { return nil }
