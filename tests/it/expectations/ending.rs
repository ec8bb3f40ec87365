//! What the postings law makes of each record of an account, worked out from
//! the account and the links alone.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use latchd::sandbox::staxbill::{Account, Allocation, Customer, CustomerStatus, Invoice, Payment};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::file::Link;

/// The kinds in the order in which they are posted.
pub(super) const KINDS: [&str; 7] =
    ["customer/", "invoice/", "payment/", "refund/", "credit/", "charge-reversal/", "write-off/"];

/// How a record ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ending {
    pub(super) ends: String,
    pub(super) why: Option<String>,
    pub(super) by: Option<String>,
    pub(super) how: Option<String>,
    pub(super) of: Option<String>,
    pub(super) amount: Option<Decimal>,
    pub(super) open: Option<Decimal>,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{ ends = \"{}\"", self.ends)?;
        for (name, value) in [("why", &self.why), ("by", &self.by), ("how", &self.how), ("of", &self.of)] {
            if let Some(value) = value {
                write!(f, ", {name} = \"{value}\"")?;
            }
        }
        for (name, value) in [("amount", self.amount), ("open", self.open)] {
            if let Some(value) = value {
                write!(f, ", {name} = \"{}\"", value.normalize())?;
            }
        }
        write!(f, " }}")
    }
}

impl Ending {
    fn plain(ends: &str) -> Self {
        Self { ends: ends.to_owned(), ..Self::default() }
    }

    fn out(why: &str) -> Self {
        Self { why: Some(why.to_owned()), ..Self::plain("out-of-scope") }
    }

    fn because(ends: &str, code: &str) -> Self {
        Self { why: Some(code.to_owned()), ..Self::plain(ends) }
    }

    fn blocked(by: &str) -> Self {
        Self { by: Some(by.to_owned()), ..Self::plain("blocked") }
    }

    /// With what it comes to; only what stands has amounts.
    fn worth(self, amount: Decimal, open: Option<Decimal>) -> Self {
        Self { amount: Some(amount.normalize()), open: open.map(|open| open.normalize()), ..self }
    }

    /// Whether its object stands in QuickBooks, if only in part.
    fn stands(&self) -> bool {
        let partly = matches!(self.why.as_deref(), Some("applied-before-start" | "invalid-record"));
        self.ends == "synced" || (self.ends == "held" && partly)
    }
}

/// What matters of the QuickBooks company.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Company {
    /// The day through which its books are closed.
    pub(super) closed: Option<Date>,
    /// Whether it keeps books in several currencies.
    pub(super) currencies: bool,
}

/// An account and who of it is linked.
pub(super) struct Linked<'a> {
    account: &'a Account,
    links: &'a BTreeMap<i64, Link>,
    company: Company,
    made: BTreeMap<String, Ending>,
    /// What stands on each invoice in QuickBooks.
    covered: BTreeMap<i64, Decimal>,
}

impl<'a> Linked<'a> {
    pub(super) fn new(account: &'a Account, links: &'a BTreeMap<i64, Link>, company: Company) -> Self {
        Self { account, links, company, made: BTreeMap::new(), covered: BTreeMap::new() }
    }

    /// Every record's end, by its key.
    pub(super) fn endings(mut self) -> BTreeMap<String, Ending> {
        for customer in self.account.customers() {
            let ending = self.customer(&customer);
            self.made.insert(format!("customer/{}", customer.id), ending);
        }
        for invoice in self.account.invoices() {
            let ending = self.invoice(&invoice);
            self.made.insert(format!("invoice/{}", invoice.id), ending);
        }
        for payment in self.account.payments() {
            let ending = self.payment(&payment);
            self.made.insert(format!("payment/{}", payment.id), ending);
        }
        self.refunds();
        self.credits();
        self.write_offs();
        self.reversals();
        for invoice in self.account.invoices() {
            let key = format!("invoice/{}", invoice.id);
            let covered = self.covered.get(&invoice.id).copied().unwrap_or_default();
            let ending = self.made.remove(&key).expect("made above");
            let ending = if ending.stands() {
                ending.worth(invoice.amount(), Some(invoice.amount() - covered))
            } else {
                ending
            };
            self.made.insert(key, ending);
        }
        self.made
    }

    fn customer(&self, customer: &Customer) -> Ending {
        let link = self.links.get(&customer.id);
        match (customer.fields.status, link) {
            (CustomerStatus::Draft, _) => Ending::out("draft"),
            (CustomerStatus::Cancelled, None) => Ending::out("cancelled without a line"),
            (_, None) => Ending::because("failed", "not-connected"),
            (_, Some(link)) if link.skip => Ending::out("skipped"),
            _ if customer.currency() != "USD" && !self.company.currencies => {
                Ending::because("failed", "currency-mismatch")
            }
            _ if customer.quickbooks_id.is_some() => Ending::because("failed", "possible-duplicate"),
            _ => Ending::plain("synced"),
        }
    }

