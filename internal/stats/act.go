package stats

import "time"

// An Act is something that somebody did, as the audit has it.
type Act struct {
	ID      string
	At      time.Time
	User    string // who signed in, or the account that gave the command; empty where nobody signs in
	Channel Channel
	Action  Action
	About   string // what was acted on: the address of the form, the arguments of the command
	Outcome ActOutcome
	Made    string // the address that it led to; empty where it led nowhere
}

// Action is what somebody did.
type Action string

// The actions.
const (
	SignInAct       Action = "sign in"
	SignOutAct      Action = "sign out"
	EndSessionAct   Action = "end a session"
	RunAct          Action = "run"
	CheckAct        Action = "check"
	SendAct         Action = "send a file"
	ReplayAct       Action = "replay"
	AcceptAct       Action = "accept"
	WithdrawAct     Action = "withdraw"
	EnterAct        Action = "enter a status"
	TakeBackAct     Action = "take back a status"
	AnnotateAct     Action = "annotate a chart"
	TakeBackNoteAct Action = "take back an annotation"
	MakeLinkAct     Action = "make a permanent link"
	WithdrawLinkAct Action = "withdraw a permanent link"
	SaveReportAct   Action = "save a report"
	SavePackAct     Action = "save a board pack"
	RemoveReportAct Action = "remove a saved report"
	DownloadAct     Action = "download"

	AddUserAct        Action = "add a user"
	ChangeRoleAct     Action = "change a role"
	ChangeAreasAct    Action = "change areas"
	ChangePasswordAct Action = "change a password"
	RemoveUserAct     Action = "remove a user"
	AddProgramAct     Action = "add a program"
	RemoveProgramAct  Action = "remove a program"
	BackUpAct         Action = "back up"
	RestoreAct        Action = "restore"
)

// ActOutcome is what became of it.
type ActOutcome string

// The outcomes of acts.
const (
	ActDone    ActOutcome = "done"    // it was done, or is asked for
	ActRefused ActOutcome = "refused" // it was not allowed, or could not be done any more
	ActFailed  ActOutcome = "failed"  // the program failed at it; of a download: it broke off
)
