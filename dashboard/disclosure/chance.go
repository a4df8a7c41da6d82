package disclosure

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// dearest is how many times as large a count may be as another one and yet be hidden in
// its place, by chance: were the next smallest always the one that is hidden beside a small
// one, it could be no larger than what is shown, and would tell the small one.
const dearest = 4

// A chance is numbers from 0 to 1, one after the other, by which counts are chosen. They come
// of a secret and of all true numbers of a table, so that a publication that was lost is decided
// again as it was: two ways of hiding the same numbers would tell them. Without the secret
// whoever has this program could try every table, and see of which what is shown would come.
type chance struct {
	of    [sha256.Size]byte
	drawn uint64
}

func chanceOf(cells []Cell, secret string) *chance {
	hash := sha256.New()
	fmt.Fprintf(hash, "%q\n", secret)
	for _, c := range cells {
		fmt.Fprintf(hash, "%q %v\n", fmt.Sprint(c.Key), c.Value)
	}
	return &chance{of: [sha256.Size]byte(hash.Sum(nil))}
}

// next is SHA-256 in counter mode (NIST SP 800-90A, Hash_DRBG, is built so), of which a
// float64 has room for 53 bits.
func (c *chance) next() float64 {
	c.drawn++
	drawn := sha256.Sum256(binary.BigEndian.AppendUint64(c.of[:], c.drawn))
	return float64(binary.BigEndian.Uint64(drawn[:8])>>11) / (1 << 53)
}
