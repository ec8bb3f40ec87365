//! Again: when something that went wrong is tried again though nothing about
//! it changed.

use jiff::{SignedDuration, Timestamp};

use crate::model::{Entity, Key, Retry};

/// What QuickBooks refused waits for a person, and is tried once a day.
pub(crate) const PARKED: SignedDuration = SignedDuration::from_hours(24);
/// The longest first wait of what passes by itself.
const FIRST: i64 = 60;
/// The longest wait of all, of which three quarters are an hour: whatever is
/// wrong with a record, it costs no more than one attempt an hour.
const LAST: i64 = 4_800;
/// So many writes without a definite answer and without effect are no accident.
pub(crate) const POISONED: u32 = 4;

/// When a record is tried again that was refused for the `attempts`th time.
pub(crate) fn next_attempt(key: Key, retry: Retry, attempts: u32, now: Timestamp) -> Option<Timestamp> {
    let wait = match retry {
        Retry::Person => PARKED,
        Retry::Soon | Retry::Throttled => soon(key, attempts),
        // A look comes with every write.
        Retry::Probe => soon(key, attempts).saturating_mul(2),
    };
    now.saturating_add(wait).ok()
}

/// A wait that doubles, less up to a quarter by the record: those that failed
/// together do not come back together.
fn soon(key: Key, attempts: u32) -> SignedDuration {
    let whole = FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(10)).min(LAST);
    let place = Entity::ALL.iter().position(|entity| *entity == key.entity).unwrap_or_default() as u64;
    // Knuth's multiplier spreads ids that follow each other.
    let spread = (key.id.wrapping_mul(8).wrapping_add(place)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54;
    let less = whole * 250 * i64::try_from(spread).unwrap_or_default() / 1_023;
    SignedDuration::from_millis(whole * 1_000 - less)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn waits_grow_to_an_hour_and_differ_by_record() {
        let mut firsts = BTreeSet::new();
        for id in 1..200 {
            let key = Key::invoice(id);
            firsts.insert(soon(key, 1));
            for (attempts, most) in
                [(0, 60), (1, 60), (2, 120), (5, 960), (7, 3_840), (8, 4_800), (99, 4_800)]
            {
                let wait = soon(key, attempts).as_millis();
                assert!((most * 750..=most * 1_000).contains(&wait), "{attempts}: {wait}");
            }
            assert!(soon(key, 8) >= SignedDuration::from_hours(1));
        }
        assert!(firsts.len() > 150, "{}", firsts.len());
        assert_eq!(soon(Key::invoice(7), 3), soon(Key::invoice(7), 3));
    }

    #[test]
    fn each_class_waits_its_own_time() {
        let key = Key::invoice(7);
        let now = Timestamp::UNIX_EPOCH;
        let wait = |retry| next_attempt(key, retry, 1, now).unwrap().duration_since(now);
        assert_eq!(wait(Retry::Person), PARKED);
        assert_eq!(wait(Retry::Soon), soon(key, 1));
        assert_eq!(wait(Retry::Probe), soon(key, 1) * 2);
    }
}
