package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// longestID is how many characters the id of a person may have.
const longestID = 80

// claimSet is what a provider says of somebody, by the name of each claim.
type claimSet map[string]json.RawMessage

// claims is what a provider says of somebody: in the token, and where that lacks a
// claim that is needed, at the place where it answers for who has signed in.
func (p *provider) claims(ctx context.Context, found *discovered, token *oidc.IDToken, answer *oauth2.Token) (claimSet, error) {
	claims := claimSet{}
	if err := token.Claims(&claims); err != nil {
		return nil, p.forged(fmt.Errorf("read the claims: %w", err))
	}
	if given, err := claims.text("azp"); claims.has("azp") && (err != nil || given != p.ClientID) {
		return nil, p.forged(errors.New("the ID token was given to another program"))
	}
	if claims.has(p.UserClaim) && (claims.has(p.GroupsClaim) || claims.elsewhere(p.GroupsClaim)) && (p.AreasClaim == "" || claims.has(p.AreasClaim)) || found.about.UserInfoEndpoint() == "" {
		return claims, nil
	}
	about, err := found.about.UserInfo(p.with(ctx), oauth2.StaticTokenSource(answer))
	if err != nil {
		return nil, p.unreachable(fmt.Errorf("ask the provider who has signed in: %w", err))
	}
	if about.Subject != token.Subject {
		return nil, p.forged(errors.New("the provider answers for somebody else than the ID token is of"))
	}
	more := claimSet{}
	if err := about.Claims(&more); err != nil {
		return nil, p.forged(fmt.Errorf("read the claims: %w", err))
	}
	for name, value := range more {
		if !claims.has(name) {
			claims[name] = value
		}
	}
	return claims, nil
}

func (c claimSet) has(name string) bool {
	_, ok := c[name]
	return ok
}

// elsewhere reports whether a claim was left out because it is too long.
func (c claimSet) elsewhere(name string) bool {
	var names map[string]string
	return json.Unmarshal(c["_claim_names"], &names) == nil && names[name] != ""
}

// person is who somebody is, by the claims that the configuration names.
func (p *provider) person(claims claimSet) (Person, error) {
	id, err := claims.text(p.UserClaim)
	if err != nil {
		return Person{}, refuse(http.StatusForbidden, err, "You are not signed in: %s does not say who you are. Whoever runs stalkstats must look at auth.oidc.user_claim.", p.Name)
	}
	groups, err := claims.list(p.GroupsClaim)
	if err != nil {
		return Person{}, refuse(http.StatusForbidden, err, "You are not signed in: %s does not say in a way that can be read which groups you are in. Whoever runs stalkstats finds why in its log.", p.Name)
	}
	role := NoRole
	for _, group := range groups {
		role = max(role, p.Roles[group])
	}
	if role == NoRole {
		return Person{}, refuse(http.StatusForbidden, fmt.Errorf("%d groups are named, and none of them has a role", len(groups)),
			"You may not see these pages: you are in none of the groups that may. Ask whoever runs stalkstats.")
	}
	person := Person{ID: id, Role: role}
	if p.AreasClaim == "" {
		return person, nil
	}
	areas, err := claims.list(p.AreasClaim)
	if err != nil {
		return Person{}, refuse(http.StatusForbidden, err, "You are not signed in: %s does not say in a way that can be read which areas you may see in detail. Whoever runs stalkstats finds why in its log.", p.Name)
	}
	return person.inDetail(areas), nil
}

// text is a claim of one line.
func (c claimSet) text(name string) (string, error) {
	var text string
	if err := json.Unmarshal(c[name], &text); err != nil || strings.TrimSpace(text) == "" {
		return "", fmt.Errorf("there is no text in the claim %q", name)
	}
	text = strings.TrimSpace(text)
	unseen := func(c rune) bool { return unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) }
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > longestID || strings.ContainsFunc(text, unseen) {
		return "", fmt.Errorf("the claim %q is longer than %d characters, or holds one that cannot be seen", name, longestID)
	}
	return text, nil
}

// list is what a claim names, such as groups: a list, or one. None at all is no
// error: whoever is in no group has no role, and who has no area sees none in detail.
func (c claimSet) list(name string) ([]string, error) {
	raw, ok := c[name]
	if !ok {
		if c.elsewhere(name) {
			return nil, fmt.Errorf("the token has no room for all of the claim %q: let the provider name only what counts here, such as the groups that have a role, or use its application roles", name)
		}
		return nil, nil
	}
	var several []string
	if json.Unmarshal(raw, &several) == nil {
		return several, nil
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}, nil
	}
	return nil, fmt.Errorf("the claim %q is neither a text nor a list of texts", name)
}
