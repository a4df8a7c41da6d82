package dashboard

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"time"

	"stalkstats/internal/stats"
)

// A cursor is where a page of figures ended: what the parameter after holds. It
// is of one set of filters and one state of the figures.
type cursor struct {
	filters uint64    // which filters, by their hash
	state   uint64    // which state of the figures, by its hash
	asAt    time.Time // the moment of that state
	last    stats.Key // of the page
}

const (
	cursorVersion = 1
	longestCursor = 8 << 10
)

var errCursor = errors.New("not the end of a page")

// text is the cursor as it stands in an address.
func (c cursor) text() string {
	b := []byte{cursorVersion}
	b = binary.BigEndian.AppendUint64(b, c.filters)
	b = binary.BigEndian.AppendUint64(b, c.state)
	b = binary.BigEndian.AppendUint64(b, uint64(c.asAt.UnixMicro()))
	k := c.last
	for _, day := range []time.Time{k.Period.Start, k.Period.End} {
		b = binary.BigEndian.AppendUint32(b, uint32(day.Unix()/secondsOfDay))
	}
	for _, text := range []string{k.Measure, k.Area, k.Source, k.Basis, k.Breakdown, k.BreakdownValue} {
		b = append(binary.AppendUvarint(b, uint64(len(text))), text...)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

const secondsOfDay = 24 * 60 * 60

// parseCursor reads what text wrote, and nothing else.
func parseCursor(text string) (c cursor, err error) {
	if len(text) > longestCursor {
		return c, errCursor
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < 33 || b[0] != cursorVersion {
		return c, errCursor
	}
	c.filters, c.state = binary.BigEndian.Uint64(b[1:]), binary.BigEndian.Uint64(b[9:])
	c.asAt = time.UnixMicro(int64(binary.BigEndian.Uint64(b[17:]))).UTC()
	day := func(b []byte) time.Time { return time.Unix(int64(binary.BigEndian.Uint32(b))*secondsOfDay, 0).UTC() }
	k := &c.last
	k.Period = stats.Period{Start: day(b[25:]), End: day(b[29:])}
	b = b[33:]
	for _, field := range []*string{&k.Measure, &k.Area, &k.Source, &k.Basis, &k.Breakdown, &k.BreakdownValue} {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return cursor{}, errCursor
		}
		*field, b = string(b[size:size+int(n)]), b[size+int(n):]
	}
	if c.asAt.Year() < 1970 || c.asAt.Year() >= 2200 || c.text() != text {
		return cursor{}, errCursor
	}
	return c, nil
}
