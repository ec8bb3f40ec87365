//! The object that a person looks at for a record, and its page.

use crate::config::{Config, Environment};
use crate::entity::object_of;
use crate::model::{Counterpart, Entity, Key, Link, ObjectId, ObjectKind, RecordState};
use crate::report::page_of;
use crate::store::{Register, StoreError};

/// The page in QuickBooks of what stands for a record: of its object, of the one
/// that it lowered, or of the customer that its line adopts.
pub fn page(register: &Register, config: &Config, key: Key) -> Result<Option<String>, StoreError> {
    let Some(record) = register.record(key)? else { return Ok(None) };
    if let Some((kind, object, _)) = object(register, key, &record)? {
        return Ok(Some(page_in(config, kind, &object.id)));
    }
    let adopted = config.decisions.links.get(&key.id).filter(|_| key.entity == Entity::Customer);
    Ok(adopted.and_then(Link::adopted).map(|id| page_in(config, ObjectKind::Customer, id)))
}

/// The page of an object of the company.
pub(super) fn page_in(config: &Config, kind: ObjectKind, id: &ObjectId) -> String {
    let production = match config.settings.quickbooks.environment {
        Environment::Production => true,
        Environment::Sandbox => false,
    };
    page_of(production, kind, id)
}

/// What stands for a record, and whether the files say that it stood already. A
/// refund or a debit has none of its own: what it takes back is lowered by it.
pub(super) fn object(
    register: &Register,
    key: Key,
    record: &RecordState,
) -> Result<Option<(ObjectKind, Counterpart, bool)>, StoreError> {
    if let Some(object) = &record.object {
        return Ok(Some((object_of(key.entity), object.clone(), record.matched)));
    }
    let Some(of) = record.of else { return Ok(None) };
    let whole = register.record(of)?.filter(|whole| whole.netted.contains(&key));
    let lowered = whole.and_then(|whole| Some((object_of(of.entity), whole.object?, whole.matched)));
    Ok(lowered)
}
