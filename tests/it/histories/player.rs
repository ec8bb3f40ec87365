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
use latchd::sandbox::staxbill::{Account, NewCustomer, NewProduct, ProductType};
use latchd::sandbox::trouble::{Kind, Rule};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::acts::{Act, Calls, Pick, Variant, Wrong};
use super::biller::{Biller, PRODUCTS, TAXES};
use super::disk::folder_of;
use super::entered::{self, Entered};
use super::rough::{Rough, blow_of};
use super::trace::Trace;
use super::variants::{CURRENCIES, posting, sandbox};
use crate::company::Company;

/// The paths of both APIs, without those of tokens.
const STAXBILL: &str = "/v1";
pub(super) const QUICKBOOKS: &str = "/v3/company";
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
    pub(super) variant: Variant,
    pub(super) company: Company,
    pub(super) lines: BTreeMap<i64, Line>,
    /// What a bookkeeper entered by hand before customers were linked.
    pub(super) entered: Vec<Entered>,
    /// Whether an older state was put back: which words of an invoice were posted
    /// is not known any more, and it is taken as it was found.
    pub(super) put_back: bool,
    /// Which warning of a record the operator leaves alone.
    pub(super) dismissed: BTreeMap<String, &'static str>,
}

/// A company to which things happen.
pub(super) struct Player {
    pub(super) played: Played,
    /// The process that runs, if one does.
    pub(super) engine: Option<Engine>,
    /// What rough weather needs.
    pub(super) rough: Option<Rough>,
    /// The QuickBooks customer that may be adopted for each customer.
    twins: BTreeMap<i64, String>,
    full_scan_hours: u64,
    /// Whether a bookkeeper enters documents before customers are linked.
    by_hand: bool,
    /// What happens is noted there.
    pub(super) trace: Option<Trace>,
}

/// The company's zone, as its file says.
pub(super) fn zone() -> TimeZone {
    TimeZone::get("America/Los_Angeles").expect("the zone database is bundled")
}

impl Player {
    /// A company with three customers.
    pub(super) fn new(variant: Variant, by_hand: bool) -> Self {
        let mut company = Company::with(sandbox(variant), ITEMS);
        company.posting = posting(variant);
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
        let played = Played {
            variant,
            company,
            lines: BTreeMap::new(),
            entered: Vec::new(),
            put_back: false,
            dismissed: BTreeMap::new(),
        };
        let (engine, twins) = (None, BTreeMap::new());
        let mut first =
            Self { played, engine, rough: None, twins, full_scan_hours: 24, by_hand, trace: None };
        first.crowd();
        for _ in 0..3 {
            first.enter();
        }
        first.write_files();
        first
    }

    /// Notes what happens from now on, and watches the wire.
    pub(super) fn trace(&mut self, trace: &Trace) {
        trace.begin(&self.played.company.sandbox.clock);
        trace.wire.watch(self.disk(), folder_of(&self.played.company.main()));
        self.played.company.witness = Some(Box::new(trace.clone()));
        self.trace = Some(trace.clone());
    }

    /// Adds lines to `[posting]`.
    pub(super) fn post_by(&mut self, lines: &str) {
        self.played.company.posting.push_str(lines);
    }

    /// What came of it; whatever process ran is gone.
    pub(super) fn into_company(self) -> Played {
        self.played
    }

    pub(super) async fn play(&mut self, act: &Act) {
        // Only the invoice's stamp tells of it, which is as old as its clock is
        // fine.
        if matches!(act, Act::Amend { .. }) {
            self.played.company.wait(Duration::from_secs(1)).await;
        }
        if self.outside(act) {
            return;
        }
        if let Act::Wait { minutes } = act {
            self.played.company.wait(Duration::from_mins(*minutes)).await;
        } else if let Some(blow) = blow_of(act) {
            self.blow(blow).await;
        } else if let Act::Crash { steps, late } = act {
            self.crash(*steps, *late).await;
        } else if matches!(act, Act::Once) {
            self.engine = None;
            let (_, status) = self.played.company.once().await;
            self.left_alone(&status);
        } else if matches!(act, Act::Plan) {
            if self.rough.is_some() {
                // A state has one owner: who plans beside it is answered by it.
                self.engine = None;
            }
            self.played.company.plan().await;
        } else {
            self.pass().await;
        }
    }

    /// What happens outside of the process; tells whether the act is such.
    pub(super) fn outside(&mut self, act: &Act) -> bool {
        match act {
            Act::Enter => self.enter(),
            Act::Bill { .. }
            | Act::Pay { .. }
            | Act::Credit { .. }
            | Act::Allocate { .. }
            | Act::Release { .. }
            | Act::Move { .. }
            | Act::Swap { .. }
            | Act::Refund { .. }
            | Act::Bounce { .. }
            | Act::Debit { .. }
            | Act::Reverse { .. }
            | Act::WriteOff { .. }
            | Act::Amend { .. } => self.bill(act),
            Act::CloseBooks { days_back } => self.close_books(*days_back),
            Act::ForeignPayment { invoice, percent } => self.pay_by_hand(*invoice, *percent),
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
            Act::Trouble { skip, times, calls, what } => self.trouble((*skip, *times), *calls, *what),
            Act::Wait { .. } | Act::Once | Act::Pass | Act::Plan | Act::Crash { .. } | Act::Rough(_) => {
                return false;
            }
        }
        true
    }

