//! The daemon's end: questions are answered beside the passes. Whoever is slow,
//! silent or gone costs a task of its own and nothing else.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::place::{Placed, listen};
use super::{FILES_MAX, Line, Problem, REQUEST_MAX, Request, request};

/// Connections at once; the next one is told to come again.
const CONNECTIONS_MAX: usize = 32;
/// Answers that are made at once: a pass wants the disk too.
const ANSWERS_MAX: usize = 2;
/// A question comes in one piece.
const ASKING: Duration = Duration::from_secs(10);
/// Questions with files that are read at once.
const FILES_AT_ONCE: usize = 2;
/// Between two signs of life of an answer in the making.
const SIGN: Duration = Duration::from_secs(10);
/// An answer is taken as it comes.
const TAKING: Duration = Duration::from_secs(30);
/// Answers in the making when the daemon ends get this long.
const ENDING: Duration = Duration::from_secs(2);
/// After the system refused a connection, such as for want of descriptors.
const REFUSED: Duration = Duration::from_secs(1);

/// Who answers. It reads, and is called on a thread that may wait for the disk.
pub trait Desk: Send + Sync + 'static {
    /// The answer to a question.
    fn answer(&self, request: Request) -> Answer;
}

/// An answer.
pub enum Answer {
    /// All of it.
    Now(Line),
    /// Lines as they come, the last of kind `result` or `error`. It is closed
    /// where the client is gone.
    Lines(mpsc::Receiver<Line>),
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
    let turns =
        Arc::new(Turns { answers: Semaphore::new(ANSWERS_MAX), files: Semaphore::new(FILES_AT_ONCE) });
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
                    open.spawn(serve(stream, Arc::clone(&desk), Arc::clone(&turns)));
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

/// What is shared out among the connections.
struct Turns {
    answers: Semaphore,
    files: Semaphore,
}

async fn serve(stream: UnixStream, desk: Arc<dyn Desk>, turns: Arc<Turns>) {
    let (read, mut write) = stream.into_split();
    let Ok(Ok(asked)) = timeout(ASKING, question(read, &turns.files)).await else { return };
    let answer = match asked {
        Ok(request) => {
            let Ok(_turn) = turns.answers.acquire().await else { return };
            let answer = tokio::task::spawn_blocking(move || desk.answer(request)).await;
            answer.unwrap_or_else(|error| {
                tracing::error!("an answer on the socket failed: {error}");
                Answer::Now(Line::error(Problem::Failed, "the daemon failed at it; its log says more"))
            })
        }
        Err(refusal) => Answer::Now(refusal),
    };
    let mut lines = match answer {
        Answer::Now(line) => {
            let _ = timeout(TAKING, write.write_all(&line.to_bytes())).await;
            return;
        }
        Answer::Lines(lines) => lines,
    };
    loop {
        let line = match timeout(SIGN, lines.recv()).await {
            Ok(Some(line)) => line,
            Ok(None) => return,
            Err(_) => Line::progress("waiting for its turn, or still reading"),
        };
        if !matches!(timeout(TAKING, write.write_all(&line.to_bytes())).await, Ok(Ok(()))) {
            return;
        }
    }
}

/// The one line that is asked.
///
/// One that is long has files in it. Few of them are read at once, so that many
/// connections hold little memory.
async fn question(
    read: impl tokio::io::AsyncRead + Unpin,
    files: &Semaphore,
) -> io::Result<Result<Request, Line>> {
    let mut line = Vec::new();
    let mut read = BufReader::new(read);
    (&mut read).take(REQUEST_MAX as u64 + 1).read_until(b'\n', &mut line).await?;
    if line.len() <= REQUEST_MAX {
        return Ok(request(&line));
    }
    let Ok(_turn) = files.acquire().await else { return Ok(request(&line)) };
    read.take(FILES_MAX as u64).read_until(b'\n', &mut line).await?;
    if line.last() != Some(&b'\n') {
        let words = format!("a question is at most {FILES_MAX} bytes long");
        return Ok(Err(Line::error(Problem::BadRequest, words)));
    }
    Ok(match request(&line) {
        Ok(asked @ (Request::Plan { .. } | Request::Suggest { .. })) => Ok(asked),
        Ok(_) => {
            let words = format!("a question without files is at most {REQUEST_MAX} bytes long");
            Err(Line::error(Problem::BadRequest, words))
        }
        refused => refused,
    })
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
        fn answer(&self, request: Request) -> Answer {
            let Request::Explain { key } = request else { return Answer::Now(Line::result(&"woken")) };
            assert_ne!(key, "panic");
            self.0.fetch_add(1, Ordering::Relaxed);
            Answer::Now(Line::result(&serde_json::json!({ "key": key })))
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
