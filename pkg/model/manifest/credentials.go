package manifest

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/aksim/aksim/internal/credential"
	"github.com/aksim/aksim/pkg/model"
)

// credentials says which values of a ConfigMap look like credentials, as long as they
// are there: reduce drops them. A Secret's need no looking at.
func (s *sheet) credentials(object metav1.Object) (list []model.Credential) {
	o, ok := object.(*corev1.ConfigMap)
	if !ok {
		return nil
	}
	add := func(field, key, value string) {
		if kind, ok := credential.InText(key, value); ok {
			path := child(field, key)
			list = append(list, model.Credential{Path: path, Kind: kind, Place: s.place(s.offset(path))})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(o.Data)) {
		add("data", key, o.Data[key])
	}
	for _, key := range slices.Sorted(maps.Keys(o.BinaryData)) {
		add("binaryData", key, string(o.BinaryData[key]))
	}
	return list
}
