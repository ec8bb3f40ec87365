//! The layer through which the witness sees a vendor's traffic, trouble
//! included.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, BodyDataStream, HttpBody as _, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::Stream;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::{Call, Witness, redact};
use crate::sandbox::clock::SandboxClock;
use crate::sandbox::trouble::{Cut, Vendor};

/// The most a request may weigh while it is recorded.
const REQUEST_MAX: usize = 64 << 20;

/// So much of an answer is written down; some never end.
const ANSWER_MAX: usize = 4 << 20;

/// The secrets that a vendor has given out or was given, as they are now.
pub type Secrets = Arc<dyn Fn() -> Vec<String> + Send + Sync>;

/// Where a witness stands.
#[derive(Clone)]
struct Post {
    witness: Witness,
    vendor: Vendor,
    clock: SandboxClock,
    secrets: Secrets,
}

impl Witness {
    /// `inner` with this witness before it, which writes none of `secrets`
    /// down, nor any that it presented or they held before.
    pub fn before(&self, inner: Router, (vendor, clock): (Vendor, SandboxClock), secrets: Secrets) -> Router {
        inner.layer(from_fn_with_state(Post { witness: self.clone(), vendor, clock, secrets }, see))
    }
}

async fn see(State(post): State<Post>, request: Request, next: Next) -> Response {
    let call = Call {
        time: post.clock.now(),
        vendor: post.vendor,
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        status: None,
    };
    if !post.witness.records() {
        let response = next.run(request).await;
        post.witness.note(Call { status: status(&response), ..call });
        return response;
    }
    let (parts, body) = request.into_parts();
    let Ok(sent) = to_bytes(body, REQUEST_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let oauth = redact::is_oauth(&call.path);
    let exchange = json!({
        "time": call.time.to_string(),
        "vendor": call.vendor,
        "method": call.method,
        "path": call.path,
        "query": redact::query(parts.uri.query().unwrap_or_default(), oauth),
        "request_headers": redact::headers(&parts.headers, oauth),
        "request_body": redact::body(String::from_utf8_lossy(&sent).into_owned(), oauth),
    });
    post.witness.learn((post.secrets)());
    let presented = redact::presented(&parts.headers);
    let response = next.run(Request::from_parts(parts, Body::from(sent))).await;
    let status = status(&response);
    post.witness.note(Call { status, ..call });
    let (mut parts, body) = response.into_parts();
    let mut page = Page { post, exchange, presented, oauth, body: Vec::new(), length: 0, ended: false };
    page.answered(status, &parts.headers);
    if status.is_none() {
        return Response::from_parts(parts, body);
    }
    // A stream hides the length that the server would have told.
    if let Some(length) = body.size_hint().exact() {
        parts.headers.entry(CONTENT_LENGTH).or_insert(HeaderValue::from(length));
    }
    let copied = Copied { body: body.into_data_stream(), page };
    Response::from_parts(parts, Body::from_stream(copied))
}

fn status(response: &Response) -> Option<u16> {
    response.extensions().get::<Cut>().is_none().then(|| response.status().as_u16())
}

/// An exchange that is being written down; it is complete when it is dropped.
struct Page {
    post: Post,
    exchange: Value,
    presented: Vec<String>,
    oauth: bool,
    body: Vec<u8>,
    length: u64,
    ended: bool,
}

impl Page {
    fn answered(&mut self, status: Option<u16>, headers: &HeaderMap) {
        self.exchange["status"] = json!(status);
        self.exchange["cut"] = json!(status.is_none());
        if status.is_some() {
            self.exchange["response_headers"] = redact::headers(headers, self.oauth);
        }
    }

    fn add(&mut self, piece: &Bytes) {
        self.length += u64::try_from(piece.len()).unwrap_or_default();
        let room = ANSWER_MAX.saturating_sub(self.body.len()).min(piece.len());
        self.body.extend_from_slice(&piece[..room]);
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if self.exchange["cut"] == json!(false) {
            let text = String::from_utf8_lossy(&self.body).into_owned();
            self.exchange["response_body"] = redact::body(text, self.oauth).into();
            self.exchange["response_bytes"] = json!(self.length);
            self.exchange["response_complete"] = json!(self.ended);
        }
        let mut exchange = self.exchange.take();
        self.post.witness.learn((self.post.secrets)());
        let known = self.post.witness.learned();
        redact::wipe(&mut exchange, &self.presented);
        redact::wipe(&mut exchange, &known);
        self.post.witness.write(&exchange);
    }
}

/// A body that is copied as it passes.
struct Copied {
    body: BodyDataStream,
    page: Page,
}

impl Stream for Copied {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.body).poll_next(context);
        match &next {
            Poll::Ready(Some(Ok(piece))) => self.page.add(piece),
            Poll::Ready(None) => self.page.ended = true,
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        next
    }
}
