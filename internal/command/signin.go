package command

import (
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"stalkstats/dashboard"
	"stalkstats/dashboard/signin"
	"stalkstats/internal/config"
)

// withSignIn adds to the force's pages how people sign in, where they do.
func withSignIn(cfg config.Config, o dashboard.Options, log *slog.Logger) (dashboard.Options, error) {
	o.AuditKept = time.Duration(cfg.Audit.Kept)
	if !cfg.Auth.On() {
		return o, nil
	}
	base, err := url.Parse(cfg.Dashboard.BaseURL)
	if err != nil {
		return o, fmt.Errorf("dashboard.base_url: %w", err)
	}
	base.Path = ""
	roles, err := rolesOf(cfg.Auth.OIDC.Roles)
	if err != nil {
		return o, err
	}
	o.SignIn, err = signin.New(signin.Options{
		BaseURL: base, Idle: time.Duration(cfg.Dashboard.Session.Idle), Longest: time.Duration(cfg.Dashboard.Session.Longest), Users: cfg.Auth.Users, Programs: cfg.Auth.Programs,
		OIDC: oidcOf(cfg.Auth.OIDC, roles),
		Now:  time.Now, Log: log,
	})
	o.Proxies = cfg.Dashboard.ProxyPrefixes()
	return o, err
}

// oidcOf is a provider as the configuration has it, and the role of each group.
func oidcOf(c config.OIDC, roles map[string]signin.Role) signin.OIDC {
	return signin.OIDC{Issuer: c.Issuer, Name: c.Name, ClientID: c.ClientID, Secret: c.Secret, Scopes: c.Scopes, UserClaim: c.UserClaim, GroupsClaim: c.GroupsClaim, AreasClaim: c.AreasClaim, Roles: roles}
}

// rolesOf is the role of each group: the highest, where it has several.
func rolesOf(names config.RoleNames) (map[string]signin.Role, error) {
	roles := map[string]signin.Role{}
	for name, groups := range names.ByName() {
		role, err := signin.ParseRole(name)
		if err != nil {
			return nil, err
		}
		for _, group := range groups {
			roles[group] = max(roles[group], role)
		}
	}
	return roles, nil
}
