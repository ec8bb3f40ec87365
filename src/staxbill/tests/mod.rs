//! The client against answers written out, and against the sandbox's router.

mod account;
mod rows;
mod stream;

use std::sync::Arc;

use axum::Router;
use axum::http::Uri;
use axum::response::{IntoResponse as _, Response};
use secrecy::SecretString;

use super::*;
use crate::http::RouterTransport;
use crate::model::{Allocation, InvalidRow, Taken, TransactionTypes};

const KEY: &str = "MDpzYW5kYm94";

/// A client of the account behind `router`.
fn client_of(router: Router) -> StaxBill {
    typed(router, TransactionTypes::default())
}

/// The same, with a table of transaction types.
fn typed(router: Router, types: TransactionTypes) -> StaxBill {
    let transport = RouterTransport::new(vec![(8091, router)], |_| false);
    StaxBill::new(Arc::new(transport), "http://127.0.0.1:8091/v1", SecretString::from(KEY), 60_000, types)
}

/// A client to whom every request is answered with `body`.
fn told(body: &str) -> StaxBill {
    let body = body.to_owned();
    client_of(Router::new().fallback(move || {
        let body = body.clone();
        async move { ([("content-type", "application/json"), ("X-Count", "1")], body).into_response() }
    }))
}

/// A client to whom each request is answered with its own path and query, as
/// an error.
fn echoed() -> StaxBill {
    let answer =
        async |uri: Uri| -> Response { (http::StatusCode::BAD_REQUEST, uri.to_string()).into_response() };
    client_of(Router::new().fallback(answer))
}

/// `7:8.00 9:1.50`
fn rows(allocations: &[Allocation]) -> String {
    allocations.iter().map(|row| format!("{}:{}", row.invoice, row.amount)).collect::<Vec<_>>().join(" ")
}

/// `9 3.00 [7:3.00]`
fn taken(taken: &[Taken]) -> String {
    let one = |one: &Taken| format!("{} {} [{}]", one.id, one.amount, rows(&one.allocations));
    taken.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// `payment 9 of 3: why`
fn invalid(row: &InvalidRow) -> String {
    format!("{} of {}: {}", row.id, row.customer, row.reason)
}
