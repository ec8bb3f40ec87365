//! Currencies in the ledger: the rate a transaction was made at, and what is
//! gained or lost where money comes in at another.
//!
//! A document stands in receivables at its own rate until it is settled. A
//! payment takes it out at that rate, brings its money in at the payment's, and
//! the difference is posted to Exchange Gain or Loss, as the service does.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::json;

use super::books::Books;
use super::entity::{Choices, account};
use super::json::{Object, cents, decimal, object, text};
use super::ledger::{Entry, OPENING_EQUITY};
use super::links::{self, Kind};
use super::write;

const NAME: &str = "Exchange Gain or Loss";
const TYPE: &str = "Other Expense";

/// The sub-type that tells the account, whatever it is called.
pub(super) const SUB_TYPE: &str = "ExchangeGainOrLoss";

/// Home units for one of the transaction's currency.
pub(super) fn rate(transaction: &Object) -> Decimal {
    let rate = decimal(transaction, "ExchangeRate");
    if rate.is_zero() { Decimal::ONE } else { rate }
}

/// The entry that takes up what the others of a transaction come to.
pub(super) fn gain(books: &Books, over: Decimal) -> Entry {
    Entry { account: account_of(books), amount: -over, foreign: Decimal::ZERO, owed: None }
}

/// Makes the account for gains and losses, unless the company has it.
pub(super) fn seed_account(books: &mut Books) {
    if account_of(books) != OPENING_EQUITY {
        return;
    }
    // Where somebody took the name before, a number sets this one apart.
    for name in [NAME.to_owned(), format!("{NAME} (2)")] {
        let body = json!({ "Name": name, "AccountType": TYPE, "AccountSubType": SUB_TYPE });
        if write::save(books, &account::ENTITY, &object(body), Choices::default()).is_ok() {
            return;
        }
    }
}

fn account_of(books: &Books) -> u64 {
    let accounts = books.shelf("Account");
    let own = |id: &u64| {
        accounts.get(*id).is_some_and(|kept| text(&kept.object, "AccountSubType") == Some(SUB_TYPE))
    };
    accounts.with("AccountType", TYPE).find(own).unwrap_or(OPENING_EQUITY)
}

/// Lets a document stand in receivables at what is open of it and at what each
/// payment takes, every part rounded by itself, so that nothing is left at home
/// once it is paid whatever the parts were. The cents go to gain or loss.
pub(super) fn even_out(
    books: &Books,
    mut entries: Vec<Entry>,
    (document, kind): (&Object, Kind),
) -> Vec<Entry> {
    let rate = rate(document);
    let mut own: BTreeMap<u64, Owed> = BTreeMap::new();
    for entry in &entries {
        if let Some((customer, amount)) = entry.owed {
            let sum = own.entry(customer).or_default();
            sum.account = entry.account;
            sum.posted += entry.amount;
            sum.asked += amount;
        }
    }
    for (customer, Owed { account, posted, asked }) in own {
        let shares = links::shares(books, (document, kind), customer);
        let open = asked.abs() - shares.iter().sum::<Decimal>();
        let parts = shares.into_iter().chain([open]).map(|part| cents(part * rate));
        let sign = if asked < Decimal::ZERO { Decimal::NEGATIVE_ONE } else { Decimal::ONE };
        let amount = sign * parts.sum::<Decimal>() - posted;
        if !amount.is_zero() {
            let owed = Some((customer, Decimal::ZERO));
            entries.push(Entry { account, amount, foreign: Decimal::ZERO, owed });
            entries.push(gain(books, amount));
        }
    }
    entries
}

/// What a document lets one customer owe, in receivables at home and in its own
/// currency.
#[derive(Default)]
struct Owed {
    account: u64,
    posted: Decimal,
    asked: Decimal,
}
