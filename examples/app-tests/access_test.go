// Package shop_test holds the manifests of deploy/ to what the team means by them.
package shop_test

import (
	"embed"
	"testing"

	"github.com/aksim/aksim/pkg/aksimtest"
)

//go:embed deploy
var deploy embed.FS // go test sees every change of an embedded file

func TestNetwork(t *testing.T) {
	s := aksimtest.LoadFS(t, deploy, "deploy")
	s.DefaultDeny(t, "shop")
	s.Allowed(t, "shop/web -> shop/db:5432")
	s.Denied(t, "internet -> shop/db")
	s.Denied(t, "shop/db -> internet")
	s.OnlyInto(t, "shop/db", "shop/web:5432")
}

func TestRights(t *testing.T) {
	s := aksimtest.LoadFS(t, deploy, "deploy")
	s.Can(t, "sa/shop/web get configmaps/settings -n shop")
	s.Cannot(t, "sa/shop/web get secrets")
	s.Within(t, "sa/shop/web", "role/web in shop")
	s.Within(t, "sa/shop/db") // nothing but what everybody may
}

func TestClaims(t *testing.T) {
	aksimtest.LoadFS(t, deploy, "deploy").Claims(t)
}

// All access there is, for reviewers: AKSIM_UPDATE=1 go test rewrites the file.
func TestAccess(t *testing.T) {
	aksimtest.LoadFS(t, deploy, "deploy").Golden(t, "testdata/access.txt")
}
