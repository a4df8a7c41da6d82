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

const orderStageCount = stageExpired + 1

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
	kept := c.orderOf(b, r, id, person, month)
	if kept == nil {
		return
	}
	if at == stageBreached {
		// An order may be breached many times, and each day of it is one breach.
		if !c.first(r, "order_id", c.hashOf('b', b.cell(r, id), uint64(day)), month, 0) {
			return
		}
	} else if !c.firstOfStage(r, kept, at, day, from) {
		return
	}
	c.add(month, r, at)
	switch at {
	case stageApplied:
		c.addPerson(b, r, person, month, peopleApplied)
	case stageInterim, stageFull:
		c.addPerson(b, r, person, month, peopleGranted)
	}
}

// orderOf is what is kept of a row's order; nil where the row lacks an identifier, or
// is of another person than the order was of before.
func (c *recordCounter) orderOf(b *recordBatch, r *record, id, person, month int) *keptOrder {
	for _, i := range []int{id, person} {
		if len(b.cell(r, i)) == 0 {
			c.reject(r, c.kind.columns[i].Name, month, "the cell is empty: fill it in")
			return nil
		}
	}
	holder := uint32(c.seen.hash(b.cell(r, person)).first)
	place, known := c.seen.add(r.hash.ofOrder(), c.orders.next())
	if !known {
		return c.orders.add(keptOrder{holder: holder, row: uint32(min(r.row, mostRow))})
	}
	kept := c.orders.at(place)
	if kept.holder != holder {
		// Either row may be the wrong one, and the month of the other is not known.
		c.reject(r, "person_id", noMonth, "this order_id is in "+rowName(int(kept.row))+" with another person_id: an order is of one person")
		return nil
	}
	return kept
}

// firstOfStage reports whether this is the first row of a stage of the order, and
// remembers it. One that comes again in the same month is the same stage again; in
// another, nobody knows which row is right.
func (c *recordCounter) firstOfStage(r *record, o *keptOrder, stage int, day, applied recordDay) bool {
	if o.days[stage] != 0 {
		c.again(r, "order_id", o.days[stage].day().month(), int(o.rows[stage]), day.month())
		return false
	}
	if stage == stageInterim || stage == stageFull {
		o.grant(day, applied)
	}
	o.days[stage], o.rows[stage] = packed(day), uint32(min(r.row, mostRow))
	return true
}

// addPerson counts a person once in a month for one figure of people.
func (c *recordCounter) addPerson(b *recordBatch, r *record, person, month, figure int) {
	tally := &c.months[month].figures[figure]
	tally.rows++
	if !c.seen.mark(c.hashOf('p', b.cell(r, person), uint64(month)), newFact(month, 1<<(figure-peopleApplied), r.row)) {
		tally.things++
	}
	if tally.row == 0 {
		tally.row = r.row
	}
}
