package signin

import (
	"context"
	"crypto/subtle"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

// OIDC is a provider that speaks OpenID Connect, and what its tokens mean here.
type OIDC struct {
	Issuer      string // as the provider writes it
	Name        string // what people call it
	ClientID    string
	Secret      string
	Scopes      []string        // beside openid
	UserClaim   string          // by which a person is recorded
	GroupsClaim string          // that names the person's groups
	AreasClaim  string          // that names the areas that the person may see in detail; empty: everybody sees all
	Roles       map[string]Role // by group
}

const (
	// CallbackPath is where the provider sends people back to.
	CallbackPath = "/sign-in/callback"
	// askingTakes is how long the provider may take for one answer.
	askingTakes = 10 * time.Second
	// skew is by how much the clocks of provider and program may differ.
	skew = 2 * time.Minute
)

// signingAlgorithms are those that need the provider's private key. None of them can
// be checked with a secret that is no secret, such as the public key.
var signingAlgorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

// provider asks an OpenID Connect provider who somebody is.
type provider struct {
	OIDC
	redirect string
	client   *http.Client
	now      func() time.Time
	attempts *attempts
	cookie   http.Cookie

	asking singleflight.Group
	found  atomic.Pointer[discovered]
}

// discovered is what the provider says of itself.
type discovered struct {
	oauth2   oauth2.Config
	about    *oidc.Provider
	verifier *oidc.IDTokenVerifier
	goodbye  string // where people sign out of the provider; empty where it has no such place
}

func newProvider(o Options) *provider {
	client := o.Client
	if client == nil {
		client = &http.Client{Timeout: askingTakes}
	}
	p := &provider{OIDC: o.OIDC, redirect: o.BaseURL.JoinPath(CallbackPath).String(), client: client, now: o.Now, attempts: newAttempts()}
	p.cookie = http.Cookie{Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	p.cookie.Name, p.cookie.Secure = cookieOf(o, cookieName+"-attempt")
	return p
}

// discover asks the provider where its doors are, until it has answered once. Those who
// come while it is asked wait for one answer, and whoever goes away takes it from nobody.
func (p *provider) discover(ctx context.Context) (*discovered, error) {
	if found := p.found.Load(); found != nil {
		return found, nil
	}
	answer := p.asking.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askingTakes)
		defer cancel()
		found, err := p.ask(ctx)
		if err == nil {
			p.found.Store(found)
		}
		return found, err
	})
	select {
	case a := <-answer:
		if a.Err != nil {
			return nil, a.Err
		}
		return a.Val.(*discovered), nil
	case <-ctx.Done():
		return nil, p.unreachable(ctx.Err())
	}
}

// ask asks the provider where its doors are.
func (p *provider) ask(ctx context.Context) (*discovered, error) {
	about, err := oidc.NewProvider(p.with(ctx), p.Issuer)
	if err != nil {
		return nil, p.unreachable(err)
	}
	var more struct {
		Goodbye string `json:"end_session_endpoint"`
	}
	if err := about.Claims(&more); err != nil {
		return nil, p.unreachable(err)
	}
	return &discovered{
		about: about,
		oauth2: oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: about.Endpoint(), RedirectURL: p.redirect,
			Scopes: append([]string{oidc.ScopeOpenID}, p.Scopes...)},
		// A token that has just ended is taken, for clocks differ. The library is as
		// lenient with one that is not valid yet.
		verifier: about.VerifierContext(p.with(context.WithoutCancel(ctx)), &oidc.Config{ClientID: p.ClientID, SupportedSigningAlgs: signingAlgorithms,
			Now: func() time.Time { return p.now().Add(-skew) }}),
		goodbye: more.Goodbye,
	}, nil
}

func (p *provider) with(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.client)
}

// unreachable says why the provider gave no answer that can be used.
func (p *provider) unreachable(err error) *Refusal {
	var expired x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var issuer *oidc.IssuerMismatchError
	switch {
	case errors.As(err, &expired) && expired.Reason == x509.Expired:
		return refuse(http.StatusServiceUnavailable, err, "Nobody can sign in: the certificate of %s has expired. Whoever runs %s must renew it.", p.Name, p.Name)
	case errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &expired):
		return refuse(http.StatusServiceUnavailable, err, "Nobody can sign in: this program does not trust the certificate of %s. Whoever runs stalkstats must see why in its log.", p.Name)
	case errors.As(err, &issuer):
		return refuse(http.StatusServiceUnavailable, err, "Nobody can sign in: %s calls itself by another name than the configuration does. Whoever runs stalkstats must look at auth.oidc.issuer.", p.Name)
	}
	return refuse(http.StatusServiceUnavailable, err, "Nobody can sign in just now: %s does not answer. Try again in a minute.", p.Name)
}

// Start is where somebody is sent to sign in at the provider. The browser gets a cookie
// by which it is known again. The error is a *Refusal.
func (s *SignIn) Start(w http.ResponseWriter, r *http.Request, to string, from netip.Addr) (address string, err error) {
	p := s.provider
	if p == nil {
		return "", refuse(http.StatusNotFound, nil, "People sign in with a name and a password here.")
	}
	if wait := s.limits.from(s.now(), from); wait > 0 {
		return "", tooMany(wait)
	}
	found, err := p.discover(r.Context())
	if err != nil {
		return "", err
	}
	a := p.attempts.begin(s.now(), Onward(to))
	cookie := p.cookie
	cookie.Value, cookie.MaxAge = a.browser, int(attemptTakes/time.Second)
	http.SetCookie(w, &cookie)
	return found.oauth2.AuthCodeURL(a.state, oidc.Nonce(a.nonce), oauth2.S256ChallengeOption(a.verifier)), nil
}

