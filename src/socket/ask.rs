//! The client's end: one question, one answer.

use std::io;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;
use thiserror::Error;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::place::find;
use super::{LINE_MAX, Line, Problem, Request, SCHEMA};

/// Longer than a daemon is silent, also one that has a lot to read.
const PATIENCE: Duration = Duration::from_secs(120);

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum AskError {
    /// Nobody listens.
    #[error("no daemon listens beside this state")]
    NoDaemon,
    /// The socket is for its owner alone.
    #[error(
        "this user may not ask the daemon on {place}; run it as the user who owns the state, \
         such as `sudo -u latchd latchd …`"
    )]
    Denied {
        /// The socket.
        place: String,
    },
    /// The daemon ended before its answer did.
    #[error("the daemon ended in the middle of its answer; ask again when it is back")]
    Ended,
    /// The connection fails.
    #[error("cannot ask the daemon on {place}: {why}; see its log, and ask again")]
    Connection {
        /// The socket.
        place: String,
        /// Why.
        why: io::Error,
    },
    /// What came is no answer.
    #[error("the daemon's answer cannot be read; is it another version of latchd? ({0})")]
    Unreadable(String),
    /// The daemon says why not.
    #[error("{message}")]
    Refused {
        /// The kind of reason.
        problem: Problem,
        /// The sentence.
        message: String,
    },
}

/// Asks the daemon that holds the state in `state`.
pub async fn ask(state: &Path, request: &Request) -> Result<Box<RawValue>, AskError> {
    ask_following(state, request, &mut |_| {}).await
}

/// The same; `each` is told how far it is. There is no bound on the whole, but
/// on the time without a sign.
pub async fn ask_following(
    state: &Path,
    request: &Request,
    each: &mut (dyn FnMut(&str) + Send),
) -> Result<Box<RawValue>, AskError> {
    let path = find(state);
    match talk(&path, request, each).await {
        Err(Trouble::Io(why))
            if matches!(
                why.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::ConnectionRefused
            ) =>
        {
            Err(AskError::NoDaemon)
        }
        Err(Trouble::Io(why)) if why.kind() == io::ErrorKind::PermissionDenied => {
            Err(AskError::Denied { place: path.display().to_string() })
        }
        Err(Trouble::Io(why)) => Err(AskError::Connection { place: path.display().to_string(), why }),
        Err(Trouble::Told(error)) => Err(error),
        Ok(result) => Ok(result),
    }
}

enum Trouble {
    Io(io::Error),
    Told(AskError),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

async fn talk(
    path: &Path,
    request: &Request,
    each: &mut (dyn FnMut(&str) + Send),
) -> Result<Box<RawValue>, Trouble> {
    #[derive(Serialize)]
    struct Asked<'a> {
        schema: u32,
        #[serde(flatten)]
        request: &'a Request,
    }
    let mut stream = UnixStream::connect(path).await?;
    let mut line = serde_json::to_vec(&Asked { schema: SCHEMA, request }).expect("it has text keys only");
    line.push(b'\n');
    // Who is refused early may find the line cut, and the reason waiting.
    let _ = timeout(PATIENCE, stream.write_all(&line)).await;
    let mut lines = BufReader::new(stream.take(LINE_MAX));
    loop {
        let mut line = Vec::new();
        let silent = |_| io::Error::from(io::ErrorKind::TimedOut);
        match timeout(PATIENCE, lines.read_until(b'\n', &mut line)).await.map_err(silent)? {
            Ok(_) => {}
            // It was there to be connected to.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                return Err(Trouble::Told(AskError::Ended));
            }
            Err(error) => return Err(error.into()),
        }
        if line.last() != Some(&b'\n') {
            let cut = lines.get_ref().limit() == 0;
            let long = || AskError::Unreadable(format!("it is longer than {LINE_MAX} bytes"));
            return Err(Trouble::Told(if cut { long() } else { AskError::Ended }));
        }
        let line: Line = serde_json::from_slice(&line)
            .map_err(|error| Trouble::Told(AskError::Unreadable(error.to_string())))?;
        match (line.kind.as_str(), line.result) {
            ("result", Some(result)) => return Ok(result),
            ("error", _) => {
                let problem = line.error.unwrap_or(Problem::Failed);
                let message = line.message.unwrap_or_else(|| "the daemon gives no reason".to_owned());
                return Err(Trouble::Told(AskError::Refused { problem, message }));
            }
            ("progress", _) => each(&line.message.unwrap_or_default()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::UnixListener;

    use super::*;

    /// A daemon that says this much and ends.
    async fn ends_after(words: &'static [u8]) -> AskError {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("latchd.sock")).unwrap();
        let daemon = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = Vec::new();
            BufReader::new(&mut stream).read_until(b'\n', &mut asked).await.unwrap();
            stream.write_all(words).await.unwrap();
        };
        let (answer, ()) = tokio::join!(ask(folder.path(), &Request::Pass {}), daemon);
        answer.unwrap_err()
    }

    #[tokio::test]
    async fn a_daemon_that_ends_in_the_middle_is_told_apart_from_one_that_is_not_understood() {
        let told = b"{\"schema\":1,\"kind\":\"progress\",\"message\":\"x\"}\n";
        for words in [&b""[..], b"{\"schema\":1,\"ki", told] {
            let error = ends_after(words).await;
            assert!(matches!(error, AskError::Ended), "{error}");
        }
        let error = ends_after(b"It is a fine day.\n").await;
        assert!(matches!(error, AskError::Unreadable(_)), "{error}");
    }
}
