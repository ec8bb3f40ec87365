//! The sample account: customers that show one thing each, with a year of
//! monthly billing that ends at the clock's present day.

mod cases;
mod customers;
mod generated;
mod history;
#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use rust_decimal::{Decimal, RoundingStrategy};

pub use cases::{Case, CaseStart, Line, Rows, Step, cases};
pub use customers::{CUSTOMERS, Habit, Plan, SampleCustomer};
pub(super) use generated::generate;

use super::staxbill::{Account, Address, NewCharge, NewCustomer, NewInvoice, NewProduct, ProductType};
use history::History;

/// Code, name and type of each product that anybody is billed for.
const PRODUCTS: [(&str, &str, ProductType); 7] = [
    ("PRO-MONTHLY", "Pro plan, monthly", ProductType::RecurringService),
    ("BASIC-MONTHLY", "Basic plan, monthly", ProductType::RecurringService),
    ("SEATS", "Seats", ProductType::RecurringService),
    ("SETUP", "Setup", ProductType::OneTimeCharge),
    ("GATEWAY", "Gateway device", ProductType::PhysicalGood),
    ("LEGACY-UNIT", "Legacy units", ProductType::RecurringService),
    ("SUPPORT-HOUR", "Support, by the hour", ProductType::OneTimeCharge),
];

/// Enters products, customers and a year of billing into an empty account.
pub(super) fn fill(account: &Account, now: Timestamp) {
    let entered = now.saturating_sub(SignedDuration::from_hours(24 * 400)).unwrap_or(Timestamp::MIN);
    add_products(&account.recorded_at(entered));
    for customer in CUSTOMERS {
        let id = account.recorded_at(entered).add_customer(details(customer));
        assert_eq!(id, customer.id, "the table is in the order of its ids");
    }
    let mut history = History::new(account, now);
    for case in cases() {
        let id = account.recorded_at(entered).add_customer(case_details(case));
        assert_eq!(id, case.id, "the cases are in the order of their ids");
        for (turn, (days, step)) in (0..).zip(case.steps) {
            history.step(afternoon(now, *days, turn), case, *step);
        }
    }
    for customer in CUSTOMERS {
        for (turn, effective) in (0..).zip(billing_days(customer, now)) {
            history.bill(effective, invoice(customer, turn, effective), customer.habit);
        }
    }
    history.play();
}

pub(super) fn add_products(account: &Account) {
    for (code, name, product_type) in PRODUCTS {
        let (code, name) = (code.to_owned(), name.to_owned());
        account.add_product(NewProduct { code, name, product_type, gl_code: String::new() });
    }
}

fn details(customer: &SampleCustomer) -> NewCustomer {
    let own = |text: &str| Some(text.to_owned());
    let slug: String =
        customer.name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let (first, last) = if customer.person { customer.name.split_once(' ') } else { None }.unzip();
    // Some entries of an address book hold two addresses.
    let email = if customer.id % 7 == 0 {
        format!("accounts@{slug}.example; owner@{slug}.example")
    } else {
        format!("accounts@{slug}.example")
    };
    let address = Address {
        line1: format!("{} Main St.", customer.id - 10_400),
        city: "Bayshore".to_owned(),
        state: "California".to_owned(),
        postal_zip: "94326".to_owned(),
        country: "United States".to_owned(),
    };
    NewCustomer {
        company_name: if customer.person { None } else { own(customer.name) },
        first_name: first.and_then(own),
        last_name: last.and_then(own),
        primary_email: Some(email),
        primary_phone: Some(format!("(650) 555-{}", customer.id - 10_000)),
        reference: Some(format!("C-{}", customer.id)),
        status: customer.status,
        currency: None,
        parent: None,
        billing_address: (customer.id % 3 != 0).then_some(address),
        shipping_address: None,
    }
}

fn case_details(case: &Case) -> NewCustomer {
    NewCustomer {
        company_name: Some(case.name.to_owned()),
        primary_email: Some(format!("books@case{}.example", case.id)),
        reference: Some(format!("C-{}", case.id)),
        currency: Some(case.currency.to_owned()),
        parent: case.parent,
        ..NewCustomer::default()
    }
}

/// An hour that is the same day in America; steps of one day follow each other.
fn afternoon(now: Timestamp, days_ago: i64, turn: i64) -> Timestamp {
    let today = now.to_zoned(TimeZone::UTC).date();
    let day = today.checked_sub(days_ago.days()).unwrap_or(today);
    let hour = day.at(18, 0, 0, 0).to_zoned(TimeZone::UTC).map_or(now, |zoned| zoned.timestamp());
    hour.saturating_add(SignedDuration::from_mins(turn)).unwrap_or(now)
}

