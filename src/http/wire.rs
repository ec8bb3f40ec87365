//! The wire: reqwest with rustls behind the `Transport` seam.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::redirect::Policy;
use thiserror::Error;

use super::{Phase, PrivatePath, Request, Response, Transport, TransportError};

/// No answer of either vendor comes near this; a larger one, counted after
/// decompression, is a fault or an attack.
pub(super) const BODY_BYTES_MAX: usize = 64 << 20;

/// Intuit works on a request for up to 120 s (limits and throttles); whoever
/// gives up earlier turns slow calls into unknown outcomes.
const ANSWER_WAIT: Duration = Duration::from_secs(125);

/// reqwest, set so that it never follows a redirect, never waits for ever and
/// never speaks plain HTTP to anyone but this machine.
#[derive(Clone, Debug)]
pub struct WireTransport {
    client: reqwest::Client,
    body_bytes_max: usize,
}

/// The client could not be set up.
#[derive(Debug, Error)]
#[error("cannot set up HTTPS")]
pub struct WireError(#[source] reqwest::Error);

impl WireTransport {
    /// A client for both vendors.
    pub fn new() -> Result<Self, WireError> {
        // A second call finds the provider installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .user_agent(concat!("latchd/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(ANSWER_WAIT)
            .timeout(Duration::from_secs(180))
            .pool_idle_timeout(Duration::from_secs(30))
            .gzip(true)
            .build()
            .map_err(WireError)?;
        Ok(Self { client, body_bytes_max: BODY_BYTES_MAX })
    }

    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let (parts, body) = request.into_parts();
        let url = parts.uri.to_string();
        if parts.uri.scheme_str() != Some("https") && !is_loopback(parts.uri.host().unwrap_or_default()) {
            let reason = "plain HTTP is for this machine alone; use https".to_owned();
            return Err(TransportError { phase: Phase::BeforeSend, reason });
        }
        let private = parts.extensions.get::<PrivatePath>().is_some();
        let path = if private { "(private)" } else { parts.uri.path() }.to_owned();
        let method = parts.method.clone();
        let sent = self.client.request(parts.method, url).headers(parts.headers).body(body).send().await;
        let mut answer = sent.map_err(|error| failed(&error))?;
        // The path alone: queries and bodies hold what a log should not.
        tracing::debug!(%method, path, status = answer.status().as_u16(), "answered");
        let mut head = http::Response::builder().status(answer.status());
        if let Some(headers) = head.headers_mut() {
            *headers = answer.headers().clone();
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > self.body_bytes_max {
                let reason = format!("the answer is larger than {} bytes", self.body_bytes_max);
                return Err(TransportError { phase: Phase::Unknown, reason });
            }
            body.extend_from_slice(&chunk);
        }
        let broken = |error| TransportError { phase: Phase::Unknown, reason: format!("{error}") };
        head.body(Bytes::from(body)).map_err(broken)
    }
}

impl Transport for WireTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        self.exchange(request).boxed()
    }
}

/// Whether `host` is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// reqwest's error as a sentence without the address's query, which may hold
/// what a log should not.
fn failed(error: &reqwest::Error) -> TransportError {
    let phase = if error.is_connect() || error.is_builder() { Phase::BeforeSend } else { Phase::Unknown };
    let word = if error.is_connect() {
        "cannot connect"
    } else if error.is_timeout() {
        "no answer in time"
    } else {
        "the connection was lost"
    };
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    let host = error.url().map_or_else(String::new, |url| {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", url.host_str().unwrap_or_default())
    });
    let cause = if std::ptr::eq(deepest, error as &dyn std::error::Error) {
        String::new()
    } else {
        format!(" ({deepest})")
    };
    TransportError { phase, reason: format!("{word} to {host}{cause}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_this_machine_alone() {
        let cases = [
            ("127.0.0.1", true),
            ("127.9.9.9", true),
            ("localhost", true),
            ("[::1]", true),
            ("10.0.0.1", false),
            ("127.0.0.1.example.com", false),
            ("", false),
        ];
        for (host, expected) in cases {
            assert_eq!(is_loopback(host), expected, "{host}");
        }
    }

    #[tokio::test]
    async fn plain_http_to_another_machine_does_not_leave() {
        let transport = WireTransport::new().unwrap();
        let request = http::Request::get("http://198.51.100.1/v3").body(Bytes::new()).unwrap();
        let error = transport.send(request).await.unwrap_err();
        assert_eq!(error.phase, Phase::BeforeSend);
        assert!(error.reason.contains("https"), "{error}");
    }
}
