package manifest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/aksim/aksim/pkg/model"
	"github.com/aksim/aksim/pkg/model/manifest"
)

func account(name string) string {
	return "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: " + name + "\n"
}

func zipped(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// refs returns the objects of a cluster as they are printed.
func refs(c *model.Cluster) (names []string) {
	for r := range c.Refs() {
		names = append(names, r.String())
	}
	return names
}

// places returns where the ServiceAccounts were written.
func places(c *model.Cluster) (places []string) {
	for o := range model.All[corev1.ServiceAccount](c) {
		places = append(places, o.Ref.Name+" "+filepath.ToSlash(o.Origin.Place.String()))
	}
	return places
}

func TestLoadPaths(t *testing.T) {
	t.Chdir(t.TempDir())
	files := map[string][]byte{
		"dir/a.yaml":             []byte(account("a")),
		"dir/deep/b.yml":         []byte("# first\n---\n" + account("b1") + "---\n" + account("b2")),
		"dir/deep/c.json":        []byte(`{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "c"}}`),
		"dir/d.yaml.gz":          zipped(t, account("d")),
		"dir/E.YAML":             []byte(account("e")),
		"dir/readme.txt":         []byte("not read"),
		"dir/.git/config.yaml":   []byte("not: read"),
		"dir/.hidden.yaml":       []byte("not: read"),
		"dir/x.yaml/nested.yaml": []byte(account("nested")),
		"single.txt":             []byte(account("single")),
		"empty/readme.txt":       nil,
	}
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, text, 0o644))
	}
	c, err := manifest.Load("dir", "single.txt", "./dir/a.yaml", "dir/../dir/deep")
	require.NoError(t, err)
	assert.Equal(t, []string{
		"a dir/a.yaml:1:1", "b1 dir/deep/b.yml:3:1", "b2 dir/deep/b.yml:8:1", "c dir/deep/c.json:1:2", "d dir/d.yaml.gz:1:1",
		"e dir/E.YAML:1:1", "nested dir/x.yaml/nested.yaml:1:1", "single single.txt:1:1",
	}, places(c))
	assert.Empty(t, findingLines(c))

	c, err = manifest.Load("dir", "missing", "empty")
	assert.Nil(t, c)
	assert.Equal(t, []string{"empty: no .yaml, .yml or .json file in this directory", "missing: no such file or directory"}, errorLines(err))

	_, err = manifest.Load()
	assert.EqualError(t, err, "no files to read")

	require.NoError(t, os.Symlink("nowhere", "dir/broken.yaml"))
	_, err = manifest.Load("dir")
	assert.Error(t, err, "a link to nothing must not pass for an absent manifest")
}

func TestLoadStdin(t *testing.T) {
	l := manifest.Loader{Stdin: bytes.NewReader(zipped(t, account("a")))}
	c, err := l.Load("-", "-")
	require.NoError(t, err)
	assert.Equal(t, []string{"a stdin:1:1"}, places(c))
}

func TestLoadFS(t *testing.T) {
	fsys := fstest.MapFS{
		"deploy/a.yaml":      {Data: []byte(account("a"))},
		"deploy/sub/b.json":  {Data: []byte(`{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "b"}}`)},
		"deploy/values.txt":  {Data: []byte("not read")},
		"other/c.yaml":       {Data: []byte(account("c"))},
		"other/template.txt": {Data: []byte(account("t"))},
	}
	c, err := manifest.LoadFS(fsys, "deploy", "deploy/*.yaml", "other/*")
	require.NoError(t, err)
	assert.Equal(t, []string{"a deploy/a.yaml:1:1", "b deploy/sub/b.json:1:2", "c other/c.yaml:1:1", "t other/template.txt:1:1"}, places(c))

	_, err = manifest.LoadFS(fsys, "deploy", "deply/*.yaml", "[")
	assert.Equal(t, []string{"[: syntax error in pattern", "deply/*.yaml: matches no file"}, errorLines(err))
}

