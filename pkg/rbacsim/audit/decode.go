package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// apiEvent is the part that matters of an event, and of a row of AKSAudit: the
// columns are the fields, and encoding/json does not mind the case of keys.
type apiEvent struct {
	AuditID          string              `json:"auditID"`
	Stage            string              `json:"stage"`
	RequestURI       string              `json:"requestURI"`
	Verb             string              `json:"verb"`
	User             loose[apiUser]      `json:"user"`
	ImpersonatedUser loose[apiUser]      `json:"impersonatedUser"`
	ObjectRef        loose[apiObject]    `json:"objectRef"`
	ResponseStatus   loose[apiStatus]    `json:"responseStatus"`
	Annotations      loose[apiAnnotated] `json:"annotations"`
}

type apiUser struct {
	Username string   `json:"username"`
	Groups   []string `json:"groups"`
}

type apiObject struct {
	Resource    string `json:"resource"`
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
	APIGroup    string `json:"apiGroup"`
	Subresource string `json:"subresource"`
}

type apiStatus struct {
	Code int `json:"code"`
}

type apiAnnotated struct {
	Decision string `json:"authorization.k8s.io/decision"`
	Reason   string `json:"authorization.k8s.io/reason"`
}

// loose is a value that may be written as a string of JSON, as exports of tables
// write dynamic columns. An empty string is no value.
type loose[T any] struct{ value *T }

// UnmarshalJSON reads either way of writing the value.
func (l *loose[T]) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		var text string
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
		data = []byte(text)
	}
	if data = bytes.TrimSpace(data); len(data) == 0 {
		return nil
	}
	return json.Unmarshal(data, &l.value)
}

// envelope is everything that events come wrapped in.
type envelope struct {
	apiEvent

	Kind    string            `json:"kind"`
	Items   []json.RawMessage `json:"items"`   // of an EventList
	Records []json.RawMessage `json:"records"` // of an event hub's message

	// A record of a diagnostic setting, or a row of AzureDiagnostics.
	Category   string           `json:"category"`
	Properties loose[apiRecord] `json:"properties"`
	LogS       string           `json:"log_s"`

	Type   string     `json:"type"`   // of a row: its table
	Tables []apiTable `json:"tables"` // the answer of a query
}

type apiRecord struct {
	Log string `json:"log"`
}

type apiTable struct {
	Columns []struct {
		Name string `json:"name"`
	} `json:"columns"`
	Rows [][]json.RawMessage `json:"rows"`
}

var errNoEvent = errors.New("not an audit event: it has neither a verb nor a log of one")

// decode returns the events in a JSON value, in order. Logs of other kinds are
// passed over.
func decode(value []byte) ([]apiEvent, error) {
	if value[0] == '[' {
		var list []json.RawMessage
		if err := json.Unmarshal(value, &list); err != nil {
			return nil, err
		}
		return decodeAll(list)
	}
	var e envelope
	if err := json.Unmarshal(value, &e); err != nil {
		return nil, plain(err)
	}
	switch {
	case e.Kind == "EventList":
		return decodeAll(e.Items)
	case e.Records != nil:
		return decodeAll(e.Records)
	case e.Tables != nil:
		return decodeTables(e.Tables)
	case e.Category != "" && !slices.Contains([]string{"kube-audit", "kube-audit-admin"}, strings.ToLower(e.Category)):
		return nil, nil
	case e.Properties.value != nil && e.Properties.value.Log != "":
		return decodeText(e.Properties.value.Log)
	case e.LogS != "":
		return decodeText(e.LogS)
	case e.Type != "" && !strings.HasPrefix(strings.ToLower(e.Type), "aksaudit"):
		return nil, nil
	case e.Verb == "" && e.RequestURI == "":
		return nil, errNoEvent
	}
	return []apiEvent{e.apiEvent}, nil
}

// plain words an error about a field of the wrong type.
func plain(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:]
		return fmt.Errorf("%s: did not expect a JSON %s", field, wrong.Value)
	}
	return err
}

