//! A small account: what billers do, in a line each, and what the books hold
//! afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use latchd::clock::TokioClock;
use latchd::config::{Config, SecretSources};
use latchd::engine::{Edges, Engine};
use latchd::http::{RouterTransport, Transport};
use latchd::pass::Outcome;
use latchd::report::Status;
use latchd::sandbox::Cut;
use latchd::sandbox::staxbill::{NewCharge, NewCustomer, NewInvoice, NewPayment};
use latchd::sandbox::trouble::{Kind, Rule};
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use crate::company::{Company, warnings};

/// Kinds of objects that bear marks.
pub(super) const KINDS: [&str; 5] = ["Customer", "Invoice", "CreditMemo", "JournalEntry", "Payment"];

/// A literal amount.
pub(super) fn dec(text: &str) -> Decimal {
    text.parse().expect("a literal amount")
}

/// Noon in Los Angeles of a day.
pub(crate) fn noon(day: &str) -> Timestamp {
    format!("{day}T20:00:00Z").parse().expect("a literal day")
}

/// A new active customer; the first is 10482.
pub(crate) fn customer(company: &Company, name: &str) -> i64 {
    let fields = NewCustomer { company_name: Some(name.to_owned()), ..NewCustomer::default() };
    company.sandbox.staxbill.add_customer(fields)
}

/// An invoice of one charge; its number is its id less 87,000.
pub(crate) fn bill(company: &Company, customer: i64, at: Timestamp, amount: &str) -> i64 {
    let charge = NewCharge {
        name: "Service".to_owned(),
        quantity: Decimal::ONE,
        unit_price: dec(amount),
        amount: dec(amount),
        ..NewCharge::default()
    };
    let invoice =
        NewInvoice { customer, effective: at, charges: vec![charge], due_days: 30, ..NewInvoice::default() };
    company.sandbox.staxbill.post_invoice(invoice)
}

/// A payment and what it is for.
pub(crate) fn pay(
    company: &Company,
    customer: i64,
    at: Timestamp,
    amount: &str,
    allocations: &[(i64, &str)],
) -> i64 {
    let allocations = allocations.iter().map(|(invoice, amount)| (*invoice, dec(amount))).collect();
    company.sandbox.staxbill.collect_payment(NewPayment {
        customer,
        amount: dec(amount),
        effective: at,
        method: "Check".to_owned(),
        allocations,
        ..NewPayment::default()
    })
}

/// `[links]` that create customers from the first on, with all their past.
pub(crate) fn create_all(count: i64) -> String {
    let line = |id| format!("{id} = {{ create = true, start = \"beginning\" }}\n");
    format!("[links]\n{}", (10_482..10_482 + count).map(line).collect::<String>())
}

/// One customer, created, with an invoice of 100.00 in March and a payment of
/// it.
pub(super) fn one_of_each() -> (Company, i64, i64, i64) {
    let company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    let payment = pay(&company, bolt, noon("2026-03-05"), "100.00", &[(invoice, "100.00")]);
    (company, bolt, invoice, payment)
}

/// Whether it was voided.
pub(super) fn is_void(object: &Value) -> bool {
    object["PrivateNote"].as_str().is_some_and(|note| note.starts_with("Voided"))
}

pub(super) fn mark_of(object: &Value) -> Option<String> {
    let note = ["PrivateNote", "Notes"].iter().find_map(|key| object[*key].as_str())?;
    let (_, rest) = note.split_once("[latchd ")?;
    Some(rest.split_once(']')?.0.to_owned())
}

/// Objects in the books that bear the mark `key`, dead ones too.
pub(super) fn marked(company: &Company, key: &str) -> Vec<Value> {
    let all = KINDS.iter().flat_map(|kind| company.sandbox.quickbooks.objects(kind));
    all.filter(|object| mark_of(object).as_deref() == Some(key)).collect()
}

/// The one object in the books that bears the mark `key`.
#[track_caller]
pub(super) fn the(company: &Company, key: &str) -> Value {
    let mut found = marked(company, key);
    assert_eq!(found.len(), 1, "{key}: {found:?}");
    found.remove(0)
}

/// The id of the one object that bears the mark `key`.
#[track_caller]
pub(crate) fn id_of(company: &Company, key: &str) -> String {
    the(company, key)["Id"].as_str().expect("an id").to_owned()
}

/// An amount of an object.
#[track_caller]
pub(super) fn amount(object: &Value, field: &str) -> Decimal {
    object[field].to_string().parse().unwrap_or_else(|_| panic!("{field} of {object}"))
}

