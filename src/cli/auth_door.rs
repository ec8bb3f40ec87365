//! The door for Intuit's answer: a page on this machine, open for one login.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A browser's request is far below this.
const REQUEST_BYTES_MAX: usize = 32 << 10;
/// A browser that connects without asking anything is left after this.
const REQUEST_WAIT: Duration = Duration::from_secs(10);
/// More than a browser opens at once.
const VISITORS_MAX: usize = 16;

const THANKS: &str = "latchd has Intuit's answer. Go back to its terminal: it says whether the company is connected. \
                      This page can be closed.";
const FOREIGN: &str =
    "This is not the answer that latchd waits for. Use the address that its terminal shows.";
const NOT_HERE: &str = "There is nothing here.";

/// Listens on the loopback addresses alone.
pub(super) struct Door {
    listeners: Vec<TcpListener>,
    path: String,
}

/// What a visitor came for.
enum Visit {
    /// An answer, with the connection that waits for a page.
    Answer(String, TcpStream),
    /// Something else, which was answered.
    Other,
}

impl Door {
    /// Opens the door of `http://localhost:PORT/PATH`; the message says what is
    /// wrong with the address or the port.
    pub(super) async fn open(redirect_uri: &str) -> Result<Self, String> {
        let uri: http::Uri =
            redirect_uri.parse().map_err(|error| format!("redirect_uri is not an address: {error}"))?;
        let port = uri.port_u16().unwrap_or(80);
        let mut listeners = Vec::new();
        let mut refused: Option<io::Error> = None;
        // A browser may take localhost for either.
        for host in ["127.0.0.1", "::1"] {
            match TcpListener::bind((host, port)).await {
                Ok(listener) => listeners.push(listener),
                // A machine without IPv6 is no fault.
                Err(error) if host == "127.0.0.1" || error.kind() == io::ErrorKind::AddrInUse => {
                    refused = Some(error);
                }
                Err(_) => {}
            }
        }
        match refused {
            None => Ok(Self { listeners, path: uri.path().to_owned() }),
            Some(error) => Err(format!(
                "cannot listen on port {port} of this machine for Intuit's answer: {error}; end what uses it, or name \
                 (and register) another port in [quickbooks] redirect_uri"
            )),
        }
    }

    /// The first address asked for that is not foreign; its visitor is
    /// thanked.
    pub(super) async fn answer(&mut self, is_foreign: &(impl Fn(&str) -> bool + Sync)) -> String {
        let mut visits = JoinSet::new();
        loop {
            tokio::select! {
                visitor = visitor(&self.listeners), if visits.len() < VISITORS_MAX => {
                    let path = self.path.clone();
                    visits.spawn(async move {
                        tokio::time::timeout(REQUEST_WAIT, visit(visitor, &path)).await.unwrap_or(Visit::Other)
                    });
                }
                Some(visit) = visits.join_next() => {
                    let Ok(Visit::Answer(address, stream)) = visit else { continue };
                    if is_foreign(&address) {
                        reply(stream, "400 Bad Request", FOREIGN).await;
                    } else {
                        reply(stream, "200 OK", THANKS).await;
                        return address;
                    }
                }
            }
        }
    }
}

async fn visitor(listeners: &[TcpListener]) -> TcpStream {
    loop {
        let arrivals = listeners.iter().map(|listener| Box::pin(listener.accept()));
        let (came, ..) = futures_util::future::select_all(arrivals).await;
        match came {
            Ok((stream, _)) => return stream,
            // Such as too many open files: not to be asked again at once.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn visit(mut stream: TcpStream, path: &str) -> Visit {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut chunk).await {
            Ok(count) if count > 0 && request.len() + count <= REQUEST_BYTES_MAX => {
                request.extend_from_slice(&chunk[..count]);
            }
            _ => return Visit::Other,
        }
    }
    let line = request.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let mut words = line.split(' ');
    if let (Some("GET"), Some(target)) = (words.next(), words.next())
        && target.split('?').next() == Some(path)
    {
        return Visit::Answer(target.to_owned(), stream);
    }
    reply(stream, "404 Not Found", NOT_HERE).await;
    Visit::Other
}

/// A page of our own words: nothing of what was asked is in it.
async fn reply(mut stream: TcpStream, status: &str, words: &str) {
    let page = format!("<!doctype html><meta charset=\"utf-8\"><title>latchd</title><p>{words}</p>\n");
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
         referrer-policy: no-referrer\r\ncontent-security-policy: default-src 'none'\r\nconnection: close\r\n\r\n",
        page.len()
    );
    // A browser that went away is no reason to fail.
    let _ = stream.write_all(format!("{head}{page}").as_bytes()).await;
    let _ = stream.shutdown().await;
}
