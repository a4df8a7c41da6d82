// Package stats is the vocabulary of stalkstats: what a figure is, what it
// counts, for which area and period, and where it came from.
//
// An Observation is one figure of one Source. Its key is measure, area,
// source, basis, period and breakdown; its Value is a number or a Marker and
// never a zero that stands for "missing"; its Origin is the file, sheet and
// row it was read from. Figures are compared only within one source, one
// basis and one kind of period.
//
// The package imports only the standard library and holds no state.
package stats