/// What a payment in the books is applied to, by our invoices.
pub(super) fn applied(company: &Company, payment: i64) -> BTreeMap<String, Decimal> {
    let invoices = company.sandbox.quickbooks.objects("Invoice");
    let payment = the(company, &format!("payment/{payment}"));
    let lines = payment["Line"].as_array().cloned().unwrap_or_default();
    let row = |line: &Value| {
        let id = &line["LinkedTxn"][0]["TxnId"];
        let invoice = invoices.iter().find(|invoice| invoice["Id"] == *id).and_then(mark_of);
        (invoice.unwrap_or_else(|| format!("foreign {id}")), amount(line, "Amount"))
    };
    lines.iter().map(row).collect()
}

/// The same as a literal: pairs of our invoice and an amount.
pub(super) fn rows(rows: &[(i64, &str)]) -> BTreeMap<String, Decimal> {
    rows.iter().map(|(invoice, amount)| (format!("invoice/{invoice}"), dec(amount))).collect()
}

/// No mark in the books stands twice.
#[track_caller]
pub(super) fn assert_no_mark_twice(company: &Company) {
    let mut seen = BTreeMap::<String, usize>::new();
    for kind in KINDS {
        let objects = company.sandbox.quickbooks.objects(kind);
        let living = objects.iter().filter(|object| !is_void(object));
        for mark in living.filter_map(mark_of) {
            *seen.entry(mark).or_default() += 1;
        }
    }
    let twice = seen.iter().filter(|(_, count)| **count > 1).collect::<Vec<_>>();
    assert!(twice.is_empty(), "{twice:?}");
}

/// A pass that must end well, with every record in scope synced.
#[track_caller]
pub(crate) fn assert_all_synced(status: &Status) {
    for row in &status.entities {
        assert_eq!(row.in_scope, row.synced, "{}: {:?}", row.entity, warnings(status));
    }
    assert!(status.tie_out.balanced, "{:?}", status.tie_out);
}

/// A pass that must be able to work: it ended well, warnings or not.
pub(crate) async fn pass(company: &Company) -> Status {
    let (done, status) = company.once().await;
    assert_eq!(done.outcome, Outcome::Complete, "{:?}", done.causes);
    company.wait(Duration::from_secs(60)).await;
    status
}

/// The network to a company's two vendors.
pub(super) fn network(company: &Company) -> Arc<dyn Transport> {
    let sandbox = &company.sandbox;
    let routers = vec![(8090, sandbox.quickbooks_router()), (8091, sandbox.staxbill_router())];
    Arc::new(RouterTransport::new(routers, |extensions| extensions.get::<Cut>().is_some()))
}

/// A new process over a company's state and a network of the test's own.
pub(super) fn engine_over(company: &Company, config: &Config, transport: Arc<dyn Transport>) -> Engine {
    let edges = Edges {
        transport,
        clock: Arc::new(TokioClock::starting_at(company.sandbox.clock.now())),
        secrets: SecretSources { credentials_dir: None, env: Box::new(|_| None) },
        epoch: Uuid::from_u128(1 << 64),
    };
    Engine::with_store(config, edges, Arc::clone(&company.store)).expect("the engine starts")
}

/// Counts calls from here on that fit a method and a path; the answer tells
/// how many there were.
pub(super) fn count_calls(company: &Company, method: &str, path: &str) -> impl Fn() -> u64 + use<> {
    let trouble = company.sandbox.trouble.clone();
    let place = trouble.rules().len();
    trouble.add(Rule::next(path, Kind::Delay { ms: 0 }).method(method).every());
    move || trouble.rules()[place].seen
}

/// Counts everything that could write into QuickBooks.
pub(super) fn count_writes(company: &Company) -> impl Fn() -> u64 + use<> {
    let kinds = ["customer", "invoice", "creditmemo", "journalentry", "payment", "batch"];
    let paths = kinds.map(|path| format!("/v3/company/*/{path}"));
    let counters = paths.map(|path| count_calls(company, "POST", &path));
    move || counters.iter().map(|counter| counter()).sum()
}

/// The state of a record by its warning's code, or what is remembered of it.
pub(super) fn warned<'a>(status: &'a Status, key: &str) -> Vec<&'a str> {
    let rows = status.warnings.iter().filter(|row| row.key == key);
    rows.map(|row| row.code.name()).collect()
}
