//! What goes around every answer: headers, the time, and the shapes of
//! refusals that come from the gateway before the books are opened.

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

    /// A refusal of the API proper. An invalid id is answered without a time
    /// (recorded).
    pub(super) fn refused(fault: &Fault, now: Timestamp) -> Self {
        let mut body = json!({ "Fault": fault.json() });
        if fault.code != "2030" {
            body["time"] = json!(stamp::millis(now));
        }
        Self::new(StatusCode::BAD_REQUEST, &body)
    }

    /// No token, a wrong one, or one whose hour is over.
    pub(super) fn unauthenticated(now: Timestamp) -> Self {
        let message = "message=AuthenticationFailed; errorCode=003200; statusCode=401";
        let error =
            json!({ "message": message, "detail": "Token expired: ", "code": "3200", "element": null });
        Self::new(StatusCode::UNAUTHORIZED, &gateway(&error, "AUTHENTICATION", now))
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

    /// A token that does not open this company.
    pub(super) fn unauthorized(now: Timestamp) -> Self {
        let message = "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403";
        let error = json!({ "message": message, "detail": null, "code": "3100", "element": null });
        Self::new(StatusCode::FORBIDDEN, &gateway(&error, "AUTHORIZATION", now))
    }

    pub(super) fn throttled(now: Timestamp) -> Self {
        let message = "message=ThrottleExceeded; errorCode=003001; statusCode=429";
        let detail = "The request limit was reached. Please try again later.";
        let error = json!({ "Message": message, "Detail": detail, "code": "3001" });
        let body = json!({ "Fault": { "Error": [error], "type": "SERVICE" }, "time": stamp::millis(now) });
        Self::new(StatusCode::TOO_MANY_REQUESTS, &body)
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

/// The gateway's own envelope, whose time is a number (recorded for 401).
fn gateway(error: &Value, kind: &str, now: Timestamp) -> Value {
    json!({
        "warnings": null, "intuitObject": null, "fault": { "error": [error], "type": kind }, "report": null,
        "queryResponse": null, "batchItemResponse": [], "attachableResponse": [], "syncErrorResponse": null,
        "requestId": null, "time": now.as_millisecond(), "status": null, "cdcresponse": [],
    })
}