// decodeText reads the log of a record: one event.
func decodeText(text string) ([]apiEvent, error) {
	var e apiEvent
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return nil, plain(err)
	}
	if e.Verb == "" && e.RequestURI == "" {
		return nil, errNoEvent
	}
	return []apiEvent{e}, nil
}

// decodeAll reads a list. What can't be read does not hide the rest.
func decodeAll(list []json.RawMessage) ([]apiEvent, error) {
	var events []apiEvent
	var errs []error
	for _, item := range list {
		var e []apiEvent
		err := errNoEvent
		if item[0] == '{' {
			e, err = decode(item)
		}
		events = append(events, e...)
		if err != nil {
			errs = append(errs, err)
		}
	}
	return events, errors.Join(errs...)
}

func decodeTables(tables []apiTable) ([]apiEvent, error) {
	var rows []json.RawMessage
	for _, t := range tables {
		for _, cells := range t.Rows {
			row := map[string]json.RawMessage{}
			for i, cell := range cells {
				if i < len(t.Columns) {
					row[t.Columns[i].Name] = cell
				}
			}
			text, err := json.Marshal(row)
			if err != nil {
				return nil, err
			}
			rows = append(rows, text)
		}
	}
	return decodeAll(rows)
}

// event returns what the log says of the request.
func (e *apiEvent) event(line int) (Event, error) {
	out := Event{Line: line, ID: e.AuditID, Request: e.request()}
	if e.User.value == nil {
		return Event{}, errors.New("the event has no user")
	}
	out.Subject = e.User.value.subject()
	if as := e.ImpersonatedUser.value; as != nil {
		impersonator := out.Subject
		out.Impersonator, out.Subject = &impersonator, as.subject()
	}
	if a := e.Annotations.value; a != nil {
		out.Reason = a.Reason
		switch a.Decision {
		case "allow":
			out.Decision = Allowed
		case "forbid":
			out.Decision = Denied
		}
	}
	// What was answered has been allowed. What was refused may have been refused
	// by admission.
	if s := e.ResponseStatus.value; out.Decision == Unknown && s != nil && s.Code >= 100 && s.Code < 400 {
		out.Decision = Allowed
	}
	return out, nil
}

func (u apiUser) subject() Subject { return Subject{User: u.Username, Groups: u.Groups} }

func (e *apiEvent) request() Request {
	path, _, _ := strings.Cut(e.RequestURI, "?")
	if decoded, err := url.PathUnescape(path); err == nil {
		path = decoded
	}
	o := e.ObjectRef.value
	if o == nil || o.Resource == "" {
		if r, ok := resourcePath(path); ok {
			r.Verb = e.Verb
			return r
		}
		return Request{Verb: e.Verb, NonResource: true, Path: path}
	}
	r := Request{
		Verb: e.Verb, Group: o.APIGroup, Resource: o.Resource, Subresource: o.Subresource,
		Namespace: o.Namespace, Name: o.Name,
	}
	// The log completes the reference from the object that is to be created. The
	// authorizer knew the path only, which has no name.
	if r.Verb == "create" && r.Subresource == "" {
		r.Name = ""
		if asked, ok := resourcePath(path); ok {
			r.Namespace = asked.Namespace
		}
	}
	return r
}

// resourcePath reads the path of a resource request, for logs that leave out
// its object.
func resourcePath(path string) (Request, bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	var r Request
	switch {
	case len(parts) >= 3 && parts[0] == "api":
		parts = parts[2:]
	case len(parts) >= 4 && parts[0] == "apis":
		r.Group, parts = parts[1], parts[3:]
	default:
		return Request{}, false
	}
	if parts[0] == "namespaces" && len(parts) > 1 {
		r.Namespace = parts[1]
		// namespaces/NAME, with its own subresources, is authorised in NAME.
		if len(parts) > 2 && parts[2] != "status" && parts[2] != "finalize" {
			parts = parts[2:]
		}
	}
	r.Resource = parts[0]
	if len(parts) > 1 {
		r.Name = parts[1]
	}
	if len(parts) > 2 {
		r.Subresource = parts[2]
	}
	return r, true
}
