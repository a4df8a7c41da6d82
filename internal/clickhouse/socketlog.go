package clickhouse

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// What a client does through the socket is told in the log of the process whose
// engine it is: whoever looks after that one reads no other.
const (
	logPath       = "/log"
	maxLogRecord  = 1 << 20 // bytes
	logRecordTime = 5 * time.Second
)

// Log is where to tell what is done with the figures: the log of the process
// whose engine this is, and nowhere where it is this one's own, or a server's.
// What cannot be told is lost: no work waits for its log.
func (db *DB) Log() *slog.Logger {
	if db.life == nil {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewJSONHandler(db.life, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: inWords}))
}

// inWords writes a length of time as logs do, and not as a number of nanoseconds.
func inWords(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		return slog.String(a.Key, a.Value.Duration().String())
	}
	return a
}

// Write implements io.Writer: it sends one record of the log.
func (l *lifeline) Write(record []byte) (int, error) {
	client := &http.Client{Transport: l.transport, Timeout: logRecordTime}
	resp, err := client.Post("http://stalkstats"+logPath, "application/json", bytes.NewReader(record))
	if err != nil {
		return 0, fmt.Errorf("tell the owner of the engine: %w", err)
	}
	return len(record), resp.Body.Close()
}

// takeLog is a handler that tells a log what clients have to tell.
func takeLog(log *slog.Logger) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		level, says, attrs, err := readRecord(http.MaxBytesReader(w, r.Body, maxLogRecord))
		if err != nil {
			http.Error(w, "this is no record of a log", http.StatusBadRequest)
			return
		}
		log.LogAttrs(r.Context(), level, says, append(attrs, slog.String("by", "command line"))...)
	}
}

// readRecord reads what slog's JSON handler wrote, in its order. The time of the
// record is left out: the log has its own.
func readRecord(in io.Reader) (level slog.Level, says string, attrs []slog.Attr, err error) {
	tokens := json.NewDecoder(in)
	tokens.UseNumber()
	if first, err := tokens.Token(); err != nil || first != json.Delim('{') {
		return level, says, attrs, errors.Join(err, errors.New("no object"))
	}
	for tokens.More() {
		key, err := tokens.Token()
		if err != nil {
			return level, says, attrs, err
		}
		var value any
		if err := tokens.Decode(&value); err != nil {
			return level, says, attrs, err
		}
		text := fmt.Sprint(value)
		switch key {
		case slog.TimeKey:
		case slog.LevelKey:
			if err := level.UnmarshalText([]byte(text)); err != nil {
				return level, says, attrs, err
			}
		case slog.MessageKey:
			says = text
		default:
			attrs = append(attrs, slog.String(fmt.Sprint(key), text))
		}
	}
	_, err = tokens.Token()
	return level, says, attrs, err
}
