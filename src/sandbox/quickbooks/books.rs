//! The company's books: every object, the numbers yet to be given out, and
//! what each customer owes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::entity::{Entity, SALES_FORMS, Sequence, customer};
use super::json::{Object, decimal, money, reference, text};
use super::ledger::{Entry, Ledger, Moves};
use super::misreading::Misreading;
use super::refusal::Standing;
use super::shelf::{Kept, Shelf};
use super::upload::File;
use super::{ledger, stamp};

/// Whether a change counts as an edit of the object itself. A customer whose
/// balance moves keeps its token, an invoice that is paid does not (recorded).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Rise,
    Stay,
}

/// Everything the company has written down.
#[derive(Debug)]
pub(super) struct Books {
    shelves: BTreeMap<&'static str, Shelf>,
    ledger: Ledger,
    next: BTreeMap<Sequence, u64>,
    first_id: u64,
    revision: u64,
    last_number: String,
    now: Timestamp,
    empty: Shelf,
    /// What stands between the books and those who call.
    pub(super) standing: Standing,
    /// What was uploaded, by the id of its attachable.
    pub(super) files: BTreeMap<u64, File>,
    misreading: Option<Misreading>,
}

impl Books {
    /// Empty books; the first free id of every sequence is `first_id`.
    pub(super) fn new(now: Timestamp, first_id: u64) -> Self {
        let (empty, standing) = (Shelf::default(), Standing::default());
        Self {
            shelves: BTreeMap::new(),
            ledger: Ledger::default(),
            next: BTreeMap::new(),
            first_id,
            revision: 0,
            last_number: "1037".to_owned(),
            now,
            empty,
            standing,
            files: BTreeMap::new(),
            misreading: None,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Every request first tells the books what time it is.
    pub(super) fn set_now(&mut self, now: Timestamp) {
        self.now = now;
    }

    pub(super) fn set_misreading(&mut self, misreading: Option<Misreading>) {
        self.misreading = misreading;
    }

    pub(super) fn misreads(&self, misreading: Misreading) -> bool {
        self.misreading == Some(misreading)
    }

    pub(super) fn today(&self) -> String {
        stamp::today(self.now)
    }

    pub(super) fn shelf(&self, entity: &str) -> &Shelf {
        self.shelves.get(entity).unwrap_or(&self.empty)
    }

    pub(super) fn find(&self, entity: &str, id: &str) -> Option<&Object> {
        Some(&self.shelf(entity).get(id.parse().ok()?)?.object)
    }

    /// A setting of the company by its dotted path.
    pub(super) fn preference(&self, path: &str) -> Option<&Value> {
        let preferences = &self.shelf("Preferences").get(1)?.object;
        let mut steps = path.split('.');
        let first = preferences.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step))
    }

