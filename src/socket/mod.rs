//! The socket: how a running daemon is asked. A Unix stream in the state
//! folder, or in the runtime directory with a symbolic link to it in the state
//! folder, for its owner alone (0600).
//!
//! A connection is one question: the client sends one line of JSON, the daemon
//! answers with lines of JSON and closes. The last line is of kind `result` or
//! `error`; lines of kind `progress` may come before it, and a client passes over
//! kinds that it does not know.
//!
//! ```text
//! > {"schema":1,"command":"explain","key":"invoice/88123"}
//! < {"schema":1,"kind":"result","result":{"schema":1,"key":"invoice/88123", …}}
//! > {"schema":1,"command":"sing"}
//! < {"schema":1,"kind":"error","error":"unknown-command","message":"…"}
//! ```
//!
//! | file | job |
//! |---|---|
//! | `place` | where it is, and how it gets there |
//! | `serve` | the daemon's end |
//! | `ask` | the client's end |

mod ask;
mod place;
mod serve;

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use ask::{AskError, ask, ask_following};
pub use serve::{Answer, Desk, Socket, SocketError};

/// The version of questions and answers.
pub const SCHEMA: u32 = 1;
/// Bytes of a question without files.
const REQUEST_MAX: usize = 64 << 10;
/// Bytes of one with files.
const FILES_MAX: usize = 64 << 20;
/// Bytes of an answer's line that a client reads.
const LINE_MAX: u64 = 64 << 20;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case")]
pub enum Request {
    /// Everything that is known of one record.
    Explain {
        /// The record's key.
        key: String,
    },
    /// What a pass would do under these files.
    Plan {
        /// They may be others than those in force.
        files: FileTexts,
    },
    /// Who might be who, under these files.
    Suggest {
        /// They may be others than those in force.
        files: FileTexts,
        /// `toml`, `table` or `json`.
        format: String,
        /// Columns of a table.
        width: u16,
        /// From which day financials count in the lines: a day, `beginning`, `now`.
        start: Option<String>,
        /// One customer alone.
        customer: Option<u64>,
        /// QuickBooks customers by a text.
        search: Option<String>,
        /// What Stax Bill's own integration did.
        from_staxbill: bool,
        /// Stax Bill is not asked for addresses.
        without_addresses: bool,
    },
    /// Every write whose outcome is open.
    Journal {},
    /// A person's word about one of them.
    JournalResolve {
        /// The record's key.
        key: String,
        /// What its memo is applied to, where that is what the write does.
        part: Option<String>,
        /// The object in QuickBooks; `null`: there is none.
        posted: Option<String>,
        /// Why.
        why: String,
        /// Who says so.
        by: String,
    },
    /// A pass, now, or as soon as the present one is over.
    Pass {},
    /// The page on which an administrator consents to a connection.
    AuthPage {
        /// The company, for which the daemon may not be the right one.
        realm_id: String,
        /// Where Intuit's answer goes.
        redirect_uri: String,
        /// What the answer must bear.
        state: String,
    },
    /// Connects by Intuit's answer.
    AuthLogin {
        /// The company.
        realm_id: String,
        /// As the page was asked for.
        redirect_uri: String,
        /// The same.
        state: String,
        /// The answer.
        address: AnswerAddress,
    },
    /// Ends the connection.
    AuthLogout {
        /// The company.
        realm_id: String,
        /// Also where Intuit cannot be told.
        forget: bool,
    },
}

/// The commands, for whoever asks for another one.
const COMMANDS: &str = "`explain`, `plan`, `suggest`, `journal`, `journal-resolve`, `pass`, `auth-page`, \
                        `auth-login` and `auth-logout`";

/// The address that Intuit sent a browser to: a code is in it, which is a
/// secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerAddress(pub String);

impl fmt::Debug for AnswerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// Files with their texts, which may hold secrets, `latchd.toml` first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileTexts(pub Vec<(PathBuf, String)>);

impl fmt::Debug for FileTexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(path, _)| path)).finish()
    }
}

/// One line of an answer.
#[derive(Debug, Serialize, Deserialize)]
pub struct Line {
    /// The version, 1.
    schema: u32,
    /// `result`, `error`, or what a later version adds.
    kind: String,
    /// What was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    result: Option<Box<RawValue>>,
    /// Why there is no result.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    error: Option<Problem>,
    /// The same in a sentence.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    message: Option<String>,
}

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Problem {
    /// The question is none, or too long, or of another version.
    BadRequest,
    /// This daemon does not know the command.
    UnknownCommand,
    /// No record has the key.
    UnknownKey,
    /// Too many ask at once.
    Busy,
    /// The daemon could not do it, or gives a reason that this latchd does not
    /// know.
    #[serde(other)]
    Failed,
}

