// Package arm answers which resources an Azure Resource Manager template deploys, and
// with which properties, as far as the template and its parameters tell.
//
//	t, err := arm.Read(text)
//	resources, problems := t.Resources(parameters)
//
// https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax
//
// # What is not known
//
// Templates lean on what only a deployment knows: the subscription, parameters that
// nobody gave, what a service answers. Nothing is guessed for these. A value that
// cannot be known is a node of the kind Expression, and what is known around it stays:
// an object keeps its other members, a list its other elements.
//
// The text of an Expression is canonical: variables, known parameters and loop indices
// are replaced by what they are, and what remains stands in brackets:
//
//	[parameters('adminGroup')]
//	aks-[uniqueString('aks', subscription().subscriptionId)]
//	[reference('/subscriptions/[subscription().subscriptionId]/…/mi-ingress').principalId]
//
// A bracket that is part of the value is written twice, as in [[. Two values of one
// template whose texts are equal are equal; if the texts differ, nothing is known. So a
// role assignment joins its identity by text, although nobody knows the object id yet;
// see [Reference].
//
// # Ids
//
// The id of a resource names the subscription and resource group of the deployment,
// which a template does not know. In ids these two (and the management group) are
// placeholders, such as
//
//	/subscriptions/[subscription().subscriptionId]/resourceGroups/[resourceGroup().name]/providers/…
//
// and the id is a String all the same, because each placeholder means the same thing
// wherever it stands in the template. An id of which more is unknown is an Expression,
// whose text has the same form.
//
// # Semantics
//
//   - Functions follow the documentation of template functions. Those that ask Azure
//     (list*, pickZones, reference to what is not literal in the template, …) or the
//     clock stay unresolved; a function that does not exist is a Problem.
//   - if, and, or and coalesce look only at what decides. If a condition is not known
//     but both branches are equal, the value is that.
//   - Parameters of the types securestring and secureObject are never resolved, whether
//     or not they are given, so that no secret gets into a result.
//   - Names are not case-sensitive, strings are, but for startsWith, endsWith and indexOf.
//   - A resource whose condition is false is not deployed; one whose condition or number
//     of copies is not known is Conditional. Conditions do not pass on to child resources
//     but to what a nested deployment deploys.
//   - Nested deployments are read if their template is inline, in the scope that
//     expressionEvaluationOptions says. A templateLink is not followed.
//
// # JSON
//
// Templates are JSON with comments and with strings that span lines; exports have byte
// order marks and trailing commas. The reader here takes these and keeps the place of
// each part. No maintained library does all of it: tailscale/hujson refuses strings
// that span lines, and the JSON5 readers keep no places.
package arm