    pub(super) fn played(&self) -> &Played {
        &self.played
    }

    fn account(&self) -> &Account {
        &self.played.company.sandbox.staxbill
    }

    pub(super) fn now(&self) -> Timestamp {
        self.played.company.sandbox.clock.now()
    }

    pub(super) fn days_ago(&self, days: i64) -> Timestamp {
        self.now() - SignedDuration::from_hours(24 * days)
    }

    fn customer(&self, pick: Pick) -> i64 {
        pick.get(&self.account().customers()[self.others()..]).id
    }

    /// A biller's act.
    fn bill(&self, act: &Act) {
        let biller = Biller { account: self.account(), now: self.now(), others: self.others() };
        match act {
            Act::Bill { customer, charges, taxes, days_back } => {
                biller.bill(*customer, charges, *taxes, *days_back);
            }
            Act::Pay { customer, share, method } => biller.pay(*customer, *share, *method),
            Act::Credit { customer, share, opening } => biller.credit(*customer, *share, *opening),
            Act::Allocate { fund, invoice, percent } => biller.allocate(*fund, *invoice, *percent),
            Act::Release { fund, row, percent } => biller.release(*fund, *row, *percent),
            Act::Move { fund, row, percent, invoice } => biller.move_on(*fund, (*row, *percent), *invoice),
            Act::Swap { fund, other } => biller.swap(*fund, *other),
            Act::Refund { payment, back } => biller.refund(*payment, *back),
            Act::Bounce { payment, days_back } => biller.bounce(*payment, *days_back),
            Act::Debit { credit, back } => biller.debit(*credit, *back),
            Act::Reverse { invoice, charges, days_back } => biller.reverse(*invoice, charges, *days_back),
            Act::WriteOff { invoice, percent, days_back } => {
                biller.write_off(*invoice, *percent, *days_back);
            }
            Act::Amend { invoice, po_number, notes } => biller.amend(*invoice, *po_number, *notes),
            Act::Enter
            | Act::CloseBooks { .. }
            | Act::ForeignPayment { .. }
            | Act::Connect { .. }
            | Act::Skip { .. }
            | Act::Earlier { .. }
            | Act::LookAgain { .. }
            | Act::Wait { .. }
            | Act::Once
            | Act::Pass
            | Act::Plan
            | Act::Crash { .. }
            | Act::Rough(_)
            | Act::Trouble { .. } => unreachable!("{act:?} is no biller's"),
        }
    }

    fn enter(&mut self) {
        let count = self.account().customers().len() - self.others();
        let name = format!("Client {count}");
        let currency = if self.played.variant.currencies { CURRENCIES[count % 3] } else { CURRENCIES[0] };
        let id = self.account().add_customer(NewCustomer {
            company_name: Some(name.clone()),
            currency: Some(currency.to_owned()),
            ..NewCustomer::default()
        });
        let mut twin = json!({ "DisplayName": name });
        if self.played.variant.currencies {
            twin["CurrencyRef"] = json!({ "value": currency });
        }
        let twin = self.played.company.sandbox.quickbooks.bookkeeper().create("Customer", twin);
        let twin = twin.expect("the name is free");
        self.twins.insert(id, twin["Id"].as_str().expect("an object has an id").to_owned());
    }

    fn connect(&mut self, customer: Pick, adopt: bool, days_back: Option<i64>) {
        let customer = self.customer(customer);
        if matches!(self.played.lines.get(&customer), Some(Line::Link { .. })) {
            return;
        }
        let adopt = adopt.then(|| self.twins[&customer].clone());
        if let Some(twin) = adopt.as_ref().filter(|_| self.by_hand) {
            self.played.entered.extend(entered::enter(&self.played, customer, twin));
        }
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

    pub(super) fn write_files(&mut self) {
        let hours = self.full_scan_hours;
        let mut files = format!("{ITEMS}\n[schedule]\nfull_scan = \"{hours}h\"\n\n");
        if self.played.variant.tax_codes {
            files.push_str("[taxes]\n");
            for (name, percent) in TAXES {
                writeln!(files, "\"{name} {percent}\" = \"California\"").expect("a text can be written to");
            }
        }
        files.push_str("\n[dismiss]\n");
        for (key, code) in &self.played.dismissed {
            let until = "until = 2027-12-31, why = \"a test\", by = \"T-1\"";
            writeln!(files, "\"{key}\" = {{ codes = [\"{code}\"], {until} }}")
                .expect("a text can be written to");
        }
        files.push_str("\n[links]\n");
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
        let done = pass::run(&world, &mut |_| {}).await.expect("the state is sound");
        company.note(&done);
    }

    pub(super) async fn crash(&mut self, steps: u64, late: bool) {
        self.engine = None;
        let ms = STEP.as_millis().try_into().expect("a step is short");
        let slow = if late { Kind::DelayAnswer { ms } } else { Kind::Delay { ms } };
        for path in [STAXBILL, QUICKBOOKS] {
            self.played.company.sandbox.trouble.add(Rule::next(path, slow).every());
        }
        let killed = STEP * u32::try_from(steps).expect("few steps") + STEP / 2;
        drop(tokio::time::timeout(killed, self.pass()).await);
        if let Some(trace) = &self.trace {
            trace.note("= killed, unless the pass had ended");
        }
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
