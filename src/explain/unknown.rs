//! What is said of a key that no record has.

use super::Beside;
use crate::model::{Entity, Key};
use crate::store::{Register, StoreError};

/// Records of the same number that are named.
const ALIKE_MAX: usize = 3;

/// A sentence, with what may have been meant: people know an invoice by its
/// number, and a key holds Stax Bill's id.
pub(super) fn told(register: &Register, beside: &Beside<'_>, key: Key) -> Result<String, StoreError> {
    let mut text =
        format!("no record {key} is known: Stax Bill has none that counts, or no pass has read it yet");
    if key.entity == Entity::Customer
        && let Some(link) = beside.config.decisions.links.get(&key.id)
    {
        text = format!("{text}; {} has a line for it", link.at);
    }
    let (number, mut alike) = (key.id.to_string(), Vec::new());
    for entity in Entity::ALL {
        if register.record(Key { entity, id: key.id })?.is_some() {
            alike.push(Key { entity, id: key.id }.to_string());
        }
    }
    register.each_record(key.entity, |other, record| {
        if alike.len() < ALIKE_MAX && record.label == number {
            alike.push(format!("{other}, whose number is {number}"));
        }
        Ok(())
    })?;
    if !alike.is_empty() {
        text = format!("{text}; did you mean {}?", alike.join(", or "));
    }
    Ok(text)
}