/// One day a month at the customer's own hour. Those of some lie in the small
/// hours of UTC, which in America is the day before.
fn billing_days(customer: &SampleCustomer, now: Timestamp) -> Vec<Timestamp> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let day = i8::try_from(1 + customer.id % 28).unwrap_or(1);
    let (hour, minute) = if customer.id % 5 == 0 { (3, 30) } else { (19, 11) };
    if customer.plan == Plan::Nothing {
        return Vec::new();
    }
    let months = customer.billed_months_ago();
    let every = if customer.plan == Plan::Instalments { 6 } else { 1 };
    let in_month = |ago: i32| {
        let month = today.first_of_month().checked_sub(ago.months()).ok()?;
        let date = jiff::civil::Date::new(month.year(), month.month(), day).ok()?;
        Some(date.at(hour, minute, 0, 922_100).to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    months.rev().step_by(every).filter_map(in_month).filter(|at| *at <= now).collect()
}

fn invoice(customer: &SampleCustomer, turn: u32, effective: Timestamp) -> NewInvoice {
    let charges = charges(customer.plan, turn);
    let net: Decimal = charges.iter().map(|one| one.amount - one.discounts.iter().sum::<Decimal>()).sum();
    let rules: &[(&str, Decimal)] = match customer.plan {
        Plan::Taxed => &[("GST", Decimal::from_parts(5, 0, 0, false, 0))],
        Plan::TwoTaxes => &[
            ("GST", Decimal::from_parts(5, 0, 0, false, 0)),
            ("CA Sales Tax", Decimal::from_parts(725, 0, 0, false, 2)),
        ],
        Plan::Pro
        | Plan::Basic
        | Plan::Seats
        | Plan::Discounted
        | Plan::Goods
        | Plan::Support
        | Plan::Instalments
        | Plan::Free
        | Plan::Nothing => &[],
    };
    let tax = |(name, percent): &(&str, Decimal)| {
        let total = cents(net * percent / Decimal::ONE_HUNDRED);
        ((*name).to_owned(), *percent, total)
    };
    let installments = if customer.plan == Plan::Instalments {
        [30, 60, 90].map(|days| (days, net / Decimal::from(3))).to_vec()
    } else {
        Vec::new()
    };
    NewInvoice {
        customer: customer.id,
        effective,
        taxes: rules.iter().map(tax).collect(),
        charges,
        due_days: 30,
        installments,
        po_number: (customer.id % 6 == 0).then(|| format!("PO-{turn}")),
        notes: None,
    }
}

fn charges(plan: Plan, turn: u32) -> Vec<NewCharge> {
    let pro = || line("PRO-MONTHLY", "1", "49.00");
    match plan {
        Plan::Pro | Plan::Taxed | Plan::TwoTaxes => vec![pro()],
        Plan::Goods if turn == 0 => {
            vec![line("BASIC-MONTHLY", "1", "19.00"), line("SETUP", "1", "150"), line("GATEWAY", "2", "89.5")]
        }
        Plan::Basic | Plan::Goods => vec![line("BASIC-MONTHLY", "1", "19.00")],
        Plan::Seats => vec![line("SEATS", "3", "33.333333")],
        Plan::Discounted => vec![NewCharge { discounts: vec![Decimal::new(490, 2)], ..pro() }],
        Plan::Support => vec![line("SUPPORT-HOUR", "2.25", "80.00"), by_hand()],
        Plan::Instalments => vec![line("PRO-MONTHLY", "6", "45.00")],
        Plan::Free => vec![NewCharge { discounts: vec![Decimal::new(4900, 2)], ..pro() }],
        Plan::Nothing => Vec::new(),
    }
}

/// A charge without a product.
fn by_hand() -> NewCharge {
    NewCharge { product: None, name: "Travel".to_owned(), ..line("SETUP", "1", "12.5") }
}

fn line(code: &str, quantity: &str, unit_price: &str) -> NewCharge {
    let name = PRODUCTS.iter().find(|product| product.0 == code).map_or(code, |product| product.1);
    let decimal = |text: &str| text.parse::<Decimal>().expect("a literal decimal");
    let (quantity, unit_price) = (decimal(quantity), decimal(unit_price));
    NewCharge {
        name: name.to_owned(),
        description: None,
        product: Some(code.to_owned()),
        quantity,
        unit_price,
        amount: cents(quantity * unit_price),
        discounts: Vec::new(),
    }
}

pub(super) fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}
