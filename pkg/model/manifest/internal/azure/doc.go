// Package azure answers which facts about Azure a document states: it recognises what
// az, the Azure REST API, Azure Resource Graph and Microsoft Graph print by its shape,
// and decodes it, or the resource of a template, into the types of package model.
//
//	read := azure.Read("azure/cluster.json", node)
//	for _, o := range read.Objects {
//		o.Add(&builder)
//	}
//
// # Semantics
//
// Upper and lower case of keys and types mean nothing. A property is where az prints
// it, at the top of the resource, or below "properties", where the REST API and
// templates have it; its path in places, problems and findings is az's, spelt as in
// the reference of Azure templates: aadProfile.enableAzureRBAC. Elements of lists
// count from 0: permissions[0].actions[2].
//
// Keys that nobody asks for are fine, since exports grow. But one that differs from an
// absent key that somebody asks for by a letter or two is a finding, and what a fact
// cannot do without is a problem.
//
// A resource without any property of its own, as az resource list prints it, was not
// exported in full: its properties are unresolved and not absent.
package azure
