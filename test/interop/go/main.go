// Command interop is an application with golang.org/x/oauth2/google/externalaccount, unmodified. It prints one JSON object
// in which there is no token.
//
//	interop TOKEN_URL AUDIENCE USERINFO_URL TOKEN_FILE SCOPE
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google/externalaccount"
)

const jwt = "urn:ietf:params:oauth:token-type:jwt"

type said struct {
	TokenType string   `json:"token_type"`
	Seconds   int      `json:"seconds"`
	Same      bool     `json:"same"`
	Statuses  []int    `json:"statuses"`
	Name      string   `json:"name"`
	Supplied  string   `json:"supplied"`
	Scope     string   `json:"scope"`
	Refused   []string `json:"refused"`
}

// supplier gives a token that the program has got by itself.
type supplier struct{ token string }

func (s supplier) SubjectToken(context.Context, externalaccount.SupplierOptions) (string, error) {
	return s.token, nil
}

func main() {
	out, err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, tokenURL, audience, userinfo, file, scope string) (said, error) {
	var out said
	config := externalaccount.Config{
		Audience:         audience,
		SubjectTokenType: jwt,
		TokenURL:         tokenURL,
		CredentialSource: &externalaccount.CredentialSource{File: file},
	}
	source, err := externalaccount.NewTokenSource(ctx, config)
	if err != nil {
		return out, err
	}
	token, err := source.Token()
	if err != nil {
		return out, err
	}
	out.TokenType = token.Type()
	out.Seconds = int(time.Until(token.Expiry).Round(time.Second).Seconds())

	// What is good is used again, by several at once too.
	client := oauth2.NewClient(ctx, oauth2.ReuseTokenSource(token, source))
	var group sync.WaitGroup
	out.Statuses = make([]int, 8)
	for at := range out.Statuses {
		group.Go(func() { out.Statuses[at], _, _ = whoAmI(client, userinfo) })
	}
	group.Wait()
	_, out.Name, err = whoAmI(client, userinfo)
	if err != nil {
		return out, err
	}
	again, err := source.Token()
	if err != nil {
		return out, err
	}
	out.Same = again.AccessToken == token.AccessToken

	// From a supplier, with a scope of its own.
	content, err := os.ReadFile(file)
	if err != nil {
		return out, err
	}
	supplied := config
	supplied.CredentialSource = nil
	supplied.SubjectTokenSupplier = supplier{string(content)}
	supplied.Scopes = []string{scope}
	source, err = externalaccount.NewTokenSource(ctx, supplied)
	if err != nil {
		return out, err
	}
	if token, err = source.Token(); err != nil {
		return out, err
	}
	if out.Scope, err = scopeOf(token.AccessToken); err != nil {
		return out, err
	}
	if _, out.Supplied, err = whoAmI(oauth2.NewClient(ctx, oauth2.StaticTokenSource(token)), userinfo); err != nil {
		return out, err
	}

	// What is refused: the whole answer is in the error.
	supplied.SubjectTokenSupplier = supplier{"no.jwt.atall"}
	unknown := config
	unknown.Audience = "https://nobody.example"
	for _, bad := range []externalaccount.Config{supplied, unknown} {
		source, err = externalaccount.NewTokenSource(ctx, bad)
		if err != nil {
			return out, err
		}
		if _, err = source.Token(); err == nil {
			return out, errors.New("what had to be refused was not")
		}
		out.Refused = append(out.Refused, err.Error())
	}
	return out, nil
}

func scopeOf(token string) (string, error) {
	var claims struct {
		Scope string `json:"scope"`
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", errors.New("the access token is no JWT")
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", err
	}
	err = json.Unmarshal(body, &claims)
	return claims.Scope, err
}

func whoAmI(client *http.Client, userinfo string) (int, string, error) {
	answer, err := client.Get(userinfo)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	var who struct {
		Name string `json:"name"`
	}
	err = json.NewDecoder(answer.Body).Decode(&who)
	return answer.StatusCode, who.Name, err
}
