//! What Stax Bill's own integration did: the customers that it linked, and the
//! documents that it posted and that something may still be applied to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::read::Sides;
use super::show::{Row, Taken};
use super::{Unproposed, Vendors};
use crate::entity::customer::{LIKENESS_MIN, likeness};
use crate::model::{
    ActivityKind, Allocation, ArActivity, Credit, CreditNoteHead, Entity, Invoice, Key, ObjectId, Payment,
    Start, Taken as Withdrawn, date_in,
};
use crate::staxbill::{MoneyRow, Order, StaxError};
use crate::suggest::For;

/// Rows of a page of the stream (Stax Bill: pagination).
const ROWS: usize = 1000;

/// A record of Stax Bill's and the document that its integration made of it.
pub(super) type Match = (Key, ObjectId);

/// From when on documents are in scope.
pub(super) struct From<'a> {
    pub(super) start: Start,
    pub(super) today: Date,
    pub(super) zone: &'a TimeZone,
}

impl From<'_> {
    fn has(&self, at: Timestamp) -> bool {
        let day = date_in(at, self.zone);
        match self.start {
            Start::Beginning => true,
            Start::On(start) => day >= start,
            Start::Now => day >= self.today,
        }
    }
}

/// The link that Stax Bill's integration noted; nothing for a customer without
/// one. It is live where that customer lives and is called alike.
pub(super) fn customer(sides: &Sides, row: Row) -> Option<Row> {
    let at = sides.customers.binary_search_by_key(&row.suggestion.customer, |one| one.id).ok()?;
    let customer = &sides.customers[at];
    let id = customer.quickbooks_id.clone()?;
    let candidate = row.suggestion.candidates.iter().find(|one| one.id.as_str() == id);
    let bar = candidate.and_then(|one| one.against.iter().find(|objection| objection.is_bar()));
    let objection = match (sides.names.get(&id), bar) {
        (None, _) => Some("QuickBooks has no such customer".to_owned()),
        (Some((_, true)), _) => Some("it is inactive in QuickBooks".to_owned()),
        (Some(_), Some(bar)) => Some(bar.word().to_owned()),
        (Some((name, false)), None) => {
            let named = [For::ExactName, For::NormalisedName, For::SimilarName, For::Id, For::Mark];
            let alike = likeness(&customer.label(), name) >= LIKENESS_MIN
                || candidate.is_some_and(|one| one.evidence.iter().any(|word| named.contains(word)));
            (!alike).then(|| "it is called otherwise".to_owned())
        }
    };
    let name = sides.names.get(&id).map(|(name, _)| name.clone());
    let taken = Taken { id: ObjectId::new(id), name, objection, matches: Vec::new(), unmatched: Vec::new() };
    Some(Row { taken: Some(taken), ..row })
}

/// Two customers that name one QuickBooks customer are for a person to part.
pub(super) fn nobody_twice(rows: &mut [Row]) {
    let mut count: BTreeMap<ObjectId, u32> = BTreeMap::new();
    for taken in rows.iter().filter_map(|row| row.taken.as_ref()) {
        *count.entry(taken.id.clone()).or_default() += 1;
    }
    for taken in rows.iter_mut().filter_map(|row| row.taken.as_mut()) {
        if count.get(&taken.id).is_some_and(|count| *count > 1) {
            taken.objection = Some("Stax Bill names it for another customer too".to_owned());
        }
    }
}

