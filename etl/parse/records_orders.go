package parse

// The places of the stages in orderStages, and of the people among the figures
// of orders. Each stage stands at the place of its figure.
const (
	stageApplied = iota
	stageInterim
	stageFull
	stageRefused
	stageWithdrawn
	stageBreached
	stageExpired
	peopleApplied
	peopleGranted
)

// order counts a row of orders.
func (c *recordCounter) order(b *recordBatch, r *record) {
	const (
		id = iota
		person
		stage
		date
		applied
	)
	day, reason := c.day(b.cell(r, date), ordersBegan)
	month := c.monthOf(r, day, reason)
	at := wordIn(orderStages, b.cell(r, stage))
	switch {
	case at < 0:
		c.reject(r, "stage", month, "write applied, interim_granted, full_granted, refused, withdrawn, expired or breached")
		return
	case reason != "":
		c.reject(r, "stage_date", noMonth, reason)
		return
	case month == notOver:
		c.out.exclude("the month is not over")
		return
	}
	var from recordDay
	if cell := b.cell(r, applied); len(cell) > 0 {
		from, reason = c.day(cell, ordersBegan)
		switch {
		case reason != "":
		case from > day:
			reason = "the application is later than this stage of it: mend one of the two dates"
		case at == stageApplied && from.month() != month:
			reason = "this is another month than the stage_date of the application: mend one of the two dates"
		}
		if reason != "" {
			c.reject(r, "applied_date", month, reason)
			return
		}
	}
	if !c.samePerson(b, r, id, person, month) {
		return
	}
	key := r.hash.of(1 + at)
	if at == stageBreached {
		// An order may be breached many times, and each day of it is one breach.
		key = c.hashOf('b', b.cell(r, id), uint64(day))
	}
	if !c.first(r, "order_id", key, month, 0) {
		return
	}
	c.add(month, r, at)
	switch at {
	case stageApplied:
		c.addPerson(b, r, person, month, peopleApplied)
	case stageInterim, stageFull:
		c.addPerson(b, r, person, month, peopleGranted)
		c.granted(r, day, from)
	}
}

// samePerson reports whether the order has both its identifiers, and is of the
// person that it was of before.
func (c *recordCounter) samePerson(b *recordBatch, r *record, id, person, month int) bool {
	for _, i := range []int{id, person} {
		if len(b.cell(r, i)) == 0 {
			c.reject(r, c.kind.columns[i].Name, month, "the cell is empty: fill it in")
			return false
		}
	}
	holder := holderFact(c.seen.hash(b.cell(r, person)), r.row)
	before, known := c.seen.add(r.hash.of(15), holder)
	if known && !before.sameHolder(holder) {
		// Either row may be the wrong one, and the month of the other is not known.
		c.reject(r, "person_id", noMonth, "this order_id is in "+rowName(int(before&(1<<20-1)), 1<<20-1)+" with another person_id: an order is of one person")
		return false
	}
	return true
}

// addPerson counts a person once in a month for one figure.
func (c *recordCounter) addPerson(b *recordBatch, r *record, person, month, figure int) {
	tally := &c.months[month].figures[figure]
	tally.rows++
	if _, known := c.seen.add(c.hashOf('p', b.cell(r, person), uint64(month*mostFigures+figure)), newFact(month, 0, r.row)); !known {
		tally.things++
	}
	if tally.row == 0 {
		tally.row = r.row
	}
}
