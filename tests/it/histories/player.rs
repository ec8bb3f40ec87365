//! Lets things happen: at the biller's desk, in the operator's files, on the
//! network, and to the process.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use latchd::engine::Engine;
use latchd::pass;
use latchd::sandbox::staxbill::{
    Account, Invoice, NewCharge, NewCustomer, NewInvoice, NewPayment, NewProduct, Payment, ProductType,
};
use latchd::sandbox::trouble::{Kind, Rule};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::acts::{Act, Calls, Charge, Pick, Wrong};
use crate::company::Company;

/// Code, quantity and unit price; the third comes to a cent by rounding.
const PRODUCTS: [(&str, &str, &str); 5] = [
    ("PRO", "1", "49.00"),
    ("BASIC", "2", "19.99"),
    ("SEATS", "3", "33.333333"),
    ("HOURS", "2.25", "80.10"),
    ("CENT", "1", "0.01"),
];
/// The paths of both APIs, without those of tokens.
const STAXBILL: &str = "/v1";
const QUICKBOOKS: &str = "/v3/company";
const METHODS: [&str; 4] = ["CreditCard", "Check", "ACH", "Cash"];
/// Every call takes so long in a pass that is killed.
const STEP: Duration = Duration::from_millis(20);
const ITEMS: &str = "[items]\nPRO = \"Services\"\nSEATS = \"Hours\"\n";

/// A decision of the operator's.
#[derive(Clone, Debug)]
pub(super) enum Line {
    /// It is left out.
    Skip,
    /// It is linked.
    Link {
        /// The QuickBooks customer that it is; none: one is created.
        adopt: Option<String>,
        /// From which day it counts; none: from the beginning.
        start: Option<Date>,
    },
}

/// A company and what its operator decided.
pub(super) struct Played {
    pub(super) company: Company,
    pub(super) lines: BTreeMap<i64, Line>,
}

/// A company to which things happen.
pub(super) struct Player {
    played: Played,
    /// The process that runs, if one does.
    engine: Option<Engine>,
    /// The QuickBooks customer that may be adopted for each customer.
    twins: BTreeMap<i64, String>,
    full_scan_hours: u64,
}

/// The company's zone, as its file says.
pub(super) fn zone() -> TimeZone {
    TimeZone::get("America/Los_Angeles").expect("the zone database is bundled")
}

impl Player {
    /// A company with three customers.
    pub(super) fn new() -> Self {
        let company = Company::bare(ITEMS);
        for (code, ..) in PRODUCTS {
            let (code, name) = (code.to_owned(), code.to_owned());
            let product_type = ProductType::RecurringService;
            company.sandbox.staxbill.add_product(NewProduct {
                code,
                name,
                product_type,
                gl_code: String::new(),
            });
        }
        let played = Played { company, lines: BTreeMap::new() };
        let mut first = Self { played, engine: None, twins: BTreeMap::new(), full_scan_hours: 24 };
        for _ in 0..3 {
            first.enter();
        }
        first
    }

    /// What came of it; whatever process ran is gone.
    pub(super) fn into_company(self) -> Played {
        self.played
    }

    pub(super) async fn play(&mut self, act: &Act) {
        match act {
            Act::Enter => self.enter(),
            Act::Bill { customer, charges, taxed, days_back } => {
                self.bill(*customer, charges, *taxed, *days_back);
            }
            Act::Pay { customer, percent, invoices, days_back, method } => {
                self.pay(*customer, (*percent, *invoices), *days_back, *method);
            }
            Act::Allocate { payment, invoice, percent } => self.allocate(*payment, *invoice, *percent),
            Act::Release { payment, row, percent } => {
                self.release(*payment, *row, *percent);
            }
            Act::Move { payment, row, percent, invoice } => {
                self.move_on(*payment, (*row, *percent), *invoice);
            }
            Act::Swap { payment, other } => self.swap(*payment, *other),
            Act::Connect { customer, adopt, days_back } => self.connect(*customer, *adopt, *days_back),
            Act::Skip { customer } => {
                let customer = self.customer(*customer);
                self.played.lines.entry(customer).or_insert(Line::Skip);
                self.write_files();
            }
            Act::Earlier { customer, days } => self.earlier(*customer, *days),
            Act::LookAgain { hours } => {
                self.full_scan_hours = *hours;
                self.write_files();
            }
            Act::Wait { minutes } => self.played.company.wait(Duration::from_mins(*minutes)).await,
            Act::Once => {
                self.engine = None;
                self.played.company.once().await;
            }
            Act::Pass => self.pass().await,
            Act::Plan => {
                self.played.company.plan().await;
            }
            Act::Crash { steps, late } => self.crash(*steps, *late).await,
            Act::Trouble { skip, times, calls, what } => self.trouble((*skip, *times), *calls, *what),
        }
    }

