//! The sample account holds what its table promises, and a generated one adds
//! up at any size.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::Value;

use super::*;
use crate::sandbox::staxbill::{ArKind, CustomerStatus, Invoice, Payment};
use crate::sandbox::{Sandbox, SandboxOptions};

fn sample() -> Sandbox {
    Sandbox::sample(SandboxOptions::default())
}

fn invoices(sandbox: &Sandbox, customer: i64) -> Vec<Invoice> {
    sandbox.staxbill.invoices().into_iter().filter(|one| one.customer == customer).collect()
}

fn payments(sandbox: &Sandbox, customer: i64) -> Vec<Payment> {
    sandbox.staxbill.payments().into_iter().filter(|one| one.customer == customer).collect()
}

#[tokio::test(start_paused = true)]
async fn everybody_is_there_and_billed_by_plan() {
    let sandbox = sample();
    for customer in CUSTOMERS {
        let kept = sandbox.staxbill.customer(customer.id).unwrap();
        assert_eq!(kept.fields.company_name.is_none(), customer.person, "{}", customer.name);
        let billed = invoices(&sandbox, customer.id);
        assert_eq!(billed.is_empty(), customer.plan == Plan::Nothing, "{}", customer.name);
        let (open, free) = sandbox.staxbill.ledger(customer.id);
        assert_eq!(open - free, kept.balance, "{}", customer.name);
        let paid = payments(&sandbox, customer.id);
        let shown = match customer.habit {
            Habit::Never => paid.is_empty(),
            Habit::Over => free == Decimal::from(20 * paid.len()),
            Habit::Several => paid.iter().all(|one| one.allocations.len() == 3) && !paid.is_empty(),
            Habit::Partial => billed.iter().any(|one| one.payments.len() == 2),
            Habit::Late => open > Decimal::ZERO && !paid.is_empty(),
            Habit::AllocatedLater => paid
                .iter()
                .flat_map(|one| &one.allocations)
                .all(|one| paid.iter().all(|payment| payment.effective != one.at)),
            Habit::OnTime => paid.iter().all(|one| one.unallocated().is_zero()),
            Habit::RefusedFirst => sandbox
                .staxbill
                .activities()
                .iter()
                .any(|one| one.customer == customer.id && one.payment.is_none()),
        };
        assert!(shown, "{} pays {:?}", customer.name, customer.habit);
    }
    let kinds: BTreeSet<_> = CUSTOMERS.iter().map(|one| one.status.as_str()).collect();
    assert_eq!(kinds.len(), 5, "every status occurs: {kinds:?}");
}

#[tokio::test(start_paused = true)]
async fn histories_end_today_and_ids_follow_the_calendar() {
    let sandbox = sample();
    let now = sandbox.clock.now();
    let billed = sandbox.staxbill.invoices();
    assert_eq!((billed[0].id, billed[0].number), (88_100, 1_100));
    assert!(billed.is_sorted_by_key(|one| one.effective) && billed.iter().all(|one| one.modified <= now));
    let last = billed.last().unwrap().effective;
    assert!(now.duration_since(last) < SignedDuration::from_hours(24 * 3), "{last}");
    let paid = sandbox.staxbill.payments();
    assert_eq!(paid[0].id, 7_613_000);
    assert!(paid.is_sorted_by_key(|one| one.effective));
    let draft = CUSTOMERS.iter().find(|one| one.status == CustomerStatus::Draft).unwrap();
    assert!(invoices(&sandbox, draft.id).is_empty());
}

