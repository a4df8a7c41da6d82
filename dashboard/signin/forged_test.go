package signin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// hostile is a provider that answers with whatever tokens a test makes.
type hostile struct {
	*httptest.Server
	key    *rsa.PrivateKey
	token  string
	status int // of the answer; 0: 200
	about  map[string]any
}

func newHostile(t *testing.T) *hostile {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &hostile{key: key}
	answer := func(w http.ResponseWriter, what any) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(what); err != nil {
			t.Error(err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		about := map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			// What a careless provider may claim to sign with.
			"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"}}
		if p.about != nil {
			about["userinfo_endpoint"] = p.URL + "/userinfo"
		}
		answer(w, about)
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.key.Public(), KeyID: "ours", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("code_verifier") == "" {
			t.Error("the code is exchanged without its proof")
		}
		w.Header().Set("Content-Type", "application/json")
		if p.status != 0 {
			w.WriteHeader(p.status)
		}
		body := map[string]any{"access_token": "opaque", "token_type": "Bearer", "expires_in": 300}
		if p.token != "" {
			body["id_token"] = p.token
		}
		answer(w, body)
	})
	mux.HandleFunc("/userinfo", func(w http.ResponseWriter, _ *http.Request) { answer(w, p.about) })
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// signed signs claims.
func signed(t *testing.T, algorithm jose.SignatureAlgorithm, key any, id string, header map[jose.HeaderKey]any, claims map[string]any) string {
	t.Helper()
	o := (&jose.SignerOptions{ExtraHeaders: header}).WithType("JWT")
	if id != "" {
		o = o.WithHeader("kid", id)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, o)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	object, err := signer.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := object.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

// unsigned is a token with a header of its own and no signature.
func unsigned(t *testing.T, header string, claims map[string]any) string {
	t.Helper()
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString(text) + "."
}

// begun is a browser that has gone to the provider: what it is sent back with.
type begun struct {
	cookie       *http.Cookie
	state, nonce string
}

func begin(t *testing.T, s *SignIn) begun {
	t.Helper()
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/start", nil)
	address, err := s.Start(w, r, "/data", netip.MustParseAddr("127.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) < 40 || q.Get("response_type") != "code" || len(q.Get("state")) < 20 || len(q.Get("nonce")) < 20 {
		t.Errorf("the provider is asked with %s", u.RawQuery)
	}
	return begun{w.Result().Cookies()[0], q.Get("state"), q.Get("nonce")}
}

// finish comes back from the provider, and is what it is told and whether it is signed in.
func finish(t *testing.T, s *SignIn, b begun, query string) (Person, *Refusal) {
	t.Helper()
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, CallbackPath+"?"+query, nil)
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	var person Person
	var refusal *Refusal
	s.Load(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		if person, _, err = s.Finish(w, r); err != nil && !errors.As(err, &refusal) {
			t.Fatalf("no refusal: %v", err)
		}
	})).ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if refusal != nil && c.Name == plainCookieName {
			t.Errorf("a refusal (%s) begins a session", refusal)
		}
	}
	if len(s.Sessions()) > 0 != (refusal == nil) {
		t.Errorf("%d sessions, refusal %v", len(s.Sessions()), refusal)
	}
	return person, refusal
}

