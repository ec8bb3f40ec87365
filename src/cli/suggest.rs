//! `latchd suggest`: who might be who, for a person to decide; links nothing
//! and keeps nothing.

use std::collections::BTreeSet;
use std::path::Path;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use super::suggest_read::{self as read, Sides};
use super::suggest_show::{self as show, Row, Sheet};
use super::{Exit, Failure, print, start, suggest_taken as taken, suggest_there as there};
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Config};
use crate::engine::Connection;
use crate::model::{Customer, Link, Start, Verb, date_in};
use crate::suggest::{Candidate, Suggestion, Verdict};

/// Options of `latchd suggest`.
#[derive(Debug, Args)]
pub(super) struct SuggestArgs {
    /// The form of the suggestions.
    #[arg(long, value_enum, default_value_t = SuggestFormat::Toml, value_name = "FORM")]
    format: SuggestFormat,
    /// From which day financials count in the lines: 2026-01-01, beginning or
    /// now. Without it the lines say "now", which posts nothing of the past.
    #[arg(long, value_parser = parse_start, value_name = "DAY")]
    start: Option<Start>,
    /// One Stax Bill customer alone, also one that has a line.
    #[arg(long, value_name = "ID")]
    customer: Option<u64>,
    /// QuickBooks customers by a text: an id, an e-mail, a telephone, a part of
    /// a name.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// The links that Stax Bill's own integration made, and the documents that
    /// it posted and that are open.
    #[arg(long, conflicts_with = "search")]
    from_staxbill: bool,
    /// Do not ask Stax Bill for addresses: one call less for each customer that
    /// has a candidate, and less to tell customers apart by.
    #[arg(long)]
    without_addresses: bool,
}

/// The form of suggestions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SuggestFormat {
    /// Lines for a file of links: live where there is nothing to hesitate
    /// about, else commented out with the reasons.
    Toml,
    /// For people.
    Table,
    /// For programs.
    Json,
}

pub(super) async fn suggest(path: &Path, args: &SuggestArgs) -> Result<Exit, Failure> {
    let config = config::load(path)?;
    let connection = Connection::open(&config, &start::edges()?)?;
    let mut sides = read::both(&config, &connection).await?;
    let mut sheet = Sheet { start: args.start, ..Sheet::default() };
    sheet.notes.extend(notes(&sides, &connection));
    if let (Some(id), false) =
        (args.customer, sides.customers.iter().any(|one| args.customer == Some(one.id)))
    {
        return Err(Failure::new(Exit::Unfinished, format!("error: Stax Bill has no customer {id}")));
    }
    if let Some(text) = &args.search {
        let found = sides.index.search(text);
        sheet.search = Some((text.clone(), found.clone()));
        sheet.rows.extend(args.customer.map(|id| searched(&sides, id, found)));
    } else {
        let settled = settled(&config, args.customer);
        let asked = |one: &Suggestion| match args.customer {
            Some(id) => one.customer == id,
            None => sides.is_asked_about(one.customer),
        };
        let mut found = sides.suggest(&settled);
        let wanting: BTreeSet<u64> =
            found.iter().filter(|one| one.wants_address && asked(one)).map(|one| one.customer).collect();
        if !args.without_addresses && !wanting.is_empty() {
            sides.addresses = read::addresses(&connection, &wanting).await?;
            found = sides.suggest_with_addresses(&settled);
        }
        found.retain(|one| match args.customer {
            Some(id) => one.customer == id,
            None => sides.is_asked_about(one.customer),
        });
        sheet.rows = found.into_iter().map(Row::new).collect();
        if args.from_staxbill {
            sheet.from_staxbill = true;
            taken_over(&config, &connection, &sides, &mut sheet).await?;
        }
    }
    print(&match args.format {
        SuggestFormat::Toml => show::toml(&sheet),
        SuggestFormat::Table => show::table(&sheet),
        SuggestFormat::Json => show::json(&sheet),
    });
    Ok(Exit::InBalance)
}

/// What Stax Bill's own integration linked and posted, in place of guesses.
async fn taken_over(
    config: &Config,
    connection: &Connection,
    sides: &Sides,
    sheet: &mut Sheet,
) -> Result<(), Failure> {
    let rows = std::mem::take(&mut sheet.rows);
    let mut rows: Vec<Row> = rows.into_iter().filter_map(|row| taken::customer(sides, row)).collect();
    taken::nobody_twice(&mut rows);
    let zone = &config.settings.company.time_zone;
    let today = date_in(SystemClock.now(), zone);
    let from = taken::From { start: sheet.start.unwrap_or(Start::Now), today, zone };
    let customers: BTreeSet<u64> = rows.iter().map(|row| row.suggestion.customer).collect();
    let mut documents = taken::documents(connection, &from, &customers).await?;
    let mut noted = Vec::new();
    for row in &mut rows {
        let documents = documents.remove(&row.suggestion.customer).unwrap_or_default();
        noted.extend(row.taken.as_mut().map(|taken| (taken, documents)));
    }
    there::sift(connection, noted).await?;
    sheet.rows = rows;
    Ok(())
}

/// Who has a line; the customer that is asked about counts as without.
fn settled(config: &Config, asked: Option<u64>) -> BTreeSet<u64> {
    let links = config.decisions.links.keys().copied();
    links.filter(|id| Some(*id) != asked).collect()
}

/// A customer with what was searched for in place of what was found.
fn searched(sides: &Sides, id: u64, candidates: Vec<Candidate>) -> Row {
    let verdict = if candidates.is_empty() { Verdict::None } else { Verdict::Ambiguous };
    let label = sides.customers.iter().find(|one| one.id == id).map(Customer::label).unwrap_or_default();
    Row::new(Suggestion { customer: id, label, verdict, candidates, wants_address: false })
}

/// What could not be known.
fn notes(sides: &Sides, connection: &Connection) -> Vec<String> {
    let mut notes = vec![
        "The state was not read: customers that latchd made are known by the mark in their notes.".to_owned(),
    ];
    if connection.beside {
        notes.push("Another latchd holds the state; its access token was used.".to_owned());
    }
    if sides.unreadable > 0 {
        let count = super::counted(sides.unreadable, "customer");
        notes.push(format!("{count} of Stax Bill cannot be read and left out: `latchd status` names them."));
    }
    notes
}

/// The QuickBooks customer that a line adopts.
pub(super) fn adopted(link: &Link) -> Option<&str> {
    match &link.verb {
        Verb::Adopt { id, .. } => Some(id.as_str()),
        Verb::Create { .. } | Verb::Skip { .. } | Verb::Unlink { .. } => None,
    }
}

fn parse_start(text: &str) -> Result<Start, String> {
    match text {
        "beginning" => Ok(Start::Beginning),
        "now" => Ok(Start::Now),
        day => match day.parse::<Date>() {
            Ok(day) => Ok(Start::On(day)),
            Err(_) => Err(format!("`{text}` is not a day; one looks like 2026-01-01, or beginning, or now")),
        },
    }
}
