//! What a bookkeeper entered by hand before a customer was linked, and the
//! records that it may be: those wait until it is gone.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use latchd::report::Status;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::oracle::{counts, day_of, marks};
use super::player::Played;

/// A document that somebody entered by hand.
#[derive(Clone, Debug)]
pub(super) struct Entered {
    kind: &'static str,
    id: String,
    /// The customer in Stax Bill that was linked with the document's afterwards.
    customer: i64,
    day: Date,
    amount: Decimal,
}

/// A document of the account.
#[derive(Debug)]
struct Record {
    key: String,
    kind: &'static str,
    customer: i64,
    at: Timestamp,
    amount: Decimal,
    /// What is left of it.
    net: Decimal,
}

/// A bookkeeper enters what may be some of a customer's documents, and what
/// misses them by a day.
pub(super) fn enter(played: &Played, customer: i64, twin: &str) -> Vec<Entered> {
    let quickbooks = &played.company.sandbox.quickbooks;
    let card = quickbooks.objects("Customer").into_iter().find(|card| card["Id"] == twin);
    let currency = card.map(|card| card["CurrencyRef"].clone()).unwrap_or_default();
    let theirs = records(played).into_iter().filter(|one| one.customer == customer && !one.amount.is_zero());
    let mut entered = Vec::new();
    for (at, Record { kind, at: on, amount, .. }) in theirs.enumerate().filter(|(at, _)| at % 3 == 0) {
        let shift = i64::try_from(at).expect("few documents") / 3 % 9 - 4;
        let day = day_of(on).saturating_add(shift.days());
        let written: Value = serde_json::from_str(&amount.to_string()).expect("an amount is a number");
        let mut body = json!({ "CustomerRef": { "value": twin }, "TxnDate": day.to_string() });
        if !currency.is_null() {
            body["CurrencyRef"] = currency.clone();
        }
        if kind == "Payment" {
            body["TotalAmt"] = written;
        } else {
            body["DocNumber"] = json!(format!("H-{customer}-{at}"));
            body["Line"] = json!([{
                "Amount": written, "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": { "ItemRef": { "value": "1" }, "TaxCodeRef": { "value": "NON" } },
            }]);
        }
        match quickbooks.bookkeeper().create(kind, body) {
            Ok(object) => {
                let id = object["Id"].as_str().expect("an object has an id").to_owned();
                entered.push(Entered { kind, id, customer, day, amount });
            }
            Err(refused) => {
                let words = format!("{refused:?}");
                assert!(words.contains("6210") || words.contains("6200"), "{words}");
            }
        }
    }
    entered
}

/// Nothing was posted that may be something that people entered before, and
/// nothing else waits for a person.
pub(super) fn waits(played: &Played, status: &Status) -> Result<(), String> {
    let (records, posted) = (records(played), marks(played));
    for record in records.iter().filter(|one| counts(played, one.customer, one.at)) {
        let double = played.entered.iter().find(|one| one.may_be(record, &[record.amount]));
        if let Some(double) = double.filter(|_| posted.contains(&record.key)) {
            return Err(format!("{} was posted beside {double:?}", record.key));
        }
    }
    let told = status.warnings.iter().filter(|row| row.code.name() == "possible-duplicate");
    for row in told {
        let record = records.iter().find(|one| one.key == row.key);
        let record = record.ok_or_else(|| format!("{} is no document", row.key))?;
        if !played.entered.iter().any(|one| one.may_be(record, &[record.amount, record.net])) {
            return Err(format!("{} waits for nothing: {}", row.key, row.reason));
        }
    }
    Ok(())
}

/// The bookkeeper sees it, and takes out what was entered twice.
pub(super) fn take_out(played: &mut Played) {
    for Entered { kind, id, .. } in std::mem::take(&mut played.entered) {
        let books = played.company.sandbox.quickbooks.bookkeeper();
        books.delete(kind, &id).expect("it is theirs to take out");
    }
}

impl Entered {
    fn may_be(&self, record: &Record, amounts: &[Decimal]) -> bool {
        let days = day_of(record.at).since(self.day).expect("days of one year").get_days().abs();
        let same = (self.kind, self.customer) == (record.kind, record.customer);
        same && days <= 3 && amounts.contains(&self.amount)
    }
}

/// Every document of the account that becomes one that people may enter.
fn records(played: &Played) -> Vec<Record> {
    let account = &played.company.sandbox.staxbill;
    let key = |entity: &str, id: i64| format!("{entity}/{id}");
    let invoices = account.invoices().into_iter().map(|one| {
        let (amount, key) = (one.amount(), key("invoice", one.id));
        Record { key, kind: "Invoice", customer: one.customer, at: one.effective, amount, net: amount }
    });
    let payments = account.payments().into_iter().map(|one| {
        let (amount, net) = (one.amount, one.amount - one.refunded);
        let key = key("payment", one.id);
        Record { key, kind: "Payment", customer: one.customer, at: one.effective, amount, net }
    });
    let memo = |key, (customer, at): (i64, Timestamp), (amount, net): (Decimal, Decimal)| Record {
        key,
        kind: "CreditMemo",
        customer,
        at,
        amount,
        net,
    };
    let credits = account.credits().into_iter().map(|one| {
        let amounts = (one.amount, one.amount - one.debited);
        memo(key("credit", one.id), (one.customer, one.effective), amounts)
    });
    let write_offs = account
        .write_offs()
        .into_iter()
        .map(|one| memo(key("write-off", one.id), (one.customer, one.effective), (one.amount, one.amount)));
    let notes = account.credit_notes().into_iter().map(|one| {
        let first = one.reversals.first().and_then(|id| account.reversal(*id));
        let at = first.expect("a note lists reversals").effective;
        memo(key("charge-reversal", one.id), (one.customer, at), (one.net, one.net))
    });
    invoices.chain(payments).chain(credits).chain(write_offs).chain(notes).collect()
}
