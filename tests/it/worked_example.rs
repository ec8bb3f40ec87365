//! The README's example of each kind of record, played row by row in the
//! sandbox: what it says of accounts and documents is so.

use std::collections::BTreeMap;
use std::time::Duration;

use latchd::sandbox::staxbill::{
    NewCharge, NewCredit, NewCustomer, NewDebit, NewInvoice, NewPayment, NewRefund, NewReversal,
};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::company::Company;

const README: &str = include_str!("../../README.md");
const FILES: &str = "[links]\n10482 = { create = \"Bolt Bakery\", start = \"beginning\" }\n";

/// What happens in Stax Bill, in the order of the README's rows.
const ACTS: [fn(&Company); 8] = [
    |company| {
        let company_name = Some("Bolt Bakery".to_owned());
        company.sandbox.staxbill.add_customer(NewCustomer { company_name, ..NewCustomer::default() });
    },
    |company| {
        company.sandbox.staxbill.post_invoice(NewInvoice {
            customer: 10_482,
            effective: noon(1),
            charges: vec![NewCharge {
                name: "Pro plan".to_owned(),
                quantity: Decimal::ONE,
                unit_price: dec("200.00"),
                amount: dec("200.00"),
                discounts: vec![dec("20.00")],
                ..NewCharge::default()
            }],
            taxes: vec![("GST".to_owned(), dec("5"), dec("9.00"))],
            ..NewInvoice::default()
        });
    },
    |company| {
        company.sandbox.staxbill.collect_payment(NewPayment {
            customer: 10_482,
            amount: dec("200.00"),
            effective: noon(5),
            method: "CreditCard".to_owned(),
            allocations: vec![(invoice(company), dec("189.00"))],
            ..NewPayment::default()
        });
    },
    |company| {
        company.sandbox.staxbill.refund(NewRefund {
            payment: 7_613_000,
            amount: dec("50.00"),
            effective: noon(10),
            reference: None,
            allocations: vec![(invoice(company), dec("50.00"))],
        });
    },
    |company| {
        company.sandbox.staxbill.give_credit(NewCredit {
            customer: 10_482,
            amount: dec("20.00"),
            effective: noon(15),
            allocations: vec![(invoice(company), dec("15.00"))],
            ..NewCredit::default()
        });
    },
    |company| {
        company.sandbox.staxbill.debit(NewDebit {
            credit: company.sandbox.staxbill.credits()[0].id,
            amount: dec("5.00"),
            effective: noon(20),
            ..NewDebit::default()
        });
    },
    |company| {
        let charge = company.sandbox.staxbill.invoices()[0].charges[0].id;
        company.sandbox.staxbill.reverse(NewReversal {
            invoice: invoice(company),
            charges: vec![(charge, Some(dec("20.00")))],
            effective: noon(25),
            reference: None,
        });
    },
    |company| {
        company.sandbox.staxbill.write_off(invoice(company), dec("16.10"), (noon(30), None));
    },
];

fn invoice(company: &Company) -> i64 {
    company.sandbox.staxbill.invoices()[0].id
}

fn noon(day: i64) -> jiff::Timestamp {
    format!("2026-03-{day:02}T20:00:00Z").parse().expect("a literal day")
}

fn dec(text: &str) -> Decimal {
    text.parse().expect("a literal amount")
}

/// The README's rows, each as its four cells.
fn rows() -> Vec<[&'static str; 4]> {
    let table =
        README.split_once("| Stax Bill | QuickBooks | debit | credit |\n").expect("it has the table").1;
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    cells.map(|cells| cells.try_into().expect("a row has four cells")).collect()
}

/// Accounts and amounts of a cell: `Bad debts 16.10, Sales tax payable 9.00`.
fn moved(cell: &str) -> BTreeMap<String, Decimal> {
    let parts = cell.split(", ").filter(|part| !part.is_empty());
    let part = |part: &str| {
        let (account, amount) = part.rsplit_once(' ').expect("an account and an amount");
        (account.to_owned(), dec(amount))
    };
    parts.map(part).collect()
}

/// What stands in each account, debits above zero.
fn balances(company: &Company) -> BTreeMap<String, Decimal> {
    let accounts = company.sandbox.quickbooks.trial_balance().into_iter();
    accounts.map(|one| (one.name, one.debit - one.credit)).collect()
}

/// What an act moved, as debits and credits.
type Sides = (BTreeMap<String, Decimal>, BTreeMap<String, Decimal>);

fn difference(before: &BTreeMap<String, Decimal>, after: &BTreeMap<String, Decimal>) -> Sides {
    let names: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let of = |all: &BTreeMap<String, Decimal>, name: &String| all.get(name).copied().unwrap_or_default();
    let moved = names.into_iter().map(|name| (name.clone(), of(after, name) - of(before, name)));
    let moved: Vec<_> = moved.filter(|(_, amount)| !amount.is_zero()).collect();
    let (debits, credits): (Vec<_>, Vec<_>) =
        moved.into_iter().partition(|(_, amount)| *amount > Decimal::ZERO);
    (debits.into_iter().collect(), credits.into_iter().map(|(name, amount)| (name, -amount)).collect())
}

/// Every number and name that stands in QuickBooks.
fn numbers(company: &Company) -> Vec<String> {
    let kinds = ["Customer", "Invoice", "CreditMemo", "Payment"];
    let objects = kinds.iter().flat_map(|kind| company.sandbox.quickbooks.objects(kind));
    let number = |one: &Value| {
        ["DisplayName", "DocNumber", "PaymentRefNum"]
            .iter()
            .find_map(|key| Some(one[*key].as_str()?.to_owned()))
    };
    objects.filter_map(|one| number(&one)).collect()
}

#[tokio::test(start_paused = true)]
async fn the_readmes_rows_are_what_happens() {
    let company = Company::bare(FILES);
    let rows = rows();
    assert_eq!(rows.len(), ACTS.len());
    for (act, [told, quickbooks, debit, credit]) in ACTS.iter().zip(rows) {
        act(&company);
        let before = balances(&company);
        let (_, status) = company.once().await;
        assert!(status.warnings.is_empty() && status.tie_out.balanced, "{told}: {status:?}");
        let found = difference(&before, &balances(&company));
        assert_eq!(found, (moved(debit), moved(credit)), "{told}");
        let numbers = numbers(&company);
        for number in quickbooks.split('`').skip(1).step_by(2) {
            assert!(numbers.iter().any(|one| one == number), "{told}: {number} is not among {numbers:?}");
        }
        for id in told.split(' ').filter(|word| word.len() > 6 && word.parse::<u64>().is_ok()) {
            assert!(numbers.iter().any(|one| one.ends_with(id)), "{told}: {id}");
        }
        company.wait(Duration::from_mins(1)).await;
    }
    let (outstanding, in_hand) = company.sandbox.staxbill.ledger(10_482);
    assert_eq!((outstanding, in_hand), (Decimal::ZERO, dec("11.00")));
}
