//! Why a call to QuickBooks did not do what it should, sorted by what the
//! caller does next.

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use thiserror::Error;

use super::meaning::{company_code, is_transient};
use crate::http::{Phase, Response, TransportError, wait_told};
use crate::model::{Code, VendorFault};

/// A call that failed.
#[derive(Debug, Error)]
pub enum CallError {
    /// Nothing reached QuickBooks.
    #[error("QuickBooks cannot be reached: {0}")]
    NotSent(String),
    /// No definite answer: a write may have taken effect.
    #[error("QuickBooks gave no definite answer: {0}")]
    Unknown(String),
    /// Too many calls; nothing was done.
    #[error("QuickBooks asks for fewer calls")]
    Throttled(Duration),
    /// The access token is not accepted; a fresh one may be.
    #[error("QuickBooks does not accept the access token")]
    Unauthorised(Box<VendorFault>),
    /// Only a person can mend the connection.
    #[error("{0}")]
    Reconnect(String),
    /// QuickBooks understood and refused. Repeating it changes nothing.
    #[error("QuickBooks refused: {} {} (code {})", .0.message, .0.detail, .0.code)]
    Refused(Box<VendorFault>),
    /// Latchd's own disk failed where a token had to be kept.
    #[error("cannot keep the token: {0}")]
    Token(String),
    /// The answer is not what the documentation describes.
    #[error("QuickBooks answered something that is not documented: {0}")]
    Unreadable(String),
}

impl CallError {
    /// The warning of the whole company that it becomes, where it concerns
    /// more than one record.
    pub fn company_code(&self) -> Option<Code> {
        match self {
            Self::NotSent(_) | Self::Unknown(_) | Self::Unreadable(_) => Some(Code::QuickbooksUnreachable),
            Self::Throttled(_) => Some(Code::Throttled),
            Self::Reconnect(_) | Self::Unauthorised(_) | Self::Token(_) => Some(Code::Reconnect),
            Self::Refused(fault) => company_code(fault),
        }
    }
}

impl From<TransportError> for CallError {
    fn from(error: TransportError) -> Self {
        match error.phase {
            Phase::BeforeSend => Self::NotSent(error.reason),
            Phase::Unknown => Self::Unknown(error.reason),
        }
    }
}

