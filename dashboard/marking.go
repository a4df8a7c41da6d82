package dashboard

// Markings are a force's own protective markings, such as OFFICIAL-SENSITIVE, by the
// audience of what they stand on. Either may be empty. That of true figures never comes
// onto what is for the published audience: it would say of what is meant to be passed on
// that it must not be.
type Markings struct{ Internal, Published string }

// Of is the marking of what is for an audience; empty: it has none.
func (m Markings) Of(audience string) string {
	if audience == Published {
		return m.Published
	}
	return m.Internal
}

// Marked is the first line of something, such as the subject of a mail, after a marking.
func Marked(marking, line string) string {
	if marking == "" {
		return line
	}
	return marking + ": " + line
}
