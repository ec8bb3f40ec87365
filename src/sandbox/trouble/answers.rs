//! The bad answers themselves, in the words of the vendor that is meant to
//! have sent them.

use axum::body::Body;
use axum::response::Response;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Cut, Vendor};
use crate::sandbox::{quickbooks, staxbill};

/// Nothing at all; see [`Cut`].
pub(super) fn cut() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response.extensions_mut().insert(Cut);
    response
}

pub(super) fn too_many(vendor: Vendor, retry_after: Option<u64>) -> Response {
    let status = StatusCode::TOO_MANY_REQUESTS;
    let body = match vendor {
        Vendor::QuickBooks => throttle(429),
        Vendor::StaxBill => staxbill::error_body(status, "API rate limit of 1000 calls per minute exceeded."),
    };
    let mut response = typed(status, "application/json", body.to_string());
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// What 429 was before it was 429; Stax Bill never had such a year, so there
/// it is a plain 403.
pub(super) fn too_many_old(vendor: Vendor) -> Response {
    let body = match vendor {
        Vendor::QuickBooks => throttle(403),
        Vendor::StaxBill => staxbill::error_body(StatusCode::FORBIDDEN, "API rate limit exceeded."),
    };
    typed(StatusCode::FORBIDDEN, "application/json", body.to_string())
}

fn throttle(status: u16) -> Value {
    let message = format!("message=ThrottleExceeded; errorCode=003001; statusCode={status}");
    fault(&message, "The request limit was reached.", ("3001", "SERVICE"))
}

/// The same as the answer to one item of a batch.
pub(super) fn throttle_fault() -> Value {
    throttle(429)
}

/// A fault by its number as the answer to one item of a batch.
pub(super) fn item_fault(code: u32) -> Value {
    let number = code.to_string();
    match quickbooks::Fault::by_code(&number) {
        Some(known) => json!({ "Fault": known.json() }),
        None => fault("Validation error", "The request was refused.", (&number, "ValidationFault")),
    }
}

/// No token, a wrong one, or one whose hour is over.
pub(super) fn unauthorized(vendor: Vendor, now: Timestamp) -> Response {
    match vendor {
        Vendor::QuickBooks => refusal(vendor, 3200, now),
        Vendor::StaxBill => {
            let status = StatusCode::UNAUTHORIZED;
            let body = staxbill::error_body(status, "Authorization has been denied.");
            let mut response = typed(status, "application/json", body.to_string());
            response.headers_mut().insert("x-authorizationfailed", HeaderValue::from_static("true"));
            response
        }
    }
}

/// A refusal of QuickBooks' API by its number, and 400 for a number that the
/// service does not have. Stax Bill's errors have no numbers: it says the
/// words.
pub(super) fn refusal(vendor: Vendor, code: u32, now: Timestamp) -> Response {
    let known = quickbooks::Fault::by_code(&code.to_string());
    let words = known.as_ref().map_or("The request was refused.", |known| known.detail.as_str());
    let (status, body) = match (vendor, &known) {
        (Vendor::QuickBooks, Some(known)) => known.answer(now),
        (Vendor::QuickBooks, None) => {
            let refused = fault("Validation error", words, (&code.to_string(), "ValidationFault"));
            (StatusCode::BAD_REQUEST, refused)
        }
        (Vendor::StaxBill, _) => {
            let status = StatusCode::BAD_REQUEST;
            (status, staxbill::error_body(status, words))
        }
    };
    typed(status, "application/json", body.to_string())
}

/// An error of the server's own; 502 and above come from what stands before
/// it, which has no JSON.
pub(super) fn status(vendor: Vendor, code: StatusCode) -> Response {
    if code != StatusCode::INTERNAL_SERVER_ERROR {
        return typed(code, "text/plain", code.canonical_reason().unwrap_or_default().to_owned());
    }
    let body = match vendor {
        Vendor::QuickBooks => fault(
            "An application error has occurred while processing your request",
            "System Failure Error: null",
            ("10000", "SystemFault"),
        ),
        Vendor::StaxBill => staxbill::error_body(code, "An error has occurred."),
    };
    typed(code, "application/json", body.to_string())
}

fn fault(message: &str, detail: &str, (code, kind): (&str, &str)) -> Value {
    json!({
        "Fault": {
            "Error": [{ "Message": message, "Detail": detail, "code": code }],
            "type": kind,
        },
    })
}

pub(super) fn html(code: StatusCode) -> Response {
    let page = "<!DOCTYPE html><html><head><title>Sorry</title></head><body><h1>We will be back soon</h1></body></html>";
    typed(code, "text/html; charset=utf-8", page.to_owned())
}

fn typed(status: StatusCode, kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
