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

/// An extension of a request whose path lets one in, as a webhook's does: it
/// is in no log.
#[derive(Clone, Copy, Debug)]
pub struct PrivatePath;

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

/// Percent-encodes a value of a query or form: all but RFC 3986's unreserved
/// characters and those in `kept`.
pub fn percent(text: &str, kept: &[u8]) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_encoded_byte_by_byte() {
        let cases: [(&str, &[u8], &str); 4] = [
            ("a-b_c.d~e", b"", "a-b_c.d~e"),
            ("id:1,2|3;x", b":,;", "id:1,2%7C3;x"),
            ("id:1 &=+%", b"", "id%3A1%20%26%3D%2B%25"),
            ("é", b"", "%C3%A9"),
        ];
        for (text, kept, expected) in cases {
            assert_eq!(percent(text, kept), expected, "{text}");
        }
    }
}
