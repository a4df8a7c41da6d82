package parse

import "iter"

// A keptOrder is what is remembered of an order until the file is read, and no
// identifier: of whom it is by 32 bits of hash, which are the same for two people in
// one case of four thousand million; its first row; and of each stage but breaches, of
// which there may be many, the day and the row that counted.
type keptOrder struct {
	holder  uint32
	row     uint32 // at most mostRow
	rows    [orderStageCount]uint32
	days    [orderStageCount]packedDay // 0 where the stage is not there
	applied packedDay                  // that its first grant has; 0 where no grant has one
}

// A packedDay is a recordDay in 16 bits: the years since 1990, the month and the day.
// 0 is no day.
type packedDay uint16

func packed(d recordDay) packedDay {
	if d == 0 {
		return 0
	}
	return packedDay((int(d)/10_000-firstYear)<<9 | int(d)/100%100<<5 | int(d)%100)
}

func (p packedDay) day() recordDay {
	return recordDay((firstYear+int(p>>9))*10_000 + int(p>>5&15)*100 + int(p&31))
}

// firstGrant is the stage, interim or full, of the first grant; ok is false where there
// was none.
func (o *keptOrder) firstGrant() (stage int, ok bool) {
	interim, full := o.days[stageInterim], o.days[stageFull]
	switch {
	case interim == 0 && full == 0:
		return 0, false
	case full == 0 || interim != 0 && (interim < full || interim == full && o.rows[stageInterim] < o.rows[stageFull]):
		return stageInterim, true
	}
	return stageFull, true
}

// ordersTogether is how many orders lie side by side: growing never copies them.
const ordersTogether = 1 << 14

// keptOrders is all orders of a file, each at the place that the seen set has of it.
type keptOrders struct {
	together []*[ordersTogether]keptOrder
	used     int
}

// next is the place of the next order, as the fact that is remembered of it. It
// counts from 1, for no fact is 0.
func (k *keptOrders) next() fact { return fact(k.used + 1) }

func (k *keptOrders) at(place fact) *keptOrder {
	i := int(place) - 1
	return &k.together[i/ordersTogether][i%ordersTogether]
}

// add puts an order at the next place.
func (k *keptOrders) add(o keptOrder) *keptOrder {
	place := k.next()
	if k.used%ordersTogether == 0 {
		k.together = append(k.together, new([ordersTogether]keptOrder))
	}
	k.used++
	kept := k.at(place)
	*kept = o
	return kept
}

func (k *keptOrders) all() iter.Seq[*keptOrder] {
	return func(yield func(*keptOrder) bool) {
		for i := range k.used {
			if !yield(k.at(fact(i + 1))) {
				return
			}
		}
	}
}
