package clickhouse

// Scanned is how Blocks reads a server's answer; it works with any.
var Scanned = scanned
