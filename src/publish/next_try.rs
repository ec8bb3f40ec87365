//! When what was not tried yet is tried.

use crate::model::Who;
use crate::pass::Cause;
use crate::report::Status;

/// Fills in the moment by which the records not tried yet are tried: in the
/// next pass, unless one of `causes` keeps every pass from it until a person
/// did something.
pub(super) fn fill(status: &mut Status, causes: &[Cause]) {
    let stuck = causes.iter().any(|cause| cause.stops() && cause.code.remedy().who != Who::Nobody);
    for row in &mut status.entities {
        let next = status.next_pass_at.filter(|_| row.not_tried > 0 && !stuck);
        // A record may wait longer than to the next pass, never shorter.
        row.next_try_at = next.map(|next| row.next_try_at.map_or(next, |due| due.max(next)));
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::{Code, Entity, State};
    use crate::pass::Holds;
    use crate::report::{EntityRow, sample};

    type When = Option<Timestamp>;

    #[test]
    fn it_is_the_next_pass_unless_a_person_comes_first() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let (next, later) = (at("2026-11-22T16:00:00Z"), at("2026-11-22T16:40:00Z"));
        let table: [(When, When, Option<Code>, When); 7] = [
            (Some(next), None, None, Some(next)),
            (Some(next), Some(later), None, Some(later)),
            (Some(later), Some(next), None, Some(later)),
            (None, Some(later), None, None),
            (Some(next), None, Some(Code::Reconnect), None),
            (Some(next), None, Some(Code::Throttled), Some(next)),
            (Some(next), None, Some(Code::OtherSyncActive), Some(next)),
        ];
        for (next_pass, due, cause, expected) in table {
            let mut status = sample();
            status.next_pass_at = next_pass;
            let mut row = EntityRow::empty(Entity::Invoice);
            row.count(State::NotTried, false);
            row.next_try_at = due;
            status.entities[1] = row;
            let causes = cause.map(|code| {
                let holds = if code == Code::OtherSyncActive { Holds::Creations } else { Holds::Pass };
                Cause::of(holds, code, "it happened")
            });
            let causes: Vec<Cause> = causes.into_iter().collect();
            fill(&mut status, &causes);
            assert_eq!(status.entities[1].next_try_at, expected, "{next_pass:?} {due:?} {cause:?}");
            assert_eq!(status.entities[2].next_try_at, None, "no payment waits");
        }
    }
}
