package actionset

// Match says whether an action is in a set. The zero value is No.
type Match uint8

// Maybe lies between the other two: the action is in the set in one of the
// readings of /*/ and may not be in the other one.
const (
	No Match = iota
	Maybe
	Yes
)

// String returns "no", "maybe" or "yes".
func (m Match) String() string {
	switch m {
	case Yes:
		return "yes"
	case Maybe:
		return "maybe"
	default:
		return "no"
	}
}

// not is the match of the complement.
func (m Match) not() Match { return Yes - m }

// Permission is what Allow matches and Except does not: the actions and
// notActions of one permission object, or its dataActions and notDataActions
// (AZ24).
type Permission struct{ Allow, Except []Pattern }

// Match reports whether the permission allows the action. What the exceptions
// match only in the generous reading is Maybe. No reading is taken to hold for
// all patterns at once: an action that both lists match only generously is
// Maybe as well.
func (p Permission) Match(action string) Match {
	allowed := best(p.Allow, action)
	if allowed == No {
		return No
	}
	return min(allowed, best(p.Except, action).not())
}

// best is the highest match among the patterns.
func best(patterns []Pattern, action string) Match {
	m := No
	for i := range patterns {
		if m = max(m, patterns[i].Match(action)); m == Yes {
			break
		}
	}
	return m
}

// Set is the union of its permissions: an exception bites in its own
// permission and in no other (AZ24). The nil Set is empty.
type Set []Permission

// Match reports whether any of the permissions allows the action.
func (s Set) Match(action string) Match {
	m := No
	for i := range s {
		if m = max(m, s[i].Match(action)); m == Yes {
			break
		}
	}
	return m
}
