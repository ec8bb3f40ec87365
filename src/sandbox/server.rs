//! The loopback server: both APIs on ports of this machine and of no other.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::Sandbox;
use super::trouble::Cut;

/// How long a stopping server waits for answers under way.
const PATIENCE: Duration = Duration::from_secs(2);

/// Two servers that run until they are stopped or dropped.
#[derive(Debug)]
pub struct Served {
    /// Where QuickBooks Online listens.
    pub quickbooks_addr: SocketAddr,
    /// Where Stax Bill listens; its API is below `/v1`.
    pub staxbill_addr: SocketAddr,
    /// Where the control page is, if it is served.
    pub control_addr: Option<SocketAddr>,
    stop: CancellationToken,
    servers: Vec<JoinHandle<io::Result<()>>>,
}

impl Served {
    /// Takes no more connections and waits a moment for answers under way.
    pub async fn stop(mut self) {
        self.stop.cancel();
        for mut server in std::mem::take(&mut self.servers) {
            if timeout(PATIENCE, &mut server).await.is_err() {
                server.abort();
            }
        }
    }
}

impl Served {
    /// Serves the control page of `sandbox` too; port 0 takes any.
    pub async fn with_control(mut self, sandbox: &Sandbox, address: SocketAddr) -> io::Result<Self> {
        let listener = bind(address).await?;
        self.control_addr = Some(listener.local_addr()?);
        self.servers.push(tokio::spawn(run(listener, sandbox.control_router(), self.stop.clone())));
        Ok(self)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Sandbox {
    /// Serves both APIs on loopback; port 0 takes any. Everyone who reaches
    /// the ports may act as the bookkeeper and cause trouble, so an address
    /// that others can reach is an error.
    pub async fn serve(&self, quickbooks: SocketAddr, staxbill: SocketAddr) -> io::Result<Served> {
        let (quickbooks, staxbill) = (bind(quickbooks).await?, bind(staxbill).await?);
        let (quickbooks_addr, staxbill_addr) = (quickbooks.local_addr()?, staxbill.local_addr()?);
        let stop = CancellationToken::new();
        let servers = vec![
            tokio::spawn(run(quickbooks, self.quickbooks_router(), stop.clone())),
            tokio::spawn(run(staxbill, self.staxbill_router(), stop.clone())),
        ];
        Ok(Served { quickbooks_addr, staxbill_addr, control_addr: None, stop, servers })
    }
}

async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    if !address.ip().is_loopback() {
        let reason = format!("the sandbox listens on loopback only, not on {address}");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    TcpListener::bind(address).await
}

async fn run(listener: TcpListener, router: Router, stop: CancellationToken) -> io::Result<()> {
    let service = router.layer(from_fn(cut)).into_make_service_with_connect_info::<Line>();
    axum::serve(Lines(listener), service).with_graceful_shutdown(stop.cancelled_owned()).await
}

async fn cut(ConnectInfo(line): ConnectInfo<Line>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.extensions().get::<Cut>().is_some() {
        line.0.store(true, Ordering::Release);
    }
    response
}

/// What a request knows of its connection: how to have it cut.
#[derive(Clone, Debug)]
struct Line(Arc<AtomicBool>);

impl Connected<IncomingStream<'_, Lines>> for Line {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        Self(Arc::clone(&stream.io().cut))
    }
}

struct Lines(TcpListener);

impl Listener for Lines {
    type Io = Cuttable;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Cuttable, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (Cuttable { stream, cut: Arc::default() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection that, once cut, sends nothing more and ends with a reset.
struct Cuttable {
    stream: TcpStream,
    cut: Arc<AtomicBool>,
}

impl Cuttable {
    fn check(&self) -> io::Result<()> {
        if !self.cut.load(Ordering::Acquire) {
            return Ok(());
        }
        self.stream.set_zero_linger()?;
        Err(io::ErrorKind::ConnectionAborted.into())
    }
}

impl AsyncRead for Cuttable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Cuttable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::sandbox::SandboxOptions;
    use crate::sandbox::trouble::{Kind, Rule};

    fn sandbox() -> Sandbox {
        Sandbox::generated(SandboxOptions::default(), 3, 6)
    }

    fn any() -> SocketAddr {
        "127.0.0.1:0".parse().unwrap()
    }

    /// What arrives until the connection ends, and how it ended.
    async fn ask(address: SocketAddr, path: &str) -> (String, io::Result<()>) {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Basic MDpzYW5kYm94\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let end = stream.read_to_end(&mut bytes).await;
        (String::from_utf8(bytes).unwrap(), end.map(|_| ()))
    }

    #[tokio::test]
    async fn only_loopback_is_served() {
        for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
            let error = sandbox().serve(address.parse().unwrap(), any()).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{address}");
        }
    }

    #[tokio::test]
    async fn a_cut_connection_sends_nothing() {
        let sandbox = sandbox();
        let served = sandbox.serve(any(), any()).await.unwrap();
        let path = "/v1/customers/20001";
        for (kind, calls) in [(Kind::Refuse, 0), (Kind::Cut, 1)] {
            let before = sandbox.staxbill.calls();
            sandbox.trouble.add(Rule::next(path, kind));
            let (bytes, end) = ask(served.staxbill_addr, path).await;
            assert_eq!(bytes, "", "{kind:?}");
            assert_eq!(end.unwrap_err().kind(), io::ErrorKind::ConnectionReset, "{kind:?}");
            assert_eq!(sandbox.staxbill.calls() - before, calls, "{kind:?}");
        }
        let (bytes, end) = ask(served.staxbill_addr, path).await;
        assert!(end.is_ok() && bytes.starts_with("HTTP/1.1 200 OK"), "{bytes}");
        let uri = format!("http://{}/v1/customers/20001", served.staxbill_addr);
        assert!(bytes.contains(&uri), "links lead back to the sandbox: {bytes}");
        served.stop().await;
    }

    #[tokio::test]
    async fn half_a_body_is_less_than_was_promised() {
        let sandbox = sandbox();
        let served = sandbox.serve(any(), any()).await.unwrap();
        sandbox.trouble.add(Rule::next("/v1", Kind::HalfBody));
        let (bytes, _) = ask(served.staxbill_addr, "/v1/customers").await;
        let (head, body) = bytes.split_once("\r\n\r\n").unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        assert!(body.len() < length.parse().unwrap(), "{bytes}");
    }

    #[tokio::test]
    async fn a_stopped_server_is_gone() {
        let served = sandbox().serve(any(), any()).await.unwrap();
        let (quickbooks, staxbill) = (served.quickbooks_addr, served.staxbill_addr);
        served.stop().await;
        for address in [quickbooks, staxbill] {
            assert!(TcpStream::connect(address).await.is_err(), "{address}");
        }
    }
}
