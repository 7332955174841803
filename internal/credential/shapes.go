package credential

import (
	"regexp"
	"strings"
)

// shape is how a kind of credential looks.
type shape struct {
	kind string
	has  string // in lower case: without it the pattern can't match
	is   *regexp.Regexp
}

// shapes are the kinds that can be told by their form, the certain ones first.
//
// https://learn.microsoft.com/purview/sit-defn-all-creds
// https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
var shapes = []shape{ //nolint:gochecknoglobals // a constant table
	{"a private key", "private key-----", regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`)},
	{"a connection string with an account key", "accountkey=", regexp.MustCompile(`(?i)\bAccountKey=` + secretPart)},
	{"a connection string with a shared access key", "sharedaccesskey=", regexp.MustCompile(`(?i)\bSharedAccessKey=` + secretPart)},
	{"a connection string with an access key", "accesskey=", regexp.MustCompile(`(?i)\bAccessKey=` + secretPart)},
	{"a connection string with an instrumentation key", "instrumentationkey=", regexp.MustCompile(`(?i)\bInstrumentationKey=[0-9a-f-]{36}`)},
	{"a shared access signature", "sig=", regexp.MustCompile(`(?i)(^|[?&;])sig=[A-Za-z0-9%+/]{20,}`)},
	{"a connection string with a password", "=", regexp.MustCompile(`(?i)(^|[;\s])(password|pwd)\s*=\s*` + secretPart)},
	{"a URL with a password", "://", regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^/\s:@]*:[^/\s:@$<{(*][^/\s@]*@`)},
	{"a JSON web token", "eyj", regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`)},
	{"an access key of AWS", "ia", regexp.MustCompile(`\b(AKIA|ASIA)[0-9A-Z]{16}\b`)},
	{"a token of GitHub", "_", regexp.MustCompile(`\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})`)},
	{"a token of GitLab", "glpat-", regexp.MustCompile(`\bglpat-[A-Za-z0-9_-]{20,}`)},
	{"a token of Slack", "xox", regexp.MustCompile(`\bxox[abeoprs]-[A-Za-z0-9-]{10,}`)},
	{"an API key of Google", "aiza", regexp.MustCompile(`\bAIza[0-9A-Za-z_-]{35}`)},
	{"an API key of OpenAI or Anthropic", "sk-", regexp.MustCompile(`\bsk-(proj-|ant-)?[A-Za-z0-9_-]{32,}`)},
	{"a key of Stripe", "k_live_", regexp.MustCompile(`\b[rs]k_live_[A-Za-z0-9]{16,}`)},
	{"a client secret of Microsoft Entra ID", "q~", regexp.MustCompile(`(^|[^A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}($|[^A-Za-z0-9_~.-])`)},
	{"a docker registry login", "\"auth", regexp.MustCompile(`"auth"\s*:\s*"[A-Za-z0-9+/=]{8,}"`)},
	{"an authorization header", "authorization", regexp.MustCompile(`(?i)\bauthorization\s*:\s*(basic|bearer)\s+[A-Za-z0-9+/._~-]{12,}`)},
}

// secretPart is a value that stands for itself: no reference, no mask and no blank.
const secretPart = `[^\s;$<{(*"'][^\s;"']{3,}`

// shapeOf returns the kind that the text has the shape of.
func shapeOf(text string) (string, bool) {
	low := strings.ToLower(text)
	for _, s := range shapes {
		if strings.Contains(low, s.has) && s.is.MatchString(text) {
			return s.kind, true
		}
	}
	return "", false
}
