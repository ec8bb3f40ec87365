//! Payments: a line per allocation, the rest unapplied.

use serde_json::{Value, json};

use super::application::txn_type;
use super::{Setting, number, text, write_currency};
use crate::model::{
    Applied, Code, Currency, Desired, Key, Linked, Mark, Money, ObjectId, ObjectKind, Part, Payment, Problem,
    Reference, date_in,
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
    let account = deposit_account(payment, setting)?;
    let mut body = json!({
        "CustomerRef": { "value": null },
        "TotalAmt": number(total.decimal()),
        "TxnDate": date.to_string(),
        "PaymentRefNum": payment.id.to_string(),
        "DepositToAccountRef": { "value": account.as_str() },
        "PrivateNote": note(payment, setting),
    });
    let (lines, mut references) = lines(applied);
    body["Line"] = lines.into();
    write_currency(&mut body, payment.currency, setting)?;
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
/// `applied` and to what stands `beside`: QuickBooks takes all lines or none.
pub fn amendment(
    customer: u64,
    total: Money,
    applied: &[Applied],
    beside: &[Linked],
) -> (Value, Vec<Reference>) {
    let (mut rows, mut references) = lines(applied);
    for row in beside {
        let linked = json!([{ "TxnId": row.id.as_str(), "TxnType": row.kind.name() }]);
        rows.push(json!({ "Amount": number(row.amount.decimal()), "LinkedTxn": linked }));
    }
    references.push(Reference { pointer: "/CustomerRef/value".to_owned(), to: Key::customer(customer) });
    (
        json!({ "CustomerRef": { "value": null }, "TotalAmt": number(total.decimal()), "Line": rows }),
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

fn lines(applied: &[Applied]) -> (Vec<Value>, Vec<Reference>) {
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

/// Stax Bill writes a method in more than one way; capitals do not count.
fn deposit_account(payment: &Payment, setting: Setting<'_>) -> Result<ObjectId, Problem> {
    let (posting, targets) = (setting.posting, setting.targets);
    let own =
        posting.deposit_accounts.iter().find(|(method, _)| method.eq_ignore_ascii_case(&payment.method));
    let name = own.map_or(&posting.deposit_account, |(_, account)| account);
    let account = super::target_account(name, setting)?;
    let currency = targets.account_currencies.get(&account).copied();
    // QuickBooks takes money into accounts of its own currency and of the home
    // currency alone.
    let fits = |of: Currency| of == payment.currency || targets.home_currency.is_none_or(|home| of == home);
    match currency.filter(|of| targets.multicurrency && !fits(*of)) {
        None => Ok(account),
        Some(of) => {
            let reason = format!(
                "it is in {}, and the account `{name}` for its method `{}` is in {of}; name another in [deposit_accounts]",
                payment.currency, payment.method
            );
            Err(Problem::new(Code::CurrencyMismatch, reason))
        }
    }
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