func TestFormsOfStreams(t *testing.T) {
	const json = `{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": %q}}`
	a, b := fmt.Sprintf(json, "a"), fmt.Sprintf(json, "b")
	indent := func(text string) string {
		return "- " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
	}
	utf16of := func(order binary.ByteOrder, text string) string {
		var out bytes.Buffer
		_ = binary.Write(&out, order, append([]uint16{0xFEFF}, utf16.Encode([]rune(text))...))
		return out.String()
	}
	bare := func(name string) string { return "metadata: {name: " + name + "}\n" }
	for _, tc := range []struct {
		name, text string
		places     [2]string
	}{
		{"yaml documents", account("a") + "---\n" + account("b"), [2]string{"1:1", "6:1"}},
		{"separators with comments, blanks and directives", "# x\n--- # y\n" + account("a") + "---\n---\n# z\n%YAML 1.1\n---\n" + account("b") + "...\n", [2]string{"3:1", "12:1"}},
		{"windows line ends", strings.ReplaceAll(account("a")+"---\n"+account("b"), "\n", "\r\n"), [2]string{"1:1", "6:1"}},
		{"byte order mark", "\ufeff" + account("a") + "---\n" + account("b"), [2]string{"1:1", "6:1"}},
		{"utf-16 little endian", utf16of(binary.LittleEndian, account("a")+"---\n"+account("b")), [2]string{"1:1", "6:1"}},
		{"utf-16 big endian", utf16of(binary.BigEndian, account("a")+"---\n"+account("b")), [2]string{"1:1", "6:1"}},
		{"json lines", a + "\n" + b + "\n", [2]string{"1:2", "2:2"}},
		{"concatenated json", a + b, [2]string{"1:2", "1:75"}},
		{"json array", "[\n  " + a + ",\n  " + b + "\n]", [2]string{"2:4", "3:4"}},
		{"json and yaml", a + "\n---\n" + account("b"), [2]string{"1:2", "3:1"}},
		{"json array after a separator", "---\n[" + a + "," + b + "]", [2]string{"2:3", "2:77"}},
		{"yaml array", indent(account("a")) + indent(account("b")), [2]string{"1:3", "5:3"}},
		{"flow style", "{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}}\n---\n{ apiVersion: v1, kind: ServiceAccount, metadata: {name: b} }\n", [2]string{"1:2", "3:3"}},
		{"json list", `{"apiVersion": "v1", "items": [` + a + ",\n" + b + `], "kind": "List", "metadata": {"resourceVersion": ""}}`, [2]string{"1:33", "2:2"}},
		{"yaml list of kubectl", "apiVersion: v1\nitems:\n" + indent(account("a")) + indent(account("b")) + "kind: List\nmetadata:\n  resourceVersion: \"\"\n", [2]string{"3:3", "7:3"}},
		{"yaml list of kubectl with windows line ends", strings.ReplaceAll("apiVersion: v1\nitems:\n"+indent(account("a"))+indent(account("b"))+"kind: List\n", "\n", "\r\n"), [2]string{"3:3", "7:3"}},
		{"yaml list, indented", "kind: List\napiVersion: v1\nitems:\n  " + strings.ReplaceAll(strings.TrimSuffix(indent(account("a"))+indent(account("b")), "\n"), "\n", "\n  ") + "\n", [2]string{"4:5", "8:5"}},
		{"typed json list", `{"apiVersion":"v1","kind":"ServiceAccountList","metadata":{},"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}`, [2]string{"1:72", "1:98"}},
		{"typed yaml list", "apiVersion: v1\nkind: ServiceAccountList\nitems:\n" + indent(bare("a")) + indent(bare("b")), [2]string{"4:3", "5:3"}},
		{"list in a list", `{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"List","items":[` + a + "]},\n[" + b + `]]}`, [2]string{"1:86", "2:3"}},
		{"list in a yaml list", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items: [" + a + "]\n- kind: ServiceAccountList\n  apiVersion: v1\n  items:\n  - " + bare("b"), [2]string{"6:12", "10:5"}},
		{"an alias across items", "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: ServiceAccount\n  metadata: &m\n    name: a\n- apiVersion: v1\n  kind: ServiceAccount\n  metadata:\n    <<: *m\n    name: b\nkind: List\n", [2]string{"3:3", "7:3"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := read(tc.text)
			require.NoError(t, err)
			assert.Equal(t, []string{"a f:" + tc.places[0], "b f:" + tc.places[1]}, places(c))
			assert.Empty(t, findingLines(c))
		})
	}
	for _, text := range []string{"", "\n", "# only a comment\n", "---\n---\n", "null\n", "[]", "apiVersion: v1\nkind: List\nitems: []\n", "apiVersion: v1\nkind: PodList\nitems:\n"} {
		c, err := read(text)
		require.NoError(t, err, "%q", text)
		assert.Empty(t, refs(c), "%q", text)
	}
}

// A quoted scalar may go on in the first column, where kubectl's items begin:
// then the list is read as a whole.
func TestMiscutList(t *testing.T) {
	c, err := read(`apiVersion: v1
items:
- apiVersion: v1
  kind: ServiceAccount
  metadata:
    name: a
    annotations: {text: "x
- apiVersion: v1"}
- apiVersion: v1
  kind: ServiceAccount
  metadata:
    name: b
kind: List
`)
	require.NoError(t, err)
	assert.Equal(t, []string{"a f:3:3", "b f:9:3"}, places(c))
	a, _ := model.Get[corev1.ServiceAccount](c, "default", "a")
	assert.Equal(t, "x - apiVersion: v1", a.API.Annotations["text"])
}

func TestNamespacesAndNames(t *testing.T) {
	const text = `
{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: a, namespace: shop}}
---
{apiVersion: batch/v1, kind: Job, metadata: {generateName: migrate-}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: shop, namespace: oops, labels: {kubernetes.io/metadata.name: store}}}
---
{apiVersion: v1, kind: Namespace, metadata: {generateName: tmp-}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data}}
---
{apiVersion: v1, kind: PersistentVolume, metadata: {name: data}}
---
{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: c}}
---
{apiVersion: cilium.io/v2, kind: CiliumClusterwideNetworkPolicy, metadata: {name: c}}
---
{apiVersion: crd.projectcalico.org/v1, kind: NetworkPolicy, metadata: {name: c}}
`
	c, err := manifest.Loader{Namespace: "team"}.Read("f", strings.NewReader(text))
	require.NoError(t, err)
	assert.Equal(t, []string{
		"CiliumClusterwideNetworkPolicy.cilium.io c", "CiliumNetworkPolicy.cilium.io team/c", "Job team/migrate-",
		"Namespace shop", "Namespace tmp-", "NetworkPolicy.crd.projectcalico.org team/c",
		"PersistentVolume data", "PersistentVolumeClaim team/data", "ServiceAccount shop/a", "ServiceAccount team/a",
	}, refs(c))
	shop, _ := c.Namespace("shop")
	assert.Equal(t, map[string]string{model.NameLabel: "shop"}, shop.Labels)
	tmp, _ := c.Namespace("tmp-")
	assert.Equal(t, map[string]string{model.NameLabel: "tmp-"}, tmp.Labels)
	assert.Equal(t, []string{
		`dropped-field f:8:69: Namespace shop: metadata.namespace: Namespace is cluster-scoped: the server drops the namespace`,
		`name-label f:8:113: Namespace shop: metadata.labels[kubernetes.io/metadata.name]: the server overwrites this label with the name of the namespace, "shop"`,
		`note unmodelled-kind f:12:2: PersistentVolumeClaim team/data: kind PersistentVolumeClaim (v1) is not modelled: 1 object ignored`,
		`note unmodelled-kind f:14:2: PersistentVolume data: kind PersistentVolume (v1) is not modelled: 1 object ignored`,
	}, findingLines(c))
}

// Every kind that the model lists can be loaded.
func TestEveryKind(t *testing.T) {
	var text strings.Builder
	var want []string
	for _, k := range model.Kinds() {
		fmt.Fprintf(&text, "---\n{apiVersion: %s, kind: %s, metadata: {name: x}", k.APIVersion, k.Name)
		if strings.HasSuffix(k.Name, "Binding") {
			text.WriteString(", roleRef: {kind: ClusterRole, name: x}")
		}
		text.WriteString("}\n")
		ref := model.Ref{Kind: k.Name, Name: "x"}
		if k.Namespaced {
			ref.Namespace = "default"
		}
		want = append(want, ref.String())
	}
	slices.Sort(want)
	c, err := read(text.String())
	require.NoError(t, err)
	assert.Equal(t, want, refs(c))

	c, err = read("{apiVersion: secrets-store.csi.x-k8s.io/v1alpha1, kind: SecretProviderClass, metadata: {name: x}, spec: {provider: azure, parameters: {tenantId: t}}}")
	require.NoError(t, err)
	o, ok := model.Get[model.SecretProviderClass](c, "default", "x")
	require.True(t, ok)
	assert.Equal(t, "azure", o.API.Spec.Provider)
}

func TestWhatIsNoObject(t *testing.T) {
	fsys := fstest.MapFS{
		"values.yaml":         {Data: []byte("image: x\nreplicas: 1\n---\nmore: values\n")},
		"kustomization.yaml":  {Data: []byte("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n")},
		"patch.yaml":          {Data: []byte("- op: replace\n  path: /x\n- op: remove\n  path: /y\n")},
		"roles.json":          {Data: []byte(`[{"roleName": "a"}, {"roleName": "b"}]`)},
		"template.json":       {Data: []byte("{\n // comments are allowed here\n \"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#\",\n}")},
		"parameters.json":     {Data: []byte(`{"$schema": "https://example.com/schema", "metadata": {}}`)},
		"argo.yaml":           {Data: []byte("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: app, uid: u, managedFields: [{}]}\nspec: {x: 1}\n")},
		"claims.yaml":         {Data: []byte("apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec: {nonsense: 1}\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: b}\n")},
		"calico.yaml":         {Data: []byte("apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: deny}\n")},
		"newer-than-this.yml": {Data: []byte("apiVersion: apps/v1\nkind: DaemonSetRollout\nmetadata: {name: r, uid: u}\n")},
	}
	c, err := manifest.LoadFS(fsys, ".")
	require.NoError(t, err)
	assert.Equal(t, []string{
		"note unmodelled-kind argo.yaml:1:1: Application.argoproj.io app: kind Application (argoproj.io/v1alpha1) is not modelled: 1 object ignored",
		"note unmodelled-kind claims.yaml:1:1: PersistentVolumeClaim default/a: kind PersistentVolumeClaim (v1) is not modelled: 2 objects ignored, this is the first",
		"note not-an-object kustomization.yaml:1:1: not a Kubernetes object: ignored",
		"note unmodelled-kind newer-than-this.yml:1:1: DaemonSetRollout.apps r: kind DaemonSetRollout (apps/v1) is not modelled: 1 object ignored",
		"note not-an-object parameters.json:1:1: not a Kubernetes object: ignored",
		"note not-an-object patch.yaml:1:3: not a Kubernetes object: ignored",
		"note not-an-object roles.json:1:2: not a Kubernetes object: ignored",
		"note not-an-object values.yaml:1:1: not a Kubernetes object: ignored",
	}, findingLines(c))

	content := map[string]map[string]any{}
	for o := range model.All[model.Unmodelled](c) {
		content[o.Ref.String()] = o.API.Content
	}
	assert.Equal(t, map[string]map[string]any{
		"Application.argoproj.io app": {
			"apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
			"metadata": map[string]any{"name": "app", "uid": "u"}, "spec": map[string]any{"x": 1.0},
		},
		"GlobalNetworkPolicy.projectcalico.org deny": {
			"apiVersion": "projectcalico.org/v3", "kind": "GlobalNetworkPolicy", "metadata": map[string]any{"name": "deny"},
		},
		"DaemonSetRollout.apps r":         nil,
		"PersistentVolumeClaim default/a": nil,
		"PersistentVolumeClaim default/b": nil,
	}, content)
}

func TestDuplicates(t *testing.T) {
	fsys := fstest.MapFS{
		"a.yaml": {Data: []byte(account("same") + "---\n" + account("other"))},
		"b.yaml": {Data: []byte("{apiVersion: v1, kind: ServiceAccount, metadata: {namespace: default, name: same}}\n")},
		"c.yaml": {Data: []byte("{apiVersion: v1, kind: ServiceAccount, metadata: {namespace: default, name: other, labels: {x: z}}}\n")},
		"d.yaml": {Data: []byte("{apiVersion: a.b/v1, kind: C, metadata: {name: c}, x: 1}\n---\n{apiVersion: a.b/v1, kind: C, metadata: {name: c}, x: 1}\n---\n{apiVersion: a.b/v1, kind: C, metadata: {name: c}, x: 2}\n")},
	}
	c, err := manifest.LoadFS(fsys, "a.yaml", "b.yaml")
	require.NoError(t, err)
	assert.Equal(t, []string{"note duplicate b.yaml:1:2: ServiceAccount default/same: the same object is given twice, also at a.yaml:1:1"}, findingLines(c))
	assert.Equal(t, []string{"other a.yaml:6:1", "same a.yaml:1:1"}, places(c))

	_, err = manifest.LoadFS(fsys, ".")
	assert.Equal(t, []string{
		"c.yaml:1:2: two different objects are ServiceAccount default/other, also at a.yaml:6:1 (if one is a patch or an overlay, load what is rendered instead)",
		"d.yaml:5:2: two different objects are C.a.b c, also at d.yaml:1:2 (if one is a patch or an overlay, load what is rendered instead)",
	}, errorLines(err))
}

func TestKubeVersion(t *testing.T) {
	const policy = policyHead + "spec: {ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/8}}]}]}\n"
	const refused = `f:4:43: spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length`
	const found = `non-canonical-cidr f:4:43: NetworkPolicy default/p: spec.ingress[0].from[0].ipBlock.cidr: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)`
	node := func(version string) string {
		return "---\n{apiVersion: v1, kind: Node, metadata: {name: " + version + "}, status: {nodeInfo: {kubeletVersion: " + version + "}}}\n"
	}
	for _, tc := range []struct {
		name, text string
		set        model.KubeVersion
		want       string
		refused    bool
	}{
		{"the newest", policy, model.KubeVersion{}, "1.37", true},
		{"one that is set", policy, model.KubeVersion{Major: 1, Minor: 35}, "1.35", false},
		{"one that is set, against the nodes", policy + node("v1.34.1"), model.KubeVersion{Major: 1, Minor: 36}, "1.36", true},
		{"that of the newest node", policy + node("v1.33.0") + node("v1.34.5"), model.KubeVersion{}, "1.34", false},
		{"nodes that are too new", policy + node("v1.99.0"), model.KubeVersion{}, "1.37", true},
		{"nodes that are too old", policy + node("v1.9.0"), model.KubeVersion{}, "1.25", false},
		{"nodes that do not say", policy + node("none"), model.KubeVersion{}, "1.37", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := manifest.Loader{KubeVersion: tc.set}.Read("f", strings.NewReader(tc.text))
			if tc.refused {
				assert.Equal(t, []string{refused}, errorLines(err))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tc.want, c.KubeVersion().String())
			assert.Equal(t, []string{found}, findingLines(c))
		})
	}
	for _, v := range []model.KubeVersion{{Major: 1, Minor: 24}, {Major: 1, Minor: 38}, {Major: 2, Minor: 0}} {
		_, err := manifest.Loader{KubeVersion: v}.Read("f", strings.NewReader(policy))
		assert.EqualError(t, err, "the admission rules of Kubernetes "+v.String()+" are not modelled: want 1.25 to 1.37")
		_, err = manifest.Loader{KubeVersion: v}.FromObjects()
		assert.Error(t, err)
	}
}

func TestInspectReturnsWhatCanBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.yaml")
	require.NoError(t, os.WriteFile(path, []byte(account("good")+"---\nkind: Pod\n"), 0o644))
	c, err := manifest.Loader{}.Inspect(path)
	assert.Len(t, errorLines(err), 1)
	require.NotNil(t, c)
	assert.Equal(t, []string{"ServiceAccount default/good"}, refs(c))

	c, err = manifest.Load(path)
	assert.Error(t, err)
	assert.Nil(t, c)
}

func TestProgress(t *testing.T) {
	var text strings.Builder
	for i := range 500 {
		text.WriteString("---\n" + account(fmt.Sprint("a", i)))
	}
	last, total := 0, 0
	_, err := manifest.Loader{Progress: func(done, of int) {
		assert.GreaterOrEqual(t, done, last)
		last, total = done, of
	}}.Read("f", strings.NewReader(text.String()))
	require.NoError(t, err)
	assert.Equal(t, 500, total)
	assert.Equal(t, 500, last)
}

func TestFieldPlaces(t *testing.T) {
	c, err := read(`apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: p
spec:
  podSelector:
    matchLabels: {a: b}
  policyTypes:
  - Ingress
  ingress:
  - from:
    - podSelector:
        matchExpressions:
        - {key: a, operator: Exists}
    - ipBlock:
        cidr: 10.0.0.0/8
        except:
        - 10.1.0.0/16
        - 10.2.0.0/16
    ports:
    - port: 80
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: r}
aggregationRule:
  clusterRoleSelectors:
  - matchLabels: {a: b}
rules:
- apiGroups: [""]
  resources: [pods]
  verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b}
roleRef: {kind: Role, name: r}
subjects:
- {kind: User, name: u}
- {kind: User, name: v}
---
apiVersion: v1
kind: Namespace
metadata:
  name: ns1
  labels:
    a: b
`)
	require.NoError(t, err)
	policy, _ := model.Get[networkingv1.NetworkPolicy](c, "default", "p")
	role, _ := model.Get[rbacv1.ClusterRole](c, "", "r")
	binding, _ := model.Get[rbacv1.RoleBinding](c, "default", "b")
	ns, _ := model.Get[corev1.Namespace](c, "", "ns1")
	for _, tc := range []struct {
		origin     model.Origin
		path, want string
	}{
		{policy.Origin, "", "f:1:1"},
		{policy.Origin, "spec", "f:5:1"},
		{policy.Origin, "spec.podSelector", "f:6:3"},
		{policy.Origin, "spec.podSelector.matchLabels", "f:7:5"},
		{policy.Origin, "spec.policyTypes[0]", "f:9:5"},
		{policy.Origin, "spec.ingress[0]", "f:11:5"},
		{policy.Origin, "spec.ingress[0].from[0]", "f:12:7"},
		{policy.Origin, "spec.ingress[0].from[0].podSelector.matchExpressions[0]", "f:14:11"},
		{policy.Origin, "spec.ingress[0].from[1].ipBlock", "f:15:7"},
		{policy.Origin, "spec.ingress[0].from[1].ipBlock.cidr", "f:16:15"},
		{policy.Origin, "spec.ingress[0].from[1].ipBlock.except[1]", "f:19:11"},
		{policy.Origin, "spec.ingress[0].ports[0]", "f:21:7"},
		{policy.Origin, "spec.ingress[0].ports[0].port", "f:21:7"},
		{role.Origin, "aggregationRule", "f:26:1"},
		{role.Origin, "aggregationRule.clusterRoleSelectors[0]", "f:28:5"},
		{role.Origin, "rules[0]", "f:30:3"},
		{role.Origin, "rules[0].verbs", "f:32:3"},
		{binding.Origin, "roleRef", "f:37:1"},
		{binding.Origin, "subjects[1]", "f:40:3"},
		{ns.Origin, "metadata.labels", "f:46:3"},
	} {
		assert.Equal(t, tc.want, tc.origin.At(tc.path).String(), tc.path)
	}
}