    pub(super) fn allows(&self, path: &str) -> bool {
        self.preference(path).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Whether the books are closed for a day.
    pub(super) fn is_closed(&self, day: &str) -> bool {
        let closed = self.preference("AccountingInfoPrefs.BookCloseDate").and_then(Value::as_str);
        closed.is_some_and(|closed| day <= closed)
    }

    /// The currency the books are kept in.
    pub(super) fn home_currency(&self) -> &str {
        self.preference("CurrencyPrefs.HomeCurrency.value").and_then(Value::as_str).unwrap_or("USD")
    }

    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub(super) fn next_id(&mut self, sequence: Sequence) -> u64 {
        let next = self.next.entry(sequence).or_insert_with(|| sequence.first(self.first_id));
        *next += 1;
        *next - 1
    }

    /// Ids of a sequence go on after `id`, where it is not passed yet.
    pub(super) fn number_after(&mut self, sequence: Sequence, id: u64) {
        let next = self.next.entry(sequence).or_insert_with(|| sequence.first(self.first_id));
        *next = (*next).max(id.saturating_add(1));
    }

    /// What the company would number its next sales form with: it goes on from
    /// the last number used, also from one that a client chose.
    pub(super) fn next_number(&self) -> String {
        next_in_line(&self.last_number).unwrap_or_default()
    }

    /// Writes an object down, new or changed, and posts what it comes to.
    pub(super) fn put(&mut self, entity: &'static Entity, id: u64, mut object: Object, token: Token) {
        let old = self.shelf(entity.name).get(id).map(|kept| &kept.object);
        stamp_object(&mut object, old, (id, token), &stamp::seconds(self.now));
        let form = SALES_FORMS.contains(&entity.name) && old.is_none();
        let number = text(&object, "DocNumber").filter(|number| form && next_in_line(number).is_some());
        if let Some(number) = number {
            self.last_number = number.to_owned();
        }
        let entries = (entity.entries)(self, &object);
        self.revision += 1;
        let kept = Kept { object, updated: self.now.as_second(), revision: self.revision };
        self.shelves.entry(entity.name).or_default().put(entity, id, kept);
        let moves = self.ledger.post((entity.name, id), entries);
        self.carry(moves);
    }

    /// Takes a transaction out of the books.
    pub(super) fn remove(&mut self, entity: &'static Entity, id: u64) {
        if self.shelf(entity.name).get(id).is_none() {
            return;
        }
        self.revision += 1;
        let gone = (self.revision, self.now.as_second());
        self.shelves.entry(entity.name).or_default().remove(entity, id, gone);
        let moves = self.ledger.post((entity.name, id), Vec::new());
        self.carry(moves);
    }

    /// Posts a transaction anew because one that it is linked with has changed.
    pub(super) fn repost(&mut self, entity: &'static Entity, id: u64) {
        let Some(kept) = self.shelf(entity.name).get(id) else { return };
        let entries = (entity.entries)(self, &kept.object);
        let moves = self.ledger.post((entity.name, id), entries);
        self.carry(moves);
    }

    /// Changes an object behind its own back: neither its token nor its
    /// time moves, so no change feed tells of it. Indexed properties stay as
    /// they are.
    pub(super) fn amend(&mut self, entity: &str, id: u64, change: impl FnOnce(&mut Object)) {
        let kept = self.shelves.get_mut(entity).and_then(|shelf| shelf.get_mut(id));
        if let Some(kept) = kept {
            change(&mut kept.object);
        }
    }

    /// Puts in what an account held before the first document, a debit positive.
    pub(super) fn open_account(&mut self, account: u64, amount: Decimal) {
        let moves = self.ledger.open(Entry { account, amount, foreign: Decimal::ZERO, owed: None });
        self.carry(moves);
    }

    /// Puts in what a customer owed before the first document.
    pub(super) fn open_customer(&mut self, customer: u64, amount: Decimal) {
        let account = ledger::receivable_account(self, self.home_currency());
        let owed = Some((customer, amount));
        let moves = self.ledger.open(Entry { account, amount, foreign: Decimal::ZERO, owed });
        self.carry(moves);
    }

    /// Lets one customer owe what is `left` on the card of another, whatever
    /// transactions it comes from.
    pub(super) fn rename_debtor(&mut self, (from, into): (u64, u64), left: Decimal) {
        self.ledger.rename_customer(from, into);
        self.move_balance(from, -left);
        self.move_balance(into, left);
    }

    fn carry(&mut self, moves: Moves) {
        for account in moves.accounts.into_keys() {
            self.show_balance(account);
        }
        for (customer, amount) in moves.customers {
            self.move_balance(customer, amount);
        }
    }

    /// The balance of an account that is on the balance sheet, and of those
    /// above it. Income and expense accounts show none (recorded). A debit is
    /// positive whatever the account: what is owed on a card reads negative
    /// (recorded). An account in another currency shows that (not recorded).
    pub(super) fn show_balance(&mut self, account: u64) {
        let Some(kept) = self.shelf("Account").get(account) else { return };
        let hidden = matches!(text(&kept.object, "Classification"), Some("Revenue" | "Expense"));
        let balance = self.ledger.balance(account);
        let abroad = ledger::own_currency(self, account).is_some();
        let own = match (hidden, abroad) {
            (true, _) => Decimal::ZERO,
            (false, true) => balance.foreign,
            (false, false) => balance.home,
        };
        let moved = own - decimal(&kept.object, "CurrentBalance");
        self.amend("Account", account, |object| {
            object.insert("CurrentBalance".into(), money(own));
        });
        self.move_accounts_above(Some(account), moved);
    }

    /// Moves what an account and all above it hold with those below them.
    pub(super) fn move_accounts_above(&mut self, account: Option<u64>, amount: Decimal) {
        let mut next = account;
        while let Some(id) = next {
            let Some(kept) = self.shelf("Account").get(id) else { return };
            let held = decimal(&kept.object, "CurrentBalanceWithSubAccounts") + amount;
            next = reference(&kept.object, "ParentRef").and_then(|id| id.parse().ok());
            self.amend("Account", id, |object| {
                object.insert("CurrentBalanceWithSubAccounts".into(), money(held));
            });
        }
    }

    /// What a customer owes more or less also counts in the `BalanceWithJobs` of
    /// those above it.
    fn move_balance(&mut self, customer: u64, amount: Decimal) {
        let Some(kept) = self.shelf("Customer").get(customer) else { return };
        let mut object = kept.object.clone();
        object.insert("Balance".into(), money(decimal(&object, "Balance") + amount));
        object.insert("BalanceWithJobs".into(), money(decimal(&object, "BalanceWithJobs") + amount));
        let above = reference(&object, "ParentRef").and_then(|id| id.parse().ok());
        self.put(&customer::ENTITY, customer, object, Token::Stay);
        self.move_jobs(above, amount);
    }

    /// Moves the balance with jobs of a customer and of all above it.
    pub(super) fn move_jobs(&mut self, customer: Option<u64>, amount: Decimal) {
        let mut next = customer;
        while let Some(id) = next {
            let Some(kept) = self.shelf("Customer").get(id) else { return };
            let mut object = kept.object.clone();
            object.insert("BalanceWithJobs".into(), money(decimal(&object, "BalanceWithJobs") + amount));
            next = reference(&object, "ParentRef").and_then(|id| id.parse().ok());
            self.put(&customer::ENTITY, id, object, Token::Stay);
        }
    }
}

/// The number after another: its last digits count on, as wide as they were,
/// and what stands before them stays. Nothing follows a number that ends in no
/// digit, or the last one of the length a number may have (our reading).
pub(super) fn next_in_line(number: &str) -> Option<String> {
    const LONGEST: usize = 21;
    let stem = number.trim_end_matches(|last: char| last.is_ascii_digit());
    let digits = &number[stem.len()..];
    let nines = digits.len() - digits.trim_end_matches('9').len();
    let (head, zeros) = (&digits[..digits.len() - nines], "0".repeat(nines));
    let next = match head.chars().last().and_then(|last| last.to_digit(10)) {
        Some(last) => format!("{stem}{}{}{zeros}", &head[..head.len() - 1], last + 1),
        None if nines > 0 => format!("{stem}1{zeros}"),
        None => return None,
    };
    (next.chars().count() <= LONGEST).then_some(next)
}

fn stamp_object(object: &mut Object, old: Option<&Object>, (id, token): (u64, Token), now: &str) {
    let current = old.and_then(|old| text(old, "SyncToken")).and_then(|token| token.parse::<u64>().ok());
    let next = match (current, token) {
        (None, _) => 0,
        (Some(current), Token::Stay) => current,
        (Some(current), Token::Rise) => current + 1,
    };
    let created = old.and_then(|old| old.get("MetaData")?.get("CreateTime").cloned());
    object.insert("domain".into(), json!("QBO"));
    object.insert("sparse".into(), json!(false));
    object.insert("Id".into(), json!(id.to_string()));
    object.insert("SyncToken".into(), json!(next.to_string()));
    let created = created.unwrap_or_else(|| json!(now));
    object.insert("MetaData".into(), json!({ "CreateTime": created, "LastUpdatedTime": now }));
}
