// Package credential answers whether a text looks like a credential, and of which
// kind: by its shape, where a kind has one (connection strings, tokens, private keys),
// or by its entropy beside a name that says so.
//
// What it returns is the kind, never the text or a part of it. Texts that refer to a
// credential kept elsewhere, such as $(NAME) or ${NAME}, are none.
package credential
