//! An account of any size, the same for the same seed.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde_json::json;

use super::customers::Habit;
use super::history::History;
use super::{add_products, line};
use crate::sandbox::Sandbox;
use crate::sandbox::random::SplitMix;
use crate::sandbox::staxbill::{NewCustomer, NewInvoice, Numbering};

/// The first generated customer's id.
const FIRST_CUSTOMER: i64 = 20_001;
const YEAR_SECONDS: i64 = 365 * 86_400;

const TRADES: [&str; 12] = [
    "Bakery",
    "Dental",
    "Freight",
    "Gardens",
    "Hosting",
    "Joinery",
    "Kennels",
    "Logistics",
    "Motors",
    "Optics",
    "Printing",
    "Roofing",
];
const PLACES: [&str; 16] = [
    "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ivy", "Juniper", "Larch",
    "Maple", "Oak", "Pine", "Rowan", "Spruce",
];

/// Enters so many customers and invoices; every third customer stands in
/// QuickBooks too.
pub(in crate::sandbox) fn generate(sandbox: &Sandbox, seed: u64, (customers, invoices): (u32, u32)) {
    let (account, now) = (&sandbox.staxbill, sandbox.clock.now());
    account.number_from(Numbering { customer: FIRST_CUSTOMER, ..Numbering::default() });
    let start = now.saturating_sub(SignedDuration::from_secs(YEAR_SECONDS)).unwrap_or(Timestamp::MIN);
    let then = account.recorded_at(start);
    add_products(&then);
    for place in 0..customers {
        let name = name(place);
        if place % 3 == 0 {
            let known = json!({ "DisplayName": name, "CompanyName": name });
            let entered = sandbox.quickbooks.bookkeeper().create("Customer", known);
            entered.expect("generated names are short, plain and numbered");
        }
        let email = Some(format!("accounts@c{place}.example"));
        then.add_customer(NewCustomer {
            company_name: Some(name),
            primary_email: email,
            ..NewCustomer::default()
        });
    }
    let mut random = SplitMix::new(seed);
    let mut history = History::new(account, now);
    let invoices = if customers == 0 { 0 } else { invoices };
    for place in 0..invoices {
        let offset = YEAR_SECONDS * i64::from(place) / i64::from(invoices);
        let effective = start.saturating_add(SignedDuration::from_secs(offset)).unwrap_or(now);
        let customer = FIRST_CUSTOMER + i64::from(place % customers);
        history.bill(effective, invoice(customer, effective, &mut random), habit(random.below(10)));
    }
    history.play();
}

fn name(place: u32) -> String {
    let word = |words: &[&'static str], at: u32| words[at as usize % words.len()];
    format!("{} {} {}", word(&PLACES, place), word(&TRADES, place / 16), i64::from(place) + FIRST_CUSTOMER)
}

fn invoice(customer: i64, effective: Timestamp, random: &mut SplitMix) -> NewInvoice {
    let mut charges = vec![match random.below(4) {
        0 => line("SEATS", "3", "33.333333"),
        1 => line("BASIC-MONTHLY", "1", "19.00"),
        2 => line("SUPPORT-HOUR", "2.25", "80.00"),
        _ => line("PRO-MONTHLY", "1", "49.00"),
    }];
    if random.below(5) == 0 {
        charges[0].discounts.push(Decimal::new(250, 2));
    }
    if random.below(8) == 0 {
        charges.push(line("SETUP", "1", "150"));
    }
    NewInvoice { customer, effective, charges, due_days: 30, ..NewInvoice::default() }
}

fn habit(draw: u64) -> Habit {
    match draw {
        0 => Habit::Never,
        1 => Habit::Over,
        2 => Habit::Partial,
        3 => Habit::Several,
        4 => Habit::Late,
        _ => Habit::OnTime,
    }
}