// Finish signs somebody in who comes back from the provider, and says where they
// wanted to go. The error is a *Refusal.
func (s *SignIn) Finish(w http.ResponseWriter, r *http.Request) (person Person, to string, err error) {
	p := s.provider
	if p == nil {
		return person, "", refuse(http.StatusNotFound, nil, "People sign in with a name and a password here.")
	}
	query := r.URL.Query()
	a, ok := p.attempt(w, r, query.Get("state"))
	if !ok {
		return person, "", refuse(http.StatusBadRequest, nil, "This sign-in was begun in another browser, took longer than %d minutes, or has ended already: sign in again.", int(attemptTakes/time.Minute))
	}
	if code := query.Get("error"); code != "" {
		return person, a.to, p.declined(code)
	}
	if issuer := query.Get("iss"); issuer != "" && issuer != p.Issuer {
		return person, a.to, refuse(http.StatusUnauthorized, fmt.Errorf("the answer is of the issuer %q", issuer), "You are not signed in: the answer came from another provider than %s.", p.Name)
	}
	person, err = p.exchange(r.Context(), a, query.Get("code"))
	if err != nil {
		return person, a.to, err
	}
	return person, a.to, s.sessions.begin(r.Context(), held{Person: person, Began: s.now()})
}

// attempt ends the attempt of a state, if it was begun by this browser.
func (p *provider) attempt(w http.ResponseWriter, r *http.Request, state string) (attempt, bool) {
	gone := p.cookie
	gone.MaxAge = -1
	http.SetCookie(w, &gone)
	browser, err := r.Cookie(p.cookie.Name)
	if err != nil {
		return attempt{}, false
	}
	return p.attempts.end(p.now(), state, browser.Value)
}

var errorCode = regexp.MustCompile(`^[a-z_]{1,40}$`)

// declined is what is said where the provider signs nobody in.
func (p *provider) declined(code string) *Refusal {
	if !errorCode.MatchString(code) {
		code = "no reason is given"
	}
	return refuse(http.StatusForbidden, fmt.Errorf("the provider answers %s", code), "You are not signed in: %s declined (%s).", p.Name, code)
}

// exchange asks the provider for a token, and is the person that it names.
func (p *provider) exchange(ctx context.Context, a attempt, code string) (Person, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return Person{}, err
	}
	answer, err := found.oauth2.Exchange(p.with(ctx), code, oauth2.VerifierOption(a.verifier))
	if err != nil {
		return Person{}, p.refused(err)
	}
	raw, ok := answer.Extra("id_token").(string)
	if !ok {
		return Person{}, p.forged(errors.New("the provider sent no ID token"))
	}
	token, err := found.verifier.Verify(p.with(ctx), raw)
	if err != nil {
		return Person{}, p.unverified(err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(a.nonce)) != 1 {
		return Person{}, p.forged(errors.New("the ID token has not the nonce of this sign-in"))
	}
	if ahead := token.IssuedAt.Sub(p.now()); ahead > skew {
		return Person{}, p.clocks(fmt.Errorf("the ID token was issued %s in the future", ahead.Round(time.Second)))
	}
	claims, err := p.claims(ctx, found, token, answer)
	if err != nil {
		return Person{}, err
	}
	return p.person(claims)
}

// refused is what is said where the provider hands out no token.
func (p *provider) refused(err error) *Refusal {
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) {
		return p.unreachable(err)
	}
	// The answer itself may hold more than a log should.
	why := fmt.Errorf("the provider answers %q with status %d", answer.ErrorCode, answer.Response.StatusCode)
	if answer.ErrorCode == "invalid_client" || answer.ErrorCode == "unauthorized_client" {
		return refuse(http.StatusServiceUnavailable, why, "Nobody can sign in: %s does not accept this program. Whoever runs stalkstats must look at auth.oidc.client_id and the secret.", p.Name)
	}
	return refuse(http.StatusUnauthorized, why, "You are not signed in: %s did not accept this sign-in. Sign in again.", p.Name)
}

// unverified is what is said of a token that is not in order.
func (p *provider) unverified(err error) *Refusal {
	var expired *oidc.TokenExpiredError
	if errors.As(err, &expired) {
		return p.clocks(fmt.Errorf("the ID token ended %s ago", p.now().Sub(expired.Expiry).Round(time.Second)))
	}
	return p.forged(err)
}

func (p *provider) forged(why error) *Refusal {
	return refuse(http.StatusUnauthorized, why, "You are not signed in: what %s sent is not in order. Whoever runs stalkstats finds why in its log.", p.Name)
}

func (p *provider) clocks(why error) *Refusal {
	return refuse(http.StatusUnauthorized, why, "You are not signed in: the clocks of %s and of this computer differ by more than %d minutes. Whoever runs stalkstats must set them right.", p.Name, int(skew/time.Minute))
}

// Goodbye is where people sign out of the provider; empty where there is no such
// place, or it is not known.
func (s *SignIn) Goodbye() string {
	if s.provider == nil {
		return ""
	}
	found := s.provider.found.Load()
	if found == nil {
		return ""
	}
	u, err := url.Parse(found.goodbye)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.String()
}
