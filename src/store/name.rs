//! Names of single values that more than one part of latchd knows, because they
//! do not travel with an exported state.

/// Why the state was begun anew, or restored.
pub const REBUILT: &str = "rebuilt";
/// Customers whose day of `start = "now"` was lost.
pub const LOST_DAYS: &str = "lost-days";
/// That the state was there before the resends that are not known to it.
pub const RESENDS: &str = "resends";
/// The last good files, whose texts may hold secrets.
pub const LAST_GOOD: &str = "last-good";

/// What stays behind: it is about one folder's history, or may hold secrets.
pub(super) const STAYING: [&str; 4] = [REBUILT, LOST_DAYS, RESENDS, LAST_GOOD];