/// The documents of `customers` that Stax Bill's integration posted and that
/// matter from the start on: those in scope by their day, those that are open,
/// and those that something in scope settles or takes back.
pub(super) async fn documents(
    vendors: &Vendors,
    from: &From<'_>,
    customers: &BTreeSet<u64>,
) -> Result<BTreeMap<u64, Vec<Match>>, Unproposed> {
    let mut found = Found::default();
    if customers.is_empty() {
        return Ok(BTreeMap::new());
    }
    for number in 0.. {
        let page = vendors.staxbill.invoice_summaries(None, number).await?;
        // An invoice in instalments has several rows.
        let rows = page.rows.into_iter().flatten().filter(|one| customers.contains(&one.customer));
        found.invoices.extend(rows.map(|one| (one.id, one)));
        if !page.more {
            break;
        }
    }
    for number in 0.. {
        let page = vendors.staxbill.payment_activities(None, number).await?;
        for row in page.rows.into_iter().flatten() {
            if let MoneyRow::Payment(payment) = row
                && customers.contains(&payment.customer)
            {
                found.payments.insert(payment.id, payment);
            }
        }
        if !page.more {
            break;
        }
    }
    let stream = stream(vendors, customers).await?;
    found.notes = notes(vendors, customers, &stream).await?;
    for id in stream.credits {
        match vendors.staxbill.credit(id).await {
            Ok(credit) => found.credits.extend(credit),
            Err(StaxError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found.matches(from))
}

/// What only the stream of activities lists: credits, and when charges were
/// reversed.
#[derive(Default)]
struct Stream {
    credits: BTreeSet<u64>,
    /// By id and by invoice.
    reversals: BTreeMap<u64, (u64, Timestamp)>,
}

impl Stream {
    fn take(&mut self, row: &ArActivity) {
        match row.kind {
            ActivityKind::Credit => drop(self.credits.insert(row.id)),
            ActivityKind::ChargeReversal => {
                let invoice = row.allocations.first();
                self.reversals.extend(invoice.map(|(invoice, _)| (row.id, (*invoice, row.effective_at))));
            }
            ActivityKind::Debit
            | ActivityKind::OpeningCredit
            | ActivityKind::WriteOff
            | ActivityKind::Other
            | ActivityKind::Unknown(_) => {}
        }
    }

    /// When the charges of a note were reversed: by the rows that name their
    /// reversals, else the latest reversal of its invoice.
    fn reversed_at(&self, note: &CreditNoteHead) -> Option<Timestamp> {
        let named = note.lines.iter().filter_map(|line| self.reversals.get(&line.reversal?));
        let first = named.map(|(_, at)| *at).min();
        let on_it = self.reversals.values().filter(|(invoice, _)| *invoice == note.invoice);
        first.or_else(|| on_it.map(|(_, at)| *at).max())
    }
}

/// The credit notes of `customers`: only a note's own rows tell its id, a call
/// each.
async fn notes(
    vendors: &Vendors,
    customers: &BTreeSet<u64>,
    stream: &Stream,
) -> Result<Vec<Note>, Unproposed> {
    let mut notes = Vec::new();
    for number in 0.. {
        let page = vendors.staxbill.credit_notes(number).await?;
        for head in page.rows.into_iter().flatten().filter(|one| customers.contains(&one.customer)) {
            let note = match vendors.staxbill.credit_note(head.id).await {
                Ok(Ok(note)) => note,
                Ok(Err(_)) | Err(StaxError::NotFound(_)) => continue,
                Err(error) => return Err(error.into()),
            };
            let posted_as = note.lines.iter().find_map(|line| line.quickbooks_id.clone());
            if let Some(at) = stream.reversed_at(&note) {
                let row = Allocation { invoice: note.invoice, amount: note.amount };
                notes.push(Note { id: note.id, customer: note.customer, at, row, posted_as });
            }
        }
        if !page.more {
            break;
        }
    }
    Ok(notes)
}

async fn stream(vendors: &Vendors, customers: &BTreeSet<u64>) -> Result<Stream, Unproposed> {
    let mut stream = Stream::default();
    for number in 0.. {
        let page = match vendors.staxbill.ar_activities(Order::OldestFirst, number, ROWS).await {
            Err(StaxError::Refused { .. } | StaxError::NotFound(_)) => {
                return stream_of(vendors, customers).await;
            }
            page => page?,
        };
        if !page.named {
            return stream_of(vendors, customers).await;
        }
        let rows = page.rows.iter().flatten().filter(|row| customers.contains(&row.customer));
        rows.for_each(|row| stream.take(row));
        if !page.more {
            break;
        }
    }
    Ok(stream)
}

/// The same where the account's own stream is refused: customer by customer.
async fn stream_of(vendors: &Vendors, customers: &BTreeSet<u64>) -> Result<Stream, Unproposed> {
    let mut stream = Stream::default();
    for customer in customers {
        for number in 0.. {
            let page = match vendors.staxbill.ar_activities_of(*customer, number).await {
                Err(StaxError::NotFound(_)) => break,
                page => page?,
            };
            page.rows.iter().flatten().for_each(|row| stream.take(row));
            if !page.more {
                break;
            }
        }
    }
    Ok(stream)
}

/// What Stax Bill has of these customers.
#[derive(Default)]
struct Found {
    invoices: BTreeMap<u64, Invoice>,
    payments: BTreeMap<u64, Payment>,
    credits: Vec<Credit>,
    notes: Vec<Note>,
}

/// A credit note, and what it takes off its invoice.
struct Note {
    id: u64,
    customer: u64,
    at: Timestamp,
    row: Allocation,
    posted_as: Option<String>,
}

/// What settles invoices: a payment, a credit or a credit note.
struct Fund<'a> {
    key: Key,
    customer: u64,
    at: Timestamp,
    is_open: bool,
    allocations: &'a [Allocation],
    withdrawn: &'a [Withdrawn],
    posted_as: Option<&'a String>,
}

impl Found {
    fn funds(&self) -> impl Iterator<Item = Fund<'_>> {
        let payments = self.payments.values().map(|one| Fund {
            key: Key::payment(one.id),
            customer: one.customer,
            at: one.effective_at,
            is_open: !one.unallocated.is_zero(),
            allocations: &one.allocations,
            withdrawn: &one.refunds,
            posted_as: one.quickbooks_id.as_ref(),
        });
        let credits = self.credits.iter().map(|one| Fund {
            key: Key { entity: Entity::Credit, id: one.id },
            customer: one.customer,
            at: one.effective_at,
            is_open: !one.unallocated.is_zero(),
            allocations: &one.allocations,
            withdrawn: &one.debits,
            posted_as: one.quickbooks_id.as_ref(),
        });
        let notes = self.notes.iter().map(|one| Fund {
            key: Key { entity: Entity::ChargeReversal, id: one.id },
            customer: one.customer,
            at: one.at,
            is_open: false,
            allocations: std::slice::from_ref(&one.row),
            withdrawn: &[],
            posted_as: one.posted_as.as_ref(),
        });
        payments.chain(credits).chain(notes)
    }

    fn matches(&self, from: &From<'_>) -> BTreeMap<u64, Vec<Match>> {
        let settled_later: BTreeSet<u64> = self
            .funds()
            .filter(|fund| from.has(fund.at))
            .flat_map(|fund| fund.allocations.iter().map(|row| row.invoice))
            .collect();
        let mut matches: BTreeMap<u64, Vec<Match>> = BTreeMap::new();
        let mut put = |customer: u64, key: Key, posted_as: Option<&String>| {
            let id = posted_as.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()));
            if let Some(id) = id {
                matches.entry(customer).or_default().push((key, ObjectId::new(id.clone())));
            }
        };
        for one in self.invoices.values() {
            if !one.outstanding.is_zero() || from.has(one.effective_at) || settled_later.contains(&one.id) {
                put(one.customer, Key::invoice(one.id), one.quickbooks_id.as_ref());
            }
        }
        let is_in_scope = |id: u64| self.invoices.get(&id).is_some_and(|one| from.has(one.effective_at));
        for fund in self.funds() {
            let settles = fund.allocations.iter().any(|row| is_in_scope(row.invoice));
            let shrinks = fund.withdrawn.iter().any(|one| from.has(one.effective_at));
            if fund.is_open || from.has(fund.at) || settles || shrinks {
                put(fund.customer, fund.key, fund.posted_as);
            }
        }
        matches
    }
}
