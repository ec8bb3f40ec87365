//! What goes around every answer: the status, the headers and the time.

use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::dispatch::Content;
use super::fault::Fault;
use super::stamp;

/// An answer of the Accounting API before it is put on the wire.
///
/// The body is text already, so that keeping an answer for its request id costs
/// its length and a copy costs nothing.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    kind: &'static str,
    body: Bytes,
}

impl Answer {
    /// Reports are answered without the time around them (recorded).
    pub(super) fn found(content: Content, now: Timestamp) -> Self {
        let (kind, body) = match content {
            Content::Json(mut body) => {
                if body.get("Header").is_none() {
                    body["time"] = json!(stamp::millis(now));
                }
                ("application/json;charset=utf-8", body.to_string().into())
            }
            Content::Pdf(body) => ("application/pdf", body.into()),
            Content::Text(body) => ("text/plain", body.into()),
        };
        Self { status: StatusCode::OK, kind, body }
    }

    fn new(status: StatusCode, body: &Value) -> Self {
        Self { status, kind: "application/json", body: body.to_string().into() }
    }

    pub(super) fn refused(fault: &Fault, now: Timestamp) -> Self {
        let (status, body) = fault.answer(now);
        Self::new(status, &body)
    }

    /// What a client that knows only the common shape expects: see
    /// [`super::Misreading::Common401`].
    pub(super) fn unauthenticated_misread(now: Timestamp) -> Self {
        let message = "message=AuthenticationFailed; errorCode=003200; statusCode=401";
        let error = json!({ "Message": message, "Detail": "Token expired: ", "code": "3200" });
        let body =
            json!({ "Fault": { "Error": [error], "type": "AUTHENTICATION" }, "time": stamp::millis(now) });
        Self::new(StatusCode::UNAUTHORIZED, &body)
    }

    pub(super) fn into_response(self, tid: &str) -> Response {
        let ok = self.status == StatusCode::OK;
        let kind = self.kind;
        let mut response = (self.status, self.body).into_response();
        let headers = response.headers_mut();
        let mut set = |name: &'static str, value: &str| {
            let value = HeaderValue::from_str(value).expect("ids and fixed texts are visible ASCII");
            headers.insert(HeaderName::from_static(name), value);
        };
        set("content-type", kind);
        set("intuit_tid", tid);
        set("server", "envoy");
        if self.status == StatusCode::UNAUTHORIZED {
            // The gateway answers it and adds nothing of its own (recorded).
            set("www-authenticate", "Bearer realm=\"Intuit\", error=\"invalid_token\"");
            return response;
        }
        set("x-spanid", tid);
        set("x-amzn-trace-id", &format!("Root={tid}"));
        set("strict-transport-security", "max-age=15552000");
        if ok {
            set("cache-control", "max-age=0, no-cache, no-store, must-revalidate, private");
            set("expires", "0");
            set("qbo-version", "1988.128");
            set("service-time", "total=85, db=77");
            set("x-content-type-options", "nosniff");
            set("x-envoy-upstream-service-time", "85");
            set("x-xss-protection", "1; mode=block");
        }
        response
    }
}
