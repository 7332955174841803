package identity_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/aksim/aksim/pkg/identity"
	"github.com/aksim/aksim/pkg/model"
)

func TestAZ94SecretObjects(t *testing.T) {
	for _, tt := range []struct {
		name, objects, err string
		want               []identity.SecretObject
	}{
		{
			name:    "all types",
			objects: "array:\n  - |\n    objectName: db\n    objectType: secret\n    objectVersion: abc\n  - \"objectName: tls\\nobjectType: cert\"\n  - |\n    objectName: signing\n    objectType: key\n    objectAlias: k\n",
			want:    []identity.SecretObject{{Name: "db", Type: "secret", Version: "abc"}, {Name: "tls", Type: "cert"}, {Name: "signing", Type: "key"}},
		},
		{name: "nothing", objects: " "},
		{name: "no objects", objects: "array: []"},
		{name: "objects, not texts", objects: "array: [{objectName: db}]", err: "want an array of texts"},
		{name: "no name", objects: "array: ['objectType: secret']", err: "array[0]: objectName is missing"},
		{name: "wrong type", objects: "array: ['{objectName: db, objectType: Secrets}']", err: `array[0]: objectType is "Secrets": want secret, key or cert`},
		{name: "no YAML", objects: "array: ['a: b: c']", err: "array[0]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &model.SecretProviderClass{Spec: model.SecretProviderClassSpec{Parameters: map[string]string{"objects": tt.objects}}}
			got, err := identity.SecretObjects(c)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}
