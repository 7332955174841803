// Package kql answers which events a log query keeps, of a small subset of the Kusto
// Query Language: a table, where, extend, and count at the end; ==, !=, =~, !~, in, has
// and contains with their negations, and, or, not; columns and properties of dynamic
// values, and parse_json, tostring, toint and tolong of them; strings, numbers, true and
// false.
//
//	q, err := kql.Parse(`AKSAudit | where ResponseStatus.code == 403`)
//	kept, err := q.Keeps(schema, row)
//
// Whatever else a query says is an error that names it and its place: nobody should
// take for an answer what was not understood. Where the documentation leaves open what
// Kusto makes of a value, the answer is Unknown.
//
// https://learn.microsoft.com/kusto/query/
package kql
