package audit

// Event is one request that reached the API server.
type Event struct {
	Line    int    // where the event begins, from 1
	ID      string // the audit ID; empty if the log has none
	Subject Subject
	// Impersonator is who sent the request, if it was made as somebody else:
	// then Subject is that somebody.
	Impersonator *Subject
	Request      Request
	Decision     Decision
	Reason       string // as the authorizer gave it, of a policy or binding
}

// Subject is who a request was authorised as.
type Subject struct {
	User   string
	Groups []string // in the order of the log, the implicit ones included
}

// Request is what the authorizer was asked.
type Request struct {
	Verb                         string
	Group, Resource, Subresource string
	Namespace, Name              string

	NonResource bool
	Path        string // of a non-resource request, without query
}

// Decision is what the authorizer said, as far as the log tells.
type Decision int

// The decisions.
const (
	Unknown Decision = iota // the log does not tell
	Allowed
	Denied
)

func (d Decision) String() string {
	switch d {
	case Unknown:
		return "unknown"
	case Allowed:
		return "allowed"
	case Denied:
		return "denied"
	}
	return "invalid"
}
