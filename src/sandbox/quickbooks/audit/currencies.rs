//! Receivables by currency: what stands in them against what customers owe,
//! and at home against what is open of every document at its own rate.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::Value;

use super::super::books::Books;
use super::super::json::{Object, cents, decimal, list, reference, text};
use super::super::{exchange, ledger};
use super::{Audit, Sums, linked};

/// What stands in the receivables of one currency.
#[derive(Clone, Copy, Debug, Default)]
struct Owed {
    own: Decimal,
    home: Decimal,
}

impl<'b> Audit<'b> {
    /// What is owed in a currency is the same in its receivables, over its
    /// customers and over its open documents; at home too.
    pub(super) fn receivables(&mut self, sums: &Sums) {
        let books: &'b Books = self.books;
        let mut stands: BTreeMap<&str, Owed> = BTreeMap::new();
        for (id, account) in self.objects("Account") {
            if text(account, "AccountType") == Some("Accounts Receivable") {
                let sum = sums.accounts.get(&id).copied().unwrap_or_default();
                let abroad = ledger::own_currency(books, id);
                let held = stands.entry(abroad.unwrap_or(books.home_currency())).or_default();
                held.own += if abroad.is_some() { sum.foreign } else { sum.home };
                held.home += sum.home;
            }
        }
        let mut cards: BTreeMap<&str, Decimal> = BTreeMap::new();
        for (_, card) in self.objects("Customer") {
            *cards.entry(self.currency(card)).or_default() += decimal(card, "Balance");
        }
        let open = self.open_at_home();
        for (currency, held) in stands {
            let owed = cards.get(currency).copied().unwrap_or_default();
            self.expect(held.own, owed, || format!("what stands in the receivables in {currency}"));
            let worth = open.get(currency).copied().unwrap_or_default();
            self.expect(held.home, worth, || format!("what the receivables in {currency} are worth at home"));
        }
    }

    fn currency(&self, object: &'b Object) -> &'b str {
        let books: &'b Books = self.books;
        reference(object, "CurrencyRef").unwrap_or(books.home_currency())
    }

    /// What is open of the documents in each currency, at home.
    fn open_at_home(&self) -> BTreeMap<String, Decimal> {
        let mut open: BTreeMap<String, Decimal> = BTreeMap::new();
        let mut add = |currency: &str, amount: Decimal| {
            *open.entry(currency.to_owned()).or_default() += amount;
        };
        let kinds = [
            ("Invoice", "Balance", Decimal::ONE),
            ("CreditMemo", "Balance", Decimal::NEGATIVE_ONE),
            ("Payment", "UnappliedAmt", Decimal::NEGATIVE_ONE),
        ];
        for (entity, property, sign) in kinds {
            for (_, object) in self.objects(entity) {
                let worth = cents(decimal(object, property) * exchange::rate(object));
                add(self.currency(object), sign * worth);
            }
        }
        let applied = self.applied_to_entries();
        for (id, entry) in self.objects("JournalEntry") {
            for (customer, asked) in self.owed_by_customer(entry) {
                let taken = applied.get(&(id, customer)).copied().unwrap_or_default();
                let left = cents((asked.abs() - taken) * exchange::rate(entry));
                add(self.currency(entry), if asked < Decimal::ZERO { -left } else { left });
            }
        }
        for entry in self.books.ledger().openings().iter().filter(|entry| entry.owed.is_some()) {
            add(self.books.home_currency(), entry.amount);
        }
        open
    }

    /// What the payments of each customer take of each journal entry.
    fn applied_to_entries(&self) -> BTreeMap<(u64, String), Decimal> {
        let mut applied: BTreeMap<(u64, String), Decimal> = BTreeMap::new();
        for (_, payment) in self.objects("Payment") {
            let payer = reference(payment, "CustomerRef").unwrap_or_default();
            for line in list(payment, "Line").iter().filter_map(Value::as_object) {
                if let Some((kind, id)) = list(line, "LinkedTxn").first().and_then(linked)
                    && kind == "JournalEntry"
                {
                    *applied.entry((id, payer.to_owned())).or_default() += decimal(line, "Amount");
                }
            }
        }
        applied
    }

    fn owed_by_customer(&self, entry: &Object) -> BTreeMap<String, Decimal> {
        let named = list(entry, "Line").iter().filter_map(|line| {
            line.pointer("/JournalEntryLineDetail/Entity/EntityRef/value")?.as_str().map(str::to_owned)
        });
        let customers: BTreeSet<String> = named.collect();
        customers
            .into_iter()
            .map(|customer| (customer.clone(), self.owed_by_entry(entry, &customer)))
            .collect()
    }
}
