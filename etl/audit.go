package etl

import (
	"context"
	"time"

	"stalkstats/etl/load"
)

// forgetEvery is how often it is looked for what has been kept long enough.
const forgetEvery = 24 * time.Hour

// forget takes out of the audit what has been kept for as long as configured.
func (e *ETL) forget(ctx context.Context) {
	kept := time.Duration(e.cfg.Audit.Kept)
	if kept == 0 {
		return
	}
	if err := load.ForgetActs(ctx, e.conn, e.now().Add(-kept)); err != nil {
		e.log.Error("the audit is kept longer than audit.kept", "error", err)
	}
}
