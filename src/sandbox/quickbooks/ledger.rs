//! The double-entry core: what every transaction posts, and what the accounts
//! come to by it.
//!
//! An entity says what its objects post; the books take the old entries off
//! and put the new ones on with every change. What was posted is kept with the
//! object, because an entry may look at another object that changes later.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use super::books::Books;
use super::exchange;
use super::json::{Object, cents, reference, text};
use super::links::Kind;

/// Where what customers owe in the home currency stands.
const RECEIVABLES: u64 = 84;

/// Against this the balances stand that were there before the first document.
pub(super) const OPENING_EQUITY: u64 = 34;

/// One side of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) account: u64,
    /// In home currency; a debit is positive, a credit negative.
    pub(crate) amount: Decimal,
    /// The same in the account's own currency, where that is another.
    pub(crate) foreign: Decimal,
    /// Set in receivables: which customer owes so much more, in the customer's
    /// own currency.
    pub(crate) owed: Option<(u64, Decimal)>,
}

/// Builds the entries of one transaction from amounts in its own currency.
#[derive(Debug)]
pub(crate) struct Posting<'b> {
    books: &'b Books,
    currency: &'b str,
    rate: Decimal,
    receivable: u64,
    entries: Vec<Entry>,
}

impl<'b> Posting<'b> {
    /// A posting at the transaction's exchange rate.
    pub(crate) fn of(books: &'b Books, object: &'b Object) -> Self {
        let currency = reference(object, "CurrencyRef").unwrap_or_else(|| books.home_currency());
        let receivable = receivable_account(books, currency);
        Self { books, currency, rate: exchange::rate(object), receivable, entries: Vec::new() }
    }

    /// Debits an account by id; a negative amount credits it.
    pub(crate) fn debit(&mut self, account: Option<&str>, amount: Decimal) {
        self.debit_at(account, amount, self.rate);
    }

    /// As [`Posting::debit`], at the rate of another transaction.
    pub(crate) fn debit_at(&mut self, account: Option<&str>, amount: Decimal, rate: Decimal) {
        let account = account.and_then(|id| id.parse().ok()).unwrap_or(OPENING_EQUITY);
        let foreign = if is_foreign(self.books, account, self.currency) { amount } else { Decimal::ZERO };
        self.push(Entry { account, amount: cents(amount * rate), foreign, owed: None });
    }

    /// Lets a customer owe more, or less where `amount` is negative.
    pub(crate) fn owe(&mut self, customer: Option<&str>, amount: Decimal) {
        self.owe_at(customer, amount, self.rate);
    }

    /// As [`Posting::owe`], at the rate of another transaction.
    pub(crate) fn owe_at(&mut self, customer: Option<&str>, amount: Decimal, rate: Decimal) {
        let Some(customer) = customer.and_then(|id| id.parse().ok()) else { return };
        self.push_owed((self.receivable, customer), amount, rate);
    }

    /// As [`Posting::owe`], in receivables that were named.
    pub(crate) fn owe_in(&mut self, receivable: &str, customer: &str, amount: Decimal) {
        if let (Ok(account), Ok(customer)) = (receivable.parse(), customer.parse()) {
            self.push_owed((account, customer), amount, self.rate);
        }
    }

    fn push_owed(&mut self, (account, customer): (u64, u64), amount: Decimal, rate: Decimal) {
        let foreign = if is_foreign(self.books, account, self.currency) { amount } else { Decimal::ZERO };
        let owed = Some((customer, amount));
        self.push(Entry { account, amount: cents(amount * rate), foreign, owed });
    }

    fn push(&mut self, entry: Entry) {
        if !(entry.amount.is_zero()
            && entry.foreign.is_zero()
            && entry.owed.is_none_or(|(_, owed)| owed.is_zero()))
        {
            self.entries.push(entry);
        }
    }

    /// The entries. What rounding at the exchange rate leaves over goes to the
    /// last account that is not the customers'.
    pub(crate) fn done(mut self) -> Vec<Entry> {
        let over = self.over();
        if self.is_abroad()
            && let Some(last) = self.entries.iter_mut().rev().find(|entry| entry.owed.is_none())
        {
            last.amount -= over;
        }
        self.done_with_gain()
    }

    /// As [`Posting::done`], for a document that payments settle part by part.
    pub(crate) fn done_for(self, document: &Object, kind: Kind) -> Vec<Entry> {
        let (books, abroad) = (self.books, self.is_abroad());
        let entries = self.done();
        if abroad { exchange::even_out(books, entries, (document, kind)) } else { entries }
    }

    /// The entries. What differs between one rate and another is gained or lost.
    pub(crate) fn done_with_gain(mut self) -> Vec<Entry> {
        let over = self.over();
        if self.is_abroad() && !over.is_zero() {
            self.push(exchange::gain(self.books, over));
        }
        self.entries
    }

    fn over(&self) -> Decimal {
        self.entries.iter().map(|entry| entry.amount).sum()
    }

    fn is_abroad(&self) -> bool {
        self.currency != self.books.home_currency()
    }
}

