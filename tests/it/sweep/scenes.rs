//! Small scenes: each is a company with something to do.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use latchd::sandbox::trouble::{Kind, Rule};
use latchd::sandbox::{Sandbox, SandboxOptions, quickbooks};
use latchd::store::Overlay;
use serde_json::json;

use crate::company::{Company, options};
use crate::scenarios::desk::{credit, refund, reverse, write_off};
use crate::scenarios::shop::{bill, create_all, customer, dec, id_of, noon, pay};

/// Makes a company with something to do.
pub(super) type Make = fn() -> LocalBoxFuture<'static, Company>;

const DAY: Duration = Duration::from_hours(24);
const ENTRIES: &str = "refund_as = \"journal-entry\"\nrefund_account = \"Checking\"";

/// All of them by name.
pub(super) const ALL: &[(&str, Make)] = &[
    ("first-sync", || async { each() }.boxed_local()),
    ("batches", || async { six() }.boxed_local()),
    ("lost-answer", || async { lost("/v3/company/*/invoice") }.boxed_local()),
    ("lost-batch", || async { lost("/v3/company/*/batch") }.boxed_local()),
    ("refused", || async { refused() }.boxed_local()),
    ("refund", || later(refunded).boxed_local()),
    ("moved", || later(moved).boxed_local()),
    ("lowered", || later(lowered).boxed_local()),
    ("reversal", || later(reversed).boxed_local()),
    ("write-off", || later(written_off).boxed_local()),
    ("resend", || resend().boxed_local()),
    ("relink", || relink().boxed_local()),
    ("token", || token().boxed_local()),
    ("unlinked", || unlinked().boxed_local()),
    ("settings", || settings().boxed_local()),
    ("drift", || drift().boxed_local()),
    ("rebuilt", || rebuilt().boxed_local()),
];

/// What a customer has.
struct Made {
    invoice: i64,
    second: i64,
    payment: i64,
    credit: i64,
}

/// A customer with two invoices, a payment and a credit.
fn base(company: &Company) -> Made {
    let bolt = customer(company, "Bolt Bakery");
    let [invoice, second] = [1, 2].map(|day| bill(company, bolt, noon(&format!("2026-03-0{day}")), "100.00"));
    let payment = pay(company, bolt, noon("2026-03-05"), "60.00", &[(invoice, "60.00")]);
    let credit = credit(company, bolt, "2026-03-06", "20.00", &[(invoice, "15.00")]);
    Made { invoice, second, payment, credit }
}

/// One document of every entity.
fn each() -> Company {
    let mut company = Company::bare(&create_all(1));
    ENTRIES.clone_into(&mut company.posting);
    let made = base(&company);
    refund(&company, made.payment, "2026-03-09", "10.00", &[(made.invoice, "10.00")]);
    reverse(&company, made.invoice, "2026-03-07", &[(0, "10.00")]);
    write_off(&company, made.second, "2026-03-08", "5.00");
    company
}

/// Six customers with an invoice and a payment each.
fn six() -> Company {
    let company = Company::bare(&create_all(6));
    for name in ["Ada", "Bea", "Cleo", "Dora", "Edna", "Fay"] {
        let id = customer(&company, name);
        let invoice = bill(&company, id, noon("2026-03-01"), "100.00");
        pay(&company, id, noon("2026-03-05"), "80.00", &[(invoice, "60.00")]);
    }
    company
}

fn lost(path: &str) -> Company {
    let company = if path.ends_with("batch") { six() } else { each() };
    company.sandbox.trouble.add(Rule::next(path, Kind::Cut).method("POST"));
    company
}

/// The name of one of six is taken in QuickBooks.
fn refused() -> Company {
    let company = Company::bare(&create_all(6));
    for name in ["Ada", "Bea", "Amy's Bird Sanctuary", "Dora", "Edna", "Fay"] {
        let id = customer(&company, name);
        bill(&company, id, noon("2026-03-01"), "100.00");
    }
    company
}

/// What is synced, and then changes in Stax Bill.
async fn later(change: fn(&Company, &Made)) -> Company {
    goes_on(Company::bare(&create_all(1)), change).await
}

async fn goes_on(company: Company, change: fn(&Company, &Made)) -> Company {
    let made = base(&company);
    company.once().await;
    company.wait(Duration::from_mins(10)).await;
    change(&company, &made);
    company
}

