package audit_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/rbacsim/audit"
)

// read returns the events and the errors of a log, as text.
func read(log string, limits audit.Limits) (events []audit.Event, problems []string) {
	for e, err := range audit.Read(strings.NewReader(log), limits) {
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		events = append(events, e)
	}
	return events, problems
}

// line is an event of alice's, in JSON.
func line(id, stage, rest string) string {
	return fmt.Sprintf(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":%q,"stage":%q,"user":{"username":"alice","groups":["dev","system:authenticated"]}%s}`, id, stage, rest)
}

const getPod = `,"verb":"get","requestURI":"/api/v1/namespaces/app/pods/web?x=y","objectRef":{"resource":"pods","namespace":"app","name":"web","apiVersion":"v1"}`

const allow = `,"annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"because"}`

func TestRequests(t *testing.T) {
	for _, c := range []struct {
		name, rest string
		want       audit.Request
	}{
		{"named", getPod, audit.Request{Verb: "get", Resource: "pods", Namespace: "app", Name: "web"}},
		{
			"subresource of a group",
			`,"verb":"patch","requestURI":"/apis/apps/v1/namespaces/app/deployments/web/scale","objectRef":{"resource":"deployments","subresource":"scale","apiGroup":"apps","apiVersion":"v1","namespace":"app","name":"web"}`,
			audit.Request{Verb: "patch", Group: "apps", Resource: "deployments", Subresource: "scale", Namespace: "app", Name: "web"},
		},
		{
			"the name of what is to be created was not asked for",
			`,"verb":"create","requestURI":"/api/v1/namespaces/app/pods","objectRef":{"resource":"pods","namespace":"app","name":"web"}`,
			audit.Request{Verb: "create", Resource: "pods", Namespace: "app"},
		},
		{
			"nor the namespace that a cluster-scoped object claims",
			`,"verb":"create","requestURI":"/apis/rbac.authorization.k8s.io/v1/clusterroles?fieldManager=x","objectRef":{"resource":"clusterroles","apiGroup":"rbac.authorization.k8s.io","namespace":"app","name":"web"}`,
			audit.Request{Verb: "create", Group: "rbac.authorization.k8s.io", Resource: "clusterroles"},
		},
		{
			"creating a subresource has a name",
			`,"verb":"create","requestURI":"/api/v1/namespaces/app/pods/web/exec?command=ls","objectRef":{"resource":"pods","subresource":"exec","namespace":"app","name":"web"}`,
			audit.Request{Verb: "create", Resource: "pods", Subresource: "exec", Namespace: "app", Name: "web"},
		},
		{"URL", `,"verb":"get","requestURI":"/healthz/etcd%20x?verbose"`, audit.Request{Verb: "get", NonResource: true, Path: "/healthz/etcd x"}},
		{"discovery", `,"verb":"get","requestURI":"/apis/apps/v1"`, audit.Request{Verb: "get", NonResource: true, Path: "/apis/apps/v1"}},
		{"list without reference", `,"verb":"list","requestURI":"/api/v1/namespaces/app/pods?limit=500"`, audit.Request{Verb: "list", Resource: "pods", Namespace: "app"}},
		{"list of a group without reference", `,"verb":"list","requestURI":"/apis/apps/v1/deployments"`, audit.Request{Verb: "list", Group: "apps", Resource: "deployments"}},
		{"subresource without reference", `,"verb":"get","requestURI":"/api/v1/namespaces/app/pods/web/log"`, audit.Request{Verb: "get", Resource: "pods", Subresource: "log", Namespace: "app", Name: "web"}},
		{"namespace without reference", `,"verb":"get","requestURI":"/api/v1/namespaces/app"`, audit.Request{Verb: "get", Resource: "namespaces", Namespace: "app", Name: "app"}},
		{"namespace's status without reference", `,"verb":"update","requestURI":"/api/v1/namespaces/app/status"`, audit.Request{Verb: "update", Resource: "namespaces", Subresource: "status", Namespace: "app", Name: "app"}},
		{"namespaces without reference", `,"verb":"list","requestURI":"/api/v1/namespaces"`, audit.Request{Verb: "list", Resource: "namespaces"}},
		{"reference as null", `,"verb":"get","requestURI":"/version","objectRef":null`, audit.Request{Verb: "get", NonResource: true, Path: "/version"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			events, problems := read(line("1", "ResponseComplete", c.rest+allow), audit.Limits{})
			require.Empty(t, problems)
			require.Len(t, events, 1)
			assert.Equal(t, audit.Event{
				Line: 1, ID: "1", Subject: audit.Subject{User: "alice", Groups: []string{"dev", "system:authenticated"}},
				Request: c.want, Decision: audit.Allowed, Reason: "because",
			}, events[0])
		})
	}
}

func TestDecisions(t *testing.T) {
	for _, c := range []struct {
		rest string
		want audit.Decision
	}{
		{allow, audit.Allowed},
		{`,"annotations":{"authorization.k8s.io/decision":"forbid"}`, audit.Denied},
		{`,"annotations":{"authorization.k8s.io/decision":"forbid"},"responseStatus":{"code":200}`, audit.Denied},
		{`,"annotations":{"authorization.k8s.io/decision":"allow"},"responseStatus":{"code":403}`, audit.Allowed},
		{`,"responseStatus":{"code":200}`, audit.Allowed},
		{`,"responseStatus":{"code":101}`, audit.Allowed},
		{`,"responseStatus":{"code":403}`, audit.Unknown}, // or admission
		{`,"responseStatus":{"code":401}`, audit.Unknown},
		{`,"annotations":{"other":"x"}`, audit.Unknown},
		{``, audit.Unknown},
	} {
		events, problems := read(line("1", "ResponseComplete", getPod+c.rest), audit.Limits{})
		require.Empty(t, problems)
		require.Len(t, events, 1, c.rest)
		assert.Equal(t, c.want, events[0].Decision, c.rest)
	}
}

func TestImpersonation(t *testing.T) {
	events, problems := read(line("1", "ResponseComplete", getPod+allow+`,"impersonatedUser":{"username":"bob","groups":["ops"]}`), audit.Limits{})
	require.Empty(t, problems)
	require.Len(t, events, 1)
	assert.Equal(t, audit.Subject{User: "bob", Groups: []string{"ops"}}, events[0].Subject)
	assert.Equal(t, &audit.Subject{User: "alice", Groups: []string{"dev", "system:authenticated"}}, events[0].Impersonator)
}

// One request counts once, whatever stages the log has of it.
func TestStages(t *testing.T) {
	log := strings.Join([]string{
		line("watch", "RequestReceived", getPod),
		line("lost", "RequestReceived", getPod),
		line("get", "ResponseComplete", getPod+allow),
		line("watch", "ResponseStarted", getPod+allow),
		line("get", "ResponseComplete", getPod+allow), // in two categories of the log
		line("watch", "ResponseComplete", getPod+allow),
		line("panic", "RequestReceived", getPod),
		line("panic", "Panic", getPod),
		line("late", "ResponseComplete", getPod+allow),
		line("late", "RequestReceived", getPod),
		line("", "ResponseComplete", getPod+allow),
		line("", "ResponseComplete", getPod+allow),
	}, "\n")
	events, problems := read(log, audit.Limits{})
	require.Empty(t, problems)
	var got []string
	for _, e := range events {
		got = append(got, fmt.Sprint(e.Line, " ", e.ID, " ", e.Decision))
	}
	assert.Equal(t, []string{"3 get allowed", "4 watch allowed", "8 panic unknown", "9 late allowed", "11  allowed", "12  allowed", "2 lost unknown"}, got)
}

// Few requests are remembered if so told: the oldest are forgotten, not lost.
func TestMemoryOfRequests(t *testing.T) {
	var log strings.Builder
	for i := range 10 {
		log.WriteString(line(fmt.Sprint(i), "RequestReceived", getPod) + "\n")
	}
	events, problems := read(log.String(), audit.Limits{Requests: 3})
	require.Empty(t, problems)
	require.Len(t, events, 10)
	for i, e := range events {
		assert.Equal(t, fmt.Sprint(i), e.ID)
	}
}

// Long events that wait for their decision are not kept for ever either.
func TestMemoryOfLongRequests(t *testing.T) {
	var log strings.Builder
	for i := range 10 {
		log.WriteString(line(fmt.Sprint(i), "RequestReceived", getPod) + "\n")
	}
	log.WriteString(line("0", "ResponseComplete", getPod+allow))
	var got []string
	events, problems := read(log.String(), audit.Limits{Line: 1000})
	require.Empty(t, problems)
	for _, e := range events {
		got = append(got, fmt.Sprint(e.ID, e.Decision))
	}
	assert.Len(t, got, 10)
	assert.Equal(t, "0unknown", got[0])
}

func BenchmarkRead(b *testing.B) {
	var log strings.Builder
	for i := range 1000 {
		log.WriteString(line(fmt.Sprint(i), "RequestReceived", getPod) + "\n" + line(fmt.Sprint(i), "ResponseComplete", getPod+allow) + "\n")
	}
	b.SetBytes(int64(log.Len()))
	b.ReportAllocs()
	for b.Loop() {
		events, _ := read(log.String(), audit.Limits{})
		if len(events) != 1000 {
			b.Fatal(len(events))
		}
	}
}

// quoted is a text as a JSON string.
func quoted(t *testing.T, text string) string {
	t.Helper()
	out, err := json.Marshal(text)
	require.NoError(t, err)
	return string(out)
}

// Everything that wraps events yields the same event.
func TestShapes(t *testing.T) {
	event := line("1", "ResponseComplete", getPod+allow+`,"responseStatus":{"code":200}`)
	row := `"AuditId":"1","Stage":"ResponseComplete","Verb":"get","RequestUri":"/api/v1/namespaces/app/pods/web"`
	user, ref, notes := `{"username":"alice","groups":["dev","system:authenticated"]}`, `{"resource":"pods","namespace":"app","name":"web"}`,
		`{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"because"}`
	dynamic := `{"Type":"AKSAudit",` + row + `,"User":` + user + `,"ObjectRef":` + ref + `,"Annotations":` + notes + `}`
	strung := `{"Type":"AKSAuditAdmin",` + row + `,"User":` + quoted(t, user) + `,"ObjectRef":` + quoted(t, ref) + `,"Annotations":` + quoted(t, notes) + `,"ResponseStatus":""}`
	other := `{"category":"kube-scheduler","properties":{"log":"I0101 not JSON"}}`
	record := `{"time":"2026-01-01T00:00:00Z","resourceId":"/SUBSCRIPTIONS/X","category":"kube-audit","properties":{"log":` + quoted(t, event+"\n") + `,"stream":"stdout","pod":"kube-apiserver-x"}}`
	for name, log := range map[string]string{
		"line":                       event,
		"byte order mark":            "\xef\xbb\xbf" + event,
		"CRLF":                       event + "\r\n\r\n",
		"EventList":                  `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[` + event + `]}`,
		"record":                     record,
		"record of the admin log":    strings.ReplaceAll(record, `"kube-audit"`, `"kube-audit-admin"`),
		"records, one of another":    `{"records":[` + other + `,` + record + `]}`,
		"record of another":          other + "\n" + record,
		"properties as a string":     `{"category":"kube-audit","properties":` + quoted(t, `{"log":`+quoted(t, event)+`}`) + `}`,
		"AzureDiagnostics":           `{"Type":"AzureDiagnostics","Category":"kube-audit","log_s":` + quoted(t, event) + `}`,
		"AKSAudit":                   dynamic,
		"AKSAudit, strings":          strung,
		"rows of other tables":       `{"Type":"ContainerLogV2","LogMessage":"x"}` + "\n" + dynamic,
		"array":                      `[` + event + `]`,
		"array of lines":             "[\n" + other + ",\n" + event + "\n]",
		"array that begins at once":  "[" + other + ",\n" + event + "]",
		"indented array":             indent(t, `[`+other+`,`+strung+`]`),
		"indented EventList":         indent(t, `{"kind":"EventList","items":[`+event+`]}`),
		"answer of a query":          `{"tables":[{"name":"PrimaryResult","columns":[{"name":"Verb","type":"string"},{"name":"AuditId"},{"name":"User"},{"name":"ObjectRef"},{"name":"Annotations"},{"name":"Stage"}],"rows":[["get","1",` + quoted(t, user) + `,` + ref + `,` + quoted(t, notes) + `,null]]}]}`,
		"indented, followed by more": indent(t, record) + "\n" + record,
	} {
		t.Run(name, func(t *testing.T) {
			events, problems := read(log, audit.Limits{})
			require.Empty(t, problems)
			require.Len(t, events, 1)
			e := events[0]
			e.Line = 1
			assert.Equal(t, audit.Event{
				Line: 1, ID: "1", Subject: audit.Subject{User: "alice", Groups: []string{"dev", "system:authenticated"}},
				Request: audit.Request{Verb: "get", Resource: "pods", Namespace: "app", Name: "web"}, Decision: audit.Allowed, Reason: "because",
			}, e)
		})
	}
}

func indent(t *testing.T, text string) string {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal([]byte(text), &value))
	out, err := json.MarshalIndent(value, "", "  ")
	require.NoError(t, err)
	return string(out)
}

