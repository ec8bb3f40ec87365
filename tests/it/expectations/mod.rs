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
use std::time::Duration;

use latchd::model::{Entity, Key, Money, RecordState, State};
use latchd::sandbox::staxbill::{Account, Allocations, ArKind, Options};
use latchd::sandbox::{Sandbox, SandboxOptions};
use rust_decimal::Decimal;
use serde_json::json;

use crate::company::{Company, options};
use ending::{Ending, Linked};
use file::{Expectations, links, links_text};

/// The day through which the books are closed in the second set.
const CLOSED_THROUGH: &str = "2025-12-31";

fn company() -> Company {
    Company::sample(&links_text())
}

fn endings(account: &Account, company: ending::Company) -> BTreeMap<String, Ending> {
    Linked::new(account, &links(), company).endings()
}

#[tokio::test(start_paused = true)]
async fn the_file_is_what_the_postings_law_says() {
    let company = company();
    let account = &company.sandbox.staxbill;
    let usual = ending::Company::default();
    let open = endings(account, usual);
    let otherwise = |company: ending::Company| {
        let mut all = endings(account, company);
        all.retain(|key, ending| open.get(key) != Some(ending));
        all
    };
    let through = CLOSED_THROUGH.parse().expect("a literal day");
    let closed = otherwise(ending::Company { closed: Some(through), ..usual });
    let currencies = otherwise(ending::Company { currencies: true, ..usual });
    let made = Expectations { records: open, closed, currencies };
    made.write_if_asked(CLOSED_THROUGH);
    let kept = Expectations::read();
    for (what, made, kept) in [
        ("records", &made.records, &kept.records),
        ("closed", &made.closed, &kept.closed),
        ("currencies", &made.currencies, &kept.currencies),
    ] {
        let keys: BTreeSet<_> = made.keys().chain(kept.keys()).collect();
        for key in keys {
            assert_eq!(kept.get(key), made.get(key), "{what} {key}: the file, then the law");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn latchd_once_ends_as_the_file_says() {
    ends_as_the_file_says(&company(), None).await;
}

#[tokio::test(start_paused = true)]
async fn it_does_with_closed_books() {
    let company = company();
    company.sandbox.quickbooks.set_preference("AccountingInfoPrefs.BookCloseDate", json!(CLOSED_THROUGH));
    ends_as_the_file_says(&company, Some(&Expectations::read().closed)).await;
}

#[tokio::test(start_paused = true)]
async fn it_does_with_several_currencies() {
    let company = company();
    company.sandbox.quickbooks.set_preference("CurrencyPrefs.MultiCurrencyEnabled", json!(true));
    for code in ["CAD", "EUR", "JPY", "KRW"] {
        let entered =
            company.sandbox.quickbooks.bookkeeper().create("CompanyCurrency", json!({ "Code": code }));
        entered.expect("it is a currency");
    }
    ends_as_the_file_says(&company, Some(&Expectations::read().currencies)).await;
}

/// How Stax Bill shows allocations makes no difference.
#[tokio::test(start_paused = true)]
async fn it_does_with_allocations_before_refunds() {
    let staxbill = Options { allocations: Allocations::Gross, ..Options::default() };
    let sandbox = Sandbox::sample(SandboxOptions { staxbill, ..options(false) });
    ends_as_the_file_says(&Company::with(sandbox, &links_text()), None).await;
}

async fn ends_as_the_file_says(company: &Company, others: Option<&BTreeMap<String, Ending>>) {
    let kept = Expectations::read();
    let engine = company.engine();
    company.once_in(&engine).await;
    let mut wrong = Vec::new();
    for (key, expected) in kept.with(others) {
        let parsed: Key = key.parse().unwrap_or_else(|_| panic!("{key} is no key"));
        let found = engine.register.record(parsed).expect("the state is sound");
        let found = found.map(|record| found_ending(parsed, &record, expected));
        if found.as_ref() != Some(expected) {
            let found = found.map_or("nothing".to_owned(), |found| found.to_string());
            wrong.push(format!("{key}: expected {expected}, found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), kept.records.len(), wrong.join("\n"));
    company.wait(Duration::from_mins(10)).await;
    let (done, _) = company.once().await;
    let calls = (done.calls.quickbooks_writes, done.calls.quickbooks_batches);
    assert_eq!(calls, (0, 0), "the second pass writes nothing: {:#?}", done.steps);
    assert_eq!(company.sandbox.quickbooks.audit(), [""; 0]);
}

/// A record's state in the words of the file. What the state does not tell is
/// taken as expected: why a record is out of scope, and what one comes to that
/// has no object.
fn found_ending(key: Key, record: &RecordState, expected: &Ending) -> Ending {
    let ends = match record.state {
        State::Synced => "synced",
        State::NotTried => "not-tried",
        State::Failed => "failed",
        State::Blocked => "blocked",
        State::Held => "held",
        State::Drifted => "drifted",
        State::OutOfScope => "out-of-scope",
    };
    let stands = record.object.as_ref().filter(|one| !one.deleted && key.entity != Entity::Customer);
    let (amount, open, how) = match (stands, &expected.of) {
        (Some(one), None) => (Some(one.total), Some(one.open), how(key, record)),
        (None | Some(_), Some(_)) => (Some(record.amount), None, None),
        (None, None) => (None, None, expected.how.clone()),
    };
    let plain = |amount: Money| amount.decimal().normalize();
    let amount = amount.map(plain).or_else(|| expected.amount.filter(|_| stands.is_none() && is_memo(key)));
    let why = match (&record.fault, record.state) {
        (_, State::OutOfScope) => expected.why.clone(),
        (Some(fault), State::Failed | State::Held) => Some(fault.code.name().to_owned()),
        (
            _,
            State::Synced | State::NotTried | State::Failed | State::Blocked | State::Held | State::Drifted,
        ) => None,
    };
    let by = record.blocked_by.map(|key| key.to_string());
    let of = record.of.filter(|of| of.entity != Entity::Invoice).map(|of| of.to_string());
    Ending { ends: ends.to_owned(), why, by, how, of, amount, open: open.map(plain) }
}

/// What became of an object beside being created.
fn how(key: Key, record: &RecordState) -> Option<String> {
    let voided = record.object.as_ref().is_some_and(|object| object.dead);
    let how = match (key.entity, voided) {
        (Entity::Payment, true) => "voided",
        (Entity::Payment, false) => "amended",
        _ => "lowered",
    };
    (!record.netted.is_empty()).then(|| how.to_owned())
}

fn is_memo(key: Key) -> bool {
    matches!(key.entity, Entity::Credit | Entity::ChargeReversal | Entity::WriteOff)
}

/// What the file says of credits, reversals and the rest is what the account's
/// AR stream says, a second witness beside the law.
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
