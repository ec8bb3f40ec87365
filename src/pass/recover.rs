//! Recovery: how a record takes over an object of ours as QuickBooks shows it,
//! found again or changed by someone.

use super::Pass;
use super::funds::claims;
use super::matched::see_matched;
use crate::entity::object_of;
use crate::model::{
    Applied, Counterpart, Edit, Frame, Key, Mark, Money, ObjectKind, Observed, Part, RecordState,
};
use crate::store::{Register, StoreError};

/// Makes an object that bears a record's mark its counterpart again, as found:
/// what differs in amounts or allocations is amended afterwards.
pub(crate) fn recover(
    pass: &Pass<'_>,
    record: &mut RecordState,
    part: Part,
    object: &Observed,
) -> Result<(), StoreError> {
    let counterpart = Counterpart::written(object, record.source.clone());
    record.fault = None;
    match part {
        Part::Whole => {
            if object.kind == ObjectKind::Payment {
                record.applied = applied_to(&pass.register, object)?;
            }
            record.netted = found_netted(pass, record, object.total)?;
            let link = pass.link(record.customer);
            let adopted = object.kind == ObjectKind::Customer
                && link.is_some_and(|link| link.adopted() == Some(&object.id));
            record.object = Some(Counterpart { adopted, ..counterpart });
        }
        Part::Applied(to) => {
            let applied = applied_part(&pass.register, object, to)?;
            record.apply_part(to, &applied, counterpart);
        }
    }
    Ok(())
}

/// Takes over how one of a record's objects stands in QuickBooks now. Where it
/// changed, what it is applied to may be something else too.
///
/// A change that makes of it just what it was about to be amended to is no
/// drift: latchd wrote it, and the state is an older one, or a person was
/// quicker.
pub(crate) fn see(
    pass: &Pass<'_>,
    record: &mut RecordState,
    part: Part,
    object: &Observed,
) -> Result<(), StoreError> {
    if record.matched && part == Part::Whole {
        return see_matched(pass, record, object);
    }
    let pending = !as_wanted(record);
    let known = match part {
        Part::Whole => record.object.as_mut(),
        Part::Applied(to) => record.applications.get_mut(&to),
    };
    let Some(known) = known else { return Ok(()) };
    let (moved, drifted) = (known.content != object.content, known.content != known.written);
    known.see(object);
    if beside(&pass.register, part, object)? {
        known.edited.push(Edit::Beside);
    }
    let reframed = !known.edited.is_empty();
    if !moved {
        return Ok(());
    }
    match part {
        Part::Whole if object.kind == ObjectKind::Payment => {
            record.applied = applied_to(&pass.register, object)?;
        }
        Part::Whole => {}
        Part::Applied(to) => {
            let applied = applied_part(&pass.register, object, to)?;
            record.applied.retain(|row| row.to != to);
            record.applied.extend(applied);
            record.applied.sort();
        }
    }
    if pending && !drifted && !reframed {
        let netted = found_netted(pass, record, record.object.as_ref().map_or(Money::ZERO, |one| one.total))?;
        let before = std::mem::replace(&mut record.netted, netted);
        if as_wanted(record) {
            let words = record.object.as_ref().and_then(|one| one.words.clone());
            let written = Counterpart { words, ..Counterpart::written(object, record.source.clone()) };
            match part {
                Part::Whole => record.object = Some(written),
                Part::Applied(to) => {
                    record.applications.insert(to, written);
                }
            }
        } else {
            record.netted = before;
        }
    }
    Ok(())
}

/// Whether a payment of ours is applied to something besides that is not ours.
fn beside(register: &Register, part: Part, object: &Observed) -> Result<bool, StoreError> {
    match (object.kind, part) {
        (ObjectKind::Payment, Part::Whole) => Ok(applied_to(register, object)?.len() != object.applied.len()),
        // What it settles, and the memo that it takes it from.
        (ObjectKind::Payment, Part::Applied(_)) => Ok(object.applied.len() > 2),
        (
            ObjectKind::Customer | ObjectKind::Invoice | ObjectKind::CreditMemo | ObjectKind::JournalEntry,
            _,
        ) => Ok(false),
    }
}

