//! `Transport`: everything that latchd asks of a network.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use thiserror::Error;

/// A request with its whole body.
pub type Request = http::Request<Bytes>;
/// A response with its whole body, decompressed.
pub type Response = http::Response<Bytes>;

/// Sends one request and brings the whole answer.
///
/// Production is [`super::WireTransport`]; tests put the sandbox's router
/// behind it, so that the whole daemon runs in one process on paused time.
pub trait Transport: Send + Sync {
    /// Sends `request`.
    ///
    /// # Errors
    ///
    /// Fails when no whole answer came; [`TransportError::phase`] says whether
    /// the server may have acted on the request.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>>;
}

/// How far a request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It did not leave: the server knows nothing of it.
    BeforeSend,
    /// It may have been carried out.
    Unknown,
}

/// No whole answer came.
#[derive(Clone, Debug, Error)]
#[error("{reason}")]
pub struct TransportError {
    /// How far the request got.
    pub phase: Phase,
    /// What happened; never holds a header or a body.
    pub reason: String,
}

/// The server's own time, from the `Date` header.
pub fn server_time(response: &Response) -> Option<Timestamp> {
    let text = response.headers().get(http::header::DATE)?.to_str().ok()?;
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

/// How long a 429 asks to wait: `Retry-After` in seconds, at most an hour;
/// 60 s where it says nothing (Intuit: limits and throttles).
pub fn wait_told(response: &Response) -> Duration {
    let told = response.headers().get(http::header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let seconds = told.and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(60);
    Duration::from_secs(seconds.clamp(1, 3600))
}
