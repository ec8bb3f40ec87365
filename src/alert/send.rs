//! Sending: a message to a webhook or to a program, within a bounded time.
//! No word of an address is in an error: it may be what lets one in.

use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use secrecy::ExposeSecret as _;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::Desk;
use crate::config::{Receiver, Reference, Way};
use crate::http::PrivatePath;

/// A receiver that does not take a message within this time failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// Programs get this and nothing of latchd's environment, which may hold
/// secrets.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Brings `text` to a receiver; the error says why it did not take it.
pub(super) async fn send(desk: &Desk, receiver: &Receiver, text: &str) -> Result<(), String> {
    let sending = async {
        match &receiver.way {
            Way::Webhook(reference) => post(desk, reference, text).await,
            Way::Command(words) => run(words, text).await,
        }
    };
    let late = |_| format!("it took longer than {} s", PATIENCE.as_secs());
    tokio::time::timeout(PATIENCE, sending).await.map_err(late)?
}

async fn post(desk: &Desk, reference: &Reference, text: &str) -> Result<(), String> {
    let address = reference.resolve(&desk.secrets).map_err(|error| error.to_string())?;
    let address = address.expose_secret();
    Way::check_address(address).map_err(ToOwned::to_owned)?;
    let request = http::Request::post(address)
        .header(http::header::CONTENT_TYPE, "application/json")
        .extension(PrivatePath)
        .body(Bytes::copy_from_slice(text.as_bytes()))
        .map_err(|_| "its address cannot be used".to_owned())?;
    let answer = desk.transport.send(request).await.map_err(|error| error.reason)?;
    let status = answer.status();
    if status.is_success() { Ok(()) } else { Err(format!("it answered {}", status.as_u16())) }
}

async fn run(words: &[String], text: &str) -> Result<(), String> {
    let (program, arguments) = words.split_first().ok_or_else(|| "it names no program".to_owned())?;
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", PATH)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("its program does not start: {error}"))?;
    if let Some(mut input) = child.stdin.take() {
        // A program may end without reading all of it; its exit code counts.
        let _ = input.write_all(text.as_bytes()).await;
    }
    let ended = child.wait().await.map_err(|error| format!("its program is lost: {error}"))?;
    if ended.success() { Ok(()) } else { Err(format!("its program failed ({ended})")) }
}
