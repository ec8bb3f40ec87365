//! The company's books: every object, the numbers yet to be given out, and
//! what each customer owes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::entity::{Entity, Sequence, customer};
use super::json::{Object, decimal, money, reference, text};
use super::refusal::Standing;
use super::shelf::{Kept, Shelf};
use super::stamp;

/// Whether a change counts as an edit of the object itself. A customer whose
/// balance moves keeps its token, an invoice that is paid does not (recorded).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Rise,
    Stay,
}

/// Everything the company has written down.
#[derive(Debug)]
pub(super) struct Books {
    shelves: BTreeMap<&'static str, Shelf>,
    next: BTreeMap<Sequence, u64>,
    first_id: u64,
    revision: u64,
    last_number: u64,
    now: Timestamp,
    empty: Shelf,
    /// What stands between the books and those who call.
    pub(super) standing: Standing,
}

impl Books {
    /// Empty books; the first free id of every sequence is `first_id`.
    pub(super) fn new(now: Timestamp, first_id: u64) -> Self {
        Self {
            shelves: BTreeMap::new(),
            next: BTreeMap::new(),
            first_id,
            revision: 0,
            last_number: 1037,
            now,
            empty: Shelf::default(),
            standing: Standing::default(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Every request first tells the books what time it is.
    pub(super) fn set_now(&mut self, now: Timestamp) {
        self.now = now;
    }

    pub(super) fn today(&self) -> String {
        stamp::today(self.now)
    }

    pub(super) fn shelf(&self, entity: &str) -> &Shelf {
        self.shelves.get(entity).unwrap_or(&self.empty)
    }

    pub(super) fn find(&self, entity: &str, id: &str) -> Option<&Object> {
        Some(&self.shelf(entity).get(id.parse().ok()?)?.object)
    }

    /// A setting of the company by its dotted path.
    pub(super) fn preference(&self, path: &str) -> Option<&Value> {
        let preferences = &self.shelf("Preferences").get(1)?.object;
        let mut steps = path.split('.');
        let first = preferences.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step))
    }

    /// The currency the books are kept in.
    pub(super) fn home_currency(&self) -> &str {
        self.preference("CurrencyPrefs.HomeCurrency.value").and_then(Value::as_str).unwrap_or("USD")
    }

    pub(super) fn allows(&self, path: &str) -> bool {
        self.preference(path).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(super) fn next_id(&mut self, sequence: Sequence) -> u64 {
        let next = self.next.entry(sequence).or_insert_with(|| sequence.first(self.first_id));
        *next += 1;
        *next - 1
    }

    /// What the company would number its next sales form with: it goes on from
    /// the last number used, also from one that a client chose.
    pub(super) fn next_number(&self) -> String {
        (self.last_number + 1).to_string()
    }

    /// Writes an object down, new or changed, and moves its customer's balance
    /// by what it now owes more or less.
    pub(super) fn put(&mut self, entity: &'static Entity, id: u64, mut object: Object, token: Token) {
        let old = self.shelf(entity.name).get(id).map(|kept| &kept.object);
        let before = old.map(|old| owed(entity, old));
        stamp_object(&mut object, old, (id, token), &stamp::seconds(self.now));
        let after = owed(entity, &object);
        let number = text(&object, "DocNumber").and_then(|number| number.parse().ok());
        if let (None, Some(number)) = (old, number) {
            self.last_number = number;
        }
        self.revision += 1;
        let kept = Kept { object, updated: self.now.as_second(), revision: self.revision };
        self.shelves.entry(entity.name).or_default().put(entity.keys, id, kept);
        self.move_balances(before.flatten(), after);
    }

    /// Takes a transaction out of the books.
    pub(super) fn remove(&mut self, entity: &'static Entity, id: u64) {
        let Some(old) = self.shelf(entity.name).get(id) else { return };
        let before = owed(entity, &old.object);
        self.revision += 1;
        let gone = (self.revision, self.now.as_second());
        self.shelves.entry(entity.name).or_default().remove(entity.keys, id, gone);
        self.move_balances(before, None);
    }

    fn move_balances(&mut self, before: Option<(u64, Decimal)>, after: Option<(u64, Decimal)>) {
        let mut moves: BTreeMap<u64, Decimal> = BTreeMap::new();
        if let Some((customer, amount)) = before {
            *moves.entry(customer).or_default() -= amount;
        }
        if let Some((customer, amount)) = after {
            *moves.entry(customer).or_default() += amount;
        }
        for (customer, amount) in moves {
            if !amount.is_zero() {
                self.move_balance(customer, amount);
            }
        }
    }

    /// A job's balance also counts in the `BalanceWithJobs` of those above it.
    fn move_balance(&mut self, customer: u64, amount: Decimal) {
        let mut next = Some(customer);
        while let Some(id) = next {
            let Some(kept) = self.shelf("Customer").get(id) else { return };
            let mut object = kept.object.clone();
            if id == customer {
                object.insert("Balance".into(), money(decimal(&object, "Balance") + amount));
            }
            object.insert("BalanceWithJobs".into(), money(decimal(&object, "BalanceWithJobs") + amount));
            next = reference(&object, "ParentRef").and_then(|id| id.parse().ok());
            self.put(&customer::ENTITY, id, object, Token::Stay);
        }
    }
}

fn owed(entity: &Entity, object: &Object) -> Option<(u64, Decimal)> {
    let customer = reference(object, "CustomerRef")?.parse().ok()?;
    Some((customer, (entity.receivable)(object)))
}

fn stamp_object(object: &mut Object, old: Option<&Object>, (id, token): (u64, Token), now: &str) {
    let current = old.and_then(|old| text(old, "SyncToken")).and_then(|token| token.parse::<u64>().ok());
    let next = match (current, token) {
        (None, _) => 0,
        (Some(current), Token::Stay) => current,
        (Some(current), Token::Rise) => current + 1,
    };
    let created = old.and_then(|old| old.get("MetaData")?.get("CreateTime").cloned());
    object.insert("domain".into(), json!("QBO"));
    object.insert("sparse".into(), json!(false));
    object.insert("Id".into(), json!(id.to_string()));
    object.insert("SyncToken".into(), json!(next.to_string()));
    let created = created.unwrap_or_else(|| json!(now));
    object.insert("MetaData".into(), json!({ "CreateTime": created, "LastUpdatedTime": now }));
}
