//! Networks: proxies by the usual variables, redirects, old TLS, and authorities
//! that nobody knows. No secret goes to anyone who was not meant.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use latchd::http::{Transport as _, TransportError, WireTransport};

use super::house::House;

/// Somebody on this machine who gives everyone the same answer, and remembers
/// what was asked.
pub(super) struct Peer {
    /// Where.
    pub(super) port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Peer {
    pub(super) fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("it is bound").port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (noted, answer) = (Arc::clone(&heard), answer.into());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let asked = head(&stream);
                noted.lock().expect("nobody panics").push(asked);
                // Who went away hears nothing.
                let _ = (&stream).write_all(&answer);
            }
        });
        Self { port, heard }
    }

    pub(super) fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("nobody panics").clone()
    }
}

/// The head of a request, or the first record of TLS.
fn head(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let first = reader.fill_buf().ok().and_then(|bytes| bytes.first().copied());
    let mut text = String::new();
    if first == Some(0x16) {
        let mut length = [0; 5];
        let _ = reader.read_exact(&mut length);
        let mut record = vec![0; usize::from(u16::from_be_bytes([length[3], length[4]]))];
        let _ = reader.read_exact(&mut record);
        return "TLS".to_owned();
    }
    while reader.read_line(&mut text).is_ok_and(|length| length > 2) {}
    text
}

async fn get(variables: &[(&str, String)], address: &str) -> Result<u16, TransportError> {
    let variable =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let transport = WireTransport::new(&variable).expect("this machine knows authorities");
    let request = http::Request::get(address).header("authorization", "Bearer canary");
    let answer = transport.send(request.body(Bytes::new()).expect("a request")).await;
    answer.map(|answer| answer.status().as_u16())
}

#[tokio::test]
async fn https_goes_through_the_proxy_and_this_machine_never_does() {
    let refusing = Peer::answering("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
    let here = Peer::answering("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
    let proxy = format!("http://user:word@127.0.0.1:{}", refusing.port);
    let all = |name| [(name, proxy.clone())];
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let before = refusing.heard().len();
        let error = get(&all(name), "https://vendor.invalid/v1/canary").await.unwrap_err();
        assert!(error.reason.contains("vendor.invalid") && error.reason.contains(name), "{error}");
        assert!(!error.reason.contains("canary") && !error.reason.contains("word"), "{error}");
        let heard = refusing.heard()[before..].join("");
        assert!(heard.starts_with("CONNECT vendor.invalid:443 HTTP/1.1\r\n"), "{heard}");
        assert!(heard.to_lowercase().contains("proxy-authorization: basic dxnlcjp3b3jk"), "{heard}");
        assert!(!heard.contains("canary"), "the proxy sees neither path nor token: {heard}");
    }
    let before = refusing.heard().len();
    for host in ["127.0.0.1", "localhost"] {
        let address = format!("http://{host}:{}/", here.port);
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
            assert_eq!(get(&all(name), &address).await.unwrap(), 204, "{name} {host}");
        }
    }
    let spared = [("HTTPS_PROXY", proxy.clone()), ("NO_PROXY", "other.test, .invalid".to_owned())];
    assert!(get(&spared, "https://vendor.invalid/").await.is_err(), "nobody has this name");
    assert!(get(&all("HTTP_PROXY"), "https://vendor.invalid/").await.is_err());
    assert_eq!(refusing.heard().len(), before);
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let elsewhere = Peer::answering("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
    for code in [301, 302, 303, 307, 308] {
        let there = format!("http://127.0.0.1:{}/canary", elsewhere.port);
        let answer = format!("HTTP/1.1 {code} Elsewhere\r\nlocation: {there}\r\ncontent-length: 0\r\n\r\n");
        let first = Peer::answering(answer);
        let error = get(&[], &format!("http://127.0.0.1:{}/v1", first.port)).await.unwrap_err();
        let words = format!("on to http://127.0.0.1:{}; latchd follows no redirect", elsewhere.port);
        assert!(error.reason.contains(&words) && !error.reason.contains("canary"), "{error}");
        assert_eq!(first.heard().len(), 1);
    }
    assert!(elsewhere.heard().is_empty());
}

#[tokio::test]
async fn a_server_that_knows_tls_1_1_alone_is_refused() {
    // A ServerHello of TLS 1.1 with TLS_RSA_WITH_AES_128_CBC_SHA (RFC 4346).
    let mut hello = vec![0x03, 0x02];
    hello.extend([7; 32]);
    hello.extend([0, 0x00, 0x2f, 0]);
    let mut record = vec![0x16, 0x03, 0x02, 0, 42, 2, 0, 0, 38];
    record.extend(hello);
    let old = Peer::answering(record);
    let error = get(&[], &format!("https://127.0.0.1:{}/", old.port)).await.unwrap_err();
    assert!(error.reason.contains("no TLS 1.2 or newer"), "{error}");
    assert_eq!(old.heard(), ["TLS"], "and nothing was sent");
}

#[test]
fn what_the_environment_says_wrong_ends_the_start_with_one_line() {
    let house = House::sample();
    house.write("empty.pem", "");
    let empty = house.path("empty.pem").display().to_string();
    for (name, value, words) in [
        ("HTTPS_PROXY", "socks5://canary@10.0.0.1:1", "HTTPS_PROXY names no proxy that can be used"),
        ("all_proxy", "canary://", "all_proxy names no proxy"),
        ("SSL_CERT_FILE", empty.as_str(), "no certificate authority is known"),
    ] {
        let mut command = house.command(&["once", "-vv"]);
        command.env(name, value);
        let ended = house.start_command(command).end();
        let errors: Vec<&str> = ended.err.lines().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!((ended.code, errors.len()), (Some(1), 1), "{ended:?}");
        assert!(errors[0].contains(words) && !ended.err.contains("canary"), "{ended:?}");
    }
}