/// Whether an account is kept in `currency`, and that is not the company's own.
fn is_foreign(books: &Books, account: u64, currency: &str) -> bool {
    currency != books.home_currency() && own_currency(books, account) == Some(currency)
}

/// The currency of an account that is kept in another than the company's own.
pub(super) fn own_currency(books: &Books, account: u64) -> Option<&str> {
    let kept = books.shelf("Account").get(account)?;
    reference(&kept.object, "CurrencyRef").filter(|currency| *currency != books.home_currency())
}

/// The receivables of a currency: the company's own account for its home
/// currency, and the one the service made for each other.
pub(crate) fn receivable_account(books: &Books, currency: &str) -> u64 {
    if currency.is_empty() || currency == books.home_currency() {
        return RECEIVABLES;
    }
    let accounts = books.shelf("Account");
    let own = |id: &u64| {
        let object = accounts.get(*id).map(|kept| &kept.object);
        object.is_some_and(|account| reference(account, "CurrencyRef") == Some(currency))
    };
    accounts.with("AccountType", "Accounts Receivable").find(own).unwrap_or(RECEIVABLES)
}

/// Whether an account is one of the customers' receivables.
pub(super) fn is_receivable(books: &Books, account: &str) -> bool {
    account_type(books, account) == Some("Accounts Receivable")
}

pub(super) fn account_type<'b>(books: &'b Books, account: &str) -> Option<&'b str> {
    text(books.find("Account", account)?, "AccountType")
}

/// What was posted, by transaction, and what stands in each account.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    posted: HashMap<(&'static str, u64), Vec<Entry>>,
    /// Balances that no document tells about.
    openings: Vec<Entry>,
    balances: BTreeMap<u64, Balance>,
}

/// What stands in an account: in home currency, and in the account's own where
/// that is another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Balance {
    pub(super) home: Decimal,
    pub(super) foreign: Decimal,
}

impl Balance {
    pub(super) fn add(&mut self, sign: Decimal, entry: &Entry) {
        self.home += sign * entry.amount;
        self.foreign += sign * entry.foreign;
    }

    pub(super) fn is_zero(&self) -> bool {
        self.home.is_zero() && self.foreign.is_zero()
    }
}

/// What a change moved.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Moves {
    pub(super) accounts: BTreeMap<u64, Balance>,
    /// In their own currencies.
    pub(super) customers: BTreeMap<u64, Decimal>,
}

impl Moves {
    fn add(&mut self, entries: &[Entry], sign: Decimal) {
        for entry in entries {
            self.accounts.entry(entry.account).or_default().add(sign, entry);
            if let Some((customer, amount)) = entry.owed {
                *self.customers.entry(customer).or_default() += sign * amount;
            }
        }
    }
}

impl Ledger {
    /// Replaces what a transaction posted; no entries take it off.
    pub(super) fn post(&mut self, key: (&'static str, u64), entries: Vec<Entry>) -> Moves {
        let mut moves = Moves::default();
        let old = if entries.is_empty() {
            self.posted.remove(&key)
        } else {
            moves.add(&entries, Decimal::ONE);
            self.posted.insert(key, entries)
        };
        moves.add(old.as_deref().unwrap_or_default(), Decimal::NEGATIVE_ONE);
        self.carry(moves)
    }

    /// Puts in a balance from before the first document.
    pub(super) fn open(&mut self, entry: Entry) -> Moves {
        let against =
            Entry { account: OPENING_EQUITY, amount: -entry.amount, foreign: Decimal::ZERO, owed: None };
        let mut moves = Moves::default();
        moves.add(&[entry, against], Decimal::ONE);
        self.openings.extend([entry, against]);
        self.carry(moves)
    }

    fn carry(&mut self, mut moves: Moves) -> Moves {
        moves.accounts.retain(|_, moved| !moved.is_zero());
        moves.customers.retain(|_, amount| !amount.is_zero());
        for (account, moved) in &moves.accounts {
            let balance = self.balances.entry(*account).or_default();
            balance.home += moved.home;
            balance.foreign += moved.foreign;
        }
        moves
    }

    /// Lets everything a customer owed be owed by another.
    pub(super) fn rename_customer(&mut self, from: u64, into: u64) {
        let posted = self.posted.values_mut().flatten();
        for entry in self.openings.iter_mut().chain(posted) {
            if let Some((customer, _)) = entry.owed.as_mut().filter(|(customer, _)| *customer == from) {
                *customer = into;
            }
        }
    }

    pub(super) fn balances(&self) -> &BTreeMap<u64, Balance> {
        &self.balances
    }

    pub(super) fn balance(&self, account: u64) -> Balance {
        self.balances.get(&account).copied().unwrap_or_default()
    }

    /// Whether anything was ever put into an account and still stands there.
    pub(super) fn knows(&self, account: u64) -> bool {
        self.openings.iter().chain(self.posted.values().flatten()).any(|entry| entry.account == account)
    }

    pub(super) fn openings(&self) -> &[Entry] {
        &self.openings
    }

    pub(super) fn posted(&self, key: (&'static str, u64)) -> &[Entry] {
        self.posted.get(&key).map_or(&[], Vec::as_slice)
    }
}
