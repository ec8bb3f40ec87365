//! Proposals: who might be who, for a person to decide, read live from both sides.
//! It links nothing and keeps nothing.
//!
//! | file | job |
//! |---|---|
//! | `read` | both sides |
//! | `taken`, `there` | what Stax Bill's own integration did, and whether it stands |
//! | `show` | lines to paste, a table, JSON |

mod read;
mod show;
mod taken;
mod there;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use thiserror::Error;

use crate::config::Config;
use crate::model::{Code, Customer, Start, date_in};
use crate::pass::{Cause, Stop};
use crate::quickbooks::{CallError, QuickBooks};
use crate::staxbill::{StaxBill, StaxError};
use crate::suggest::{Candidate, Suggestion, Verdict};
use read::Sides;
use show::{Row, Sheet};

/// Both vendors, and by whose token.
pub struct Vendors {
    /// Stax Bill.
    pub staxbill: Arc<StaxBill>,
    /// QuickBooks.
    pub quickbooks: Arc<QuickBooks>,
    /// Whether the token is that of another latchd, which alone renews it.
    pub borrowed: bool,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The form.
    pub form: Form,
    /// From which day financials count in the lines.
    pub start: Option<Start>,
    /// One customer alone.
    pub customer: Option<u64>,
    /// QuickBooks customers by a text.
    pub search: Option<String>,
    /// What Stax Bill's own integration did, in place of guesses.
    pub from_staxbill: bool,
    /// Stax Bill is not asked for addresses.
    pub without_addresses: bool,
    /// The present.
    pub now: Timestamp,
}

/// The form of proposals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Lines to paste.
    Toml,
    /// For people, so many columns wide.
    Table(u16),
    /// For programs.
    Json,
}

/// Why there are none.
#[derive(Debug, Error)]
pub enum Unproposed {
    /// There is no such customer.
    #[error("Stax Bill has no customer {0}")]
    NoCustomer(u64),
    /// It is the wrong company.
    #[error(
        "the token opens the company `{found}`, and [company] expect says `{expected}`\n\
         To do: connect the right company, or correct `expect`"
    )]
    OtherCompany {
        /// QuickBooks' name.
        found: String,
        /// The files' name.
        expected: String,
    },
    /// A vendor did not answer.
    #[error("{} ({})\nTo do: {}", .0.reason, .0.code, .0.todo())]
    Cause(Box<Cause>),
    /// The state fails.
    #[error("{0}")]
    State(String),
}

impl From<Stop> for Unproposed {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Store(error) => Self::State(error.to_string()),
            Stop::Cause(cause) => Self::Cause(cause),
        }
    }
}

impl From<StaxError> for Unproposed {
    fn from(error: StaxError) -> Self {
        Stop::from(error).into()
    }
}

impl From<CallError> for Unproposed {
    fn from(error: CallError) -> Self {
        Stop::from(error).into()
    }
}

/// The day from which financials count in the lines, as it is written.
pub fn start(text: &str) -> Result<Start, String> {
    match text {
        "beginning" => Ok(Start::Beginning),
        "now" => Ok(Start::Now),
        day => match day.parse::<Date>() {
            Ok(day) => Ok(Start::On(day)),
            Err(_) => Err(format!("`{text}` is not a day; one looks like 2026-01-01, or beginning, or now")),
        },
    }
}

/// Reads both sides, and gives the proposals as a text.
pub async fn propose(config: &Config, vendors: &Vendors, asked: &Asked) -> Result<String, Unproposed> {
    let sheet = sheet(config, vendors, asked).await.map_err(|error| match error {
        Unproposed::Cause(cause) if vendors.borrowed && cause.code == Code::Reconnect => {
            let todo = "wait for its next pass, or ask for one (SIGUSR1), and try again";
            Unproposed::Cause(Box::new(Cause { todo: Some(todo), ..*cause }))
        }
        error @ (Unproposed::NoCustomer(_)
        | Unproposed::OtherCompany { .. }
        | Unproposed::Cause(_)
        | Unproposed::State(_)) => error,
    })?;
    Ok(match asked.form {
        Form::Toml => show::toml(&sheet),
        Form::Table(width) => show::table(&sheet, width),
        Form::Json => show::json(&sheet),
    })
}