impl Pass<'_> {
    /// What someone changed, and what is right by now, because the person or
    /// Stax Bill brought it about, is no drift any more. Amounts and what they
    /// are applied to alone can become right; a document that never changes in
    /// Stax Bill is right as it was written.
    pub(super) fn take_edits_over(&self, key: Key, record: &mut RecordState) -> Result<(), StoreError> {
        let parts = record.object.iter().chain(record.applications.values());
        let drifted: Vec<&Counterpart> = parts.filter(|object| object.lives() && object.drifted()).collect();
        let sound = |object: &&Counterpart| object.frame.is_some() && object.edited.is_empty();
        if record.matched || drifted.is_empty() || !drifted.iter().all(sound) {
            return Ok(());
        }
        let amendable = |object: &Counterpart| match object_of(key.entity) {
            ObjectKind::Payment => true,
            ObjectKind::CreditMemo => object.frame.as_ref().is_some_and(Frame::of_one_item),
            ObjectKind::Customer | ObjectKind::Invoice | ObjectKind::JournalEntry => false,
        };
        let Some(whole) = record.object.as_ref().filter(|one| !one.drifted() || amendable(one)) else {
            return Ok(());
        };
        let netted = found_netted(self, record, whole.total)?;
        let before = std::mem::replace(&mut record.netted, netted);
        if !as_wanted(record) {
            record.netted = before;
            return Ok(());
        }
        let source = record.source.clone();
        for object in record.object.iter_mut().chain(record.applications.values_mut()) {
            if object.lives() && object.drifted() {
                object.written = object.content.clone();
                object.posted = source.clone();
            }
        }
        Ok(())
    }
}

/// Whether its objects stand just as Stax Bill has it.
fn as_wanted(record: &RecordState) -> bool {
    let taken: Money = record.withdrawals.iter().map(|one| one.amount).sum();
    let total = record.object.as_ref().map(|object| object.total);
    let rows =
        claims(record).into_iter().map(|row| Applied { to: Key::invoice(row.invoice), amount: row.amount });
    total == Some(record.amount - taken) && record.applied.iter().cloned().eq(rows)
}

/// Which refunds or debits an object that was found is lowered by: all that no
/// entry stands for, where its total is less by them.
pub(super) fn found_netted(
    pass: &Pass<'_>,
    record: &RecordState,
    total: Money,
) -> Result<Vec<Key>, StoreError> {
    let (mut netted, mut sum) = (Vec::new(), Money::ZERO);
    for withdrawal in &record.withdrawals {
        let entry = pass.register.record(withdrawal.key)?.is_some_and(|refund| refund.object.is_some());
        if !entry && record.amount - sum - withdrawal.amount >= total {
            sum += withdrawal.amount;
            netted.push(withdrawal.key);
        }
    }
    Ok(netted)
}

/// What a payment is applied to, by our records; what is not ours is not told.
fn applied_to(register: &Register, object: &Observed) -> Result<Vec<Applied>, StoreError> {
    let mut applied = Vec::new();
    for row in &object.applied {
        if let Some((to, Part::Whole)) = register.record_of(row.kind, &row.id)? {
            applied.push(Applied { to, amount: row.amount });
        }
    }
    applied.sort();
    Ok(applied)
}

/// What an application puts on `to`.
fn applied_part(register: &Register, object: &Observed, to: Key) -> Result<Vec<Applied>, StoreError> {
    let mut applied = applied_to(register, object)?;
    applied.retain(|row| row.to == to);
    Ok(applied)
}

/// Whether an object of this kind can bear this mark.
pub(super) fn is_of(mark: Mark, kind: ObjectKind) -> bool {
    match mark.part {
        Part::Whole => object_of(mark.key.entity) == kind,
        Part::Applied(_) => {
            kind == ObjectKind::Payment && object_of(mark.key.entity) == ObjectKind::CreditMemo
        }
    }
}