/// The `Fault` of an answer, in any of its shapes: of the API
/// (`Fault.Error[].Message`) and of the gateway (`fault.error[].message`).
#[derive(Debug, Default, Deserialize)]
pub struct Faults {
    #[serde(alias = "fault")]
    #[serde(rename = "Fault")]
    fault: Option<FaultBody>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FaultBody {
    #[serde(rename = "Error", alias = "error", default)]
    error: Vec<FaultEntry>,
    #[serde(rename = "type", default)]
    kind: Option<String>,
}

#[derive(Debug, Deserialize)]
struct FaultEntry {
    #[serde(rename = "Message", alias = "message", default)]
    message: Option<String>,
    #[serde(rename = "Detail", alias = "detail", default)]
    detail: Option<String>,
    #[serde(default)]
    code: Option<String>,
}

impl FaultBody {
    /// QuickBooks' words.
    pub(super) fn words(self, intuit_tid: Option<String>) -> VendorFault {
        let first = self.error.into_iter().next();
        let (message, detail, code) =
            first.map(|entry| (entry.message, entry.detail, entry.code)).unwrap_or_default();
        VendorFault {
            code: code.unwrap_or_default(),
            message: plain(message.unwrap_or_else(|| self.kind.unwrap_or_default())),
            detail: plain(detail.unwrap_or_default()),
            intuit_tid,
        }
    }
}

/// The id of a call; Intuit spells the header with a hyphen in older and with
/// an underscore in newer answers.
pub(super) fn intuit_tid(response: &Response) -> Option<String> {
    let header = |name: &str| response.headers().get(name)?.to_str().ok().map(ToOwned::to_owned);
    header("intuit_tid").or_else(|| header("intuit-tid"))
}

/// Sorts an answer that is not a success, or a success that holds a fault.
pub(super) fn judge(response: Response) -> Result<Response, CallError> {
    let status = response.status();
    // A body is looked at for a fault only where it begins with one: lists of
    // a thousand rows are not parsed twice.
    let head = &response.body()[..response.body().len().min(200)];
    let may_fault = !status.is_success() || String::from_utf8_lossy(head).contains("\"Fault\"");
    let faults = may_fault.then(|| serde_json::from_slice::<Faults>(response.body()).ok()).flatten();
    let fault =
        faults.and_then(|faults| faults.fault).map(|fault| Box::new(fault.words(intuit_tid(&response))));
    let throttled = fault
        .as_ref()
        .is_some_and(|fault| fault.code == "3001" || fault.message.contains("ThrottleExceeded"));
    match (status, fault) {
        (StatusCode::TOO_MANY_REQUESTS, _) => Err(CallError::Throttled(wait_told(&response))),
        (_, Some(_)) if throttled => Err(CallError::Throttled(wait_told(&response))),
        (StatusCode::UNAUTHORIZED, fault) => Err(CallError::Unauthorised(fault.unwrap_or_default())),
        (StatusCode::FORBIDDEN, fault) => {
            let fault = fault.unwrap_or_default();
            Err(CallError::Reconnect(format!(
                "QuickBooks does not let this app into the company: the token belongs to another one, or realm_id is wrong ({} {})",
                fault.code, fault.message
            )))
        }
        // Also 600: the first sending arrived, and what became of it is looked for.
        (_, Some(fault)) if is_transient(&fault) => {
            Err(CallError::Unknown(format!("{} {} (code {})", fault.message, fault.detail, fault.code)))
        }
        (status, None) if status.is_success() => Ok(response),
        (status, None) if matches!(status.as_u16(), 408 | 425 | 499) => {
            Err(CallError::Unknown(format!("HTTP {status}")))
        }
        (status, Some(fault)) if !status.is_server_error() => Err(CallError::Refused(fault)),
        (status, Some(fault)) => Err(CallError::Unknown(format!("{status} {}", fault.message))),
        (status, None) if status.is_client_error() => {
            let message = format!("HTTP {status}");
            let detail = plain(
                String::from_utf8_lossy(&response.body()[..response.body().len().min(200)]).into_owned(),
            );
            Err(CallError::Refused(Box::new(VendorFault { message, detail, ..VendorFault::default() })))
        }
        (status, None) => Err(CallError::Unknown(format!("HTTP {status}"))),
    }
}

/// Vendor's words, safe for a terminal and of bounded length.
fn plain(text: String) -> String {
    let text = if text.chars().any(char::is_control) {
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    } else {
        text
    };
    if text.chars().count() > 500 { text.chars().take(499).chain(['…']).collect() } else { text }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn answer(status: u16, body: &str) -> Response {
        http::Response::builder()
            .status(status)
            .header("Intuit-Tid", "1-a")
            .body(Bytes::from(body.to_owned()))
            .unwrap()
    }

    #[test]
    fn answers_are_sorted_by_what_to_do() {
        let api = |code: &str| {
            format!(
                r#"{{"Fault":{{"Error":[{{"Message":"M","Detail":"D","code":"{code}"}}],"type":"ValidationFault"}},"time":"x"}}"#
            )
        };
        let gateway = r#"{"warnings":null,"fault":{"error":[{"message":"message=AuthenticationFailed; errorCode=003200; statusCode=401","detail":"Token expired","code":"3200","element":null}],"type":"AUTHENTICATION"},"time":1601391072830}"#;
        let throttle = r#"{"Fault":{"Error":[{"Message":"message=ThrottleExceeded; errorCode=003001; statusCode=403","code":"3001"}],"type":"SERVICE"}}"#;
        let cases: [(u16, String, &str); 11] = [
            (400, api("6240"), "Refused"),
            (400, api("10000"), "Unknown"),
            (200, api("610"), "Refused"),
            (401, gateway.to_owned(), "Unauthorised"),
            (403, gateway.to_owned(), "Reconnect"),
            (403, throttle.to_owned(), "Throttled"),
            (429, String::new(), "Throttled"),
            (502, "<html>".to_owned(), "Unknown"),
            (500, api("10000"), "Unknown"),
            (404, "<html>".to_owned(), "Refused"),
            (200, r#"{"Customer":{}}"#.to_owned(), "Ok"),
        ];
        for (status, body, expected) in cases {
            let sorted = match judge(answer(status, &body)) {
                Ok(_) => "Ok".to_owned(),
                Err(error) => format!("{error:?}").split(['(', ' ']).next().unwrap().to_owned(),
            };
            assert_eq!(sorted, expected, "{status} {body}");
        }
        let Err(CallError::Refused(fault)) = judge(answer(400, &api("6240"))) else { panic!("refused") };
        assert_eq!((fault.code.as_str(), fault.intuit_tid.as_deref()), ("6240", Some("1-a")));
    }
}
