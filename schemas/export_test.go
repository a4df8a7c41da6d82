package schemas

// ApplyUpTo stops after the migration with that number.
var ApplyUpTo = applyUpTo
