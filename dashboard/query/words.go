package query

import (
	"cmp"
	"slices"

	"stalkstats/internal/clickhouse"
)

// words is texts, each once and by number, so that counts are kept and compared
// by numbers. The number of the empty text is 0.
type words struct {
	number map[string]uint32
	text   []string
	rank   []uint32 // of each number, its place in the alphabet
	ranked []string // by place in the alphabet
}

// reset forgets all texts but the empty one.
func (w *words) reset() {
	if w.number == nil {
		w.number = map[string]uint32{}
	}
	clear(w.number)
	clear(w.text) // they may be of long notes
	w.text = w.text[:0]
	w.add("")
}

func (w *words) add(text string) uint32 {
	n, ok := w.number[text]
	if !ok {
		n = uint32(len(w.text))
		w.number[text] = n
		w.text = append(w.text, text)
	}
	return n
}

// addAll appends the numbers of a column's texts.
func (w *words) addAll(to []uint32, texts *clickhouse.Texts) []uint32 {
	for place := range texts.Len() {
		text := texts.Text(place)
		n, ok := w.number[string(text)]
		if !ok {
			n = w.add(string(text))
		}
		to = append(to, n)
	}
	return to
}

// order finds the places in the alphabet.
func (w *words) order() {
	numbers := make([]uint32, len(w.text))
	for i := range numbers {
		numbers[i] = uint32(i)
	}
	slices.SortFunc(numbers, func(a, b uint32) int { return cmp.Compare(w.text[a], w.text[b]) })
	w.rank, w.ranked = slices.Grow(w.rank[:0], len(numbers))[:len(numbers)], w.ranked[:0]
	for place, n := range numbers {
		w.rank[n] = uint32(place)
		w.ranked = append(w.ranked, w.text[n])
	}
}