// A bad line is reported, and hides nothing.
func TestBadLines(t *testing.T) {
	good := line("1", "ResponseComplete", getPod+allow)
	for name, c := range map[string]struct{ bad, want string }{
		"cut off":        {good[:len(good)-20], "line 2: unexpected end of JSON input"},
		"not JSON":       {"I0101 starting", "line 2: invalid character 'I' looking for beginning of value"},
		"not an object":  {"42", "line 2: not an audit event: it has neither a verb nor a log of one"},
		"another object": {`{"a":1}`, "line 2: not an audit event: it has neither a verb nor a log of one"},
		"an odd element": {`[7]`, "line 2: not an audit event: it has neither a verb nor a log of one"},
		"wrong type":     {`{"verb":7}`, "line 2: verb: did not expect a JSON number"},
		"no user":        {`{"verb":"get","requestURI":"/"}`, "line 2: the event has no user"},
		"bad record":     {`{"category":"kube-audit","properties":{"log":"{"}}`, "line 2: unexpected end of JSON input"},
		"too long":       {`{"verb":"` + strings.Repeat("x", 2000) + `"}`, "line 2: longer than 1000 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			events, problems := read(good+"\n"+c.bad+"\n"+strings.ReplaceAll(good, `"1"`, `"2"`), audit.Limits{Line: 1000})
			assert.Equal(t, []string{c.want}, problems)
			if assert.Len(t, events, 2) {
				assert.Equal(t, 3, events[1].Line)
			}
		})
	}
	t.Run("the good part of a list", func(t *testing.T) {
		events, problems := read(`{"kind":"EventList","items":[{"a":1},`+good+`]}`, audit.Limits{})
		assert.Len(t, problems, 1)
		assert.Len(t, events, 1)
	})
	t.Run("braces and quotes in strings", func(t *testing.T) {
		events, problems := read("{\n\"x\": \"\\\"{\",\n"+good[1:]+"\n"+strings.ReplaceAll(good, `"1"`, `"2"`), audit.Limits{})
		assert.Empty(t, problems)
		assert.Len(t, events, 2)
	})
	t.Run("never closed", func(t *testing.T) {
		_, problems := read("{\n\"verb\": {", audit.Limits{})
		assert.Equal(t, []string{"line 1: the object is not closed"}, problems)
	})
	t.Run("indented and too long", func(t *testing.T) {
		_, problems := read("{\n"+strings.Repeat("\"a\": 1,\n", 100)+"\"b\":1}", audit.Limits{Line: 200})
		require.NotEmpty(t, problems)
		assert.Equal(t, "line 1: longer than 200 bytes", problems[0])
	})
}

