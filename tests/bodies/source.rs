//! Stax Bill's answers: whatever comes, each read is records, odd rows or an
//! error that says where; an amount is what was written, or refused.

use std::fmt::Debug;
use std::sync::OnceLock;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use latchd::model::{Currency, Money};
use latchd::staxbill::{Order, StaxBill, StaxError, amount_of, credit_in, reversal, write_off};
use rust_decimal::Decimal;

use super::answers::{Answered, Clients, is_told, with_clients};
use super::mutate::{Draw, json};

/// Ids of the sample that are asked for.
#[derive(Clone, Copy, Debug)]
struct Ids {
    customer: u64,
    invoice: u64,
    payment: u64,
    activity: u64,
    credit: u64,
    note: u64,
}

type Call = for<'a> fn(&'a StaxBill, Ids) -> LocalBoxFuture<'a, String>;

const CALLS: &[Call] = &[
    |client, _| said(client.customers(None, 0)).boxed_local(),
    |client, ids| said(client.customer(ids.customer)).boxed_local(),
    |client, ids| said(client.addresses(ids.customer)).boxed_local(),
    |client, ids| said(client.ar_balance(ids.customer, Currency::USD)).boxed_local(),
    |client, _| said(client.invoice_summaries(None, 0)).boxed_local(),
    |client, ids| said(client.invoice_summary(ids.invoice)).boxed_local(),
    |client, ids| said(client.invoice_lines(ids.invoice, Currency::USD)).boxed_local(),
    |client, ids| said(client.customer_invoice_lines(ids.customer, Currency::USD, 0)).boxed_local(),
    |client, ids| said(client.payments_of_invoice(ids.invoice)).boxed_local(),
    |client, ids| said(client.credit_allocations(ids.invoice)).boxed_local(),
    |client, _| said(client.payment_activities(None, 0)).boxed_local(),
    |client, ids| said(client.payment_activity(ids.activity)).boxed_local(),
    |client, ids| said(client.payment(ids.payment)).boxed_local(),
    |client, ids| said(client.credit(ids.credit)).boxed_local(),
    |client, _| said(client.credit_notes(0)).boxed_local(),
    |client, ids| said(client.credit_notes_of(ids.invoice)).boxed_local(),
    |client, ids| said(client.credit_note(ids.note)).boxed_local(),
    |client, _| stream(client).boxed_local(),
];

/// What the sandbox answers to each of them.
static TEMPLATES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();

/// The promise.
pub(crate) fn body(bytes: &[u8]) {
    with_clients(|clients| {
        let ids = ids(clients);
        let templates = TEMPLATES.get_or_init(|| templates(clients, ids));
        let mut draw = Draw::of(bytes);
        let call = draw.below(CALLS.len());
        let status = *draw.one(&[200, 200, 200, 200, 200, 200, 200, 400, 404, 429, 500]);
        let header = draw.one(&[None, None, None, Some("X-Count"), Some("Date"), Some("Retry-After")]);
        let header = header.map(|name| {
            let values = ["", "-1", "18446744073709551616", "Sun, 31 Dec 9999 23:59:59 GMT", "x"];
            (name, draw.one(&values).as_bytes().to_vec())
        });
        let body = json(&templates[call], &mut draw);
        clients.network.answer(Answered { status, header, body });
        clients.runtime.block_on(CALLS[call](&clients.staxbill, ids));
        let (sign, digits) = (draw.byte(), draw.rest());
        exact(clients, ids, sign, digits);
    });
}

fn ids(clients: &Clients) -> Ids {
    let account = &clients.sandbox.staxbill;
    let id = |id: Option<i64>| id.and_then(|id| u64::try_from(id).ok()).expect("the sample has one");
    Ids {
        customer: id(account.customers().first().map(|one| one.id)),
        invoice: id(account.invoices().first().map(|one| one.id)),
        payment: id(account.payments().first().map(|one| one.id)),
        activity: id(account.payments().first().map(|one| one.activity)),
        credit: id(account.credits().last().map(|one| one.id)),
        note: id(account.credit_notes().first().map(|one| one.id)),
    }
}

fn templates(clients: &Clients, ids: Ids) -> Vec<Vec<u8>> {
    let answered = |call: &Call| {
        let words = clients.runtime.block_on(call(&clients.staxbill, ids));
        assert!(!words.starts_with("error"), "the sandbox refuses a call of the test: {words}");
        clients.network.last()
    };
    CALLS.iter().map(answered).collect()
}

/// What came, looked at to its end; or why nothing came.
async fn said<T: Debug>(call: impl Future<Output = Result<T, StaxError>>) -> String {
    match call.await {
        Ok(read) => format!("{read:?}"),
        Err(error) => {
            is_told(&error.to_string(), matches!(error, StaxError::Unreadable(_)));
            format!("error: {error}")
        }
    }
}

async fn stream(client: &StaxBill) -> String {
    let read = match client.ar_activities(Order::NewestFirst, 0, 100).await {
        Ok(read) => read,
        Err(error) => return said(std::future::ready(Err::<(), _>(error))).await,
    };
    for activity in read.rows.iter().filter_map(|row| row.as_ref().ok()) {
        for words in [
            amount_of(activity, Currency::USD).err(),
            credit_in(activity, Currency::USD).err(),
            write_off(activity, Currency::USD).err(),
            reversal(activity, Currency::USD).err(),
        ] {
            assert!(words.is_none_or(|words| !words.trim().is_empty()), "{activity:?}");
        }
    }
    format!("{read:?}")
}

/// An amount is read to the last of the 28 digits that a decimal has, or not at
/// all.
fn exact(clients: &Clients, ids: Ids, sign: u8, digits: &[u8]) {
    let digits: String = digits.iter().take(28).map(|byte| char::from(b'0' + byte % 10)).collect();
    let (whole, fraction) = digits.split_at(digits.len() / 2);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let sign = if sign.is_multiple_of(2) { "" } else { "-" };
    let number =
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
    let body = format!("{{\"arBalance\":{number}}}").into_bytes();
    clients.network.answer(Answered { status: 200, header: None, body });
    let read = clients.runtime.block_on(clients.staxbill.ar_balance(ids.customer, Currency::USD));
    if let Ok(Ok(read)) = read {
        let expected = Decimal::from_str_exact(&number).map(|exact| Money::exact(exact, Currency::USD));
        assert_eq!(expected, Ok(Ok(read)), "{number} is read as {read}");
    }
}
