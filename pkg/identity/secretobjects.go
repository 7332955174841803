package identity

import (
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/aksim/aksim/pkg/model"
)

// SecretObject is one object of a key vault that a SecretProviderClass asks for.
type SecretObject struct {
	Name, Type string // Type is secret, key or cert
	Version    string // empty for the newest
}

// SecretObjects returns what a SecretProviderClass of Azure's provider asks for, in its
// order: the parameter objects is YAML, whose array holds YAML again (AZ94). The error
// says what the provider would refuse. It refuses a class without objects, too.
//
// https://azure.github.io/secrets-store-csi-driver-provider-azure/docs/getting-started/usage/
func SecretObjects(c *model.SecretProviderClass) ([]SecretObject, error) {
	text := c.Spec.Parameters["objects"]
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var outer struct {
		Array []string `json:"array"`
	}
	if err := yaml.Unmarshal([]byte(text), &outer); err != nil {
		return nil, fmt.Errorf("the parameter objects: want an array of texts: %w", err)
	}
	var all []SecretObject
	for i, text := range outer.Array {
		var o struct {
			ObjectName    string `json:"objectName"`
			ObjectType    string `json:"objectType"`
			ObjectVersion string `json:"objectVersion"`
		}
		if err := yaml.Unmarshal([]byte(text), &o); err != nil {
			return nil, fmt.Errorf("the parameter objects, array[%d]: %w", i, err)
		}
		switch {
		case o.ObjectName == "":
			return nil, fmt.Errorf("the parameter objects, array[%d]: objectName is missing", i)
		case o.ObjectType != "secret" && o.ObjectType != "key" && o.ObjectType != "cert":
			return nil, fmt.Errorf("the parameter objects, array[%d]: objectType is %q: want secret, key or cert", i, o.ObjectType)
		}
		all = append(all, SecretObject{o.ObjectName, o.ObjectType, o.ObjectVersion})
	}
	return all, nil
}
