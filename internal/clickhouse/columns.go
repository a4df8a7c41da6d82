package clickhouse

import (
	"slices"
	"time"

	"github.com/ClickHouse/ch-go/proto"
)

// A Column is one of an answer's, with the rows of one block: Texts, Numbers,
// Days, Whole or Hashes.
type Column interface {
	proto.ColResult
	target() any // what a row is scanned into
	take()       // takes the row that was scanned
}

// Texts is a column LowCardinality(String): each text of the block once, and
// which of them each row has.
type Texts struct {
	Places []uint32 // of each row

	raw  proto.ColLowCardinalityRaw
	each proto.ColStr

	row  string
	seen map[string]uint32
}

// Len is how many texts there are.
func (c *Texts) Len() int { return c.each.Rows() }

// Text is one of them, good until the next block.
func (c *Texts) Text(place int) []byte { return c.each.RowBytes(place) }

// Type implements proto.ColResult.
func (c *Texts) Type() proto.ColumnType { return proto.ColumnTypeLowCardinality.Sub(c.each.Type()) }

// Rows implements proto.ColResult.
func (c *Texts) Rows() int { return len(c.Places) }

// Reset implements proto.ColResult.
func (c *Texts) Reset() {
	c.raw.Index = &c.each
	c.raw.Reset()
	c.Places = c.Places[:0]
	clear(c.seen)
}

// DecodeState implements proto.StateDecoder.
func (c *Texts) DecodeState(r *proto.Reader) error { return c.raw.DecodeState(r) }

// DecodeColumn implements proto.ColResult.
func (c *Texts) DecodeColumn(r *proto.Reader, rows int) error {
	if err := c.raw.DecodeColumn(r, rows); err != nil {
		return err
	}
	switch c.raw.Key {
	case proto.KeyUInt8:
		c.Places = widened(c.Places, c.raw.Keys8)
	case proto.KeyUInt16:
		c.Places = widened(c.Places, c.raw.Keys16)
	case proto.KeyUInt32:
		c.Places = widened(c.Places, c.raw.Keys32)
	case proto.KeyUInt64:
		c.Places = widened(c.Places, c.raw.Keys64)
	}
	return nil
}

func widened[T uint8 | uint16 | uint32 | uint64](to []uint32, from []T) []uint32 {
	to = slices.Grow(to, len(from))
	for _, place := range from {
		to = append(to, uint32(place))
	}
	return to
}

func (c *Texts) target() any { return &c.row }

func (c *Texts) take() {
	place, ok := c.seen[c.row]
	if !ok {
		if c.seen == nil {
			c.seen = map[string]uint32{}
		}
		place = uint32(c.each.Rows())
		c.seen[c.row] = place
		c.each.Append(c.row)
	}
	c.Places = append(c.Places, place)
}

// Numbers is a column Nullable(Float64).
type Numbers struct {
	proto.ColNullable[float64]
	values proto.ColFloat64
	row    *float64
}

// NewNumbers makes one.
func NewNumbers() *Numbers {
	c := &Numbers{}
	c.ColNullable.Values = &c.values
	return c
}

// At is a row's number; known is false where there is none.
func (c *Numbers) At(row int) (number float64, known bool) { return c.values[row], c.Nulls[row] == 0 }

func (c *Numbers) target() any { return &c.row }

func (c *Numbers) take() {
	if c.row == nil {
		c.Append(proto.Null[float64]())
		return
	}
	c.Append(proto.NewNullable(*c.row))
}

// Days is a column Date.
type Days struct {
	proto.ColDate
	row time.Time
}

// At is a row's day, counted from 1 January 1970.
func (c *Days) At(row int) uint16 { return uint16(c.ColDate[row]) }

func (c *Days) target() any { return &c.row }

func (c *Days) take() { c.ColDate = append(c.ColDate, proto.ToDate(c.row)) }

// Whole is a column UInt32.
type Whole struct {
	proto.ColUInt32
	row uint32
}

// At is a row's number.
func (c *Whole) At(row int) uint32 { return c.ColUInt32[row] }

func (c *Whole) target() any { return &c.row }

func (c *Whole) take() { c.ColUInt32 = append(c.ColUInt32, c.row) }

// Hashes is a column UInt64.
type Hashes struct {
	proto.ColUInt64
	row uint64
}

// At is a row's hash.
func (c *Hashes) At(row int) uint64 { return c.ColUInt64[row] }

func (c *Hashes) target() any { return &c.row }

func (c *Hashes) take() { c.ColUInt64 = append(c.ColUInt64, c.row) }
