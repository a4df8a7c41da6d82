package stats

// A Cause is what kind of thing went wrong with a run, in a word that does not
// change with the wording of its problem. Of one cause the data owner is told
// once, of another one again. They are few on purpose: a network that is down
// gives many sentences and is one cause.
type Cause string

// The causes of a run that failed, and of one that was refused. A run that is held
// has the names of the checks that held it, joined by +.
const (
	FileMissing       Cause = "file_missing"       // the file, its folder or its address is not there
	FileUnreadable    Cause = "file_unreadable"    // it may not be read, or is no file
	FileChanging      Cause = "file_changing"      // it changed while it was read
	FileTooLarge      Cause = "file_too_large"     // it is larger than is taken, packed or unpacked
	ServerUnreachable Cause = "server_unreachable" // no server is found or answers, or it breaks off or is busy
	ServerUntrusted   Cause = "server_untrusted"   // it cannot prove who it is
	AccessDenied      Cause = "access_denied"      // it does not let this program read
	AddressRefused    Cause = "address_refused"    // this program does not ask there, or does not follow
	AnswerUnusable    Cause = "answer_unusable"    // what the server gives is not the file
	DiskFull          Cause = "disk_full"
	DatabaseSilent    Cause = "database_silent" // ClickHouse does not answer
	Stopped           Cause = "stopped"         // the program ended in the middle
	OtherFault        Cause = "other_fault"

	FileDamaged  Cause = "file_damaged"  // it cannot be read as a table
	WrongLayout  Cause = "wrong_layout"  // its header or its sheets are not those of the layout
	PersonalData Cause = "personal_data" // a cell or a column holds it
	NoRows       Cause = "no_rows"       // none at all, or none of the source's
	RowsRejected Cause = "rows_rejected" // more than the source allows
	Incomplete   Cause = "incomplete"    // the file as a whole lacks what must be in it
	Settings     Cause = "settings"      // the source's settings do not fit
)

// Causes is all of them.
func Causes() []Cause {
	return []Cause{FileMissing, FileUnreadable, FileChanging, FileTooLarge, ServerUnreachable, ServerUntrusted, AccessDenied, AddressRefused, AnswerUnusable,
		DiskFull, DatabaseSilent, Stopped, OtherFault, FileDamaged, WrongLayout, PersonalData, NoRows, RowsRejected, Incomplete, Settings}
}
