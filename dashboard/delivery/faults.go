package delivery

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"stalkstats/dashboard"
)

// A folderFault is why a file was not put into the folder of reports.
type folderFault struct{ error }

// Unwrap gives the cause.
func (f folderFault) Unwrap() error { return f.error }

// sentence is why a delivery failed, for who reads the list of saved reports. It
// quotes no file and no address: the log has the error itself.
func (d *Deliverer) sentence(err error) string {
	var refused refusal
	var folder folderFault
	if errors.As(err, &refused) {
		return refused.Error()
	}
	if told := dashboard.Told(err); told != "" {
		return told
	}
	full := errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
	if errors.As(err, &folder) {
		switch {
		case full:
			return "The disk of the folder for reports is full."
		case errors.Is(err, errManyNames):
			return fmt.Sprintf("The folder for reports has %d other files of this name and date.", mostNames)
		case errors.Is(err, fs.ErrNotExist):
			return "The folder for reports is not there: it is reports.folder in the configuration, and is never made."
		case errors.Is(err, fs.ErrPermission):
			return "The program may not write to the folder for reports."
		}
		return "The file could not be written to the folder for reports: the log says why."
	}
	switch {
	case full:
		return "The disk of the data directory is full."
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("It was not done after %s, and was given up: choose fewer measures, areas or periods.", d.o.Longest)
	}
	return "The report could not be made: the log says why."
}
