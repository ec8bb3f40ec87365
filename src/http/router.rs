//! A router as a network: the sandbox in the same process.

use axum::body::{Body, to_bytes};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::HOST;
use tower::ServiceExt;

use super::{Phase, Request, Response, Transport, TransportError};

/// Sends requests straight into axum routers, by the port of their address.
///
/// The body is capped like the wire's, and a response that `cut` recognises is
/// a connection that was lost.
#[derive(Clone)]
pub struct RouterTransport {
    by_port: Vec<(u16, axum::Router)>,
    cut: fn(&http::Extensions) -> bool,
    body_bytes_max: usize,
}

impl RouterTransport {
    /// A network on which each port is one router. `cut` tells which answers
    /// stand for a lost connection.
    pub fn new(by_port: Vec<(u16, axum::Router)>, cut: fn(&http::Extensions) -> bool) -> Self {
        Self { by_port, cut, body_bytes_max: super::wire::BODY_BYTES_MAX }
    }
}

impl Transport for RouterTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        async move {
            let refused =
                |reason: &str| TransportError { phase: Phase::BeforeSend, reason: reason.to_owned() };
            let port = request.uri().port_u16().ok_or_else(|| refused("the address has no port"))?;
            let router = self.by_port.iter().find(|(at, _)| *at == port).map(|(_, router)| router.clone());
            let router = router.ok_or_else(|| refused("connection refused"))?;
            let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
            let mut request = request.map(Body::from);
            if let Ok(host) = authority.parse() {
                request.headers_mut().insert(HOST, host);
            }
            let unknown = |reason: String| TransportError { phase: Phase::Unknown, reason };
            let answer = router.oneshot(request).await.map_err(|never| match never {})?;
            let (parts, body) = answer.into_parts();
            if (self.cut)(&parts.extensions) {
                return Err(unknown("the connection was lost before the answer".to_owned()));
            }
            let body = to_bytes(body, self.body_bytes_max).await;
            let body = body.map_err(|error| unknown(format!("the answer broke off: {error}")))?;
            Ok(Response::from_parts(parts, body))
        }
        .boxed()
    }
}
