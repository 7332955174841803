package rbacsim

import (
	"iter"
	"slices"
	"sync"

	"github.com/aksim/aksim/pkg/model"
)

// Authorizer answers what the RBAC objects of one snapshot allow. It is immutable
// and safe for concurrent use.
type Authorizer struct {
	cluster *model.Cluster
	version model.KubeVersion
	assumed []string

	roles    []*role
	byName   map[roleKey]*role
	bindings []*binding // as the API server asks them

	vocabulary    *vocabulary
	namespaces    words
	users, groups map[string]*holder // by the names that requests carry
	holders       []*holder
	anybody       holder // whom bindings may name that are not understood
	scopes        map[uint64]*scope

	resources *Resources

	managed   managed
	unsettled []string // groups that may be any, by what stands for them
	unasked   string   // why RBAC may not be asked at all

	who struct { // made when the first asks
		once  sync.Once
		index *whoIndex
	}
}

// Option settles something that the snapshot does not tell.
type Option func(*Authorizer)

// WithKubeVersion says which version the API server is of. The default is that of
// the snapshot, and the newest modelled one where that has none.
func WithKubeVersion(v model.KubeVersion) Option { return func(a *Authorizer) { a.version = v } }

// WithResources says which resources the API server serves. The default is
// [BuiltinResources] and those that the snapshot's CustomResourceDefinitions define.
func WithResources(r *Resources) Option { return func(a *Authorizer) { a.resources = r } }

// compiler is an Authorizer in the making.
type compiler struct {
	*Authorizer
	indexer *indexer
	indexes int32
	sets    map[string]*ruleSet
	unknown *ruleIndex
}

// New compiles a snapshot. The cost is near-linear in its size; answers after that
// are cheap.
func New(cluster *model.Cluster, opts ...Option) *Authorizer {
	a := &Authorizer{
		cluster: cluster, version: cluster.KubeVersion(),
		byName: map[roleKey]*role{}, vocabulary: newVocabulary(), namespaces: words{},
		users: map[string]*holder{}, groups: map[string]*holder{}, scopes: map[uint64]*scope{},
	}
	if a.version == (model.KubeVersion{}) {
		a.version = model.NewestKubeVersion()
	}
	for _, o := range opts {
		o(a)
	}
	if a.resources == nil {
		a.resources = BuiltinResources().WithCluster(cluster)
	}
	c := &compiler{Authorizer: a, indexer: newIndexer(a.vocabulary), sets: map[string]*ruleSet{}}
	c.readRoles(cluster)
	c.readBindings(cluster)
	c.readManaged(cluster)
	plant(planted.read, c)
	c.addDefaults()
	c.aggregate()
	plant(planted.aggregated, c)
	for _, r := range a.roles {
		c.compileRole(r)
	}
	c.compileBindings()
	plant(planted.ready, a)
	return a
}

// Cluster returns the snapshot that was compiled.
func (a *Authorizer) Cluster() *model.Cluster { return a.cluster }

// KubeVersion returns the version that the API server is taken to be of.
func (a *Authorizer) KubeVersion() model.KubeVersion { return a.version }

// Resources returns the resources that the API server is taken to serve.
func (a *Authorizer) Resources() *Resources { return a.resources }

// Assumptions yields what the answers take for granted because the snapshot does
// not tell, in a fixed order, each as a clause for people.
func (a *Authorizer) Assumptions() iter.Seq[string] {
	return slices.Values(append([]string{a.webhookAssumption()}, a.assumed...))
}
