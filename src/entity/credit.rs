//! Credits: a memo of one line on the credit item; debits lower it.

use super::Setting;
use super::memo::{self, Lines};
use crate::model::{Code, Credit, Desired, Entity, Key, Money, ObjectId, Problem};

/// The memo as it is created, worth `total`: the credit less its debits.
pub fn translate(credit: &Credit, total: Money, setting: Setting<'_>) -> Result<Desired, Problem> {
    let item = item(setting)?;
    let words = words(credit.reference.as_deref());
    let head = memo::Head {
        key: Key { entity: Entity::Credit, id: credit.id },
        customer: credit.customer,
        number: number(credit.id),
        effective_at: credit.effective_at,
        currency: credit.currency,
        total,
        note: credit.reference.clone(),
    };
    memo::create(&head, &Lines::one(item, total, words, setting)?, setting)
}

/// What the memo's one line says.
pub(super) fn words(reference: Option<&str>) -> String {
    reference.unwrap_or("Credit").to_owned()
}

/// The number that the memo of credit `id` bears.
pub fn number(id: u64) -> String {
    format!("C-{id}")
}

fn item(setting: Setting<'_>) -> Result<ObjectId, Problem> {
    let Some(name) = setting.posting.credit_item.as_deref() else {
        let reason = "there are credits, and [posting] names no credit_item";
        return Err(Problem::new(Code::ReferenceMissing, reason));
    };
    super::target_item(name, setting)
}