fn billed(company: &Company, _: &Made) {
    bill(company, 10_482, noon("2026-04-01"), "40.00");
}

fn refunded(company: &Company, made: &Made) {
    refund(company, made.payment, "2026-03-20", "10.00", &[(made.invoice, "10.00")]);
}

fn reversed(company: &Company, made: &Made) {
    reverse(company, made.second, "2026-03-20", &[(0, "10.00")]);
}

fn written_off(company: &Company, made: &Made) {
    write_off(company, made.second, "2026-06-01", "5.00");
}

fn moved(company: &Company, made: &Made) {
    let account = &company.sandbox.staxbill;
    account.deallocate(made.payment, made.invoice, dec("60.00"));
    account.allocate(made.payment, made.second, dec("60.00"));
}

fn lowered(company: &Company, made: &Made) {
    let account = &company.sandbox.staxbill;
    account.deallocate_credit(made.credit, made.invoice, dec("15.00"));
    account.allocate_credit(made.credit, made.invoice, dec("5.00"));
    account.allocate_credit(made.credit, made.second, dec("10.00"));
}

async fn resend() -> Company {
    let mut company = Company::bare(&create_all(1));
    let made = base(&company);
    company.once().await;
    let (key, books) = (format!("invoice/{}", made.second), company.sandbox.quickbooks.bookkeeper());
    books.delete("Invoice", &id_of(&company, &key)).expect("nothing is applied to it");
    company.wait(Duration::from_mins(10)).await;
    company.once().await;
    company.files = format!("{}[resend]\n\"{key}\" = \"a\"\n", company.files);
    company
}

async fn relink() -> Company {
    let line = |rest: &str| format!("[links]\n10482 = {{ {rest}, start = 2026-01-01, by = \"FIN-1\" }}\n");
    let mut company = Company::bare(&line("adopt = \"1\", expect = \"Amy's Bird Sanctuary\""));
    let amy = customer(&company, "Amy's Bird Sanctuary");
    let invoice = bill(&company, amy, noon("2026-03-01"), "50.00");
    pay(&company, amy, noon("2026-03-05"), "20.00", &[(invoice, "20.00")]);
    company.once().await;
    company.sandbox.quickbooks.bookkeeper().merge_customer("1", "2").expect("both live");
    company.wait(Duration::from_mins(10)).await;
    company.once().await;
    company.files = line("adopt = \"2\", from = \"1\", expect = \"Bill's Windsurf Shop\"");
    pay(&company, amy, noon("2026-04-02"), "30.00", &[(invoice, "30.00")]);
    company
}

async fn token() -> Company {
    // A step may lie between Intuit's rotation and our writing; what comes of that
    // where there is no grace is told by the tests of tokens.
    let quickbooks = quickbooks::Options { rotation_grace: DAY, ..quickbooks::Options::default() };
    let sandbox = Sandbox::bare(SandboxOptions { quickbooks, ..options(false) });
    let company = goes_on(Company::with(sandbox, &create_all(1)), billed).await;
    company.wait(Duration::from_hours(25)).await;
    company.sandbox.quickbooks.expire_access_tokens();
    company
}

/// One of six is not linked any more, and all of them are billed again.
async fn unlinked() -> Company {
    let mut company = six();
    company.once().await;
    company.wait(Duration::from_mins(10)).await;
    company.files = company
        .files
        .replace("10484 = { create = true, start = \"beginning\" }", "10484 = { skip = \"a test account\" }");
    for id in 10_482..10_488 {
        bill(&company, id, noon("2026-04-01"), "40.00");
    }
    company
}

/// Refunds become entries from here on.
async fn settings() -> Company {
    let mut company = later(refunded).await;
    ENTRIES.clone_into(&mut company.posting);
    company
}

/// A person changed a payment's amount, and the files say to put it back.
async fn drift() -> Company {
    let mut company = Company::bare(&create_all(1));
    let made = base(&company);
    company.once().await;
    company.wait(Duration::from_mins(10)).await;
    let id = id_of(&company, &format!("invoice/{}", made.second));
    let books = company.sandbox.quickbooks.bookkeeper();
    books.edit("Invoice", &id, json!({ "TxnDate": "2026-03-20" })).expect("a person may");
    "on_drift = \"restore\"".clone_into(&mut company.posting);
    company
}

/// The state is lost, and there is something new.
async fn rebuilt() -> Company {
    let mut company = later(billed).await;
    company.store = Arc::new(Overlay::empty());
    company
}