// The reader's own error ends the sequence, after what is known.
func TestReaderFails(t *testing.T) {
	broken := errors.New("cable")
	log := io.MultiReader(strings.NewReader(line("1", "RequestReceived", getPod)+"\n"), iotest.ErrReader(broken))
	var events int
	var errs []error
	for _, err := range audit.Read(log, audit.Limits{}) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		events++
	}
	assert.Equal(t, 1, events)
	assert.Equal(t, []error{broken}, errs)
}

// The sequence stops when it is told to.
func TestStop(t *testing.T) {
	log := strings.Repeat("x\n"+line("", "ResponseComplete", getPod)+"\n"+line("1", "RequestReceived", getPod)+"\n", 3)
	for stop := range 7 {
		seen := 0
		for range audit.Read(strings.NewReader(log), audit.Limits{}) {
			if seen++; seen > stop {
				break
			}
		}
		assert.LessOrEqual(t, seen, stop+1)
	}
}

// opening matches lines that may begin an indented object.
var opening = regexp.MustCompile(`\{[\s,\]]*(\n|$)`)

// Whatever the log: no panic, an end, and no line hides the next one.
func FuzzRead(f *testing.F) {
	event := line("1", "ResponseComplete", getPod+allow)
	for _, seed := range []string{
		event, "[\n" + event + ",\n" + event + "\n]", `{"records":[` + event + `]}`, "{\n}\n", `{"tables":[{"rows":[[1]]}]}`,
		`{"category":"kube-audit","properties":{"log":"{}"}}`, "\xef\xbb\xbf[", `{"user":"","objectRef":"null","annotations":"{}","verb":"x"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, log string) {
		for e, err := range audit.Read(strings.NewReader(log), audit.Limits{Line: 300, Requests: 2}) {
			if err != nil {
				bad, ok := errors.AsType[*audit.LineError](err)
				require.True(t, ok, "%v", err)
				require.Greater(t, bad.Line, 0)
				continue
			}
			require.LessOrEqual(t, e.Line, strings.Count(log, "\n")+1)
			require.False(t, e.Request.NonResource && e.Request.Resource != "")
		}
		if opening.MatchString(log) {
			return
		}
		found := false
		for e, err := range audit.Read(strings.NewReader(log+"\n"+event), audit.Limits{Line: 4096}) {
			found = found || err == nil && e.ID == "1"
		}
		require.True(t, found, "%q hides the next line", log)
	})
}
