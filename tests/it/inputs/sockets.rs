//! A real socket to which strangers send anything: each is refused in a line or
//! let go, and the next one is answered.

use std::sync::Arc;

use latchd::socket::{Answer, Desk, Line, Request, Socket, ask};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

struct Echo;

impl Desk for Echo {
    fn answer(&self, request: Request) -> Answer {
        Answer::Now(Line::result(&format!("{request:?}")))
    }
}

#[tokio::test]
async fn strangers_are_refused_in_a_line_and_the_next_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let socket = Socket::open(folder.path(), None, Arc::new(Echo)).unwrap();
    let path = folder.path().join("latchd.sock");
    for seed in 1..=60 {
        let mut stream = UnixStream::connect(&path).await.unwrap();
        // Some say nothing more, some go on after the line.
        let _ = stream.write_all(&super::bytes(seed)).await;
        let _ = stream.shutdown().await;
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said).await;
        let line: Value =
            serde_json::from_slice(&said).unwrap_or_else(|error| panic!("{seed}: {error} {said:?}"));
        assert_eq!(
            (&line["kind"], &line["error"]),
            (&"error".into(), &"bad-request".into()),
            "{seed}: {line}"
        );
    }
    let answer = ask(folder.path(), &Request::Pass {}).await.unwrap();
    assert_eq!(answer.get(), "\"Pass\"");
    socket.close().await;
}
