//! Write-offs: a memo of one line on the bad-debt item.

use super::Setting;
use super::memo::{self, Lines};
use crate::model::{Code, Desired, Entity, Key, Problem, WriteOff};

/// The memo as it is created.
pub fn translate(write_off: &WriteOff, setting: Setting<'_>) -> Result<Desired, Problem> {
    let Some(name) = setting.posting.bad_debt_item.as_deref() else {
        let reason = "there are write-offs, and [posting] names no bad_debt_item";
        return Err(Problem::new(Code::ReferenceMissing, reason));
    };
    let item = super::target_item(name, setting)?;
    let words = write_off.reference.clone().unwrap_or_else(|| "Write-off".to_owned());
    let head = memo::Head {
        key: Key { entity: Entity::WriteOff, id: write_off.id },
        customer: write_off.customer,
        number: number(write_off.id),
        effective_at: write_off.effective_at,
        currency: write_off.currency,
        total: write_off.amount,
        note: write_off.reference.clone(),
    };
    memo::create(&head, &Lines::one(item, write_off.amount, words, setting)?, setting)
}

/// The number that the memo of write-off `id` bears.
pub fn number(id: u64) -> String {
    format!("W-{id}")
}
