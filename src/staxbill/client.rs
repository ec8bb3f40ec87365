//! The client: pages, single reads, and the waits that Stax Bill asks for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::http::{Pace, Response, Transport, percent, server_time, wait_told};
use crate::model::{
    Address, Currency, Customer, InvalidRow, Invoice, InvoiceLines, Payment, TransactionTypes,
};

use super::StaxError;
use super::odd::OddLines;
use super::odd::odd_row;
use super::payments::{ActivityRow, MoneyRow, PaymentRow};
use super::wire::{
    AddressPreferenceRow, CustomerRow, ErrorBody, InvoiceRow, PaymentAllocationRow, ProductRow, SummaryRow,
};

/// The page size that every list supports (Stax Bill: pagination).
const PAGE: usize = 1000;
/// Attempts of a read that brought nothing.
const ATTEMPTS: u32 = 4;

/// From when on changes are wanted; `None` asks for everything.
pub type Since = Option<Timestamp>;

/// An invoice's lines.
pub type LinesRow = (u64, InvoiceLines);

/// Which end of a list comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Ascending ids.
    OldestFirst,
    /// Descending ids.
    NewestFirst,
}

impl Order {
    fn word(self) -> &'static str {
        match self {
            Self::OldestFirst => "Ascending",
            Self::NewestFirst => "Descending",
        }
    }
}

/// A page of a list.
#[derive(Debug)]
pub struct StaxPage<T, E = InvalidRow> {
    /// The records, and the rows that could not be read.
    pub rows: Vec<Result<T, E>>,
    /// Stax Bill's time when it answered.
    pub server_time: Option<Timestamp>,
    /// Whether another page follows.
    pub more: bool,
}

/// Stax Bill's API for one account.
pub struct StaxBill {
    transport: Arc<dyn Transport>,
    base_url: String,
    api_key: SecretString,
    pace: Pace,
    calls: AtomicU64,
    pub(super) types: TransactionTypes,
}

impl StaxBill {
    /// A client of the account that `api_key` opens; `base_url` ends in `/v1`.
    /// The key is sent as it is: it already is base64 (Stax Bill:
    /// authentication).
    pub fn new(
        transport: Arc<dyn Transport>,
        base_url: &str,
        api_key: SecretString,
        per_minute: u32,
        types: TransactionTypes,
    ) -> Self {
        let base_url = base_url.trim_end_matches('/').to_owned();
        Self {
            transport,
            base_url,
            api_key,
            pace: Pace::new(per_minute, 200),
            calls: AtomicU64::new(0),
            types,
        }
    }

    /// Requests so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Customers changed since.
    pub async fn customers(&self, since: Since, page: usize) -> Result<StaxPage<Customer>, StaxError> {
        self.list("customers", &changed(since), page, |row: CustomerRow| Some(row.record())).await
    }

    /// Summaries of posted invoices changed since: amounts and balances, no
    /// lines. An invoice in instalments may have several rows.
    pub async fn invoice_summaries(&self, since: Since, page: usize) -> Result<StaxPage<Invoice>, StaxError> {
        self.list("invoiceSummaries", &changed(since), page, |row: SummaryRow| Some(row.record())).await
    }

    /// The summary of one invoice.
    pub async fn invoice_summary(&self, id: u64) -> Result<Result<Invoice, InvalidRow>, StaxError> {
        let query = format!("id:{id}");
        let page = self.list("invoiceSummaries", &query, 0, |row: SummaryRow| Some(row.record())).await?;
        page.rows.into_iter().next().ok_or_else(|| StaxError::NotFound(format!("invoice {id}")))
    }

    /// Successful payments and refunds changed since, with their allocations.
    /// No filter of `PaymentType` selects a payment that the bank took back, so
    /// none is sent.
    pub async fn payment_activities(
        &self,
        since: Since,
        page: usize,
    ) -> Result<StaxPage<MoneyRow>, StaxError> {
        let mut query = "PaymentActivityStatus:Successful".to_owned();
        if since.is_some() {
            query = format!("{query};{}", changed(since));
        }
        self.list("PaymentActivities/GetByAccountID", &query, page, |row: ActivityRow| row.money()).await
    }

    /// One payment by its activity, which tells how and by whom it was paid.
    pub async fn payment_activity(&self, id: u64) -> Result<Result<Payment, InvalidRow>, StaxError> {
        let row: ActivityRow = self.one(&format!("PaymentActivities/{id}")).await?;
        row.payment().ok_or_else(|| StaxError::NotFound(format!("the payment of activity {id}")))
    }