func TestLimits(t *testing.T) {
	// Each line stands for eight times, or twice, what the line before does.
	var bomb, merges strings.Builder
	bomb.WriteString("a: &a [x, x, x, x, x, x, x, x]\n")
	for i := range 12 {
		alias := fmt.Sprintf("*%c", 'a'+i)
		fmt.Fprintf(&bomb, "b%d: &%c [%s]\n", i, 'b'+i, strings.Join(slices.Repeat([]string{alias}, 8), ", "))
	}
	merges.WriteString("a: &a {x: 1}\n")
	for i := range 19 {
		fmt.Fprintf(&merges, "b%d: &%c {<<: [*%c, *%c]}\n", i, 'b'+i, 'a'+i, 'a'+i)
	}
	for _, tc := range []struct {
		name, text string
		limits     manifest.Limits
		want       string
	}{
		{"stream", account("a"), manifest.Limits{Stream: 10}, "f: too large: more than 10 bytes, decompressed"},
		{"compressed stream", string(zipped(t, strings.Repeat(" ", 1<<20))), manifest.Limits{Stream: 1 << 16}, "f: too large: more than 65536 bytes, decompressed"},
		{"document", account("a"), manifest.Limits{Document: 10}, "f:1:1: a document larger than 10 bytes"},
		{"json document", "\n" + `{"apiVersion": "v1"}`, manifest.Limits{Document: 10}, "f:2:1: a document larger than 10 bytes"},
		{"aliases", bomb.String(), manifest.Limits{}, "a document larger than 16 MiB, with all aliases expanded"},
		{"merge keys", merges.String(), manifest.Limits{}, "too much to merge"},
		{"block nesting", strings.Repeat("- ", 200) + "x\n", manifest.Limits{}, "nested deeper than 100 levels"},
		{"flow nesting", strings.Repeat("[", 100_000), manifest.Limits{}, "nested deeper than 100 levels"},
		{"mappings", strings.Repeat("{a: ", 200), manifest.Limits{}, "nested deeper than 100 levels"},
		{"json nesting", `{"a": ` + strings.Repeat("[", 100_000), manifest.Limits{}, "nested deeper than 100 levels"},
		{"aliases in a circle", "a: &a [*a]\n", manifest.Limits{}, "this alias is part of what it stands for"},
		{"damaged gzip", "\x1f\x8b\x08 nonsense", manifest.Limits{}, "f: damaged gzip data: unexpected EOF"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := manifest.Loader{Limits: tc.limits}.Read("f", strings.NewReader(tc.text))
			require.Error(t, err)
			assert.Contains(t, err.Error(), tc.want)
			assert.Less(t, len(err.Error()), 200)
		})
	}
}

