//! The sample account's expectations: how each of its records ends, and with
//! what amounts, under the links beside them.
//!
//! `tests/expectations/sample.toml` is compared with the account's own books
//! through [`ending`], which reads the postings law and knows nothing of
//! latchd, and with what `latchd once` makes of it. After a change of the
//! sample `LATCHD_WRITE_EXPECTATIONS=1` writes it anew; the difference is then
//! for a person to read.

mod ending;
mod file;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use latchd::model::{Entity, Key, RecordState, State};
use latchd::sandbox::staxbill::{Account, ArKind};
use rust_decimal::Decimal;
use serde_json::json;

use crate::company::Company;
use ending::{Ending, Linked};
use file::{Expectations, links, links_text};

/// The day through which the books are closed in the second set.
const CLOSED_THROUGH: &str = "2025-12-31";

/// The kinds that are posted today. The others are expected, and compared with
/// the account's books alone; with them this filter goes.
fn is_posted(key: &str) -> bool {
    ["customer/", "invoice/", "payment/"].iter().any(|kind| key.starts_with(kind))
}

/// Customers of whom today's daemon knows only a part: what credits, reversals
/// and write-offs do to their invoices, who paid for a child, and a payment
/// that was refunded in full before it was first seen. This goes with
/// [`is_posted`].
fn half_known(account: &Account) -> BTreeSet<i64> {
    let credits = account.credits().into_iter().map(|one| one.customer);
    let reversals = account.reversals().into_iter().map(|one| one.customer);
    let written_off = account.write_offs().into_iter().map(|one| one.customer);
    let children =
        account.activities().into_iter().filter(|one| one.parent.is_some()).map(|one| one.customer);
    let payments = account.payments().into_iter().filter(|one| one.refunded == one.amount);
    let emptied = payments.map(|one| one.customer);
    credits.chain(reversals).chain(written_off).chain(children).chain(emptied).collect()
}

fn company() -> Company {
    Company::sample(&links_text())
}

fn endings(account: &Account, closed: Option<Date>) -> BTreeMap<String, Ending> {
    Linked::new(account, &links(), closed).endings()
}

