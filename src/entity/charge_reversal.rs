//! Charge reversals: a memo for each credit note, with the items of the charges,
//! their discounts and the invoice's taxes as far as they are taken back.

use super::line::Line;
use super::memo::{self, Lines};
pub use super::proportion::Earlier;
use super::proportion::{self, Parts};
use super::{Setting, invoice, tax};
use crate::model::{Code, CreditNote, Desired, Discounts, Entity, InvoiceLines, Key, Money, Problem};

/// The memo as it is created. `invoice` is what the note takes back from, its
/// charges with their products; what `earlier` notes took back counts, so that
/// parts that make up the whole take back all of it.
pub fn translate(
    note: &CreditNote,
    invoice: &InvoiceLines,
    earlier: &Earlier,
    setting: Setting<'_>,
) -> Result<Desired, Problem> {
    let parts = proportion::of(note, invoice, earlier)?;
    let discount = match setting.posting.discounts {
        Discounts::Net => Money::ZERO,
        Discounts::Line => parts.charges.iter().map(|part| part.discount).sum(),
    };
    let lines = Lines { rows: rows(&parts, setting)?, discount, taxed: tax::of(&parts.taxes, setting)? };
    let head = memo::Head {
        key: Key { entity: Entity::ChargeReversal, id: note.id },
        customer: note.customer,
        number: note.number.clone(),
        effective_at: note.effective_at,
        currency: note.currency,
        total: note.amount,
        note: None,
    };
    memo::create(&head, &lines, setting)
}

/// A line a charge; what rounding leaves goes to the largest.
fn rows(parts: &Parts<'_>, setting: Setting<'_>) -> Result<Vec<Line>, Problem> {
    let rows = parts.charges.iter().map(|part| {
        let amount = match setting.posting.discounts {
            Discounts::Net => part.amount - part.discount,
            Discounts::Line => part.amount,
        };
        let item = invoice::item_for(part.charge, setting)?;
        Ok(Line { item, amount, words: part.charge.name.clone(), priced: None })
    });
    let mut rows = rows.collect::<Result<Vec<_>, Problem>>()?;
    if let Some(largest) = rows.iter_mut().rev().max_by_key(|row| row.amount) {
        largest.amount += parts.residue;
    }
    if rows.iter().any(|row| row.amount.is_negative()) {
        let reason = format!("its total is {} below what it reverses", -parts.residue);
        return Err(Problem::new(Code::InvalidRecord, reason));
    }
    // A charge that discounts made free takes back nothing.
    if rows.iter().any(|row| !row.amount.is_zero()) {
        rows.retain(|row| !row.amount.is_zero());
    }
    Ok(rows)
}
