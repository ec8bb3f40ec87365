//! Holds the books against themselves: every figure that is kept running is
//! worked out anew from the objects, and every link looked at from both ends.

mod currencies;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::Value;

use super::books::Books;
use super::company::Company;
use super::entity::{Class, ENTITIES};
use super::json::{Object, decimal, list, reference, text};
use super::ledger::{self, Balance};

impl Company {
    /// Every contradiction in the books, each in a sentence; none while the
    /// simulator keeps its own rules.
    ///
    /// The trial balance, the balances of accounts and customers, open and
    /// unapplied amounts, remaining credits and links are worked out from the
    /// objects alone, so this costs a walk over all of them.
    pub fn audit(&self) -> Vec<String> {
        let state = self.lock();
        let mut audit = Audit { books: &state.books, found: Vec::new() };
        let sums = audit.ledger();
        audit.accounts(&sums);
        audit.customers(&sums);
        audit.receivables(&sums);
        let links = audit.applied();
        audit.open_amounts(&links);
        audit.mutual(&links);
        audit.found
    }
}

struct Audit<'b> {
    books: &'b Books,
    found: Vec<String>,
}

/// What accounts and customers come to by the objects' own entries.
#[derive(Default)]
struct Sums {
    accounts: BTreeMap<u64, Balance>,
    customers: BTreeMap<u64, Decimal>,
}

/// A transaction by entity and id.
type Key = (String, u64);

/// What was applied to each transaction, and which two link each other.
#[derive(Default)]
struct Links {
    applied: BTreeMap<Key, Decimal>,
    pairs: BTreeSet<(Key, Key)>,
}

impl<'b> Audit<'b> {
    fn expect(&mut self, kept: Decimal, right: Decimal, what: impl FnOnce() -> String) {
        if kept != right {
            self.found.push(format!("{} is {kept} and should be {right}", what()));
        }
    }

