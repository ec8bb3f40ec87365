//! What payments and the documents they join do to each other: a payment takes
//! from the open amount of the charges and credits it names, and gives it back
//! when it lets go.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::books::{Books, Token};
use super::entity::{Change, Entity, credit_memo, invoice, journal_entry, payment};
use super::json::{Object, decimal, list, money, reference, text};

/// The kinds of documents a payment may name. The service also lets it name
/// expenses, checks and card credits, which the sandbox does not carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Invoice,
    CreditMemo,
    JournalEntry,
}

impl Kind {
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Invoice, Self::CreditMemo, Self::JournalEntry].into_iter().find(|kind| kind.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        self.entity().name
    }

    fn entity(self) -> &'static Entity {
        match self {
            Self::Invoice => &invoice::ENTITY,
            Self::CreditMemo => &credit_memo::ENTITY,
            Self::JournalEntry => &journal_entry::ENTITY,
        }
    }
}

/// A document that a payment names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    pub(crate) kind: Kind,
    pub(crate) id: u64,
}

/// How much a payment applies to each document.
pub(crate) fn applied(payment: &Object) -> BTreeMap<Target, Decimal> {
    let mut applied = BTreeMap::new();
    for line in list(payment, "Line").iter().filter_map(Value::as_object) {
        if let Some(target) = target_of(line) {
            *applied.entry(target).or_default() += decimal(line, "Amount");
        }
    }
    applied
}

/// What a document comes to for `payer`, whatever was applied to it: a charge
/// is positive, a credit negative.
pub(crate) fn asked(books: &Books, kind: Kind, document: &Object, payer: &str) -> Decimal {
    match kind {
        Kind::Invoice => invoice::asked(document),
        Kind::CreditMemo => -decimal(document, "TotalAmt"),
        Kind::JournalEntry => journal_entry::owed(books, document, payer),
    }
}

/// The document of a target.
pub(crate) fn document(books: &Books, target: Target) -> Option<&Object> {
    Some(&books.shelf(target.kind.name()).get(target.id)?.object)
}

/// What is still to be applied to a document, signed as [`asked`].
pub(crate) fn open(books: &Books, target: Target, payer: &str) -> Option<Decimal> {
    let document = document(books, target)?;
    Some(match target.kind {
        Kind::Invoice => decimal(document, "Balance"),
        Kind::CreditMemo => -decimal(document, "Balance"),
        Kind::JournalEntry => {
            let asked = asked(books, target.kind, document, payer);
            let payments = linked_payments(document).filter_map(|id| books.shelf("Payment").get(id));
            let own = payments.filter(|kept| reference(&kept.object, "CustomerRef") == Some(payer));
            let taken: Decimal =
                own.map(|kept| applied(&kept.object).remove(&target).unwrap_or_default()).sum();
            if asked < Decimal::ZERO { asked + taken } else { asked - taken }
        }
    })
}

/// What each payment takes of a document, as far as `customer` owes it.
pub(crate) fn shares(books: &Books, (document, kind): (&Object, Kind), customer: u64) -> Vec<Decimal> {
    let Some(id) = text(document, "Id").and_then(|id| id.parse().ok()) else { return Vec::new() };
    let target = Target { kind, id };
    let payments = linked_payments(document).filter_map(|id| books.shelf("Payment").get(id));
    let own = payments.filter(|kept| {
        let payer = reference(&kept.object, "CustomerRef").and_then(|id| id.parse().ok());
        kind != Kind::JournalEntry || payer == Some(customer)
    });
    own.filter_map(|kept| applied(&kept.object).remove(&target)).collect()
}

/// The charges and the credits that a payment's lines join.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Joined {
    pub(crate) charges: Decimal,
    pub(crate) credits: Decimal,
}

impl Joined {
    pub(crate) fn of(books: &Books, payment: &Object) -> Self {
        let payer = reference(payment, "CustomerRef").unwrap_or_default();
        let mut joined = Self::default();
        for (target, amount) in applied(payment) {
            if is_credit(books, target, payer) {
                joined.credits += amount;
            } else {
                joined.charges += amount;
            }
        }
        joined
    }

    /// What a payment of `total` leaves unapplied.
    pub(crate) fn unapplied(self, total: Decimal) -> Decimal {
        total - self.charges + self.credits
    }
}

pub(crate) fn is_credit(books: &Books, target: Target, payer: &str) -> bool {
    document(books, target).is_some_and(|document| asked(books, target.kind, document, payer) < Decimal::ZERO)
}