    /// What is true of a document of any kind; none where it can be posted.
    fn document(&self, customer: i64, at: Timestamp, own_sync: Option<i64>) -> Option<Ending> {
        let key = format!("customer/{customer}");
        let owner = &self.made[&key];
        if owner.ends == "out-of-scope" {
            return Some(Ending::out("customer"));
        }
        if !self.counts(customer, at) {
            return Some(Ending::out("before start"));
        }
        if owner.ends != "synced" {
            return Some(Ending::blocked(&key));
        }
        if own_sync.is_some() {
            return Some(Ending::because("failed", "possible-duplicate"));
        }
        None
    }

    fn hold_if_closed(&self, at: Timestamp) -> Option<Ending> {
        let closed = self.company.closed.is_some_and(|through| day_of(at) <= through);
        closed.then(|| Ending::because("held", "closed-period"))
    }

    fn counts(&self, customer: i64, at: Timestamp) -> bool {
        let start = self.links.get(&customer).and_then(|link| link.start);
        start.is_none_or(|start| day_of(at) >= start)
    }

    fn invoice(&self, invoice: &Invoice) -> Ending {
        if let Some(ending) =
            self.document(invoice.customer, invoice.effective, None).filter(|one| one.ends == "out-of-scope")
        {
            return ending;
        }
        if invoice.amount().is_zero() {
            return Ending::out("zero");
        }
        let (customer, at) = (invoice.customer, invoice.effective);
        let otherwise =
            self.document(customer, at, invoice.quickbooks_id).or_else(|| self.hold_if_closed(at));
        if let Some(ending) = otherwise {
            return ending;
        }
        let payments =
            invoice.payments.iter().filter_map(|id| self.account.payment(*id)).map(|one| one.effective);
        let credits =
            invoice.credits.iter().filter_map(|id| self.account.credit(*id)).map(|one| one.effective);
        if payments.chain(credits).any(|at| !self.counts(customer, at)) {
            return Ending::because("held", "applied-before-start");
        }
        Ending::plain("synced")
    }

    fn payment(&mut self, payment: &Payment) -> Ending {
        let (customer, at) = (payment.customer, payment.effective);
        let scope = self.document(customer, at, None).filter(|one| one.ends == "out-of-scope");
        if let Some(ending) = scope {
            return ending;
        }
        if !payment.send_to_quickbooks_online {
            return Ending::out("not to be sent");
        }
        if let Some(ending) = self.document(customer, at, payment.own_sync.id) {
            return ending;
        }
        let parent = self.account.activity(payment.activity).and_then(|one| one.parent);
        let amount = payment.amount - payment.refunded;
        // What a parent paid is applied by a person, and left alone until then.
        let ending = if parent.is_some() && !payment.allocations.is_empty() {
            let held = Ending::because("held", "invalid-record").worth(amount, Some(amount));
            self.hold_if_closed(at).unwrap_or(held)
        } else {
            self.apply((customer, at), &payment.allocations, amount)
        };
        match (payment.refunded.is_zero(), amount.is_zero()) {
            (true, _) => ending,
            (false, true) => Ending { how: Some("voided".to_owned()), ..ending },
            (false, false) => Ending { how: Some("amended".to_owned()), ..ending },
        }
    }

    /// Money or credit laid on invoices as far as they can take it.
    fn apply(&mut self, (customer, at): (i64, Timestamp), rows: &[Allocation], amount: Decimal) -> Ending {
        let (mut open, mut crossing) = (amount, false);
        for row in rows {
            let key = format!("invoice/{}", row.invoice);
            let invoice = &self.made[&key];
            if invoice.ends == "out-of-scope" {
                crossing = true;
            } else if !invoice.stands() {
                return Ending::blocked(invoice.by.as_ref().unwrap_or(&key));
            } else {
                open -= row.amount;
            }
        }
        if let Some(held) = self.hold_if_closed(at) {
            return held;
        }
        for row in rows.iter().filter(|row| self.made[&format!("invoice/{}", row.invoice)].stands()) {
            *self.covered.entry(row.invoice).or_default() += row.amount;
        }
        debug_assert!(self.counts(customer, at), "only what counts is applied");
        let ending =
            if crossing { Ending::because("held", "applied-before-start") } else { Ending::plain("synced") };
        ending.worth(amount, Some(open))
    }