// TestForgedTokens: each of the known ways to forge a token opens nothing.
func TestForgedTokens(t *testing.T) {
	p := newHostile(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(p.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	const notInOrder = "You are not signed in: what the test provider sent is not in order. Whoever runs stalkstats finds why in its log."
	const clocks = "You are not signed in: the clocks of the test provider and of this computer differ by more than 2 minutes. Whoever runs stalkstats must set them right."
	const unnamed = "You are not signed in: the test provider does not say who you are. Whoever runs stalkstats must look at auth.oidc.user_claim."
	type claims = map[string]any
	ours := func(change claims) func(claims) string {
		return func(c claims) string {
			maps.Copy(c, change)
			maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
			return signed(t, jose.RS256, p.key, "ours", nil, c)
		}
	}
	at := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	tests := map[string]struct {
		token func(claims) string
		says  string // empty: it is in order
	}{
		"in order":                         {ours(nil), ""},
		"one group as text":                {ours(claims{"groups": "readers"}), ""},
		"the clock is a minute ahead":      {ours(claims{"exp": at(-time.Minute), "iat": at(-6 * time.Minute)}), ""},
		"the clock is a minute behind":     {ours(claims{"iat": at(time.Minute), "nbf": at(time.Minute)}), ""},
		"none":                             {func(c claims) string { return unsigned(t, `{"alg":"none","typ":"JWT"}`, c) }, notInOrder},
		"None":                             {func(c claims) string { return unsigned(t, `{"alg":"nOnE","kid":"ours"}`, c) }, notInOrder},
		"no algorithm":                     {func(c claims) string { return unsigned(t, `{"typ":"JWT"}`, c) }, notInOrder},
		"RS256 without signature":          {func(c claims) string { return unsigned(t, `{"alg":"RS256","kid":"ours"}`, c) }, notInOrder},
		"HS256 with the public key in PEM": {func(c claims) string { return signed(t, jose.HS256, publicPEM, "ours", nil, c) }, notInOrder},
		"HS256 with the public key in DER": {func(c claims) string { return signed(t, jose.HS256, public, "ours", nil, c) }, notInOrder},
		"HS256 with the modulus":           {func(c claims) string { return signed(t, jose.HS256, p.key.N.Bytes(), "ours", nil, c) }, notInOrder},
		"HS256 with the client secret": {func(c claims) string {
			return signed(t, jose.HS256, []byte(strings.Repeat(clientSecret, 3)), "", nil, c)
		}, notInOrder},
		"another key, its name ours":    {func(c claims) string { return signed(t, jose.RS256, other, "ours", nil, c) }, notInOrder},
		"another key, its name unknown": {func(c claims) string { return signed(t, jose.RS256, other, "theirs", nil, c) }, notInOrder},
		"our key, its name unknown":     {func(c claims) string { return signed(t, jose.RS256, p.key, "../../dev/null", nil, c) }, notInOrder},
		"another key without a name":    {func(c claims) string { return signed(t, jose.RS256, other, "", nil, c) }, notInOrder},
		"a key of another kind":         {func(c claims) string { return signed(t, jose.ES256, curve, "ours", nil, c) }, notInOrder},
		"its key in the header": {func(c claims) string {
			return signed(t, jose.RS256, other, "", map[jose.HeaderKey]any{"jwk": jose.JSONWebKey{Key: other.Public(), KeyID: "ours"}}, c)
		}, notInOrder},
		"its key at an address in the header": {func(c claims) string {
			return signed(t, jose.RS256, other, "ours", map[jose.HeaderKey]any{"jku": "https://attacker.example.org/keys"}, c)
		}, notInOrder},
		"a critical header that nobody knows": {func(c claims) string {
			return signed(t, jose.RS256, p.key, "ours", map[jose.HeaderKey]any{"crit": []string{"exp2"}, "exp2": 1}, c)
		}, notInOrder},
		"claims changed after signing":          {changed(ours(nil)), notInOrder},
		"its signature cut":                     {func(c claims) string { token := ours(nil)(c); return token[:len(token)-4] }, notInOrder},
		"not a token":                           {func(claims) string { return "opaque" }, notInOrder},
		"no token":                              {func(claims) string { return "" }, notInOrder},
		"of another issuer":                     {ours(claims{"iss": "https://attacker.example.org"}), notInOrder},
		"of the issuer with a stroke":           {ours(claims{"iss": p.URL + "/"}), notInOrder},
		"of no issuer":                          {ours(claims{"iss": nil}), notInOrder},
		"for another program":                   {ours(claims{"aud": "another"}), notInOrder},
		"for nobody":                            {ours(claims{"aud": nil}), notInOrder},
		"for several, and given to another":     {ours(claims{"aud": []string{clientID, "another"}, "azp": "another"}), notInOrder},
		"ended ten minutes ago":                 {ours(claims{"exp": at(-10 * time.Minute)}), clocks},
		"without an end":                        {ours(claims{"exp": nil}), clocks},
		"issued in ten minutes":                 {ours(claims{"iat": at(10 * time.Minute)}), clocks},
		"not valid for an hour":                 {ours(claims{"nbf": at(time.Hour)}), notInOrder},
		"without a nonce":                       {ours(claims{"nonce": nil}), notInOrder},
		"with the nonce of another sign-in":     {ours(claims{"nonce": "another"}), notInOrder},
		"without a name":                        {ours(claims{"preferred_username": nil}), unnamed},
		"with a name that is a list":            {ours(claims{"preferred_username": []string{"a"}}), unnamed},
		"with a name that turns the writing":    {ours(claims{"preferred_username": "a\u202eb"}), unnamed},
		"with a name of two lines":              {ours(claims{"preferred_username": "a\nb"}), unnamed},
		"with a name that is too long":          {ours(claims{"preferred_username": strings.Repeat("a", longestID+1)}), unnamed},
		"without groups":                        {ours(claims{"groups": nil}), "You may not see these pages: you are in none of the groups that may. Ask whoever runs stalkstats."},
		"with groups that nobody knows":         {ours(claims{"groups": []string{"viewer", "Readers", "admin"}}), "You may not see these pages: you are in none of the groups that may. Ask whoever runs stalkstats."},
		"with groups as an object":              {ours(claims{"groups": claims{"readers": true}}), "You are not signed in: the test provider does not say in a way that can be read which groups you are in. Whoever runs stalkstats finds why in its log."},
		"with more groups than a token can say": {ours(claims{"groups": nil, "_claim_names": claims{"groups": "src1"}, "_claim_sources": claims{"src1": claims{"endpoint": "https://attacker.example.org"}}}), "You are not signed in: the test provider does not say in a way that can be read which groups you are in. Whoever runs stalkstats finds why in its log."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, _ := app(t, func(o *Options) { o.OIDC.Issuer = p.URL })
			b := begin(t, s)
			p.token = test.token(claims{"iss": p.URL, "aud": clientID, "sub": "1", "exp": at(5 * time.Minute), "iat": at(0), "nonce": b.nonce, "preferred_username": "jo", "groups": []string{"readers"}})
			person, refusal := finish(t, s, b, "code=x&state="+b.state)
			switch {
			case test.says == "" && (refusal != nil || person != (Person{ID: "jo", Role: Viewer})):
				t.Errorf("%+v, %v", person, refusal)
			case test.says != "" && (refusal == nil || refusal.Sentence != test.says || refusal.Why == nil):
				t.Errorf("%v, want %q", refusal, test.says)
			}
			if refusal != nil && p.token != "" && strings.Contains(refusal.Why.Error(), p.token) {
				t.Errorf("the log would hold the token: %v", refusal.Why)
			}
		})
	}
}

// changed makes an admin of whom the token was signed for.
func changed(token func(map[string]any) string) func(map[string]any) string {
	return func(c map[string]any) string {
		parts := strings.Split(token(c), ".")
		c["groups"] = []string{"owners"}
		text, err := json.Marshal(c)
		if err != nil {
			panic(err)
		}
		parts[1] = base64.RawURLEncoding.EncodeToString(text)
		return strings.Join(parts, ".")
	}
}

// TestStates: what comes back is what was begun by the same browser, once.
func TestStates(t *testing.T) {
	p := newHostile(t)
	now := time.Now()
	newApp := func() *SignIn {
		s, _ := app(t, func(o *Options) { o.OIDC.Issuer, o.Now = p.URL, func() time.Time { return now } })
		return s
	}
	inOrder := func(b begun) {
		p.token = signed(t, jose.RS256, p.key, "ours", nil, map[string]any{"iss": p.URL, "aud": clientID, "sub": "1", "exp": now.Add(time.Hour).Unix(), "iat": now.Unix(), "nonce": b.nonce, "preferred_username": "jo", "groups": []string{"readers"}})
	}
	const again = "This sign-in was begun in another browser, took longer than 10 minutes, or has ended already: sign in again."
	s := newApp()
	mine, theirs := begin(t, s), begin(t, s)
	for name, b := range map[string]begun{"no cookie": {nil, mine.state, mine.nonce}, "the cookie of another": {theirs.cookie, mine.state, mine.nonce},
		"no state": {mine.cookie, "", mine.nonce}, "a guessed state": {mine.cookie, "guessed", mine.nonce}} {
		inOrder(mine)
		if _, refusal := finish(t, s, b, "code=x&state="+b.state); refusal == nil || refusal.Sentence != again {
			t.Errorf("%s: %v", name, refusal)
		}
	}
	inOrder(mine)
	if person, refusal := finish(t, s, mine, "code=x&state="+mine.state); refusal != nil || person.ID != "jo" {
		t.Fatalf("%v, %v", person, refusal)
	}
	s.EndSession(s.Sessions()[0].Name)
	if _, refusal := finish(t, s, mine, "code=x&state="+mine.state); refusal == nil || refusal.Sentence != again {
		t.Errorf("the second time: %v", refusal)
	}
	s = newApp()
	late := begin(t, s)
	inOrder(late)
	now = now.Add(attemptTakes + time.Second)
	if _, refusal := finish(t, s, late, "code=x&state="+late.state); refusal == nil || refusal.Sentence != again {
		t.Errorf("too late: %v", refusal)
	}
	b := begin(t, s)
	inOrder(b)
	if _, refusal := finish(t, s, b, "code=x&iss=https://attacker.example.org&state="+b.state); refusal == nil || !strings.Contains(refusal.Sentence, "another provider") {
		t.Errorf("the answer of another provider: %v", refusal)
	}
	b = begin(t, s)
	if _, refusal := finish(t, s, b, "error=access_denied&error_description=<script>&state="+b.state); refusal == nil || refusal.Sentence != "You are not signed in: the test provider declined (access_denied)." {
		t.Errorf("declined: %v", refusal)
	}
	b = begin(t, s)
	p.status = http.StatusBadRequest
	if _, refusal := finish(t, s, b, "code=used&state="+b.state); refusal == nil || refusal.Sentence != "You are not signed in: the test provider did not accept this sign-in. Sign in again." {
		t.Errorf("a used code: %v", refusal)
	}
}

// TestAnswersForAnother: claims that are not in the token are of the same person.
func TestAnswersForAnother(t *testing.T) {
	p := newHostile(t)
	for subject, want := range map[string]string{"1": "", "2": "not in order"} {
		p.about = map[string]any{"sub": subject, "groups": []string{"owners"}, "preferred_username": "al"}
		s, _ := app(t, func(o *Options) { o.OIDC.Issuer = p.URL })
		b := begin(t, s)
		p.token = signed(t, jose.RS256, p.key, "ours", nil, map[string]any{"iss": p.URL, "aud": clientID, "sub": "1", "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(), "nonce": b.nonce, "preferred_username": "jo"})
		person, refusal := finish(t, s, b, "code=x&state="+b.state)
		if want == "" && (refusal != nil || person != (Person{ID: "jo", Role: DataOwner})) || want != "" && (refusal == nil || !strings.Contains(refusal.Sentence, want)) {
			t.Errorf("of %s: %+v, %v", subject, person, refusal)
		}
	}
}
