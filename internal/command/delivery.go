package command

import (
	"log/slog"
	"path/filepath"
	"time"

	"stalkstats/dashboard"
	"stalkstats/dashboard/delivery"
	"stalkstats/dashboard/query"
	"stalkstats/etl/timetable"
	"stalkstats/internal/config"
	"stalkstats/internal/mail"
)

// savingOf is what the pages are told of when and where reports can be delivered.
func savingOf(cfg config.Config) dashboard.Saving {
	return dashboard.Saving{Folder: cfg.Reports.Folder, MailTo: cfg.Reports.MailTo, MailInternal: cfg.Reports.MailInternal, Pages: cfg.Alerts.Pages,
		Schedule: func(spec string) (func(time.Time) time.Time, error) {
			schedule, err := timetable.Parse(spec, cfg.ETL.Location())
			if err != nil {
				return nil, err
			}
			return schedule.Next, nil
		}}
}

// mailTakes is how long one report may take to be mailed.
const mailTakes = 30 * time.Second

// newDeliverer delivers the saved reports, made from what the pages show. A
// process whose pages are for the published audience has no other figures.
func newDeliverer(cfg config.Config, pages dashboard.Options, reader *query.Reader, log *slog.Logger) (*delivery.Deliverer, error) {
	o := delivery.Options{Store: reader, Maker: dashboard.NewArchiver(pages), Packer: dashboard.NewPacker(pages), Saving: pages.Saving, Markings: pages.Markings,
		Spool: filepath.Join(cfg.DataDir, "deliveries"), Zone: cfg.ETL.Location(), CatchUp: cfg.ETL.CatchUp, Log: log, Now: time.Now}
	if cfg.Alerts.Email.Host != "" {
		server := mail.Configured(cfg.Alerts.Email)
		server.Timeout = mailTakes
		o.Mail = &server
	}
	return delivery.New(o)
}