#[tokio::test(start_paused = true)]
async fn amounts_are_what_the_plans_say() {
    let sandbox = sample();
    for (customer, amount) in [
        (10_482, "49.00"),
        (10_485, "100.00"),
        (10_494, "44.10"),
        (10_490, "51.45"),
        (10_501, "55.00"),
        (10_495, "348.00"),
        (10_500, "192.50"),
        (10_517, "270.00"),
        (10_523, "0"),
    ] {
        let first = &invoices(&sandbox, customer)[0];
        assert_eq!(first.amount(), amount.parse().unwrap(), "{customer}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_seed_makes_one_account() {
    let make = |seed| {
        let sandbox = Sandbox::generated(SandboxOptions { seed, ..SandboxOptions::default() }, 30, 200);
        (format!("{:?}", sandbox.staxbill.invoices()), format!("{:?}", sandbox.staxbill.payments()))
    };
    assert_eq!(make(7), make(7));
    assert_ne!(make(7), make(8));
}

#[tokio::test(start_paused = true)]
async fn generated_accounts_have_the_size_asked_for() {
    for (customers, invoices) in [(0, 0), (1, 0), (0, 5), (3, 40), (100, 1_000)] {
        let sandbox = Sandbox::generated(SandboxOptions::default(), customers, invoices);
        let account = &sandbox.staxbill;
        let expected = if customers == 0 { 0 } else { invoices };
        assert_eq!(account.customers().len(), customers as usize);
        assert_eq!(account.invoices().len(), expected as usize);
        for customer in account.customers() {
            let (open, free) = account.ledger(customer.id);
            assert_eq!(open - free, customer.balance);
        }
    }
}

/// What the table says about QuickBooks is so in the demo company.
#[tokio::test(start_paused = true)]
async fn twins_are_who_the_table_says() {
    let sandbox = sample();
    let text = |object: &Value, name: &str| object[name].as_str().unwrap_or_default().to_owned();
    let names: BTreeMap<String, String> = sandbox
        .quickbooks
        .objects("Customer")
        .iter()
        .filter(|object| object["Active"] != Value::Bool(false))
        .map(|object| (text(object, "Id"), text(object, "DisplayName")))
        .collect();
    for customer in CUSTOMERS {
        let twin = customer.quickbooks.map(|id| names.get(&id.to_string()).expect(customer.name));
        let initial = |name: &str| name.chars().next();
        assert!(twin.is_none_or(|twin| initial(twin) == initial(customer.name)), "{}", customer.name);
        let free = names.values().all(|name| name != customer.name);
        assert!(twin.is_some() || free, "{} is in QuickBooks after all", customer.name);
    }
    let vendors = sandbox.quickbooks.objects("Vendor");
    assert!(vendors.iter().any(|vendor| vendor["DisplayName"] == "Hicks Hardware"));
}

#[tokio::test(start_paused = true)]
async fn every_third_generated_customer_is_in_quickbooks() {
    let count = |sandbox: &Sandbox| sandbox.quickbooks.objects("Customer").len();
    let before = count(&Sandbox::bare(SandboxOptions::default()));
    let sandbox = Sandbox::generated(SandboxOptions::default(), 300, 0);
    assert_eq!(count(&sandbox) - before, 100);
    let first = sandbox.staxbill.customer(20_001).unwrap().fields.company_name.unwrap();
    let known = sandbox.quickbooks.objects("Customer");
    assert!(known.iter().any(|object| object["DisplayName"] == first.as_str()), "{first}");
}

/// The account adds up, every case came about whole, and every kind of
/// transaction occurs.
#[tokio::test(start_paused = true)]
async fn cases_are_told_to_their_end() {
    let sandbox = sample();
    let account = &sandbox.staxbill;
    assert_eq!(account.audit(), [""; 0]);
    let last = CUSTOMERS.last().unwrap().id;
    for (place, case) in (1..).zip(cases()) {
        assert_eq!(case.id, last + place, "{}: no gap", case.name);
        assert!(case.steps.iter().all(|(days, _)| *days > 0), "{}: told up to yesterday", case.name);
        let bills = case.steps.iter().filter(|(_, step)| matches!(step, Step::Bill(..) | Step::LongBill(..)));
        assert_eq!(invoices(&sandbox, case.id).len(), bills.count(), "{}", case.name);
        assert_eq!(account.customer(case.id).unwrap().currency(), case.currency, "{}", case.name);
    }
    let kinds: BTreeSet<_> = account.ar().iter().map(|one| one.kind).collect();
    assert_eq!(kinds, BTreeSet::from(ArKind::ALL));
    let said = |text: &str| cases().any(|case| case.name.contains(text));
    assert!(said(":") && said("\t") && said("\"") && said("🦜") && said("  "), "odd names");
    assert!(cases().any(|case| case.name.chars().count() == 300), "a name of 300 letters");
    assert!(account.invoices().iter().any(|one| one.charges.len() > 100));
}

#[tokio::test(start_paused = true)]
async fn cases_show_what_they_say() {
    let sandbox = sample();
    let of = |customer: i64| (sandbox.staxbill.ledger(customer), invoices(&sandbox, customer));
    for (customer, open, free) in [
        (10_524, "49", "0"),
        (10_526, "28.75", "0"),
        (10_527, "30", "0"),
        (10_528, "20", "0"),
        (10_529, "0", "0"),
        (10_531, "0", "0"),
        (10_532, "0", "0"),
        (10_535, "49", "5.55"),
        (10_536, "31.5", "0"),
        (10_538, "99", "5"),
        (10_541, "0", "0"),
        (10_543, "-20", "0"),
        (10_544, "0", "0"),
        (10_545, "-7", "0"),
        (10_547, "0", "0"),
        (10_548, "0", "0"),
        (10_561, "0", "0"),
        (10_573, "29", "0"),
        (10_574, "29", "0"),
        (10_575, "50", "3"),
    ] {
        let ((stands, unallocated), _) = of(customer);
        assert_eq!((stands, unallocated), (open.parse().unwrap(), free.parse().unwrap()), "{customer}");
    }
    assert_eq!(of(10_546).1[0].written_off, "51.45".parse().unwrap());
    assert_eq!(of(10_553).1[0].po_number.as_deref(), Some("PO-2026/17"));
}