    fn account(&self) -> &Account {
        &self.played.company.sandbox.staxbill
    }

    fn now(&self) -> Timestamp {
        self.played.company.sandbox.clock.now()
    }

    fn days_ago(&self, days: i64) -> Timestamp {
        self.now() - SignedDuration::from_hours(24 * days)
    }

    fn customer(&self, pick: Pick) -> i64 {
        pick.get(&self.account().customers()).id
    }

    fn enter(&mut self) {
        let name = format!("Client {}", self.account().customers().len());
        let id = self
            .account()
            .add_customer(NewCustomer { company_name: Some(name.clone()), ..NewCustomer::default() });
        let twin = self.played.company.sandbox.quickbooks.bookkeeper();
        let twin = twin.create("Customer", json!({ "DisplayName": name })).expect("the name is free");
        self.twins.insert(id, twin["Id"].as_str().expect("an object has an id").to_owned());
    }

    fn bill(&mut self, customer: Pick, charges: &[Charge], taxed: bool, days_back: i64) {
        let customer = self.customer(customer);
        let charges: Vec<NewCharge> = charges.iter().map(charge).collect();
        let net: Decimal = charges.iter().map(|one| one.amount - one.discounts.iter().sum::<Decimal>()).sum();
        let sales_tax = ("CA".to_owned(), Decimal::new(725, 2), cents(net * Decimal::new(725, 4)));
        let effective = self.days_ago(days_back);
        self.account().post_invoice(NewInvoice {
            customer,
            effective,
            charges,
            taxes: taxed.then_some(sales_tax).into_iter().collect(),
            due_days: 30,
            ..NewInvoice::default()
        });
    }

    /// A customer's invoices that are owed something.
    fn open(&self, customer: i64) -> Vec<Invoice> {
        let invoices = self.account().invoices().into_iter();
        invoices.filter(|one| one.customer == customer && !one.outstanding().is_zero()).collect()
    }

    fn pay(&mut self, customer: Pick, (percent, invoices): (u32, usize), days_back: i64, method: Pick) {
        let customer = self.customer(customer);
        let open = self.open(customer);
        let owed: Decimal = open.iter().map(Invoice::outstanding).sum();
        let amount = share(owed, percent);
        let amount = if amount.is_zero() { Decimal::TEN } else { amount };
        let (mut left, mut allocations) = (amount, Vec::new());
        for invoice in open.iter().take(invoices) {
            let part = left.min(invoice.outstanding());
            if !part.is_zero() {
                allocations.push((invoice.id, part));
            }
            left -= part;
        }
        let effective = self.days_ago(days_back);
        let method = (*method.get(&METHODS)).to_owned();
        let reference = (method == "Check").then(|| format!("chq {percent}"));
        self.account().collect_payment(NewPayment {
            customer,
            amount,
            effective,
            method,
            reference,
            allocations,
            ..NewPayment::default()
        });
    }

    fn payment(&self, pick: Pick, wanted: impl Fn(&Payment) -> bool) -> Option<Payment> {
        let payments: Vec<Payment> = self.account().payments().into_iter().filter(wanted).collect();
        (!payments.is_empty()).then(|| pick.get(&payments).clone())
    }

    fn allocate(&mut self, payment: Pick, invoice: Pick, percent: u32) {
        let Some(payment) = self.payment(payment, |one| !one.unallocated().is_zero()) else { return };
        self.put(&payment, invoice, share(payment.unallocated(), percent));
    }

    fn put(&self, payment: &Payment, invoice: Pick, amount: Decimal) {
        let open = self.open(payment.customer);
        if open.is_empty() {
            return;
        }
        let invoice = invoice.get(&open);
        let amount = amount.min(invoice.outstanding());
        if !amount.is_zero() {
            self.account().allocate(payment.id, invoice.id, amount);
        }
    }

    fn release(&mut self, payment: Pick, row: Pick, percent: u32) -> Option<(Payment, Decimal)> {
        let payment = self.payment(payment, |one| !one.allocations.is_empty())?;
        let row = row.get(&payment.allocations);
        let amount = share(row.amount, percent).max(Decimal::new(1, 2));
        self.account().deallocate(payment.id, row.invoice, amount);
        Some((payment, amount))
    }

    fn move_on(&mut self, payment: Pick, (row, percent): (Pick, u32), invoice: Pick) {
        if let Some((payment, amount)) = self.release(payment, row, percent) {
            self.put(&payment, invoice, amount);
        }
    }

    fn swap(&mut self, payment: Pick, other: Pick) {
        let Some(payment) = self.payment(payment, |one| !one.allocations.is_empty()) else { return };
        let Some(row) = payment.allocations.first() else { return };
        let elsewhere = |one: &Payment| one.allocations.first().is_some_and(|its| its.invoice != row.invoice);
        let other = self.payment(other, |one| one.customer == payment.customer && elsewhere(one));
        let Some(other) = other else { return };
        let its = &other.allocations[0];
        let amount = row.amount.min(its.amount);
        for (from, row) in [(&payment, row), (&other, its)] {
            self.account().deallocate(from.id, row.invoice, amount);
        }
        self.account().allocate(payment.id, its.invoice, amount);
        self.account().allocate(other.id, row.invoice, amount);
    }

