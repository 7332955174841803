// Package audit answers who used which right: it reads the audit log of an API
// server as requests with their subject and the authorizer's decision.
//
// Logs are audit.k8s.io/v1 events, one a line or in EventLists, or what Azure
// makes of them: records of a diagnostic setting (the event is a string in
// properties.log), rows of AzureDiagnostics (log_s), and rows of the tables
// AKSAudit and AKSAuditAdmin. They are read as a stream. A line that can't be
// read is reported with its number, and the rest goes on.
//
// The tables have no column for impersonation: in their rows a request counts as
// that of whoever sent it.
package audit
