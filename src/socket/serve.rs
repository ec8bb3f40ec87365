//! The daemon's end: questions are answered beside the passes. Whoever is slow,
//! silent or gone costs a task of its own and nothing else.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::place::{Placed, listen};
use super::{Line, Problem, REQUEST_MAX, Request, request};

/// Connections at once; the next one is told to come again.
const CONNECTIONS_MAX: usize = 32;
/// Answers that are made at once: a pass wants the disk too.
const ANSWERS_MAX: usize = 2;
/// A question comes in one piece.
const ASKING: Duration = Duration::from_secs(10);
/// An answer is taken as it comes.
const TAKING: Duration = Duration::from_secs(30);
/// Answers in the making when the daemon ends get this long.
const ENDING: Duration = Duration::from_secs(2);
/// After the system refused a connection, such as for want of descriptors.
const REFUSED: Duration = Duration::from_secs(1);

/// Who answers. It reads, and is called on a thread that may wait for the disk.
pub trait Desk: Send + Sync + 'static {
    /// The answer to a question.
    fn answer(&self, request: Request) -> Line;
}

/// The socket cannot be put up; the daemon goes on without.
#[derive(Debug, Error)]
pub enum SocketError {
    /// The system takes no such path.
    #[error(
        "the path {place} is longer than the {max} bytes that a socket's may have; \
         shorten [paths] state, or give latchd a runtime directory (systemd: RuntimeDirectory=)"
    )]
    TooLong {
        /// The path.
        place: String,
        /// Its limit.
        max: usize,
    },
    /// The folder does not take it.
    #[error("cannot listen on {place}")]
    Place {
        /// The path.
        place: String,
        /// Why.
        #[source]
        why: io::Error,
    },
}

/// The socket of a running daemon.
pub struct Socket {
    stop: CancellationToken,
    task: JoinHandle<()>,
    _placed: Placed,
}

impl Socket {
    /// Listens beside the state in `state`, whose lock the caller holds, and
    /// answers from `desk`.
    pub fn open(state: &Path, runtime: Option<&Path>, desk: Arc<dyn Desk>) -> Result<Self, SocketError> {
        let (listener, placed) = listen(state, runtime)?;
        let stop = CancellationToken::new();
        let task = tokio::spawn(accept(listener, desk, stop.clone()));
        Ok(Self { stop, task, _placed: placed })
    }

    /// Answers what was asked already, for a short while, and ends.
    pub async fn close(mut self) {
        self.stop.cancel();
        let _ = timeout(ENDING, &mut self.task).await;
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: UnixListener, desk: Arc<dyn Desk>, stop: CancellationToken) {
    let answers = Arc::new(Semaphore::new(ANSWERS_MAX));
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            // Whoever was served makes room before the next one is let in.
            biased;
            () = stop.cancelled() => break,
            Some(_) = open.join_next() => {}
            met = listener.accept() => match met {
                Ok((stream, _)) if open.len() >= CONNECTIONS_MAX => {
                    let busy = Line::error(Problem::Busy, "too many ask at once; ask again in a moment");
                    // It fits a fresh connection's buffer, so nothing is waited for.
                    let _ = stream.try_write(&busy.to_bytes());
                }
                Ok((stream, _)) => {
                    open.spawn(serve(stream, Arc::clone(&desk), Arc::clone(&answers)));
                }
                Err(error) => {
                    tracing::warn!("cannot take a connection on the socket: {error}");
                    tokio::time::sleep(REFUSED).await;
                }
            }
        }
    }
    while open.join_next().await.is_some() {}
}

async fn serve(stream: UnixStream, desk: Arc<dyn Desk>, answers: Arc<Semaphore>) {
    let (read, mut write) = stream.into_split();
    let Ok(Ok(asked)) = timeout(ASKING, question(read)).await else { return };
    let line = match asked {
        Ok(request) => {
            let Ok(_turn) = answers.acquire().await else { return };
            let answer = tokio::task::spawn_blocking(move || desk.answer(request)).await;
            answer.unwrap_or_else(|error| {
                tracing::error!("an answer on the socket failed: {error}");
                Line::error(Problem::Failed, "the daemon failed at it; its log says more")
            })
        }
        Err(refusal) => refusal,
    };
    let _ = timeout(TAKING, write.write_all(&line.to_bytes())).await;
}

/// The one line that is asked.
async fn question(read: impl tokio::io::AsyncRead + Unpin) -> io::Result<Result<Request, Line>> {
    let mut line = Vec::new();
    let bound = REQUEST_MAX as u64 + 1;
    BufReader::new(read.take(bound)).read_until(b'\n', &mut line).await?;
    if line.len() > REQUEST_MAX {
        let words = format!("a question is at most {REQUEST_MAX} bytes long");
        return Ok(Err(Line::error(Problem::BadRequest, words)));
    }
    Ok(request(&line))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::{AskError, ask};
    use super::*;

    /// Counts what it is asked, and panics at one key.
    #[derive(Default)]
    struct Counting(AtomicUsize);

    impl Desk for Counting {
        fn answer(&self, request: Request) -> Line {
            let Request::Explain { key } = request else { return Line::result(&"woken") };
            assert_ne!(key, "panic");
            self.0.fetch_add(1, Ordering::Relaxed);
            Line::result(&serde_json::json!({ "key": key }))
        }
    }

    fn explain(key: &str) -> Request {
        Request::Explain { key: key.to_owned() }
    }

    #[tokio::test]
    async fn many_are_answered_beside_those_who_are_silent() {
        let folder = tempfile::tempdir().unwrap();
        let desk = Arc::new(Counting::default());
        let socket = Socket::open(folder.path(), None, Arc::clone(&desk) as Arc<dyn Desk>).unwrap();
        let path = folder.path().join("latchd.sock");
        let mut silent = Vec::new();
        for _ in 0..CONNECTIONS_MAX - 8 {
            silent.push(UnixStream::connect(&path).await.unwrap());
        }
        // Half a line, and nobody there to hear.
        silent[0].write_all(b"{\"schema\":1,").await.unwrap();
        silent[1].write_all(b"{\"schema\":1,\"command\":\"explain\",\"key\":\"a\"}\n").await.unwrap();
        drop(silent.remove(1));
        for number in 0..20 {
            let answer = ask(folder.path(), &explain(&number.to_string())).await.unwrap();
            assert_eq!(answer.get(), format!("{{\"key\":\"{number}\"}}"));
        }
        assert_eq!(ask(folder.path(), &Request::Pass {}).await.unwrap().get(), "\"woken\"");
        let failed = ask(folder.path(), &explain("panic")).await;
        assert!(matches!(failed, Err(AskError::Refused { problem: Problem::Failed, .. })), "{failed:?}");
        let long = ask(folder.path(), &explain(&"x".repeat(REQUEST_MAX))).await;
        assert!(matches!(long, Err(AskError::Refused { problem: Problem::BadRequest, .. })), "{long:?}");
        // More than there are places for.
        for _ in 0..16 {
            silent.push(UnixStream::connect(&path).await.unwrap());
        }
        let busy = ask(folder.path(), &explain("b")).await;
        assert!(matches!(busy, Err(AskError::Refused { problem: Problem::Busy, .. })), "{busy:?}");
        drop(silent);
        socket.close().await;
        assert!(matches!(ask(folder.path(), &explain("c")).await, Err(AskError::NoDaemon)));
        assert!(!path.exists());
    }
}