/// A payment's line as answers show it, with the document's open amount before
/// the payment.
pub(crate) fn line(target: Target, document: &Object, amount: Decimal, open: Decimal) -> Value {
    let id = target.id.to_string();
    let mut named = vec![("txnId", id.clone()), ("txnOpenBalance", format!("{open:.2}"))];
    if let Some(number) = text(document, "DocNumber") {
        named.push(("txnReferenceNumber", number.to_owned()));
    }
    let any: Vec<Value> = named.iter().map(|(name, value)| name_value(name, value)).collect();
    json!({
        "Amount": money(amount),
        "LinkedTxn": [{ "TxnId": id, "TxnType": target.kind.name() }],
        "LineEx": { "any": any },
    })
}

/// Carries a payment's change over to what it names. A document whose share
/// did not change is left alone, so that a new note does not move it.
pub(crate) fn settle_payment(books: &mut Books, id: u64, change: Change<'_>) {
    settle_all_but(books, id, change, None);
}

fn settle_all_but(books: &mut Books, id: u64, change: Change<'_>, spared: Option<Target>) {
    let before = change.old.map(applied).unwrap_or_default();
    let after = change.new.map(applied).unwrap_or_default();
    let touched: BTreeSet<Target> = before.keys().chain(after.keys()).copied().collect();
    for target in touched.into_iter().filter(|target| Some(*target) != spared) {
        let (old, new) = (before.get(&target).copied(), after.get(&target).copied());
        if old != new {
            let moved = new.unwrap_or_default() - old.unwrap_or_default();
            touch(books, target, (id, new.is_some()), moved);
        }
    }
}

/// Takes `moved` more from a document's open amount and links the payment, or
/// unlinks it.
fn touch(books: &mut Books, target: Target, (payment, linked): (u64, bool), moved: Decimal) {
    let Some(document) = document(books, target) else { return };
    let mut object = document.clone();
    let properties: &[&str] = match target.kind {
        Kind::Invoice => &["Balance"],
        Kind::CreditMemo => &["Balance", "RemainingCredit"],
        Kind::JournalEntry => &[],
    };
    for property in properties {
        object.insert((*property).into(), money(decimal(&object, property) - moved));
    }
    let mut links = list(&object, "LinkedTxn").to_vec();
    links.retain(|link| !points_to(link, payment));
    if linked {
        links.push(json!({ "TxnId": payment.to_string(), "TxnType": "Payment" }));
    }
    keep_links(target.kind, &mut object, &links);
    books.put(target.kind.entity(), target.id, object, Token::Rise);
}

/// An invoice shows that nothing is linked to it; the others say nothing then.
fn keep_links(kind: Kind, object: &mut Object, links: &[Value]) {
    if links.is_empty() && kind != Kind::Invoice {
        object.remove("LinkedTxn");
    } else {
        object.insert("LinkedTxn".into(), json!(links));
    }
}

/// Carries a document's change over to its payments: they let go of one that is
/// gone, voided or another customer's, and of what it no longer comes to, the
/// last payment first.
pub(crate) fn settle_document(books: &mut Books, target: Target, change: Change<'_>) {
    let Some(old) = change.old else { return };
    let moved = |new: &&Object| reference(new, "CustomerRef") == reference(old, "CustomerRef");
    let new = change.new.filter(moved);
    let mut room: BTreeMap<String, Decimal> = BTreeMap::new();
    let payments: Vec<u64> = linked_payments(old).collect();
    for id in payments {
        let Some(kept) = books.shelf("Payment").get(id) else { continue };
        let payer = reference(&kept.object, "CustomerRef").unwrap_or_default().to_owned();
        let share = applied(&kept.object).remove(&target).unwrap_or_default();
        // An invoice has one purse for all payers, a journal entry one for each.
        let purse = if target.kind == Kind::JournalEntry { payer.clone() } else { String::new() };
        let before = asked(books, target.kind, old, &payer);
        let asks = || {
            let after = new.map_or(Decimal::ZERO, |new| asked(books, target.kind, new, &payer));
            if (before < Decimal::ZERO) == (after < Decimal::ZERO) { after.abs() } else { Decimal::ZERO }
        };
        let left = room.entry(purse).or_insert_with(asks);
        let kept = share.min(*left);
        *left -= kept;
        if kept < share || kept.is_zero() {
            let_go(books, id, (target, before < Decimal::ZERO), share - kept);
        }
    }
    repost(books, target, old);
}

/// A document in another currency and its payments post at its rate, and by
/// what each takes of it.
fn repost(books: &mut Books, target: Target, old: &Object) {
    if reference(old, "CurrencyRef").is_none_or(|currency| currency == books.home_currency()) {
        return;
    }
    let payments: Vec<u64> = linked_payments(old).collect();
    for id in payments {
        books.repost(&payment::ENTITY, id);
    }
    books.repost(target.kind.entity(), target.id);
}

