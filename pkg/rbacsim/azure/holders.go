package azure

type whoIndex struct{}
