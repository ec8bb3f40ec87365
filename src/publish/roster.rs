//! The customers of the state and of the files, for `customers.json`.

use jiff::Timestamp;

use crate::config::Config;
use crate::model::{Entity, Verb};
use crate::report::{Roster, RosterRow};
use crate::store::{Register, StoreError};

/// All customers as they stand in pass `number`.
pub(super) fn roster(
    register: &Register,
    config: &Config,
    number: u64,
    now: Timestamp,
) -> Result<Roster, StoreError> {
    let mut rows = Vec::new();
    register.each_record(Entity::Customer, |key, record| {
        let link = config.decisions.links.get(&key.id);
        rows.push(RosterRow {
            id: key.id.to_string(),
            state: record.state,
            decision: link.map(|link| word(&link.verb).to_owned()),
            quickbooks_id: record.object.map(|object| object.id),
        });
        Ok(())
    })?;
    Ok(Roster::new(number, now, &config.generation, rows))
}

fn word(verb: &Verb) -> &'static str {
    match verb {
        Verb::Adopt { .. } => "adopt",
        Verb::Create { .. } => "create",
        Verb::Skip { .. } => "skip",
        Verb::Unlink { .. } => "unlink",
    }
}
