package disclosure

import (
	"math/big"
	"slices"

	"stalkstats/internal/stats"
)

// prime is that by which the sums are solved: what is determined in whole numbers is
// determined modulo a prime, but for a chance of one in 2⁶¹.
const prime = 1<<61 - 1

// determined is the hidden counts that follow from those that are shown by adding and
// subtracting sums, however many: Gauss–Jordan elimination of all of them at once. It shares nothing with the code that hides.
func determined(decisions []Decision, areas []string) []Cell {
	columns := map[stats.Key]int{}
	var unknowns []Cell
	for _, d := range decisions {
		if d.Reason != Shown {
			columns[d.Key] = len(unknowns)
			unknowns = append(unknowns, d.Cell)
		}
	}
	there := map[stats.Key]bool{}
	for _, d := range decisions {
		there[d.Key] = true
	}
	var rows []map[int]uint64
	add := func(total stats.Key, parts []stats.Key) {
		row := map[int]uint64{}
		for i, k := range append([]stats.Key{total}, parts...) {
			if !there[k] {
				return
			}
			if column, hidden := columns[k]; hidden {
				row[column] = 1
				if i == 0 {
					row[column] = prime - 1
				}
			}
		}
		rows = append(rows, row)
	}
	for k := range there {
		for _, parts := range sumsTo(k, areas) {
			add(k, parts)
		}
	}
	var found []Cell
	for column, row := range eliminated(rows) {
		if len(row) == 1 {
			found = append(found, unknowns[column])
		}
	}
	slices.SortFunc(found, func(a, b Cell) int { return stats.CompareKeys(a.Key, b.Key) })
	return found
}

// sumsTo is what adds up to a count of the tables of years.
func sumsTo(total stats.Key, areas []string) (all [][]stats.Key) {
	var parts []stats.Key
	part := func(change func(k *stats.Key)) {
		k := total
		change(&k)
		parts = append(parts, k)
	}
	next := func() {
		if len(parts) > 0 {
			all, parts = append(all, parts), nil
		}
	}
	if total.Area == stats.EnglandAndWales {
		for _, area := range areas {
			part(func(k *stats.Key) { k.Area = area })
		}
	}
	next()
	if total.Breakdown == "" {
		for _, value := range []string{"partner", "family", "stranger"} {
			part(func(k *stats.Key) { k.Breakdown, k.BreakdownValue = "relationship", value })
		}
	}
	next()
	for start := total.Period.Start; start.AddDate(0, 1, -1) != total.Period.End && !start.After(total.Period.End); start = start.AddDate(0, 1, 0) {
		part(func(k *stats.Key) { k.Period = stats.Month(start.Year(), start.Month()) })
	}
	if len(parts) > 0 { // the last month of a longer period
		part(func(k *stats.Key) { k.Period = stats.Month(total.Period.End.Year(), total.Period.End.Month()) })
	}
	next()
	return all
}

// eliminated is rows in their reduced form, by the column of their first number.
func eliminated(rows []map[int]uint64) map[int]map[int]uint64 {
	reduced := map[int]map[int]uint64{}
	for _, row := range rows {
		for {
			column := -1
			for c := range row {
				if _, ok := reduced[c]; ok && (column < 0 || c < column) {
					column = c
				}
			}
			if column < 0 {
				break
			}
			subtract(row, reduced[column], row[column])
		}
		if len(row) == 0 {
			continue
		}
		pivot := -1
		for c := range row {
			if pivot < 0 || c < pivot {
				pivot = c
			}
		}
		by := inverse(row[pivot])
		for c := range row {
			row[c] = times(row[c], by)
		}
		for _, other := range reduced {
			if by, ok := other[pivot]; ok {
				subtract(other, row, by)
			}
		}
		reduced[pivot] = row
	}
	return reduced
}

// subtract takes a row by so many times from another.
func subtract(from, row map[int]uint64, by uint64) {
	for c, n := range row {
		if left := (from[c] + prime - times(n, by)) % prime; left == 0 {
			delete(from, c)
		} else {
			from[c] = left
		}
	}
}

func times(a, b uint64) uint64 {
	product := new(big.Int).Mul(new(big.Int).SetUint64(a), new(big.Int).SetUint64(b))
	return product.Mod(product, big.NewInt(prime)).Uint64()
}

func inverse(a uint64) uint64 {
	return new(big.Int).ModInverse(new(big.Int).SetUint64(a), big.NewInt(prime)).Uint64()
}