    fn objects(&self, entity: &str) -> impl Iterator<Item = (u64, &'b Object)> + use<'b> {
        let books: &'b Books = self.books;
        books.shelf(entity).by_id().map(|(id, kept)| (id, &kept.object))
    }

    fn ledger(&mut self) -> Sums {
        let books = self.books;
        let mut sums = Sums::default();
        let mut add = |entry: &ledger::Entry| {
            sums.accounts.entry(entry.account).or_default().add(Decimal::ONE, entry);
            if let Some((customer, amount)) = entry.owed {
                *sums.customers.entry(customer).or_default() += amount;
            }
        };
        books.ledger().openings().iter().for_each(&mut add);
        for entity in ENTITIES.iter().filter(|entity| entity.class == Class::Transaction) {
            for (id, object) in self.objects(entity.name) {
                let entries = (entity.entries)(books, object);
                entries.iter().for_each(&mut add);
                let sum: Decimal = entries.iter().map(|entry| entry.amount).sum();
                self.expect(sum, Decimal::ZERO, || format!("the sum of the entries of {} {id}", entity.name));
                if entries != books.ledger().posted((entity.name, id)) {
                    self.found.push(format!("{} {id} does not stand in the ledger as it is", entity.name));
                }
            }
        }
        let total: Decimal = sums.accounts.values().map(|balance| balance.home).sum();
        self.expect(total, Decimal::ZERO, || "the trial balance".to_owned());
        sums
    }

    fn accounts(&mut self, sums: &Sums) {
        let sum = |id: u64| sums.accounts.get(&id).copied().unwrap_or_default();
        let running: BTreeSet<u64> =
            sums.accounts.keys().chain(self.books.ledger().balances().keys()).copied().collect();
        for id in running {
            let kept = self.books.ledger().balance(id);
            self.expect(kept.home, sum(id).home, || format!("account {id} in the ledger"));
            self.expect(kept.foreign, sum(id).foreign, || format!("account {id} in its own currency"));
        }
        let mut below: BTreeMap<u64, Decimal> = BTreeMap::new();
        for (id, account) in self.objects("Account") {
            let right = self.shown((id, account), sum(id));
            self.expect(decimal(account, "CurrentBalance"), right, || format!("the balance of account {id}"));
            if let Some(parent) = parent(account) {
                *below.entry(parent).or_default() += decimal(account, "CurrentBalanceWithSubAccounts");
            }
        }
        for (id, account) in self.objects("Account") {
            let right = self.shown((id, account), sum(id)) + below.get(&id).copied().unwrap_or_default();
            let kept = decimal(account, "CurrentBalanceWithSubAccounts");
            self.expect(kept, right, || format!("the balance of account {id} with those below"));
        }
    }

    /// Accounts that are not on the balance sheet show nothing.
    fn shown(&self, (id, account): (u64, &Object), balance: Balance) -> Decimal {
        match text(account, "Classification") {
            Some("Revenue" | "Expense") => Decimal::ZERO,
            _ if ledger::own_currency(self.books, id).is_some() => balance.foreign,
            _ => balance.home,
        }
    }

    fn customers(&mut self, sums: &Sums) {
        let mut below: BTreeMap<u64, Decimal> = BTreeMap::new();
        for (id, customer) in self.objects("Customer") {
            let owed = sums.customers.get(&id).copied().unwrap_or_default();
            self.expect(decimal(customer, "Balance"), owed, || format!("the balance of customer {id}"));
            if let Some(parent) = parent(customer) {
                *below.entry(parent).or_default() += decimal(customer, "BalanceWithJobs");
            }
        }
        for (id, customer) in self.objects("Customer") {
            let right = decimal(customer, "Balance") + below.get(&id).copied().unwrap_or_default();
            let kept = decimal(customer, "BalanceWithJobs");
            self.expect(kept, right, || format!("the balance of customer {id} with jobs"));
        }
        let nobody = sums.customers.iter().filter(|(_, amount)| !amount.is_zero());
        for (id, amount) in nobody.filter(|(id, _)| self.books.shelf("Customer").get(**id).is_none()) {
            self.found.push(format!("customer {id}, who is gone, owes {amount}"));
        }
    }

    /// What payments say they apply, and to what.
    fn applied(&mut self) -> Links {
        let mut links = Links::default();
        for (id, payment) in self.objects("Payment") {
            let (mut charges, mut credits) = (Decimal::ZERO, Decimal::ZERO);
            for line in list(payment, "Line").iter().filter_map(Value::as_object) {
                let Some(target) = list(line, "LinkedTxn").first().and_then(linked) else {
                    self.found.push(format!("payment {id} has a line that links nothing"));
                    continue;
                };
                let amount = decimal(line, "Amount");
                *(if self.is_credit(&target, payment) { &mut credits } else { &mut charges }) += amount;
                *links.applied.entry(target.clone()).or_default() += amount;
                links.pairs.insert((("Payment".to_owned(), id), target));
            }
            if credits > charges {
                self.found.push(format!("payment {id} joins {credits} of credit with {charges} of charges"));
            }
            let unapplied = decimal(payment, "TotalAmt") - charges + credits;
            self.expect(decimal(payment, "UnappliedAmt"), unapplied, || format!("payment {id}, unapplied"));
        }
        for (id, deposit) in self.objects("Deposit") {
            for link in list(deposit, "Line").iter().filter_map(|line| line["LinkedTxn"].as_array()).flatten()
            {
                links.pairs.extend(linked(link).map(|target| (("Deposit".to_owned(), id), target)));
            }
        }
        links
    }

    fn is_credit(&self, (entity, id): &Key, payment: &Object) -> bool {
        match entity.as_str() {
            "CreditMemo" => true,
            "JournalEntry" => {
                let entry = self.books.find("JournalEntry", &id.to_string());
                let customer = reference(payment, "CustomerRef").unwrap_or_default();
                entry.is_some_and(|entry| self.owed_by_entry(entry, customer) < Decimal::ZERO)
            }
            _ => false,
        }
    }

    /// What a journal entry adds to what a customer owes.
    fn owed_by_entry(&self, entry: &Object, customer: &str) -> Decimal {
        let details = list(entry, "Line").iter().filter_map(|line| {
            let detail = line.get("JournalEntryLineDetail")?.as_object()?;
            let account = reference(detail, "AccountRef")?;
            let named = detail.get("Entity")?.get("EntityRef")?.get("value")?.as_str() == Some(customer);
            let amount = decimal(line.as_object()?, "Amount");
            let signed = if text(detail, "PostingType") == Some("Credit") { -amount } else { amount };
            (named && ledger::is_receivable(self.books, account)).then_some(signed)
        });
        details.sum()
    }

    fn open_amounts(&mut self, links: &Links) {
        for (entity, property) in
            [("Invoice", "Balance"), ("CreditMemo", "Balance"), ("CreditMemo", "RemainingCredit")]
        {
            for (id, object) in self.objects(entity) {
                let applied = links.applied.get(&(entity.to_owned(), id)).copied().unwrap_or_default();
                let deposit = if entity == "Invoice" { decimal(object, "Deposit") } else { Decimal::ZERO };
                let open = decimal(object, "TotalAmt") - deposit - applied;
                self.expect(decimal(object, property), open, || format!("{property} of {entity} {id}"));
                if open < Decimal::ZERO {
                    self.found.push(format!("{applied} is applied to {entity} {id}, more than it comes to"));
                }
            }
        }
        for (id, payment) in self.objects("Payment") {
            if decimal(payment, "UnappliedAmt") < Decimal::ZERO {
                self.found.push(format!("payment {id} applies more than it holds"));
            }
        }
    }

    /// Whoever is linked by a payment or a deposit links it back, and nobody
    /// else does.
    fn mutual(&mut self, links: &Links) {
        let mut back = BTreeSet::new();
        for entity in ENTITIES.iter().filter(|entity| entity.class == Class::Transaction) {
            for (id, object) in self.objects(entity.name) {
                let own = (entity.name.to_owned(), id);
                let named = list(object, "LinkedTxn").iter().filter_map(linked);
                back.extend(named.map(|other| (other, own.clone())));
            }
        }
        for (from, to) in links.pairs.symmetric_difference(&back) {
            let side =
                if back.contains(&(from.clone(), to.clone())) { "only the second" } else { "only the first" };
            self.found
                .push(format!("of {} {} and {} {}, {side} links the other", from.0, from.1, to.0, to.1));
        }
    }
}

fn parent(object: &Object) -> Option<u64> {
    reference(object, "ParentRef")?.parse().ok()
}

fn linked(link: &Value) -> Option<Key> {
    Some((link.get("TxnType")?.as_str()?.to_owned(), link.get("TxnId")?.as_str()?.parse().ok()?))
}
