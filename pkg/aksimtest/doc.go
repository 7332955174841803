// Package aksimtest answers in Go tests what package verify answers: whether the
// manifests of an application's repository still say what its team means.
//
//	//go:embed deploy
//	var deploy embed.FS
//
//	func TestShop(t *testing.T) {
//		s := aksimtest.LoadFS(t, deploy, "deploy")
//		s.DefaultDeny(t, "shop")
//		s.Allowed(t, "shop/web -> shop/api:8080")
//		s.Denied(t, "shop/web -> shop/db:5432")
//		s.OnlyInto(t, "shop/db", "shop/api:5432")
//		s.Cannot(t, "sa/shop/web get secrets -n shop")
//		s.Claims(t)
//		s.Golden(t, "testdata/access.txt")
//	}
//
// # Semantics
//
// An assertion passes only if what it says is proved. An undecided answer fails it,
// whichever way it is put, and so does a name of nothing, with what was probably meant.
//
// Packets are judged as the specification of NetworkPolicy says; if the input has the
// configuration of the AKS cluster (az aks show), also as the engine there deviates.
//
// go test caches results, and does not notice changes of files outside the module.
// Load refuses those; an embed.FS and LoadFS are noticed always.
//
// # Environment
//
// AKSIM_UPDATE=1 rewrites the files of Golden. AKSIM_NOW=YYYY-MM-DD is the day on which
// exceptions of the claims are judged, instead of the clock's: set to the day in CI, it
// also keeps the test cache from answering with yesterday's result.
package aksimtest