    /// One payment as it is now. It does not tell how it was paid.
    pub async fn payment(&self, id: u64) -> Result<Result<Payment, InvalidRow>, StaxError> {
        let row: PaymentRow = self.one(&format!("payments/{id}")).await?;
        Ok(row.record())
    }

    /// The payments allocated to an invoice now.
    pub async fn payments_of_invoice(&self, invoice: u64) -> Result<Vec<u64>, StaxError> {
        let rows: Vec<PaymentAllocationRow> =
            self.one(&format!("invoices/{invoice}/paymentAllocations")).await?;
        Ok(rows.into_iter().map(|row| row.payment_id).collect())
    }

    /// The lines of one invoice.
    pub async fn invoice_lines(
        &self,
        invoice: u64,
        currency: Currency,
    ) -> Result<Result<InvoiceLines, String>, StaxError> {
        let row: InvoiceRow = self.one(&format!("Invoices/{invoice}")).await?;
        Ok(row.lines(currency))
    }

    /// The lines of all invoices of a customer, by invoice: one call a page
    /// instead of one an invoice.
    pub async fn customer_invoice_lines(
        &self,
        customer: u64,
        currency: Currency,
        page: usize,
    ) -> Result<StaxPage<LinesRow, OddLines>, StaxError> {
        let path = format!("Customers/{customer}/Invoices");
        self.list(&path, "", page, |row: InvoiceRow| {
            let id = row.id;
            Some(row.lines(currency).map(|lines| (id, lines)).map_err(OddLines))
        })
        .await
    }

    /// Billing and shipping address of a customer; none where it has none.
    pub async fn addresses(&self, customer: u64) -> Result<(Option<Address>, Option<Address>), StaxError> {
        let row: AddressPreferenceRow =
            match self.one(&format!("customerAddressPreferences/{customer}")).await {
                Ok(row) => row,
                Err(StaxError::NotFound(_)) => return Ok((None, None)),
                Err(error) => return Err(error),
            };
        let billing = row.billing_address.map(Address::from);
        let shipping = row.shipping_address.map(Address::from);
        let same = row.use_billing_address_as_shipping_address;
        Ok((billing.clone(), if same { billing } else { shipping }))
    }

    /// The code of the product behind `path` (a subscription product or a
    /// purchase); `None` where Stax Bill does not tell.
    pub async fn product_code(&self, path: &str) -> Result<Option<String>, StaxError> {
        let mut path = path.to_owned();
        // A purchase names its product, and the product has the code.
        for _ in 0..2 {
            let row: ProductRow = match self.one(&path).await {
                Ok(row) => row,
                Err(StaxError::NotFound(_)) => return Ok(None),
                Err(error) => return Err(error),
            };
            let row = row
                .plan_product
                .map_or(row.code.map(Ok), |inner| inner.product_code.map(Ok).or(Some(Err(inner.product_id))))
                .or_else(|| row.product_code.map(Ok))
                .unwrap_or(Err(row.product_id));
            match row {
                Ok(code) => return Ok(Some(code)),
                Err(Some(product)) => path = format!("Products/{product}"),
                Err(None) => return Ok(None),
            }
        }
        Ok(None)
    }

    pub(super) async fn list<R: DeserializeOwned, T, E: From<InvalidRow>>(
        &self,
        path: &str,
        query: &str,
        page: usize,
        read: impl Fn(R) -> Option<Result<T, E>>,
    ) -> Result<StaxPage<T, E>, StaxError> {
        self.ordered(path, query, (Order::OldestFirst, page, PAGE), read).await
    }

    /// A page of a list, by id.
    ///
    /// Ascending ids: a record that changes while pages are read keeps its
    /// place. Both sort parameters are needed (Stax Bill: sorting).
    pub(super) async fn ordered<R: DeserializeOwned, T, E: From<InvalidRow>>(
        &self,
        path: &str,
        query: &str,
        (order, page, size): (Order, usize, usize),
        read: impl Fn(R) -> Option<Result<T, E>>,
    ) -> Result<StaxPage<T, E>, StaxError> {
        let sort = order.word();
        let mut path = format!("{path}?pageNumber={page}&pageSize={size}&sortOrder={sort}&sortExpression=id");
        if !query.is_empty() {
            path = format!("{path}&query={}", percent(query, b":,;"));
        }
        let answer = self.get(&path).await?;
        // Row by row: one that cannot be read stops itself alone.
        let rows: Vec<&RawValue> = parse(&path, answer.body())?;
        let header = |name: &str| answer.headers().get(name)?.to_str().ok()?.parse::<usize>().ok();
        let of_a_list = ["X-Count", "X-MaxCount", "X-PageSize", "X-MaxPageIndex"];
        if rows.is_empty() && !of_a_list.iter().any(|name| answer.headers().contains_key(*name)) {
            // Not to be believed: a proxy may say so, and nothing would seem to be there.
            return Err(StaxError::Unreadable(format!("{path}: an empty list without its headers")));
        }
        let seen = page * size + rows.len();
        let more = !rows.is_empty() && header("X-Count").map_or(rows.len() == size, |count| seen < count);
        let server_time = server_time(&answer);
        let rows = rows.into_iter().filter_map(|row| match serde_json::from_str::<R>(row.get()) {
            Ok(row) => read(row),
            Err(error) => odd_row(row, &error).map(|row| Err(row.into())),
        });
        Ok(StaxPage { rows: rows.collect(), server_time, more })
    }

