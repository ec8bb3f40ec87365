//! QuickBooks' answers: whatever comes, each read is objects or an error that
//! says where, a write has an outcome, and an amount is what was written.

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;
use latchd::model::{Digest, Key, Money, ObjectId, ObjectKind, Part, RealmId};
use latchd::quickbooks::{CallError, QuickBooks};
use latchd::store::{Intent, IntentItem, Operation};
use rust_decimal::Decimal;
use serde_json::value::RawValue;

use super::answers::{Answered, Clients, is_told, with_clients};
use super::mutate::{Draw, is_json, json};

type Call = for<'a> fn(&'a QuickBooks) -> LocalBoxFuture<'a, String>;

/// Reads of which the sandbox shows how they are answered.
const READS: &[Call] = &[
    |client| said(client.query("SELECT * FROM Customer")).boxed_local(),
    |client| said(client.query("SELECT * FROM Invoice")).boxed_local(),
    |client| said(client.query("SELECT * FROM Payment")).boxed_local(),
    |client| said(client.query("SELECT * FROM CreditMemo")).boxed_local(),
    |client| said(client.query("SELECT * FROM JournalEntry")).boxed_local(),
    |client| said(client.query("SELECT * FROM Item")).boxed_local(),
    |client| said(client.query("SELECT * FROM Account")).boxed_local(),
    |client| said(client.query("SELECT * FROM TaxCode")).boxed_local(),
    |client| async { said(client.object(ObjectKind::Customer, &ObjectId::new("1"))).await }.boxed_local(),
    |client| said(client.changes(since())).boxed_local(),
    |client| said(client.preferences()).boxed_local(),
    |client| async { said(client.company_info(&RealmId::new("9130350000000000"))).await }.boxed_local(),
    |client| said(client.each_contact(|contact| assert!(!format!("{contact:?}").is_empty()))).boxed_local(),
];

/// The feed goes back thirty days.
fn since() -> Timestamp {
    "2026-11-01T00:00:00Z".parse().expect("a literal instant")
}

/// Writes, which are never sent to the sandbox.
const WRITES: &[Call] = &[
    |client| async { said(client.write(&intent(ObjectKind::Invoice, &["1"]))).await }.boxed_local(),
    |client| async { said(client.write(&intent(ObjectKind::Payment, &["1"]))).await }.boxed_local(),
    |client| {
        async { said(client.write(&intent(ObjectKind::Customer, &["bid1", "bid2"]))).await }.boxed_local()
    },
];

const INVOICE: &str = r#"{"Invoice":{"Id":"145","SyncToken":"0","MetaData":{"CreateTime":"2026-11-22T04:00:00-08:00","LastUpdatedTime":"2026-11-22T04:00:00-08:00"},"DocNumber":"INV-1","TxnDate":"2026-11-22","CurrencyRef":{"value":"USD"},"PrivateNote":"[latchd invoice/7]","LinkedTxn":[{"TxnId":"150","TxnType":"Payment"}],"Line":[{"Id":"1","LineNum":1,"Amount":35.0,"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{"ItemRef":{"value":"10"},"Qty":1}}],"CustomerRef":{"value":"12"},"TotalAmt":35.0,"Balance":35.0},"time":"2026-11-22T04:00:00.000-08:00"}"#;
const PAYMENT: &str = r#"{"Payment":{"CustomerRef":{"value":"12"},"TotalAmt":25.00,"UnappliedAmt":5.00,"PaymentRefNum":"7","PrivateNote":"[latchd payment/7]","Id":"150","SyncToken":"0","MetaData":{"CreateTime":"2026-11-22T04:00:00-08:00","LastUpdatedTime":"2026-11-22T04:00:00-08:00"},"TxnDate":"2026-11-22","Line":[{"Amount":20.00,"LinkedTxn":[{"TxnId":"145","TxnType":"Invoice"}]}]},"time":"2026-11-22T04:00:00.000-08:00"}"#;
const BATCH: &str = r#"{"BatchItemResponse":[{"Customer":{"Id":"5","SyncToken":"0","DisplayName":"A","Active":true},"bId":"bid1"},{"Fault":{"Error":[{"Message":"Duplicate Name Exists Error","Detail":"The name supplied already exists. : Id=7","code":"6240","element":""}],"type":"ValidationFault"},"bId":"bid2"}],"time":"2026-11-22T04:00:00.000-08:00"}"#;

/// Answers that odd ones are made of.
static TEMPLATES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();

