package load

import (
	"bytes"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
)

// A dictionary is a column of texts of which few are different: each of them
// once, and for each row its place. It holds no pointer for each cell.
type dictionary struct {
	places map[string]int
	texts  proto.ColStr
	raw    proto.ColLowCardinalityRaw
	last   string // and its place: mostly the next row has it too
	place  int
}

func newDictionary() *dictionary {
	d := &dictionary{places: map[string]int{}}
	d.raw.Index, d.raw.Key = &d.texts, proto.KeyUInt32
	return d
}

func (d *dictionary) append(text string) {
	if text != d.last || d.texts.Rows() == 0 {
		place, ok := d.places[text]
		if !ok {
			place = d.texts.Rows()
			d.texts.Append(text)
			d.places[text] = place
		}
		d.last, d.place = text, place
	}
	d.raw.Keys32 = append(d.raw.Keys32, uint32(d.place))
}

// fill makes an empty column of a batch hold what the dictionary holds. The
// driver's own way to append looks each cell up twice; this is the way in
// which it takes a column that a server has sent.
func (d *dictionary) fill(into column.Interface) error {
	var encoded proto.Buffer
	d.raw.EncodeColumn(&encoded)
	return into.Decode(proto.NewReader(bytes.NewReader(encoded.Buf)), d.raw.Rows())
}

// clear empties the column and keeps its memory.
func (d *dictionary) clear() {
	d.raw.Reset()
	clear(d.places)
	d.last = ""
}