    pub(super) async fn one<T: DeserializeOwned>(&self, path: &str) -> Result<T, StaxError> {
        let answer = self.get(path).await?;
        parse(path, answer.body())
    }

    async fn get(&self, path: &str) -> Result<Response, StaxError> {
        let mut last = StaxError::Unreachable("never asked".to_owned());
        for attempt in 0..ATTEMPTS {
            if attempt > 0 && matches!(last, StaxError::Unreachable(_)) {
                tokio::time::sleep(Duration::from_secs(1 << attempt)).await;
            }
            self.pace.turn().await;
            self.calls.fetch_add(1, Ordering::Relaxed);
            match self.transport.send(self.request(path)?).await {
                Err(error) => last = StaxError::Unreachable(error.reason),
                Ok(answer) => match self.judge(answer) {
                    Err(error @ (StaxError::Unreachable(_) | StaxError::Throttled(_))) => last = error,
                    judged => return judged,
                },
            }
        }
        Err(last)
    }

    fn request(&self, path: &str) -> Result<crate::http::Request, StaxError> {
        let broken = |what: String| StaxError::Refused { status: 0, message: what };
        let mut key =
            HeaderValue::from_str(&format!("Basic {}", self.api_key.expose_secret())).map_err(|_| {
                broken("the key holds characters that no key has; check [staxbill] api_key".to_owned())
            })?;
        key.set_sensitive(true);
        http::Request::get(format!("{}/{path}", self.base_url))
            .header(AUTHORIZATION, key)
            .header(ACCEPT, "application/json")
            .body(Bytes::new())
            .map_err(|error| broken(error.to_string()))
    }

    fn judge(&self, answer: Response) -> Result<Response, StaxError> {
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let message = words(answer.body());
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.pace.pause(wait_until_reset(&answer));
            return Err(StaxError::Throttled(message));
        }
        Err(match status {
            StatusCode::NOT_FOUND => StaxError::NotFound(message),
            status if status.is_server_error() => StaxError::Unreachable(format!("{status} {message}")),
            status => StaxError::Refused { status: status.as_u16(), message },
        })
    }
}

/// Filter for what changed since; whole seconds, because the filter knows no
/// fraction. The lower bound is inclusive (Stax Bill: date filtering).
fn changed(since: Since) -> String {
    since.map_or_else(String::new, |since| {
        format!("modifiedTimestamp:{}|", since.strftime("%Y-%m-%dT%H:%M:%S"))
    })
}

/// How long a 429 means: until the later reset of the windows that are used
/// up, else as [`wait_told`] says.
fn wait_until_reset(answer: &Response) -> Duration {
    let header = |name: String| answer.headers().get(name)?.to_str().ok().map(ToOwned::to_owned);
    let now = server_time(answer);
    let reset = |window: &str| {
        let left = header(format!("X-Rate-Limit-Remaining-{window}"))?;
        let at = crate::model::parse_vendor_timestamp(&header(format!("X-Rate-Limit-Reset-{window}"))?)?;
        let wait = Duration::try_from(at.duration_since(now?)).ok()?;
        (left.trim() == "0").then_some(wait + Duration::from_secs(1))
    };
    let told = ["Minute", "Day"].into_iter().filter_map(reset).max();
    told.unwrap_or_else(|| wait_told(answer)).min(Duration::from_secs(3600))
}

/// Stax Bill's words in an error body, cut; some errors are not JSON.
fn words(body: &[u8]) -> String {
    let text = match serde_json::from_slice::<ErrorBody>(body) {
        Ok(error) => {
            let values = error.errors.into_iter().filter_map(|entry| entry.value).collect::<Vec<_>>();
            if values.is_empty() { error.message.unwrap_or_default() } else { values.join("; ") }
        }
        Err(_) => String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned(),
    };
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

fn parse<'de, T: Deserialize<'de>>(path: &str, body: &'de [u8]) -> Result<T, StaxError> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        StaxError::Unreadable(format!("{}: {error}", path.split('?').next().unwrap_or(path)))
    })
}
