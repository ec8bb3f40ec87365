//! Deposits: money that waited is brought to the bank, and what it came from is
//! frozen until the deposit lets it go.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::exchange;
use super::super::fault::Fault;
use super::super::json::{self, Object, cents, decimal, money};
use super::super::ledger::{Entry, Posting};
use super::deposit_lines::{self, Source};
use super::field::{amount, date, idle, number, open, reference, text};
use super::{Change, Class, Draft, Entity, Field, Sequence, Voiding, account, currency};

pub(crate) static ENTITY: Entity = Entity {
    name: "Deposit",
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
    settle,
};

const FIELDS: &[Field] = &[
    text("DocNumber", 21).queryable(),
    date("TxnDate").queryable(),
    reference("DepositToAccountRef", "Account").queryable(),
    open("Line"),
    open("CashBack"),
    open("TxnTaxDetail"),
    text("GlobalTaxCalculation", 20),
    reference("CurrencyRef", ""),
    number("ExchangeRate"),
    reference("DepartmentRef", "Department"),
    text("PrivateNote", 4000),
    text("TxnSource", 50),
    amount("TotalAmt").queryable().read_only(),
    amount("HomeTotalAmt").read_only(),
    open("LinkedTxn").read_only(),
    idle("RecurDataRef"),
    idle("TxnStatus"),
    idle("DepositEx"),
    idle("CheckNum"),
    idle("Tag"),
];

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    let bank = draft.reference("DepositToAccountRef").ok_or_else(|| Fault::missing("DepositToAccountRef"))?;
    account::check_money(books, bank)?;
    if account::holds_undeposited(books, bank) {
        let detail = "Money that waits in Undeposited Funds cannot be deposited there.";
        return Err(Fault::new("6430", "Invalid account type", detail));
    }
    draft.default("TxnDate", books.today());
    currency::complete(books, draft, &Object::new())?;
    if draft.sends("Line") {
        let lines = deposit_lines::build(books, draft)?;
        draft.set("Line", lines);
    }
    let lines = json::list(&draft.object, "Line");
    if lines.is_empty() {
        return Err(Fault::missing("Line"));
    }
    check_currencies(books, &draft.object)?;
    let sum: Decimal = lines.iter().filter_map(Value::as_object).map(|line| decimal(line, "Amount")).sum();
    let total = sum - deposit_lines::check_cash_back(books, &draft.object)?;
    if total < Decimal::ZERO {
        return Err(Fault::business("The transaction amount must be zero or more."));
    }
    draft.set("TotalAmt", money(total));
    Ok(())
}

/// What is brought to the bank together is in one currency (our reading).
fn check_currencies(books: &Books, deposit: &Object) -> Result<(), Fault> {
    let currency = json::reference(deposit, "CurrencyRef").unwrap_or(books.home_currency());
    for (entity, id) in deposit_lines::sources(deposit) {
        let source = books.shelf(entity).get(id).map(|kept| &kept.object);
        let own = source.and_then(|source| json::reference(source, "CurrencyRef"));
        if own.unwrap_or(books.home_currency()) != currency {
            return Err(Fault::business("The transactions must be in the currency of the deposit."));
        }
    }
    let details = json::list(deposit, "Line").iter().filter_map(|line| line.get("DepositLineDetail"));
    for place in details.chain(deposit.get("CashBack")) {
        if let Some(account) = place.as_object().and_then(|place| json::reference(place, "AccountRef")) {
            currency::check_account(books, account, currency)?;
        }
    }
    Ok(())
}

/// The bank gets what the accounts give where the money waited. What came in at
/// another day's rate waits at that.
fn entries(books: &Books, deposit: &Object) -> Vec<Entry> {
    let mut posting = Posting::of(books, deposit);
    posting.debit(json::reference(deposit, "DepositToAccountRef"), decimal(deposit, "TotalAmt"));
    if let Some(back) = deposit.get("CashBack").and_then(Value::as_object) {
        posting.debit(json::reference(back, "AccountRef"), cents(decimal(back, "Amount")));
    }
    for line in json::list(deposit, "Line").iter().filter_map(Value::as_object) {
        let detail = line.get("DepositLineDetail").and_then(Value::as_object);
        let account = detail.and_then(|detail| json::reference(detail, "AccountRef"));
        let amount = -decimal(line, "Amount");
        match deposit_lines::source(line).and_then(|(entity, id)| books.shelf(entity).get(id)) {
            Some(source) => posting.debit_at(account, amount, exchange::rate(&source.object)),
            None => posting.debit(account, amount),
        }
    }
    posting.done_with_gain()
}

/// Links what was put into the deposit, and lets go of what is in it no more.
/// A source neither gets a new token nor a new time by it (recorded).
fn settle(books: &mut Books, id: u64, change: Change<'_>) {
    let sources = |object: Option<&Object>| object.map(deposit_lines::sources).unwrap_or_default();
    let (before, after): (BTreeSet<Source>, BTreeSet<Source>) = (sources(change.old), sources(change.new));
    for (entity, source) in before.difference(&after) {
        books.amend(entity, *source, |object| {
            object.remove("LinkedTxn");
        });
    }
    for (entity, source) in after.difference(&before) {
        let link = json!([{ "TxnId": id.to_string(), "TxnType": "Deposit" }]);
        books.amend(entity, *source, |object| {
            object.insert("LinkedTxn".into(), link);
        });
    }
}
