package model

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// SecretProviderClass tells the secrets store CSI driver which secrets to mount
// into a pod, and under which identity to fetch them.
// https://secrets-store-csi-driver.sigs.k8s.io/concepts#secretproviderclass
type SecretProviderClass struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              SecretProviderClassSpec `json:"spec"`
}

// SecretProviderClassSpec is what a SecretProviderClass asks for.
type SecretProviderClassSpec struct {
	// Provider is the driver's plugin, such as azure.
	Provider string `json:"provider,omitempty"`
	// Parameters are the plugin's own; the driver does not interpret them.
	Parameters map[string]string `json:"parameters,omitempty"`
	// SecretObjects are the Kubernetes Secrets that the driver keeps in step.
	SecretObjects []SyncedSecret `json:"secretObjects,omitempty"`
}

// SyncedSecret is a Kubernetes Secret that the driver writes from mounted content.
type SyncedSecret struct {
	SecretName  string             `json:"secretName,omitempty"`
	Type        string             `json:"type,omitempty"`
	Labels      map[string]string  `json:"labels,omitempty"`
	Annotations map[string]string  `json:"annotations,omitempty"`
	Data        []SyncedSecretData `json:"data,omitempty"`
}

// SyncedSecretData is one key of a SyncedSecret.
type SyncedSecretData struct {
	ObjectName string `json:"objectName,omitempty"`
	Key        string `json:"key,omitempty"`
}