impl Line {
    /// What was asked for.
    pub fn result<T: Serialize>(result: &T) -> Self {
        match serde_json::value::to_raw_value(result) {
            Ok(result) => Self {
                schema: SCHEMA,
                kind: "result".to_owned(),
                result: Some(result),
                error: None,
                message: None,
            },
            Err(error) => Self::error(Problem::Failed, error.to_string()),
        }
    }

    /// A sign that it is being worked on.
    pub fn progress(message: impl Into<String>) -> Self {
        Self {
            schema: SCHEMA,
            kind: "progress".to_owned(),
            result: None,
            error: None,
            message: Some(message.into()),
        }
    }

    /// Why there is no result.
    pub fn error(problem: Problem, message: impl Into<String>) -> Self {
        Self {
            schema: SCHEMA,
            kind: "error".to_owned(),
            result: None,
            error: Some(problem),
            message: Some(message.into()),
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).expect("a line has text keys only");
        bytes.push(b'\n');
        bytes
    }
}

/// A question out of a line; the error is the answer to it.
///
/// # Errors
///
/// The line that says why it is no question.
pub fn request(line: &[u8]) -> Result<Request, Line> {
    #[derive(Deserialize)]
    struct Head {
        schema: u32,
        command: String,
    }
    let bad = |error: serde_json::Error| {
        Line::error(
            Problem::BadRequest,
            format!("a question is one line of JSON with `schema` and `command`: {error}"),
        )
    };
    let head: Head = serde_json::from_slice(line).map_err(bad)?;
    if head.schema != SCHEMA {
        let words = format!("this latchd understands questions of schema {SCHEMA}, not {}", head.schema);
        return Err(Line::error(Problem::BadRequest, words));
    }
    serde_json::from_slice(line).map_err(|error| {
        if error.to_string().contains("unknown variant") {
            let known: String = head.command.chars().take(40).collect();
            let words = format!("this latchd does not know the command `{known}`; it knows {COMMANDS}");
            Line::error(Problem::UnknownCommand, words)
        } else {
            bad(error)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_understood_or_refused_with_the_reason() {
        let explain = Request::Explain { key: "invoice/1".to_owned() };
        let good = [
            (r#"{"schema":1,"command":"explain","key":"invoice/1"}"#, explain.clone()),
            (r#"{"command":"explain","later":{"x":1.5},"key":"invoice/1","schema":1}"#, explain),
            (r#"{"schema":1,"command":"pass"}"#, Request::Pass {}),
        ];
        for (line, expected) in good {
            assert_eq!(request(line.as_bytes()).unwrap(), expected);
        }
        let bad = [
            ("", Problem::BadRequest, "JSON"),
            ("[1]", Problem::BadRequest, "JSON"),
            ("\u{0}", Problem::BadRequest, "JSON"),
            (r#"{"command":"pass"}"#, Problem::BadRequest, "schema"),
            (r#"{"schema":2,"command":"pass"}"#, Problem::BadRequest, "schema 1, not 2"),
            (r#"{"schema":1,"command":"explain"}"#, Problem::BadRequest, "key"),
            (r#"{"schema":1,"command":"sing"}"#, Problem::UnknownCommand, "`sing`; it knows `explain`"),
        ];
        for (line, problem, words) in bad {
            let refused = request(line.as_bytes()).unwrap_err();
            assert_eq!(refused.error, Some(problem), "{line}");
            assert!(refused.message.as_deref().unwrap().contains(words), "{line} {refused:?}");
        }
    }

    #[test]
    fn a_reason_of_a_later_version_is_a_failure() {
        let line = r#"{"schema":1,"kind":"error","error":"on-holiday","message":"x","until":1}"#;
        assert_eq!(serde_json::from_str::<Line>(line).unwrap().error, Some(Problem::Failed));
        assert_eq!(
            String::from_utf8(Line::result(&["a"]).to_bytes()).unwrap(),
            "{\"schema\":1,\"kind\":\"result\",\"result\":[\"a\"]}\n"
        );
    }
}