#[tokio::test(start_paused = true)]
async fn the_file_is_what_the_postings_law_says() {
    let company = company();
    let account = &company.sandbox.staxbill;
    let open = endings(account, None);
    let mut closed = endings(account, Some(CLOSED_THROUGH.parse().expect("a literal day")));
    closed.retain(|key, ending| open.get(key) != Some(ending));
    let made = Expectations { records: open, closed };
    made.write_if_asked(CLOSED_THROUGH);
    let kept = Expectations::read();
    for (what, made, kept) in
        [("records", &made.records, &kept.records), ("closed", &made.closed, &kept.closed)]
    {
        let keys: BTreeSet<_> = made.keys().chain(kept.keys()).collect();
        for key in keys {
            assert_eq!(kept.get(key), made.get(key), "{what} {key}: the file, then the law");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn latchd_once_ends_as_the_file_says() {
    let kept = Expectations::read();
    for (set, closed) in [("open", None), ("closed", Some(CLOSED_THROUGH))] {
        let company = company();
        if let Some(day) = closed {
            company.sandbox.quickbooks.set_preference("AccountingInfoPrefs.BookCloseDate", json!(day));
        }
        let half_known = half_known(&company.sandbox.staxbill);
        let engine = company.engine();
        company.once_in(&engine).await;
        let (mut compared, mut wrong) = (0, Vec::new());
        for (key, expected) in kept.of(closed.is_some()) {
            let Ok(parsed) = key.parse::<Key>() else { panic!("{key} is no key") };
            if !is_posted(key) {
                continue;
            }
            let record = engine.register.record(parsed).expect("the state is sound");
            let record = record.unwrap_or_else(|| panic!("latchd knows no {key}"));
            let customer = i64::try_from(record.customer).expect("ids are positive");
            if half_known.contains(&customer) && parsed.entity != Entity::Customer {
                continue;
            }
            compared += 1;
            let found = found(parsed, &record, expected);
            if found != *expected {
                wrong.push(format!("{key}: expected {expected}, found {found}"));
            }
        }
        assert!(wrong.is_empty(), "{set}, of {compared}:\n{}", wrong.join("\n"));
        assert!(compared > 900, "{set}: {compared} records are nearly all");
    }
}

/// A record's state in the words of the file. What the state does not tell is
/// taken as expected: why a record is out of scope, and how it came about.
fn found(key: Key, record: &RecordState, expected: &Ending) -> Ending {
    let ends = match record.state {
        State::Synced => "synced",
        State::NotTried => "not-tried",
        State::Failed => "failed",
        State::Blocked => "blocked",
        State::Held => "held",
        State::Drifted => "drifted",
        State::OutOfScope => "out-of-scope",
    };
    let stands = record.living().filter(|_| key.entity != Entity::Customer);
    let amount = stands.map(|one| one.total.decimal().normalize());
    let open = stands.map(|one| one.open.decimal().normalize());
    let why = match (&record.fault, record.state) {
        (_, State::OutOfScope) => expected.why.clone(),
        (Some(fault), State::Failed | State::Held) => Some(fault.code.name().to_owned()),
        (
            _,
            State::Synced | State::NotTried | State::Failed | State::Blocked | State::Held | State::Drifted,
        ) => None,
    };
    let by = record.blocked_by.map(|key| key.to_string());
    Ending { ends: ends.to_owned(), why, by, how: expected.how.clone(), of: None, amount, open }
}

/// What the file says of credits, reversals and the rest is what the account's
/// AR stream says, so that it cannot rot before they are posted.
#[tokio::test(start_paused = true)]
async fn amounts_are_those_of_the_stream() {
    let kept = Expectations::read();
    let company = company();
    let account = &company.sandbox.staxbill;
    let stream = |kinds: &[ArKind]| -> Decimal {
        account.ar().iter().filter(|one| kinds.contains(&one.kind)).map(|one| one.amount).sum()
    };
    let whole = |kind: &str| -> Decimal {
        let rows = kept.records.iter().filter(|(key, _)| key.starts_with(kind));
        rows.map(|(_, row)| row.amount.unwrap_or_default()).sum()
    };
    // Whole accounts are linked in these kinds, so that every record counts.
    let reversed = stream(&[ArKind::ReverseCharge, ArKind::ReverseTax]) - stream(&[ArKind::ReverseDiscount]);
    for (kind, expected) in [
        ("refund/", stream(&[ArKind::Refund])),
        ("charge-reversal/", reversed),
        ("write-off/", stream(&[ArKind::WriteOff])),
        // A credit stands with what its debits left of it, and they beside it.
        ("credit/", stream(&[ArKind::Credit, ArKind::OpeningBalance])),
    ] {
        assert_eq!(whole(kind), expected, "{kind}");
    }
    assert_eq!(
        stream(&[ArKind::Charge, ArKind::Tax]) - stream(&[ArKind::Discount]),
        account.invoices().iter().map(latchd::sandbox::staxbill::Invoice::amount).sum()
    );
    assert_eq!(account.audit(), [""; 0]);
}

/// Customers that count from the beginning owe in the file what they owe in
/// Stax Bill.
#[tokio::test(start_paused = true)]
async fn open_amounts_are_those_of_the_account() {
    let kept = Expectations::read();
    let company = company();
    let account = &company.sandbox.staxbill;
    let owners = ending::owners(account);
    let mut open = BTreeMap::<i64, Decimal>::new();
    for (key, row) in &kept.records {
        let sign = if key.starts_with("invoice/") { Decimal::ONE } else { -Decimal::ONE };
        *open.entry(owners[key]).or_default() += sign * row.open.unwrap_or_default();
    }
    let mut compared = 0;
    for customer in account.customers() {
        let row = &kept.records[&format!("customer/{}", customer.id)];
        let from_start = links().get(&customer.id).is_some_and(|link| link.start.is_none());
        let held_back = account
            .payments()
            .iter()
            .any(|one| one.customer == customer.id && !one.send_to_quickbooks_online);
        if row.ends == "synced" && from_start && !held_back {
            compared += 1;
            let stands = open.get(&customer.id).copied().unwrap_or_default();
            assert_eq!(stands, customer.balance, "customer {}", customer.id);
        }
    }
    assert!(compared > 60, "{compared} customers count from the beginning");
}
