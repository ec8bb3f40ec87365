//! How keys are written. Numbers have twenty digits, so that key order is their
//! order.

use super::register::Errand;
use crate::model::{Entity, Key, ObjectId, ObjectKind};

pub(super) fn records(entity: Entity) -> Vec<u8> {
    format!("r/{}/", entity as u8).into_bytes()
}

pub(super) fn record(key: Key) -> Vec<u8> {
    format!("r/{}/{:020}", key.entity as u8, key.id).into_bytes()
}

pub(super) fn body(key: Key) -> Vec<u8> {
    format!("b/{}/{:020}", key.entity as u8, key.id).into_bytes()
}

pub(super) fn object(kind: ObjectKind, id: &ObjectId) -> Vec<u8> {
    format!("o/{kind}/{id:0>20}").into_bytes()
}

pub(super) fn allocations(invoice: u64) -> Vec<u8> {
    format!("a/{invoice:020}/").into_bytes()
}

pub(super) fn allocation(invoice: u64, fund: Key) -> Vec<u8> {
    format!("a/{invoice:020}/{}/{:020}", fund.entity as u8, fund.id).into_bytes()
}

pub(super) fn reversals(invoice: u64) -> Vec<u8> {
    format!("v/{invoice:020}/").into_bytes()
}

pub(super) fn reversal(invoice: u64, id: u64) -> Vec<u8> {
    format!("v/{invoice:020}/{id:020}").into_bytes()
}

pub(super) fn errand(errand: Errand) -> Vec<u8> {
    let (list, id) = match errand {
        Errand::PaymentActivity(id) => ("activity", id),
        Errand::CreditNotes(id) => ("notes", id),
        Errand::Credit(id) => ("credit", id),
        Errand::Words(id) => ("words", id),
    };
    format!("q/{list}/{id:020}").into_bytes()
}

pub(super) fn errand_in(key: &[u8]) -> Option<Errand> {
    let id = last_number(key)?;
    match std::str::from_utf8(key).ok()?.split('/').nth(1)? {
        "activity" => Some(Errand::PaymentActivity(id)),
        "notes" => Some(Errand::CreditNotes(id)),
        "credit" => Some(Errand::Credit(id)),
        "words" => Some(Errand::Words(id)),
        _ => None,
    }
}

pub(super) fn foreign_on(key: Key) -> Vec<u8> {
    format!("x/{}/{:020}/", key.entity as u8, key.id).into_bytes()
}

pub(super) fn foreign_take(key: Key, payment: &ObjectId) -> Vec<u8> {
    format!("x/{}/{:020}/{payment:0>20}", key.entity as u8, key.id).into_bytes()
}

pub(super) fn foreign(payment: &ObjectId) -> Vec<u8> {
    format!("y/{payment:0>20}").into_bytes()
}

/// What is known of which customers' documents.
pub(super) const LOOKED: &[u8] = b"l/";
/// All documents that people entered.
pub(super) const BY_HAND: &[u8] = b"f/";

pub(super) fn looked(customer: &ObjectId) -> Vec<u8> {
    format!("l/{customer:0>20}").into_bytes()
}

pub(super) fn all_by_hand(customer: &ObjectId, kind: ObjectKind) -> Vec<u8> {
    format!("f/{customer:0>20}/{kind}/").into_bytes()
}

pub(super) fn by_hand(customer: &ObjectId, kind: ObjectKind, id: &ObjectId) -> Vec<u8> {
    format!("f/{customer:0>20}/{kind}/{id:0>20}").into_bytes()
}

pub(super) fn by_hand_for(kind: ObjectKind, id: &ObjectId) -> Vec<u8> {
    format!("g/{kind}/{id:0>20}").into_bytes()
}

pub(super) fn recheck(invoice: u64) -> Vec<u8> {
    format!("t/{invoice:020}").into_bytes()
}

pub(super) fn intent(seq: u64) -> Vec<u8> {
    format!("j/{seq:020}").into_bytes()
}

pub(super) fn attempts(key: Key) -> Vec<u8> {
    format!("e/{}/{:020}", key.entity as u8, key.id).into_bytes()
}

pub(super) fn product(path: &str) -> Vec<u8> {
    format!("p/{path}").into_bytes()
}

pub(super) fn start(customer: u64) -> Vec<u8> {
    format!("n/{customer:020}").into_bytes()
}

pub(super) fn ar_balance(customer: u64) -> Vec<u8> {
    format!("z/{customer:020}").into_bytes()
}

pub(super) fn handled(key: Key) -> Vec<u8> {
    format!("h/{}/{:020}", key.entity as u8, key.id).into_bytes()
}

pub(super) fn resent(key: Key) -> Vec<u8> {
    format!("s/{}/{:020}", key.entity as u8, key.id).into_bytes()
}

pub(super) fn mark(name: &str) -> Vec<u8> {
    format!("m/{name}").into_bytes()
}

/// The record in the last two places of a key.
pub(super) fn last_record(key: &[u8]) -> Option<Key> {
    let mut words = std::str::from_utf8(key).ok()?.rsplit('/');
    let (id, entity) = (words.next()?.parse().ok()?, words.next()?.parse::<u8>().ok()?);
    let entity = Entity::ALL.into_iter().find(|one| *one as u8 == entity)?;
    Some(Key { entity, id })
}

pub(super) fn last_number(key: &[u8]) -> Option<u64> {
    std::str::from_utf8(key).ok()?.rsplit('/').next()?.parse().ok()
}
