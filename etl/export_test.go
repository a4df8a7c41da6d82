package etl

import "stalkstats/etl/source"

// SetRules changes the bounds of fetching that no configuration has, so that a
// test need not wait as long between two attempts as a server is given in life.
func (e *ETL) SetRules(change func(*source.Rules)) {
	r := rules(e.cfg.ETL.Fetch)
	change(&r)
	e.files = source.New(e.store, r)
}