    fn connect(&mut self, customer: Pick, adopt: bool, days_back: Option<i64>) {
        let customer = self.customer(customer);
        if matches!(self.played.lines.get(&customer), Some(Line::Link { .. })) {
            return;
        }
        let adopt = adopt.then(|| self.twins[&customer].clone());
        let start = days_back.map(|days| self.days_ago(days).to_zoned(zone()).date());
        self.played.lines.insert(customer, Line::Link { adopt, start });
        self.write_files();
    }

    fn earlier(&mut self, customer: Pick, days: i64) {
        let customer = self.customer(customer);
        if let Some(Line::Link { start: Some(start), .. }) = self.played.lines.get_mut(&customer) {
            *start = start.saturating_sub(SignedDuration::from_hours(24 * days));
        }
        self.write_files();
    }

    fn write_files(&mut self) {
        let hours = self.full_scan_hours;
        let mut files = format!("{ITEMS}\n[schedule]\nfull_scan = \"{hours}h\"\n\n[links]\n");
        for (id, line) in &self.played.lines {
            let line = match line {
                Line::Skip => "skip = \"a test\"".to_owned(),
                Line::Link { adopt, start } => {
                    let start = start.map_or_else(|| "\"beginning\"".to_owned(), |day| day.to_string());
                    let name = self.account().customer(*id).and_then(|one| one.fields.company_name);
                    let name = name.expect("every customer has a name");
                    match adopt {
                        Some(twin) => format!("adopt = \"{twin}\", expect = \"{name}\", start = {start}"),
                        None => format!("create = true, start = {start}"),
                    }
                }
            };
            writeln!(files, "{id} = {{ {line}, by = \"T-1\" }}").expect("a text can be written to");
        }
        self.played.company.files = files;
    }

    /// A pass of the process that runs.
    async fn pass(&mut self) {
        let company = &self.played.company;
        let engine = self.engine.get_or_insert_with(|| company.engine());
        let world = engine.world(&company.config(), CancellationToken::new());
        pass::run(&world, &mut |_| {}).await.expect("the state is sound");
    }

    async fn crash(&mut self, steps: u64, late: bool) {
        self.engine = None;
        let ms = STEP.as_millis().try_into().expect("a step is short");
        let slow = if late { Kind::DelayAnswer { ms } } else { Kind::Delay { ms } };
        for path in [STAXBILL, QUICKBOOKS] {
            self.played.company.sandbox.trouble.add(Rule::next(path, slow).every());
        }
        let killed = STEP * u32::try_from(steps).expect("few steps") + STEP / 2;
        drop(tokio::time::timeout(killed, self.pass()).await);
        self.engine = None;
        self.played.company.sandbox.trouble.clear();
    }

    fn trouble(&self, (skip, times): (u64, u64), calls: Calls, what: Wrong) {
        let kind = match what {
            Wrong::Refused => Kind::Refuse,
            Wrong::Cut => Kind::Cut,
            Wrong::Half => Kind::HalfBody,
            Wrong::TooMany => Kind::TooMany { retry_after: Some(2) },
            Wrong::Unavailable => Kind::Status { code: 503, after: false },
            Wrong::Stumbled => Kind::Status { code: 500, after: true },
            Wrong::Html => Kind::Html { code: 200 },
        };
        let rule = match calls {
            Calls::StaxBill => Rule::next(STAXBILL, kind),
            Calls::QuickBooks => Rule::next(QUICKBOOKS, kind),
            Calls::QuickBooksPosts => Rule::next(QUICKBOOKS, kind).method("POST"),
        };
        self.played.company.sandbox.trouble.add(rule.nth(skip + 1).times(times));
    }
}

fn charge(charge: &Charge) -> NewCharge {
    let (code, quantity, unit_price) = *charge.product.get(&PRODUCTS);
    let decimal = |text: &str| text.parse::<Decimal>().expect("a literal decimal");
    let (quantity, unit_price) = (decimal(quantity), decimal(unit_price));
    let amount = cents(quantity * unit_price);
    NewCharge {
        name: code.to_owned(),
        description: None,
        product: Some(code.to_owned()),
        quantity,
        unit_price,
        amount,
        discounts: (charge.discount_percent > 0)
            .then(|| share(amount, charge.discount_percent))
            .into_iter()
            .collect(),
    }
}

fn share(amount: Decimal, percent: u32) -> Decimal {
    cents(amount * Decimal::from(percent) / Decimal::ONE_HUNDRED)
}

fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}
