//! The wire: reqwest with rustls behind the `Transport` seam.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::tls;
use thiserror::Error;

use super::failure::{failed, redirected};
use super::proxy::{self, ProxyError, Variable};
use super::{Phase, PrivatePath, Request, Response, Transport, TransportError};

/// No answer of either vendor comes near this; a larger one, counted after
/// decompression, is a fault or an attack.
pub(super) const BODY_BYTES_MAX: usize = 64 << 20;

/// Intuit works on a request for up to 120 s (limits and throttles); whoever
/// gives up earlier turns slow calls into unknown outcomes.
const ANSWER_WAIT: Duration = Duration::from_secs(125);

/// reqwest, set so that it never follows a redirect, never waits for ever,
/// never speaks plain HTTP to anyone but this machine and nothing older than
/// TLS 1.2.
#[derive(Clone, Debug)]
pub struct WireTransport {
    client: reqwest::Client,
    /// The variable that names a proxy.
    proxy: Option<&'static str>,
    body_bytes_max: usize,
}

/// The client could not be set up.
#[derive(Debug, Error)]
pub enum WireError {
    /// A proxy is named that cannot be used.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// HTTPS cannot be set up, most often because no authority is known.
    #[error(
        "cannot set up HTTPS: no certificate authority is known; install the package ca-certificates, or let \
         SSL_CERT_FILE or SSL_CERT_DIR name PEM files that can be read"
    )]
    Tls(#[source] reqwest::Error),
}

impl WireTransport {
    /// A client for both vendors. `variable` looks up what the environment says
    /// of proxies; certificate authorities are the system's, or those that
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` name instead.
    ///
    /// # Errors
    ///
    /// Fails where a proxy is named that cannot be used, and where no
    /// certificate authority is known.
    pub fn new(variable: Variable<'_>) -> Result<Self, WireError> {
        // A second call finds the provider installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let chosen = proxy::chosen(variable)?;
        let proxy = chosen.as_ref().map(|chosen| chosen.variable);
        let builder = reqwest::Client::builder().no_proxy();
        let builder = match chosen {
            Some(chosen) => builder.proxy(chosen.proxy),
            None => builder,
        };
        let client = builder
            .user_agent(concat!("latchd/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .tls_version_min(tls::Version::TLS_1_2)
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(ANSWER_WAIT)
            .timeout(Duration::from_secs(180))
            .pool_idle_timeout(Duration::from_secs(30))
            .gzip(true)
            .build()
            .map_err(WireError::Tls)?;
        Ok(Self { client, proxy, body_bytes_max: BODY_BYTES_MAX })
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
        let mut answer = sent.map_err(|error| failed(&error, self.proxy))?;
        // The path alone: queries and bodies hold what a log should not.
        tracing::debug!(%method, path, status = answer.status().as_u16(), "answered");
        if answer.status().is_redirection() && answer.headers().contains_key(LOCATION) {
            let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            return Err(redirected(answer.url(), to));
        }
        let mut head = http::Response::builder().status(answer.status());
        if let Some(headers) = head.headers_mut() {
            *headers = answer.headers().clone();
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| failed(&error, self.proxy))? {
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

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

    /// A server of one answer that never comes to its end: its first bytes, and
    /// one more after each `pause`.
    async fn never_ends(pause: Duration) -> std::net::SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n[";
            stream.write_all(head).await.unwrap();
            loop {
                tokio::time::sleep(pause).await;
                if stream.write_all(b" ").await.is_err() {
                    return;
                }
            }
        });
        address
    }

    #[tokio::test(start_paused = true)]
    async fn what_trickles_in_without_end_is_given_up() {
        for (pause, given_up_after) in [(60, 180), (3_600, 125)] {
            let address = never_ends(Duration::from_secs(pause)).await;
            let transport = WireTransport::new(&|_| None).unwrap();
            let request = http::Request::get(format!("http://{address}/v3")).body(Bytes::new()).unwrap();
            let began = tokio::time::Instant::now();
            let error = transport.send(request).await.unwrap_err();
            assert_eq!((error.phase, began.elapsed().as_secs()), (Phase::Unknown, given_up_after), "{error}");
        }
    }

    #[tokio::test]
    async fn plain_http_to_another_machine_does_not_leave() {
        let transport = WireTransport::new(&|_| None).unwrap();
        let request = http::Request::get("http://198.51.100.1/v3").body(Bytes::new()).unwrap();
        let error = transport.send(request).await.unwrap_err();
        assert_eq!(error.phase, Phase::BeforeSend);
        assert!(error.reason.contains("https"), "{error}");
    }
}
