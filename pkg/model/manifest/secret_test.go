package manifest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
)

const secretText = `
apiVersion: v1
kind: Secret
metadata:
  name: s
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{"data":{"a":"hunter2"}}'
    other: stays
type: example.com/t
data: {a: aHVudGVyMg==, b: ""}
stringData: {b: hunter2, c: hunter2}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {a: hunter2}
binaryData: {b: aHVudGVyMg==}
immutable: true
`

func TestValuesOfSecretsAreDropped(t *testing.T) {
	loaded, err := read(secretText)
	require.NoError(t, err)
	held := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "s", Namespace: "default", Annotations: map[string]string{"other": "stays", corev1.LastAppliedConfigAnnotation: "hunter2"}},
		Type:       "example.com/t", Data: map[string][]byte{"a": []byte("hunter2")}, StringData: map[string]string{"b": "hunter2", "c": "hunter2"},
	}
	built, err := manifest.FromObjects(held, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "c", Namespace: "default"}, Data: map[string]string{"a": "hunter2"}, BinaryData: map[string][]byte{"b": []byte("hunter2")},
	})
	require.NoError(t, err)
	assert.Equal(t, "hunter2", string(held.Data["a"]), "the caller's object is the caller's")

	for _, c := range []*model.Cluster{loaded, built} {
		s, _ := model.Get[corev1.Secret](c, "default", "s")
		assert.Equal(t, map[string][]byte{"a": nil, "b": nil, "c": nil}, s.API.Data)
		assert.Nil(t, s.API.StringData)
		assert.Equal(t, corev1.SecretType("example.com/t"), s.API.Type)
		assert.Equal(t, map[string]string{"other": "stays"}, s.API.Annotations)
		m, _ := model.Get[corev1.ConfigMap](c, "default", "c")
		assert.Equal(t, map[string]string{"a": ""}, m.API.Data)
		assert.Equal(t, map[string][]byte{"b": nil}, m.API.BinaryData)
		for _, o := range []any{s, m} {
			text, err := json.Marshal(o)
			require.NoError(t, err)
			assert.NotContains(t, string(text)+fmt.Sprintf("%#v", o), "hunter")
		}
	}
}

// No message quotes a value of a Secret or ConfigMap, however wrong it is.
func TestErrorsKeepSecrets(t *testing.T) {
	values := []string{
		"hunter2", "*hunter2", "&hunter2 hunter2", "!hunter2 hunter2", "!!int hunter2", "!!binary hunter2!", "[hunter2]", "{hunter2: hunter2}", "{hunter2:}",
		"\"hunter2", "'hunter2", "\"\\hunter2\"", "hunter2: hunter2", "@hunter2", "`hunter2", "%hunter2", "|hunter2", ">hunter2", "- hunter2", "hunter2 #x\n  hunter2",
		"\thunter2", "{hunter2", "[hunter2", "? hunter2", "1.5", "0x1234567", "1234567", "on", ".inf", "2001-01-01", "hunter2\n hunter2: x", "!e!hunter2 x", "!<hunter2",
	}
	for _, kind := range []string{"Secret", "ConfigMap"} {
		for _, field := range []string{"data", "stringData", "binaryData"} {
			for _, value := range values {
				for _, text := range []string{
					"apiVersion: v1\nkind: " + kind + "\nmetadata: {name: s}\n" + field + ":\n  k: " + value + "\n",
					"apiVersion: v1\nkind: " + kind + "\nmetadata: {name: s}\n" + field + ": " + value + "\n",
					`{"apiVersion": "v1", "kind": "` + kind + `", "metadata": {"name": "s"}, "` + field + `": {"k": ` + value + "}}\n",
				} {
					_, err := read(text)
					for e := range manifest.Errors(err) {
						message := strings.TrimPrefix(e.Error(), e.Place.String())
						for _, secret := range []string{"unter2", "1.5", "1234567", "19088743", "2001"} {
							// As a key it is no value.
							if strings.Contains(strings.TrimPrefix(message, ": "+e.Path), secret) {
								t.Errorf("%s\nprints %s", text, message)
							}
						}
					}
				}
			}
		}
	}
}

// Of a ConfigMap's values, what is kept is where they look like credentials.
func TestCredentialsOfConfigMaps(t *testing.T) {
	loaded, err := read(`
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data:
  plain: x
  app.properties: |
    name=x
    db.password=hunter22
  token: hunter22
binaryData: {secret: aHVudGVyMjI=}
`)
	require.NoError(t, err)
	m, _ := model.Get[corev1.ConfigMap](loaded, "default", "c")
	const kind = "a value whose name says that it is a secret"
	var got []string
	for _, c := range m.Origin.Credentials {
		assert.Equal(t, kind, c.Kind)
		got = append(got, fmt.Sprint(c.Path, " ", c.Place.Line))
	}
	assert.Equal(t, []string{"data[app.properties] 7", "data.token 10", "binaryData.secret 11"}, got)
	assert.NotContains(t, fmt.Sprintf("%#v", m), "hunter")
}
