package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/aksim/aksim/pkg/rbacsim"
	"github.com/aksim/aksim/pkg/rbacsim/azure"
)

// webhook is what the flags say of the AKS cluster, and of how its authorization
// webhook asks Azure.
type webhook struct {
	cluster         string
	operations      string
	customResources bool
	subresources    bool
	noDiscovery     bool
}

// The words of --operation-map that name no file.
const (
	noOperations         = "none"
	discoveredOperations = "discovery"
)

func (w *webhook) flags(flags *pflag.FlagSet) {
	flags.StringVar(&w.cluster, "cluster", "", "which AKS cluster is asked, by `name` or id, if the input has several")
	flags.StringVar(&w.operations, "operation-map", noOperations, "how AKS maps requests to Azure's actions: none, discovery (from what the API server serves) or a `file` with the map as JSON")
	flags.BoolVar(&w.customResources, "custom-resource-check", false, "AKS asks about resources that the map lacks by customresources/read, write and delete")
	flags.BoolVar(&w.subresources, "subresource-attribute", false, "AKS tells Azure the subresource, on which conditions may hang")
	flags.BoolVar(&w.noDiscovery, "no-discovery-paths", false, "AKS asks about discovery paths, too, instead of allowing them to every Entra user")
}

func (w *webhook) check() error {
	if w.customResources && w.operations == noOperations {
		return errors.New("--custom-resource-check needs a map to tell custom resources by: say --operation-map discovery, or a file")
	}
	return nil
}

// options returns how requests become questions to Azure.
func (w *webhook) options(s *session, served *rbacsim.Resources) ([]azure.KubernetesOption, error) {
	operations, err := w.readOperations(s, served)
	if err != nil {
		return nil, err
	}
	list := []azure.KubernetesOption{azure.WithMapping(azure.Mapping{
		Operations: operations, CustomResources: w.customResources, Subresources: w.subresources,
	})}
	if w.noDiscovery {
		list = append(list, azure.WithoutDiscoveryPaths())
	}
	return list, nil
}

func (w *webhook) readOperations(s *session, served *rbacsim.Resources) (*azure.Operations, error) {
	switch w.operations {
	case noOperations:
		return nil, nil
	case discoveredOperations:
		return azure.NewOperations(served), nil
	}
	file, err := openInput(s, w.operations)
	if err != nil {
		return nil, fmt.Errorf("--operation-map %s: %w", w.operations, cause(err))
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("--operation-map %s: %w", w.operations, cause(err))
	}
	operations, err := azure.ParseOperations(text)
	if err != nil {
		return nil, fmt.Errorf("--operation-map %s: %w", w.operations, err)
	}
	return operations, nil
}

// server reads the snapshot and compiles what its API server asks: RBAC and, on AKS,
// Azure.
func (in *input) server(s *session, w *webhook) (*azure.Kubernetes, error) {
	var opts []rbacsim.Option
	if w.cluster != "" {
		opts = append(opts, rbacsim.WithManagedCluster(w.cluster))
	}
	a, err := in.authorizer(s, opts...)
	if err != nil {
		return nil, err
	}
	more, err := w.options(s, a.Resources())
	if err != nil {
		return nil, err
	}
	k := azure.NewKubernetes(a, azure.New(a.Cluster()), more...)
	if _, err := a.ManagedCluster(); err != nil && w.cluster != "" {
		return nil, fmt.Errorf("--cluster: %w", err)
	}
	return k, nil
}

// isAKS reports whether the input has an AKS cluster, so that answers say what Azure
// makes of a request.
func isAKS(k *azure.Kubernetes) bool {
	o, err := k.RBAC().ManagedCluster()
	return o != nil || err != nil
}

// severalClusters adds to the complaint that it is not known which AKS cluster is
// asked how to say so.
func (s *session) severalClusters(k *azure.Kubernetes, err error) error {
	if _, unknown := k.RBAC().ManagedCluster(); unknown != nil && errors.Is(err, unknown) {
		return fmt.Errorf("%w; say --cluster NAME", err)
	}
	return err
}
