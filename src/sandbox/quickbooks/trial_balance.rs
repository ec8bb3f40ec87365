//! What stands in each account, debits on one side and credits on the other.

use rust_decimal::Decimal;

use super::books::Books;
use super::company::Company;
use super::json::text;

/// An account with its balance, in home currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountTotal {
    /// The account's id.
    pub account_id: String,
    /// Its name with those above it, `Truck:Original Cost`.
    pub name: String,
    /// The balance where it is a debit, else zero.
    pub debit: Decimal,
    /// The balance where it is a credit, else zero.
    pub credit: Decimal,
}

impl Company {
    /// The accounts that hold a balance, by id. The debits of all of them equal
    /// the credits at any time.
    pub fn trial_balance(&self) -> Vec<AccountTotal> {
        of(&self.lock().books)
    }
}

pub(super) fn of(books: &Books) -> Vec<AccountTotal> {
    let balances = books.ledger().balances().iter();
    let home = balances.map(|(id, balance)| (*id, balance.home));
    home.filter(|(_, amount)| !amount.is_zero()).map(|(id, amount)| total(books, id, amount)).collect()
}

fn total(books: &Books, id: u64, amount: Decimal) -> AccountTotal {
    let account = books.shelf("Account").get(id).map(|kept| &kept.object);
    let name = account.and_then(|account| text(account, "FullyQualifiedName")).unwrap_or_default();
    AccountTotal {
        account_id: id.to_string(),
        name: name.to_owned(),
        debit: amount.max(Decimal::ZERO),
        credit: (-amount).max(Decimal::ZERO),
    }
}
