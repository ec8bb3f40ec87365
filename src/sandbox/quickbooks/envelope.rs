//! What goes around every answer: the status, the headers and the time.

use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::fault::Fault;
use super::stamp;

/// An answer of the Accounting API before it is put on the wire.
///
/// The body is text already, so that keeping an answer for its request id costs
/// its length and a copy costs nothing.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    body: Bytes,
}

impl Answer {
    fn new(status: StatusCode, body: &Value) -> Self {
        Self { status, body: body.to_string().into() }
    }

    pub(super) fn found(mut body: Value, now: Timestamp) -> Self {
        body["time"] = json!(stamp::millis(now));
        Self::new(StatusCode::OK, &body)
    }

    pub(super) fn refused(fault: &Fault, now: Timestamp) -> Self {
        let (status, body) = fault.answer(now);
        Self::new(status, &body)
    }

    pub(super) fn into_response(self, tid: &str) -> Response {
        let ok = self.status == StatusCode::OK;
        let content = if ok { "application/json;charset=utf-8" } else { "application/json" };
        let mut response = (self.status, self.body).into_response();
        let headers = response.headers_mut();
        let mut set = |name: &'static str, value: &str| {
            let value = HeaderValue::from_str(value).expect("ids and fixed texts are visible ASCII");
            headers.insert(HeaderName::from_static(name), value);
        };
        set("content-type", content);
        set("intuit_tid", tid);
        set("x-spanid", tid);
        set("cache-control", "max-age=0, no-cache, no-store, must-revalidate, private");
        set("expires", "0");
        set("strict-transport-security", "max-age=15552000");
        set("server", "envoy");
        if ok {
            set("qbo-version", "1988.128");
            set("service-time", "total=85, db=77");
        }
        if self.status == StatusCode::UNAUTHORIZED {
            set("www-authenticate", "Bearer realm=\"Intuit\", error=\"invalid_token\"");
        }
        response
    }
}