    /// A refund ends as its payment does; a debit, as its credit.
    fn taken_back(&self, of: &str, (customer, at): (i64, Timestamp), amount: Decimal) -> Ending {
        let ending = match self.document(customer, at, None) {
            Some(ending) => ending,
            None => match &self.made[of] {
                one if one.stands() => Ending::plain("synced"),
                one if one.ends == "out-of-scope" && one.why.as_deref() == Some("before start") => {
                    Ending::because("held", "applied-before-start")
                }
                one if one.ends == "out-of-scope" => Ending::out("what it takes back is"),
                one => Ending::blocked(one.by.as_deref().unwrap_or(of)),
            },
        };
        Ending { of: Some(of.to_owned()), ..ending.worth(amount, None) }
    }

    fn refunds(&mut self) {
        for one in self.account.refunds() {
            let of = format!("payment/{}", one.payment);
            let ending = self.taken_back(&of, (one.customer, one.effective), one.amount);
            self.made.insert(format!("refund/{}", one.id), ending);
        }
    }

    fn credits(&mut self) {
        for one in self.account.credits() {
            let (owner, amount) = ((one.customer, one.effective), one.amount - one.debited);
            let ending = self
                .document(one.customer, one.effective, one.own_sync.id)
                .unwrap_or_else(|| self.apply(owner, &one.allocations, amount));
            let how = (!one.debited.is_zero()).then(|| "lowered".to_owned());
            let ending = Ending { how, amount: Some(amount.normalize()), ..ending };
            self.made.insert(format!("credit/{}", one.id), ending);
        }
        for one in self.account.debits() {
            let of = format!("credit/{}", one.credit);
            let ending = self.taken_back(&of, (one.customer, one.effective), one.amount);
            self.made.insert(format!("credit/{}", one.id), ending);
        }
    }

    fn write_offs(&mut self) {
        for one in self.account.write_offs() {
            let ending = self.document(one.customer, one.effective, None).unwrap_or_else(|| {
                let row = Allocation { invoice: one.invoice, amount: one.amount, at: one.effective };
                self.apply((one.customer, one.effective), &[row], one.amount)
            });
            let ending = Ending { amount: Some(one.amount.normalize()), ..ending };
            self.made.insert(format!("write-off/{}", one.id), ending);
        }
    }

    /// A credit note's memo takes what payments, credits and write-offs leave
    /// of its invoice; what is beyond stays open.
    fn reversals(&mut self) {
        for note in self.account.credit_notes() {
            let first = note.reversals.first().and_then(|id| self.account.reversal(*id));
            let at = first.expect("a note lists reversals").effective;
            let invoice = self.account.invoice(note.invoice).expect("a note has its invoice");
            let left = invoice.amount() - self.covered.get(&note.invoice).copied().unwrap_or_default();
            let ending = self.document(note.customer, at, None).unwrap_or_else(|| {
                let amount = note.net.min(left);
                let row = Allocation { invoice: note.invoice, amount, at };
                self.apply((note.customer, at), &[row], note.net)
            });
            let ending = Ending { amount: Some(note.net.normalize()), ..ending };
            self.made.insert(format!("charge-reversal/{}", note.id), ending);
        }
    }
}

/// The customer of every record, by its key.
pub(super) fn owners(account: &Account) -> BTreeMap<String, i64> {
    let mut owners = BTreeMap::new();
    let mut all = |kind: &str, rows: Vec<(i64, i64)>| {
        owners.extend(rows.into_iter().map(|(id, customer)| (format!("{kind}{id}"), customer)));
    };
    let [customer, invoice, payment, refund, credit, reversal, write_off] = KINDS;
    all(customer, account.customers().iter().map(|one| (one.id, one.id)).collect());
    all(invoice, account.invoices().iter().map(|one| (one.id, one.customer)).collect());
    all(payment, account.payments().iter().map(|one| (one.id, one.customer)).collect());
    all(refund, account.refunds().iter().map(|one| (one.id, one.customer)).collect());
    all(credit, account.credits().iter().map(|one| (one.id, one.customer)).collect());
    all(credit, account.debits().iter().map(|one| (one.id, one.customer)).collect());
    all(reversal, account.credit_notes().iter().map(|one| (one.id, one.customer)).collect());
    all(write_off, account.write_offs().iter().map(|one| (one.id, one.customer)).collect());
    owners
}

fn day_of(at: Timestamp) -> Date {
    let zone = TimeZone::get("America/Los_Angeles").expect("the zone database is bundled");
    at.to_zoned(zone).date()
}
