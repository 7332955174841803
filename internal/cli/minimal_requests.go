package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/audit"
)

// readRequests reads --requests. All lines that can't be read are told at once.
func (m *minimalRole) readRequests(s *session, a *rbacsim.Authorizer) ([]rbacsim.Request, error) {
	in, err := openInput(s, m.requests)
	if err != nil {
		return nil, fmt.Errorf("--requests %s: %w", m.requests, cause(err))
	}
	defer in.Close()
	name := m.requests
	if name == "-" {
		name = "standard input"
	}
	var requests []rbacsim.Request
	var wrong []error
	lines := bufio.NewReader(in)
	for number, end := 1, false; !end; number++ {
		line, err := lines.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("--requests %s: %w", m.requests, cause(err))
		}
		end = err != nil
		if number == 1 {
			line = strings.TrimPrefix(line, "\ufeff") // a byte order mark
		}
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		list, err := m.parseRequests(s, a, line)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s:%d: %w", name, number, err))
			continue
		}
		requests = append(requests, list...)
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	if len(requests) == 0 {
		return nil, fmt.Errorf("no request in %s", name)
	}
	return requests, nil
}

// parseRequests reads one line: the arguments of can-i, with one verb or several, or
// JSON.
func (m *minimalRole) parseRequests(s *session, a *rbacsim.Authorizer, line string) ([]rbacsim.Request, error) {
	if line[0] == '{' {
		r, err := parseAttributes(line)
		return []rbacsim.Request{r}, err
	}
	flags := pflag.NewFlagSet("request", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	var q whoCan
	q.scope.flags(flags, "")
	if err := flags.Parse(strings.Fields(line)); err != nil {
		return nil, withSuggestion(err, flags)
	}
	if err := q.scope.check(); err != nil {
		return nil, err
	}
	switch args := flags.Args(); {
	case len(args) < 2:
		return nil, fmt.Errorf("%q: want VERB TYPE[/NAME] [-n NAMESPACE], or VERB URL", line)
	case len(args) > 2:
		return nil, fmt.Errorf("%q is one word too many beside VERB TYPE[/NAME]", args[2])
	}
	quiet := *s // that a subresource is one is no news here
	quiet.Stderr = io.Discard
	var requests []rbacsim.Request
	for verb := range strings.SplitSeq(flags.Arg(0), ",") {
		r, err := q.parse(&quiet, a, verb, flags.Arg(1))
		if err != nil {
			return nil, err
		}
		q.place(a, &r)
		if !q.everywhere && q.within == "" && r.Namespace == "default" && m.within != "" {
			r.Namespace = m.within
		}
		for w := range a.Warnings(r) {
			s.note("warning: %s", w)
		}
		requests = append(requests, r)
	}
	return requests, nil
}

// parseAttributes reads a SubjectAccessReview, or what is in it.
func parseAttributes(line string) (rbacsim.Request, error) {
	var o jsonObject
	if err := o.read(line); err != nil {
		return rbacsim.Request{}, err
	}
	var r review
	switch {
	case o.has("spec"):
	case o.has("resourceAttributes") || o.has("nonResourceAttributes"):
		line = `{"spec":` + line + `}`
	case o.has("path"):
		line = `{"spec":{"nonResourceAttributes":` + line + `}}`
	default:
		line = `{"spec":{"resourceAttributes":` + line + `}}`
	}
	err := r.parse(line)
	switch {
	case err != nil:
	case r.request.Verb == "":
		err = errors.New("the verb is missing: no request of a client is without")
	case !r.request.NonResource && r.request.Resource == "":
		err = errors.New("the resource is missing")
	}
	return r.request, err
}

// used reads the requests of --as from --audit.
func (m *minimalRole) used(s *session) ([]rbacsim.Request, int, error) {
	who, err := identity.Parse(m.as)
	if err != nil {
		return nil, 0, asFlag(err)
	}
	log, err := m.readAudit(s)
	if err != nil {
		return nil, 0, err
	}
	defer log.in.Close()
	var requests []rbacsim.Request
	seen := map[rbacsim.Request]bool{}
	for u := range log.uses {
		if u.By(who) && !seen[u.Request] {
			seen[u.Request] = true
			requests = append(requests, u.Request)
		}
	}
	if log.err != nil {
		return nil, 0, log.err
	}
	if len(requests) == 0 {
		return nil, 0, fmt.Errorf("no request of %s in %s that was not denied%s", who, m.audit, log.others())
	}
	if who.Kind() == identity.Group {
		s.note("the requests of %s are those of its members, whatever allowed them", who)
	}
	return requests, log.finish(s), nil
}

// auditLog is a log that is being read.
type auditLog struct {
	in         io.ReadCloser
	uses       func(yield func(rbacsim.Use) bool)
	denied     int
	unknown    int
	unreadable int
	users      []string // some of those who made requests
	err        error    // of the reader
}

// mostUnreadable is how many lines of a log that can't be read are told.
const mostUnreadable = 5

// readAudit opens --audit.
func (m *minimalRole) readAudit(s *session) (*auditLog, error) {
	in, err := openInput(s, m.audit)
	if err != nil {
		return nil, fmt.Errorf("--audit %s: %w", m.audit, cause(err))
	}
	log := &auditLog{in: in}
	progress := s.newProgress("reading")
	log.uses = func(yield func(rbacsim.Use) bool) {
		defer progress.clear()
		for e, err := range audit.Read(in, audit.Limits{}) {
			progress.add()
			if err != nil {
				if line, ok := errors.AsType[*audit.LineError](err); ok {
					if log.unreadable++; log.unreadable <= mostUnreadable {
						s.note("%s:%d: %s", m.audit, line.Line, line.Err)
					}
					continue
				}
				log.err = fmt.Errorf("--audit %s: %w", m.audit, cause(err))
				return
			}
			switch e.Decision {
			case audit.Denied:
				log.denied++
				continue
			case audit.Unknown:
				log.unknown++
			case audit.Allowed:
			}
			const most = 1000
			if user := identity.NewUser(e.Subject.User).String(); len(log.users) < most && !slices.Contains(log.users, user) {
				log.users = append(log.users, user)
			}
			if !yield(rbacsim.Use{Subject: sender(e.Subject), Request: rbacsim.Request(e.Request)}) {
				return
			}
		}
	}
	return log, nil
}

// others names some of those who made requests, as the end of a sentence.
func (l *auditLog) others() string {
	const most = 3
	if len(l.users) == 0 {
		return "; it has none of anybody"
	}
	text := "; there are some of " + strings.Join(l.users[:min(len(l.users), most)], ", ")
	if len(l.users) > most {
		text += " and others"
	}
	return text
}

// finish says what was not counted, and returns the exit status of a log that could
// be read in full, or not.
func (l *auditLog) finish(s *session) int {
	if l.denied > 0 {
		s.note("requests that were denied, and do not count: %d", l.denied)
	}
	if l.unknown > 0 {
		s.note("requests of which the log does not tell whether they were allowed, and which count: %d", l.unknown)
	}
	if l.unreadable == 0 {
		return exitYes
	}
	s.note("incomplete: lines of the log that could not be read: %d", l.unreadable)
	return exitUndecided
}

// sender returns who made a request. Some logs leave the groups out: then they are
// those that Kubernetes adds.
func sender(s audit.Subject) rbacsim.Subject {
	if len(s.Groups) == 0 {
		if p, err := identity.Parse(s.User); err == nil && p.Username() == s.User {
			return rbacsim.As(p)
		}
	}
	return rbacsim.Subject(s)
}
