//! What each kind of trouble does to the tie-out, case by case.

mod cases;
mod rows;

use std::sync::Arc;

use jiff::Timestamp;

use super::*;
use crate::entity::ORDER;
use crate::model::{
    Allocation, Applied, Code, Counterpart, Digest, Entity, Fault, Invoice, ObjectId, RecordState, State,
    Withdrawal,
};
use crate::store::{Commit, Overlay};

/// A record with its key.
#[derive(Clone)]
struct Row(Key, RecordState);

fn key(text: &str) -> Key {
    text.parse().unwrap()
}

fn cents(cents: i64) -> Money {
    Money::from_cents(cents)
}

/// A synced record of customer 2, of `amount`, of which `open` is open in Stax
/// Bill; it has no object.
fn row(of: &str, amount: i64, open: i64) -> Row {
    let at = Timestamp::UNIX_EPOCH;
    let invoice = Invoice {
        id: 1,
        number: String::new(),
        customer: 2,
        effective_at: at,
        modified_at: at,
        currency: Currency::USD,
        amount: cents(amount),
        outstanding: cents(open),
        paid: Money::ZERO,
        reversed: Money::ZERO,
        written_off: Money::ZERO,
        quickbooks_id: None,
        lines: None,
    };
    let date = jiff::civil::date(2026, 3, 1);
    Row(key(of), RecordState { state: State::Synced, ..RecordState::of_invoice(&invoice, date) })
}

impl Row {
    fn with(mut self, change: impl FnOnce(&mut RecordState)) -> Self {
        change(&mut self.1);
        self
    }

    /// It stands in QuickBooks.
    fn stands(self, total: i64, open: i64) -> Self {
        let content = Digest::of(["content"]);
        self.with(|record| {
            record.object = Some(Counterpart {
                id: ObjectId::new("1"),
                sync_token: "0".to_owned(),
                total: cents(total),
                open: cents(open),
                content: content.clone(),
                written: content.clone(),
                posted: content,
                name: None,
                customer: None,
                date: None,
                settings: None,
                words: None,
                item: None,
                adopted: false,
                frame: None,
                edited: Vec::new(),
                dead: false,
                deleted: false,
            });
        })
    }

    fn is(self, state: State, code: Code) -> Self {
        self.with(|record| {
            record.state = state;
            record.fault = Some(Fault {
                code,
                reason: "why".to_owned(),
                paste: Vec::new(),
                quickbooks: None,
                since: Timestamp::UNIX_EPOCH,
                attempts: 0,
                next_attempt_at: None,
                basis: Digest::of(["basis"]),
            });
        })
    }

    fn out(self) -> Self {
        self.with(|record| record.state = State::OutOfScope)
    }

    fn blocked(self, by: &str) -> Self {
        self.with(|record| (record.state, record.blocked_by) = (State::Blocked, Some(key(by))))
    }

    /// Stax Bill has it on these invoices.
    fn on(self, rows: &[(u64, i64)]) -> Self {
        let row = |row: &(u64, i64)| Allocation { invoice: row.0, amount: cents(row.1) };
        self.with(|record| record.allocations = rows.iter().map(row).collect())
    }

    /// QuickBooks has it on these.
    fn applied(self, rows: &[(&str, i64)]) -> Self {
        let row = |row: &(&str, i64)| Applied { to: key(row.0), amount: cents(row.1) };
        self.with(|record| record.applied = rows.iter().map(row).collect())
    }

    fn of(self, of: &str) -> Self {
        self.with(|record| record.of = Some(key(of)))
    }

    /// It was taken back by these; `netted` of them lower its object.
    fn taken(self, by: &[(&str, i64)], netted: &[&str]) -> Self {
        let date = jiff::civil::date(2026, 3, 2);
        let one = |one: &(&str, i64)| Withdrawal {
            key: key(one.0),
            date,
            amount: cents(one.1),
            allocations: Vec::new(),
        };
        self.with(|record| {
            record.withdrawals = by.iter().map(one).collect();
            record.netted = netted.iter().map(|text| key(text)).collect();
        })
    }
}

fn customer(id: u64, balance: i64) -> Row {
    row(&format!("customer/{id}"), 0, 0).stands(0, balance)
}

async fn register(rows: &[Row]) -> Register {
    let register = Register::new(Arc::new(Overlay::empty()));
    let mut commit = Commit::new();
    for Row(key, record) in rows {
        commit.record(*key, record);
        if matches!(key.entity, Entity::Payment | Entity::Credit) {
            commit.allocations(*key, &[], &record.allocations);
        }
    }
    register.commit(commit).await.unwrap();
    register
}

fn weighed(register: &Register) -> Books {
    let mut books = Books::default();
    for entry in ORDER {
        let weigh = |key, record: RecordState| {
            books.weigh(key, &record);
            Ok(())
        };
        register.each_record(entry.entity, weigh).unwrap();
    }
    books
}

/// `key code amount` of what is explained, and `! amount` of what is not.
async fn told(rows: &[Row]) -> Vec<String> {
    let mut all = vec![customer(2, 0), customer(3, 0)];
    all.extend_from_slice(rows);
    let register = register(&all).await;
    let tie_out = tie_out(&register, &weighed(&register), &BTreeSet::new()).unwrap();
    assert_eq!(tie_out.balanced, tie_out.unexplained.is_empty());
    assert_eq!(tie_out.customers, 2);
    let explained = tie_out.explained.iter().map(|row| format!("{} {} {}", row.key, row.code, row.amount));
    explained.chain(tie_out.unexplained.iter().map(|row| format!("! {}", row.difference))).collect()
}
