package credential_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/aksim/aksim/internal/credential"
)

// A value is assembled from parts, so that no scanner takes this file for a leak.
func of(parts ...string) string { return strings.Join(parts, "") }

func TestOf(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"KEY", of("-----BEGIN RSA ", "PRIVATE KEY-----\nMIIE"), "a private key"},
		{"KEY", of("-----BEGIN ", "PRIVATE KEY-----"), "a private key"},
		{"CONN", of("DefaultEndpointsProtocol=https;AccountName=a;", "AccountKey=", "bm90IGEga2V5IGF0IGFsbA==;EndpointSuffix=core.windows.net"), "a connection string with an account key"},
		{"BUS", of("Endpoint=sb://x/;SharedAccessKeyName=r;", "SharedAccess", "Key=bm90IGEga2V5"), "a connection string with a shared access key"},
		{"URL", of("https://a.blob.core.windows.net/c?sv=2024&", "sig=", "abcdefghijklmnopqrstuvwx%3D"), "a shared access signature"},
		{"DB", of("Server=db;User Id=sa;", "Password=", "hunter22"), "a connection string with a password"},
		{"DB", of("host=db user=app ", "password=", "hunter22 sslmode=require"), "a connection string with a password"},
		{"DATABASE_URL", of("postgres://app:", "hunter22@db:5432/app"), "a URL with a password"},
		{"X", of("eyJhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiIxMjM0In0", ".c2ln"), "a JSON web token"},
		{"X", of("AKIA", "ABCDEFGHIJKLMNOP"), "an access key of AWS"},
		{"X", of("ghp_", "abcdefghijklmnopqrstuvwxyz0123456789"), "a token of GitHub"},
		{"X", of("aB3", "8Q~", "abcdefghijklmnopqrstuvwxyz01234567"), "a client secret of Microsoft Entra ID"},
		{"X", of(`{"auths":{"r":{"auth"`, `:"aHVudGVyMjI="}}}`), "a docker registry login"},
		{"DB_PASSWORD", "hunter22", "a value whose name says that it is a secret"},
		{"clientSecret", "hunter22", "a value whose name says that it is a secret"},
		{"--api-key", "hunter22", "a value whose name says that it is a secret"},
		{"X", of("q8Zr1Vx7", "Tn4Kp2Lw9Bd3Hs6J"), "a value of high entropy"},

		{"DB_PASSWORD", "", ""},
		{"DB_PASSWORD", "$(POSTGRES)", ""},
		{"DB_PASSWORD", "${POSTGRES}", ""},
		{"DB_PASSWORD", "<password>", ""},
		{"DB_PASSWORD", "****", ""},
		{"DB_PASSWORD_FILE", "hunter22", ""},
		{"DB_PASSWORD", "/mnt/secrets/db", ""},
		{"TOKEN", "true", ""},
		{"TOKEN_EXPIRY", "3600", ""},
		{"SECRET_NAME", "api-postgres", ""},
		{"AUTH_TOKEN", "https://login.example.com/token", ""},
		{"DATABASE_URL", "postgres://app@db:5432/app", ""},
		{"DATABASE_URL", "postgres://app:$(PASSWORD)@db:5432/app", ""},
		{"DB", "Server=db;Password=$(PASSWORD)", ""},
		{"DB", "Server=db;Password=;Trusted=true", ""},
		{"CLIENT_ID", "8dac0360-d964-4f80-8d1b-ec42ae7bf0e8", ""},
		{"REV", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", ""},
		{"IMAGE", "contoso.azurecr.io/api@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", ""},
		{"PGDATA", "/var/lib/postgresql/data/pgdata", ""},
		{"ADDR", "frontend.temporal.svc.cluster.local:7233", ""},
		{"JAVA", "-Xmx512m", ""},
		{"CLASS", "com.example.VeryLongClassName1WithWords2", ""},
		{"NAME", "ThisIsALongCamelCaseSentence42", ""},
		{"CERT", "-----BEGIN CERTIFICATE-----\nMIIB", ""},
		{"MONKEY", "banana", ""},
	} {
		got, ok := credential.Of(c.name, c.value)
		assert.Equal(t, c.want, got, "%s=%s", c.name, c.value)
		assert.Equal(t, c.want != "", ok)
	}
}

func TestInText(t *testing.T) {
	for text, want := range map[string]string{
		"listen: 8080\npassword: hunter22\n":                 "a value whose name says that it is a secret",
		"a=b\nDB_PASSWORD=hunter22\n":                        "a value whose name says that it is a secret",
		`{` + "\n" + `  "clientSecret": "hunter22",` + "\n}": "a value whose name says that it is a secret",
		"url: postgres://app:" + "hunter22@db/app\n":         "a URL with a password",
		"password: ${PASSWORD}\ntoken_ttl: 30\n":             "",
		"# password: see the vault\nname: x\n":               "",
		"secret:\n  name: x\n":                               "",
	} {
		got, _ := credential.InText("config", text)
		assert.Equal(t, want, got, text)
	}
}

// What is found never has a part of the value in it.
func FuzzOf(f *testing.F) {
	f.Add("DB_PASSWORD", "hunter22")
	f.Fuzz(func(t *testing.T, name, value string) {
		kind, ok := credential.InText(name, value)
		assert.Equal(t, ok, kind != "")
		if len(value) > 60 {
			assert.NotContains(t, kind, value)
		}
	})
}
