package backup

// ReadFirst is the tables that are backed up, in the order in which they are read.
var ReadFirst = readFirst