/// The promise.
pub(crate) fn body(bytes: &[u8]) {
    with_clients(|clients| {
        let templates = TEMPLATES.get_or_init(|| templates(clients));
        let mut draw = Draw::of(bytes);
        let which = draw.below(READS.len() + WRITES.len());
        let call = READS.get(which).unwrap_or_else(|| &WRITES[which - READS.len()]);
        let status = *draw.one(&[200, 200, 200, 200, 200, 200, 400, 401, 403, 404, 429, 500]);
        // Now and then, what answers is not what was asked for.
        let own =
            if draw.byte() < 128 { which.min(templates.len() - 1) } else { draw.below(templates.len()) };
        let body = json(&templates[own], &mut draw);
        clients.network.answer(Answered { status, header: None, body });
        clients.runtime.block_on(call(&clients.quickbooks));
        let digits = draw.rest();
        exact(clients, digits);
    });
}

fn templates(clients: &Clients) -> Vec<Vec<u8>> {
    let answered = |call: &Call| {
        let words = clients.runtime.block_on(call(&clients.quickbooks));
        assert!(!words.starts_with("error"), "the sandbox refuses a call of the test: {words}");
        clients.network.last()
    };
    let mut templates: Vec<Vec<u8>> = READS.iter().map(answered).collect();
    templates.push(INVOICE.as_bytes().to_vec());
    templates.push(PAYMENT.as_bytes().to_vec());
    templates.push(BATCH.as_bytes().to_vec());
    templates.extend(recorded());
    assert!(templates.iter().all(|template| is_json(template)), "templates are JSON");
    templates
}

/// What the real service answered, where it is kept on this machine.
#[expect(clippy::disallowed_methods, reason = "where the answers are kept is known to the environment alone")]
fn recorded() -> Vec<Vec<u8>> {
    let Ok(folder) = std::env::var("LATCHD_FIXTURES") else { return Vec::new() };
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() { folders.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    files.sort();
    let is_answer = |path: &&PathBuf| {
        path.extension().is_some_and(|ending| ending == "json") && !path.ends_with("demo-company.json")
    };
    let bytes =
        |path: &Path| std::fs::read(path).ok().filter(|bytes| bytes.len() < 200_000 && is_json(bytes));
    files.iter().filter(is_answer).filter_map(|path| bytes(path)).collect()
}

/// What came, looked at to its end; or why nothing came.
async fn said<T: Debug>(call: impl Future<Output = Result<T, CallError>>) -> String {
    match call.await {
        Ok(read) => format!("{read:?}"),
        Err(error) => {
            is_told(&error.to_string(), matches!(error, CallError::Unreadable(_)));
            format!("error: {error} {:?}", error.company_code())
        }
    }
}

/// An amount is read to the last of the 28 digits that a decimal has, or not at
/// all.
fn exact(clients: &Clients, digits: &[u8]) {
    let digits: String = digits.iter().take(24).map(|byte| char::from(b'0' + byte % 10)).collect();
    let (whole, fraction) = digits.split_at(digits.len() / 2);
    let number = format!("1{whole}.{fraction}0");
    let body = format!(
        "{{\"QueryResponse\":{{\"Customer\":[{{\"Id\":\"1\",\"SyncToken\":\"0\",\"DisplayName\":\"A\",\"Balance\":{number}}}]}}}}"
    );
    clients.network.answer(Answered { status: 200, header: None, body: body.into_bytes() });
    let rows = clients.runtime.block_on(clients.quickbooks.query("SELECT * FROM Customer"));
    if let Some(read) = rows.ok().and_then(|rows| rows.customer.first()?.balance) {
        let expected = Decimal::from_str_exact(&number);
        assert_eq!(expected, Ok(read), "{number} is read as {read}");
    }
}

fn intent(object: ObjectKind, bids: &[&str]) -> Intent {
    let items = bids.iter().map(|bid| IntentItem {
        bid: (*bid).to_owned(),
        key: Key::customer(1),
        part: Part::Whole,
        operation: Operation::Create,
        object,
        id: None,
        sync_token: None,
        number: None,
        posted: Digest::of([]),
        settings: None,
        total: Money::ZERO,
        applied: Vec::new(),
        netted: Vec::new(),
        words: None,
        crossing: None,
        action: "create".to_owned(),
        amount: Money::ZERO,
        body: RawValue::from_string("null".to_owned()).expect("null is JSON"),
    });
    Intent {
        seq: 1,
        path: object.path().to_owned(),
        body: String::new(),
        request_id: String::new(),
        batch: bids.len() > 1,
        items: items.collect(),
        begun_at: Timestamp::UNIX_EPOCH,
        generation: String::new(),
        spent: false,
    }
}
