package query

// InPortions makes a reader ask one question for each measure, as it does where there
// are very many figures.
func (r *Reader) InPortions() *Reader {
	r.portion = 1
	return r
}

// CountsStatement is the question by which the counts of figures are read.
func CountsStatement() string { return statement("figures.sql") }
