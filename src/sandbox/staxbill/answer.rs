//! What goes back: JSON with the vendor's headers, or an error in the
//! vendor's other shape, whose keys begin with capitals.

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderName, StatusCode};
use serde_json::{Value, json};

/// A request that is not answered as asked.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    text: String,
    bare: bool,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), bare: false }
    }

    /// 400: wrong in itself, not to be repeated unchanged.
    pub(super) fn bad(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// 404 for an id.
    pub(super) fn missing(kind: &str, id: i64) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{kind} with id {id} not found."))
    }

    /// 404 for a path, which comes from the web server in another shape.
    pub(super) fn no_such_path(path: &str) -> Self {
        let text = format!("No HTTP resource was found that matches the request URI '{path}'.");
        Self { status: StatusCode::NOT_FOUND, text, bare: true }
    }

    pub(super) fn into_response(self) -> Response {
        let body =
            if self.bare { json!({ "Message": self.text }) } else { error_body(self.status, &self.text) };
        json_response(self.status, &body)
    }
}

/// `{"ErrorId": 0, "HttpStatusCode": …, "Errors": [{"Key": …, "Value": …}]}`.
pub(crate) fn error_body(status: StatusCode, text: &str) -> Value {
    json!({
        "ErrorId": 0,
        "HttpStatusCode": status.as_u16(),
        "Errors": [{ "Key": "Api Error", "Value": text }],
    })
}

/// One record, or a page of them with its headers.
pub(super) struct Answer {
    pub(super) body: Value,
    pub(super) headers: Vec<(HeaderName, String)>,
}

impl From<Value> for Answer {
    fn from(body: Value) -> Self {
        Self { body, headers: Vec::new() }
    }
}

impl Answer {
    pub(super) fn into_response(self) -> Response {
        let mut response = json_response(StatusCode::OK, &self.body);
        set(&mut response, self.headers);
        response
    }
}

/// Adds headers whose values are plain text.
pub(super) fn set(response: &mut Response, headers: impl IntoIterator<Item = (HeaderName, String)>) {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
}

fn json_response(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
