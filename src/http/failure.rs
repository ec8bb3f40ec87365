//! Failures of the network as one sentence each, with what to do where that is
//! known. No header, body, path or query is in them.

use std::error::Error;

use reqwest::Url;
use rustls::{AlertDescription, CertificateError, Error as TlsError};

use super::{Phase, TransportError};

/// reqwest's error as a sentence without the address's path and query, which
/// may hold what a log should not. `proxy` is the variable that names one.
pub(super) fn failed(error: &reqwest::Error, proxy: Option<&str>) -> TransportError {
    let phase = if error.is_connect() || error.is_builder() { Phase::BeforeSend } else { Phase::Unknown };
    let word = if error.is_connect() {
        "cannot connect"
    } else if error.is_timeout() {
        "no answer in time"
    } else {
        "the connection was lost"
    };
    let host = error.url().map(host_of).unwrap_or_default();
    let local = error.url().and_then(Url::host_str).is_some_and(super::wire::is_loopback);
    let through = match proxy {
        Some(variable) if error.is_connect() && !local => format!("; {variable} names a proxy"),
        Some(_) | None => String::new(),
    };
    let reason = match tls(error) {
        Some(fault) => format!("{word} to {host} ({fault}){}", remedy(&fault)),
        None => format!("{word} to {host}{}", cause(error)),
    };
    TransportError { phase, reason: format!("{reason}{through}") }
}

/// An answer that sends requests elsewhere: nothing is sent there, for it
/// would bear a secret. Only the other host is told.
pub(super) fn redirected(from: &Url, to: Option<&str>) -> TransportError {
    let to = to.and_then(|to| from.join(to).ok());
    let to = to.map_or("another address".to_owned(), |to| format!("{}://{}", to.scheme(), host_of(&to)));
    let reason = format!(
        "{} sends requests on to {to}; latchd follows no redirect and sent nothing there; \
         correct the address in the files, or the proxy between",
        host_of(from)
    );
    TransportError { phase: Phase::Unknown, reason }
}

fn host_of(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", url.host_str().unwrap_or_default())
}

fn cause(error: &reqwest::Error) -> String {
    let mut deepest: &dyn Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    if std::ptr::eq(deepest, error as &dyn Error) { String::new() } else { format!(" ({deepest})") }
}

/// What TLS failed with. An I/O error hides the one that it wraps from
/// `source()`.
fn tls(error: &reqwest::Error) -> Option<TlsError> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(fault) = error.downcast_ref::<TlsError>() {
            return Some(fault.clone());
        }
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = inner.map_or_else(|| error.source(), |inner| Some(inner as &(dyn Error + 'static)));
    }
    None
}

fn remedy(fault: &TlsError) -> &'static str {
    const TOO_OLD: &str =
        "; it offers no TLS 1.2 or newer, and nothing older is spoken; update it, or the proxy between";
    #[expect(clippy::wildcard_enum_match_arm, reason = "an enum of rustls that grows")]
    match fault {
        TlsError::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "; this machine does not know the authority that signed its certificate: where a proxy \
             inspects what passes, name a file with its authority in SSL_CERT_FILE, beside all others"
        }
        TlsError::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => "; its certificate is not valid today: look whether this machine's clock is right",
        TlsError::PeerIncompatible(_)
        | TlsError::AlertReceived(AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure) => {
            TOO_OLD
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_told_by_its_host_alone() {
        let from = Url::parse("https://quickbooks.api.intuit.com/v3/company/1?canary").unwrap();
        let cases = [
            (Some("https://evil.example:444/canary?canary"), "https://evil.example:444;"),
            (Some("/canary"), "https://quickbooks.api.intuit.com;"),
            (Some("http://user:canary@evil.example/"), "http://evil.example;"),
            (Some("http://"), "another address;"),
            (Some("https://\u{1b}[31m/canary"), "another address;"),
            (None, "another address;"),
        ];
        for (to, expected) in cases {
            let error = redirected(&from, to);
            assert!(error.reason.contains(&format!("on to {expected}")), "{to:?} {error}");
            assert!(!error.reason.contains("canary"), "{error}");
        }
    }

    #[test]
    fn faults_of_tls_say_what_to_do() {
        let cases = [
            (TlsError::InvalidCertificate(CertificateError::UnknownIssuer), "SSL_CERT_FILE"),
            (TlsError::InvalidCertificate(CertificateError::Expired), "clock"),
            (TlsError::AlertReceived(AlertDescription::ProtocolVersion), "TLS 1.2"),
        ];
        for (fault, words) in cases {
            assert!(remedy(&fault).contains(words), "{fault}");
        }
    }
}
