//! Journal entries: what the accountant posts by hand, debits against credits.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::{Books, next_in_line};
use super::super::fault::Fault;
use super::super::json::{self, Object, decimal};
use super::super::ledger::{self, Entry, Posting};
use super::super::links::{self, Kind, Target};
use super::field::{amount, date, flag, idle, number, open, reference, text};
use super::{Class, Draft, Entity, Field, Sequence, Voiding, currency, journal_lines};

pub(crate) static ENTITY: Entity = Entity {
    name: "JournalEntry",
    class: Class::Transaction,
    sequence: Sequence::Transactions,
    parts: &[FIELDS],
    keys: &["DocNumber"],
    name_property: None,
    counted: true,
    voiding: Voiding::Never,
    complete,
    entries,
    blank: super::stays,
    settle: |books, id, change| {
        links::settle_document(books, Target { kind: Kind::JournalEntry, id }, change);
    },
};

const FIELDS: &[Field] = &[
    text("DocNumber", 21).queryable(),
    date("TxnDate").queryable(),
    flag("Adjustment"),
    open("Line"),
    open("TxnTaxDetail"),
    text("GlobalTaxCalculation", 20),
    reference("CurrencyRef", ""),
    number("ExchangeRate"),
    text("PrivateNote", 4000),
    reference("DepartmentRef", "Department"),
    amount("TotalAmt").read_only(),
    amount("HomeTotalAmt").read_only(),
    open("LinkedTxn").read_only(),
    idle("TxnSource"),
    idle("TransactionLocationType"),
    idle("TaxRateRef"),
    idle("HomeCurrencyAdjustment"),
    idle("EnteredInHomeCurrency"),
    idle("JournalCodeRef"),
    idle("RecurDataRef"),
    idle("JournalEntryEx"),
    idle("TxnStatus"),
    idle("ReportInfo"),
    idle("Tag"),
];

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    draft.default("TxnDate", books.today());
    currency::complete(books, draft, &Object::new())?;
    complete_number(books, draft)?;
    if draft.sends("Line") {
        let lines = journal_lines::build(books, draft)?;
        draft.set("Line", lines);
    }
    if json::list(&draft.object, "Line").is_empty() {
        return Err(Fault::missing("Line"));
    }
    check_currencies(books, &draft.object)?;
    draft.default("Adjustment", json!(false));
    draft.default("TxnTaxDetail", json!({}));
    // Whatever the lines come to, the service answers nothing here (recorded).
    draft.set("TotalAmt", json!(0));
    Ok(())
}

/// An entry is in one currency, and so are the accounts and customers it names
/// (our reading).
fn check_currencies(books: &Books, entry: &Object) -> Result<(), Fault> {
    let currency = json::reference(entry, "CurrencyRef").unwrap_or(books.home_currency());
    for detail in json::list(entry, "Line").iter().filter_map(|line| detail(line.as_object()?)) {
        let Some(account) = json::reference(detail, "AccountRef") else { continue };
        currency::check_account(books, account, currency)?;
        let customer = customer_of(detail).filter(|_| ledger::is_receivable(books, account));
        let card = customer.and_then(|id| books.find("Customer", id));
        let own = card.and_then(|card| json::reference(card, "CurrencyRef"));
        if own.is_some_and(|own| own != currency) {
            let text = "The currency of the transaction must be the currency of the customer.";
            return Err(Fault::business(text));
        }
    }
    Ok(())
}

/// An entry stays without a number unless the client sends one or asks for one.
/// Two may share one only where the company was not told to warn.
fn complete_number(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    let entries = books.shelf("JournalEntry");
    let Some(number) = draft.text("DocNumber") else {
        if draft.choices.auto_number {
            let numbers = entries.by_id().filter_map(|(_, kept)| json::text(&kept.object, "DocNumber"));
            let next = numbers.filter_map(next_in_line).last().unwrap_or_else(|| "1".to_owned());
            draft.set("DocNumber", next);
        }
        return Ok(());
    };
    if !warns(books) || draft.choices.duplicate_numbers || !draft.sends("DocNumber") {
        return Ok(());
    }
    match entries.with("DocNumber", number).find(|id| Some(*id) != draft.id) {
        Some(rival) => Err(Fault::number_taken(number, "JournalEntry", rival)),
        None => Ok(()),
    }
}

fn warns(books: &Books) -> bool {
    let pairs = books.preference("OtherPrefs.NameValue").and_then(Value::as_array);
    let asks = |pair: &Value| pair["Name"] == "WarnDuplicateJournalNumber" && pair["Value"] == "true";
    pairs.is_some_and(|pairs| pairs.iter().any(asks))
}

/// What an entry adds to what a customer owes.
pub(crate) fn owed(books: &Books, entry: &Object, customer: &str) -> Decimal {
    let lines = json::list(entry, "Line").iter().filter_map(Value::as_object);
    let own = lines.filter(|line| {
        let detail = detail(line);
        let account = detail.and_then(|detail| json::reference(detail, "AccountRef"));
        let named = detail.and_then(|detail| customer_of(detail)) == Some(customer);
        named && account.is_some_and(|account| ledger::is_receivable(books, account))
    });
    own.map(signed).sum()
}

fn entries(books: &Books, entry: &Object) -> Vec<Entry> {
    let mut posting = Posting::of(books, entry);
    for line in json::list(entry, "Line").iter().filter_map(Value::as_object) {
        let Some(detail) = detail(line) else { continue };
        let account = json::reference(detail, "AccountRef");
        match (account.filter(|account| ledger::is_receivable(books, account)), customer_of(detail)) {
            (Some(receivable), Some(customer)) => posting.owe_in(receivable, customer, signed(line)),
            _ => posting.debit(account, signed(line)),
        }
    }
    posting.done_for(entry, Kind::JournalEntry)
}

fn detail(line: &Object) -> Option<&Object> {
    line.get("JournalEntryLineDetail")?.as_object()
}

fn customer_of(detail: &Object) -> Option<&str> {
    let entity = detail.get("Entity")?;
    (entity["Type"] == "Customer").then(|| entity["EntityRef"]["value"].as_str()).flatten()
}

/// A line's amount, a debit positive.
fn signed(line: &Object) -> Decimal {
    let credit = detail(line).is_some_and(|detail| json::text(detail, "PostingType") == Some("Credit"));
    if credit { -decimal(line, "Amount") } else { decimal(line, "Amount") }
}