/// Takes every payment off an invoice.
pub(crate) fn release_invoice(books: &mut Books, id: &str) {
    let Some((old, id)) = books.find("Invoice", id).cloned().zip(id.parse().ok()) else { return };
    let target = Target { kind: Kind::Invoice, id };
    settle_document(books, target, Change { old: Some(&old), new: None });
    let mut object = old;
    object.insert("Balance".into(), money(invoice::asked(&object)));
    keep_links(Kind::Invoice, &mut object, &[]);
    books.put(&invoice::ENTITY, id, object, Token::Stay);
}

/// Frees `excess` of what a payment applies to a document, and then of its
/// other lines what they can no longer be joined with.
fn let_go(books: &mut Books, payment_id: u64, (target, was_credit): (Target, bool), excess: Decimal) {
    let Some(kept) = books.shelf("Payment").get(payment_id) else { return };
    let old = kept.object.clone();
    let payer = reference(&old, "CustomerRef").unwrap_or_default().to_owned();
    let total = decimal(&old, "TotalAmt");
    let mut lines = list(&old, "Line").to_vec();
    let mut credit: BTreeSet<Target> =
        applied(&old).into_keys().filter(|at| *at != target && is_credit(books, *at, &payer)).collect();
    credit.extend(was_credit.then_some(target));
    free(&mut lines, excess, |at| at == target);
    let joined = join(&lines, &credit);
    if joined.credits > joined.charges {
        free(&mut lines, joined.credits - joined.charges, |at| credit.contains(&at));
    }
    let over = -join(&lines, &credit).unapplied(total);
    free(&mut lines, over, |at| !credit.contains(&at));
    let mut new = old.clone();
    new.insert("UnappliedAmt".into(), money(join(&lines, &credit).unapplied(total)));
    new.insert("Line".into(), json!(lines));
    books.put(&payment::ENTITY, payment_id, new.clone(), Token::Rise);
    settle_all_but(books, payment_id, Change { old: Some(&old), new: Some(&new) }, Some(target));
    if !applied(&new).contains_key(&target) {
        unlink(books, target, payment_id);
    }
}

fn join(lines: &[Value], credit: &BTreeSet<Target>) -> Joined {
    let mut joined = Joined::default();
    for line in lines.iter().filter_map(Value::as_object) {
        let amount = decimal(line, "Amount");
        if target_of(line).is_some_and(|target| credit.contains(&target)) {
            joined.credits += amount;
        } else {
            joined.charges += amount;
        }
    }
    joined
}

/// Takes `excess` off the lines of some documents, the last line first, and
/// drops the lines that come to nothing.
fn free(lines: &mut Vec<Value>, excess: Decimal, of: impl Fn(Target) -> bool) {
    let mut left = excess.max(Decimal::ZERO);
    let mut emptied = Vec::new();
    for (at, line) in lines.iter_mut().enumerate().rev() {
        let Some(object) = line.as_object_mut() else { continue };
        if !target_of(object).is_some_and(&of) {
            continue;
        }
        let share = decimal(object, "Amount");
        let freed = share.min(left);
        left -= freed;
        if freed == share {
            emptied.push(at);
        } else if !freed.is_zero() {
            object.insert("Amount".into(), money(share - freed));
        }
    }
    for at in emptied {
        lines.remove(at);
    }
}

fn unlink(books: &mut Books, target: Target, payment: u64) {
    let Some(document) = document(books, target) else { return };
    let mut links = list(document, "LinkedTxn").to_vec();
    let before = links.len();
    links.retain(|link| !points_to(link, payment));
    if links.len() != before {
        let mut object = document.clone();
        keep_links(target.kind, &mut object, &links);
        books.put(target.kind.entity(), target.id, object, Token::Stay);
    }
}

/// The payments that a document names.
pub(crate) fn linked_payments(document: &Object) -> impl Iterator<Item = u64> {
    let payments = list(document, "LinkedTxn").iter().filter(|link| link["TxnType"] == "Payment");
    payments.filter_map(|link| link["TxnId"].as_str()?.parse().ok())
}

pub(crate) fn target_of(line: &Object) -> Option<Target> {
    let named = list(line, "LinkedTxn").first()?;
    let kind = Kind::named(named["TxnType"].as_str()?)?;
    Some(Target { kind, id: named["TxnId"].as_str()?.parse().ok()? })
}

fn points_to(link: &Value, payment: u64) -> bool {
    link["TxnType"] == "Payment" && link["TxnId"].as_str().and_then(|id| id.parse().ok()) == Some(payment)
}

/// Debris of the service's XML past that every payment line carries (recorded).
fn name_value(name: &str, value: &str) -> Value {
    json!({
        "name": "{http://schema.intuit.com/finance/v3}NameValue",
        "declaredType": "com.intuit.schema.finance.v3.NameValue",
        "scope": "javax.xml.bind.JAXBElement$GlobalScope",
        "value": { "Name": name, "Value": value },
        "nil": false, "globalScope": true, "typeSubstituted": false,
    })
}