async fn sheet(config: &Config, vendors: &Vendors, asked: &Asked) -> Result<Sheet, Unproposed> {
    let mut sides = read::both(config, vendors).await?;
    let mut sheet = Sheet { start: asked.start, notes: notes(&sides, vendors), ..Sheet::default() };
    if let Some(id) = asked.customer.filter(|id| sides.customers.iter().all(|one| one.id != *id)) {
        return Err(Unproposed::NoCustomer(id));
    }
    if let Some(text) = &asked.search {
        let found = sides.index.search(text);
        sheet.search = Some((text.clone(), found.clone()));
        sheet.rows.extend(asked.customer.map(|id| searched(&sides, id, found)));
        return Ok(sheet);
    }
    let settled = settled(config, asked.customer);
    let is_asked = |sides: &Sides, one: &Suggestion| match asked.customer {
        Some(id) => one.customer == id,
        None => sides.is_asked_about(one.customer),
    };
    let mut found = sides.suggest(&settled);
    let wanting = found.iter().filter(|one| one.wants_address && is_asked(&sides, one));
    let wanting: BTreeSet<u64> = wanting.map(|one| one.customer).collect();
    if !asked.without_addresses && !wanting.is_empty() {
        sides.addresses = read::addresses(vendors, &wanting).await?;
        found = sides.suggest_with_addresses(&settled);
    }
    found.retain(|one| is_asked(&sides, one));
    sheet.rows = found.into_iter().map(Row::new).collect();
    if asked.from_staxbill {
        sheet.from_staxbill = true;
        taken_over(config, (vendors, asked), &sides, &mut sheet).await?;
    }
    Ok(sheet)
}

/// What Stax Bill's own integration linked and posted, in place of guesses.
async fn taken_over(
    config: &Config,
    (vendors, asked): (&Vendors, &Asked),
    sides: &Sides,
    sheet: &mut Sheet,
) -> Result<(), Unproposed> {
    let rows = std::mem::take(&mut sheet.rows);
    let mut rows: Vec<Row> = rows.into_iter().filter_map(|row| taken::customer(sides, row)).collect();
    taken::nobody_twice(&mut rows);
    let zone = &config.settings.company.time_zone;
    let today = date_in(asked.now, zone);
    let from = taken::From { start: sheet.start.unwrap_or(Start::Now), today, zone };
    let customers: BTreeSet<u64> = rows.iter().map(|row| row.suggestion.customer).collect();
    let mut documents = taken::documents(vendors, &from, &customers).await?;
    let mut noted = Vec::new();
    for row in &mut rows {
        let documents = documents.remove(&row.suggestion.customer).unwrap_or_default();
        noted.extend(row.taken.as_mut().map(|taken| (taken, documents)));
    }
    there::sift(vendors, noted).await?;
    sheet.rows = rows;
    Ok(())
}

/// Who has a line; the customer that is asked about counts as without.
fn settled(config: &Config, asked: Option<u64>) -> BTreeSet<u64> {
    let links = config.decisions.links.keys().copied();
    links.filter(|id| Some(*id) != asked).collect()
}

/// A customer with what is searched for in place of what was found.
fn searched(sides: &Sides, id: u64, candidates: Vec<Candidate>) -> Row {
    let verdict = if candidates.is_empty() { Verdict::None } else { Verdict::Ambiguous };
    let label = sides.customers.iter().find(|one| one.id == id).map(Customer::label).unwrap_or_default();
    Row::new(Suggestion { customer: id, label, verdict, candidates, wants_address: false })
}

/// What could not be known.
fn notes(sides: &Sides, vendors: &Vendors) -> Vec<String> {
    let mut notes = vec![
        "The state was not read: customers that latchd made are known by the mark in their notes.".to_owned(),
    ];
    if vendors.borrowed {
        notes.push("Another latchd holds the state; its access token was used.".to_owned());
    }
    if sides.unreadable > 0 {
        let count = counted(sides.unreadable, "customer");
        notes.push(format!("{count} of Stax Bill cannot be read and left out: `latchd status` names them."));
    }
    notes
}

/// `1 file`, `2 files`.
fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