// The order of objects, findings and errors is that of the input whatever the
// number of processors.
func TestLoadIsDeterministic(t *testing.T) {
	text := strings.Join(benchObjects(300), "---\n") + "---\n" + account("x") + "---\nkind: Pod\n---\na: {b\n"
	path := filepath.Join(t.TempDir(), "f.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	first, firstErr := manifest.Loader{}.Inspect(path)
	for range 5 {
		again, err := manifest.Loader{}.Inspect(path)
		require.Equal(t, firstErr.Error(), err.Error())
		require.Equal(t, refs(first), refs(again))
		require.Equal(t, findingLines(first), findingLines(again))
	}
}

// What only newer servers refuse is told beside what every server refuses.
func TestAllRefusalsAtOnce(t *testing.T) {
	const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a, namespace: x}
spec:
  podSelector: {}
  ingress:
  - from:
    - ipBlock: {cidr: 10.1.2.3/16}
    - {}
`
	for version, want := range map[model.KubeVersion]int{{Major: 1, Minor: 36}: 2, {Major: 1, Minor: 35}: 1} {
		_, err := manifest.Loader{KubeVersion: version}.Read("f", strings.NewReader(policy))
		assert.Len(t, slices.Collect(manifest.Errors(err)), want, "%s: %v", version, err)
	}
}

// What is no object is an error where objects were to be: in a file that was named,
// and among objects. In files that a directory happens to hold it is noted.
func TestNoObjects(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		name = filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
		return name
	}
	const complaint, object = "error: You must be logged in to the server\n", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"
	sound := write("a.yaml", object)
	for name, tc := range map[string]struct {
		paths []string
		want  string
	}{
		"named":             {[]string{write("b.yaml", complaint)}, "b.yaml:1:1: no Kubernetes object"},
		"named beside some": {[]string{sound, write("b.yaml", complaint)}, "b.yaml:1:1: no Kubernetes object"},
		"in a directory":    {[]string{dir}, ""},
		"an empty list":     {[]string{sound, write("c.yaml", "apiVersion: v1\nkind: List\nitems: []\n")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := manifest.Load(tc.paths...)
			if tc.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, tc.want)
			}
		})
	}
	_, err := manifest.Load(write("d.yaml", object+"---\nspec: {finalizers: []}\n"))
	assert.ErrorContains(t, err, `d.yaml:5:1: apiVersion and kind are missing, and the other documents here are objects (is the "---" before it meant?)`)
	_, err = manifest.Loader{Stdin: strings.NewReader(complaint)}.Load("-")
	assert.ErrorContains(t, err, "stdin:1:1: no Kubernetes object")
}

// Entries of a directory that cannot be read are told by their name, all at once;
// links to directories are not passed over in silence.
func TestUnreadableEntries(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.yaml"), []byte("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"), 0o644))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "b.yaml")))
	require.NoError(t, os.Symlink(t.TempDir(), filepath.Join(dir, "c")))
	_, err := manifest.Load(dir)
	assert.ErrorContains(t, err, "b.yaml: no such file or directory")
	assert.ErrorContains(t, err, "c: a link to a directory")
}

// A rule that is null opens everything, which nobody sees in a lone dash.
func TestNullRules(t *testing.T) {
	const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a, namespace: x}
spec:
  podSelector: {}
  ingress:
  -
  - ports:
    - port: 80
    -
  egress: [{}]
`
	c, err := manifest.Loader{}.Read("f", strings.NewReader(policy))
	require.NoError(t, err)
	var found []string
	for f := range c.Findings() {
		found = append(found, f.Rule+" "+f.Path+" "+f.Place.String())
	}
	assert.Equal(t, []string{"null-rule spec.ingress[0] f:7:3", "null-rule spec.ingress[1].ports[1] f:10:5"}, found)
}
