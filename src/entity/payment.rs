//! Payments: a line per allocation, the rest unapplied.

use serde_json::{Value, json};

use super::application::txn_type;
use super::{Setting, number, text};
use crate::model::{
    Applied, Code, Desired, Key, Mark, Money, ObjectId, ObjectKind, Part, Payment, Problem, Reference,
    date_in,
};

/// Longest internal note that we make (QuickBooks takes 4,000).
const NOTE_CHARS_MAX: usize = 1000;

/// The payment as it is created, worth `total` and applied to `applied` and no
/// more. One that was refunded in full is created whole and voided afterwards.
pub fn translate(
    payment: &Payment,
    total: Money,
    applied: &[Applied],
    setting: Setting<'_>,
) -> Result<Desired, Problem> {
    let date = date_in(payment.effective_at, setting.zone);
    let account = deposit_account(&payment.method, setting)?;
    let mut body = json!({
        "CustomerRef": { "value": null },
        "TotalAmt": number(total.decimal()),
        "TxnDate": date.to_string(),
        "PaymentRefNum": payment.id.to_string(),
        "DepositToAccountRef": { "value": account.as_str() },
        "PrivateNote": note(payment, setting),
    });
    let (lines, mut references) = lines(applied);
    body["Line"] = lines;
    if setting.targets.multicurrency {
        body["CurrencyRef"] = json!({ "value": payment.currency.as_str() });
    }
    references
        .push(Reference { pointer: "/CustomerRef/value".to_owned(), to: Key::customer(payment.customer) });
    Ok(Desired {
        key: Key::payment(payment.id),
        part: Part::Whole,
        object: ObjectKind::Payment,
        number: payment.id.to_string(),
        date: Some(date),
        currency: payment.currency,
        total,
        body,
        references,
    })
}

/// What of a payment that stands is sent to make it `total`, applied to
/// `applied`: QuickBooks takes all lines or none.
pub fn amendment(customer: u64, total: Money, applied: &[Applied]) -> (Value, Vec<Reference>) {
    let (lines, mut references) = lines(applied);
    references.push(Reference { pointer: "/CustomerRef/value".to_owned(), to: Key::customer(customer) });
    (
        json!({ "CustomerRef": { "value": null }, "TotalAmt": number(total.decimal()), "Line": lines }),
        references,
    )
}

/// What stays of `standing` when everything that `wanted` lowers or drops is
/// let go: the first of the two writes of an amendment that does both.
pub fn released(standing: &[Applied], wanted: &[Applied]) -> Vec<Applied> {
    let kept = standing.iter().filter_map(|row| {
        let wanted = wanted.iter().find(|other| other.to == row.to)?;
        Some(Applied { to: row.to, amount: row.amount.min(wanted.amount) })
    });
    kept.collect()
}

fn lines(applied: &[Applied]) -> (Value, Vec<Reference>) {
    let rows = applied.iter().map(|row| {
        let linked = json!([{ "TxnId": null, "TxnType": txn_type(row.to.entity) }]);
        json!({ "Amount": number(row.amount.decimal()), "LinkedTxn": linked })
    });
    let references = applied
        .iter()
        .enumerate()
        .map(|(at, row)| Reference { pointer: format!("/Line/{at}/LinkedTxn/0/TxnId"), to: row.to });
    (rows.collect(), references.collect())
}

fn deposit_account(method: &str, setting: Setting<'_>) -> Result<ObjectId, Problem> {
    let posting = setting.posting;
    let name = posting.deposit_accounts.get(method).unwrap_or(&posting.deposit_account);
    setting.targets.accounts.get(name).cloned().ok_or_else(|| {
        let reason = format!("QuickBooks has no active account `{name}`, which the files name");
        Problem::new(Code::ReferenceMissing, reason)
    })
}

/// The mark, then the operator's own reference, which may be longer than
/// QuickBooks' field for it.
fn note(payment: &Payment, setting: Setting<'_>) -> String {
    let mark = Mark::of(Key::payment(payment.id));
    let reference = payment.reference.as_deref().map(|text| text::fit(text, NOTE_CHARS_MAX, setting.targets));
    match reference.filter(|reference| !reference.is_empty()) {
        Some(reference) => format!("{mark} {reference}"),
        None => mark.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::super::invoice::tests::{posting, targets};
    use super::*;
    use crate::model::{Allocation, Currency, fill};

    fn row(invoice: u64, cents: i64) -> Applied {
        Applied { to: Key::invoice(invoice), amount: Money::from_cents(cents) }
    }

    fn payment(method: &str) -> Payment {
        Payment {
            id: 7_613_586,
            activity: 118_419,
            customer: 10482,
            effective_at: "2026-01-25T19:11:00Z".parse().unwrap(),
            currency: Currency::USD,
            amount: Money::from_cents(1000),
            unallocated: Money::from_cents(200),
            allocations: vec![Allocation { invoice: 511_684, amount: Money::from_cents(800) }],
            refunds: Vec::new(),
            method: method.to_owned(),
            reference: Some("chq 17".to_owned()),
            parent: None,
            send: true,
            quickbooks_id: None,
        }
    }

    #[test]
    fn the_body_is_exactly_this() {
        let (posting, targets) = (posting(), targets());
        let setting = Setting { posting: &posting, targets: &targets, zone: &TimeZone::UTC };
        let by_card = payment("CreditCard");
        let desired = translate(&by_card, by_card.amount, &[row(511_684, 800)], setting).unwrap();
        let ids = |key: Key| {
            Some(if key.entity == crate::model::Entity::Customer { "58" } else { "96" }.to_owned())
        };
        let expected = json!({
            "CustomerRef": {"value": "58"}, "TotalAmt": number("10.00".parse().unwrap()), "TxnDate": "2026-01-25",
            "PaymentRefNum": "7613586", "DepositToAccountRef": {"value": "90"},
            "PrivateNote": "[latchd payment/7613586] chq 17",
            "Line": [{"Amount": number("8.00".parse().unwrap()), "LinkedTxn": [{"TxnId": "96", "TxnType": "Invoice"}]}],
        });
        let filled = fill(desired.body, &desired.references, |key| ids(key).ok_or(key));
        assert_eq!(filled, Ok(expected));
        let cash = payment("Cash");
        let cash = translate(&cash, cash.amount, &[], setting).unwrap();
        assert_eq!(cash.body["DepositToAccountRef"]["value"], "4");
        assert_eq!(cash.body["Line"], json!([]));
    }

    #[test]
    fn what_is_let_go_is_never_more_than_stood() {
        let cases = [
            ("moved", vec![row(1, 500)], vec![row(2, 500)], vec![]),
            ("lowered", vec![row(1, 500)], vec![row(1, 200)], vec![row(1, 200)]),
            ("raised", vec![row(1, 500)], vec![row(1, 700)], vec![row(1, 500)]),
            ("both", vec![row(1, 500), row(2, 300)], vec![row(2, 400), row(3, 100)], vec![row(2, 300)]),
        ];
        for (name, standing, wanted, expected) in cases {
            assert_eq!(released(&standing, &wanted), expected, "{name}");
        }
    }
}
