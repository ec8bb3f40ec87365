//! Proxies, by the variables that curl knows: `HTTPS_PROXY`, `ALL_PROXY` and
//! `NO_PROXY`, in capitals or in small letters.
//!
//! This machine itself is never asked for through a proxy: plain HTTP is spoken
//! to it alone, and a proxy elsewhere would read what is sent. So `HTTP_PROXY`,
//! which curl takes for plain HTTP, has nothing to do here.

use reqwest::{NoProxy, Proxy, Url};
use thiserror::Error;

/// Looks up an environment variable.
pub type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What is never asked for through a proxy.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// A proxy that cannot be used. It names the variable and never its value,
/// which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{variable} names no proxy that can be used; write http://HOST:PORT, with USER:PASSWORD@ before the host where the proxy asks for it, or unset it"
)]
pub struct ProxyError {
    /// The variable.
    pub variable: &'static str,
}

/// The proxy of HTTPS requests, and the variable that names it.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) proxy: Proxy,
    pub(super) variable: &'static str,
}

/// What the environment says. As with curl, small letters come before
/// capitals, and an empty value says nothing.
pub(super) fn chosen(variable: Variable<'_>) -> Result<Option<Chosen>, ProxyError> {
    let said = |name: &'static str| {
        let value = variable(name).map(|value| value.trim().to_owned());
        value.filter(|value| !value.is_empty()).map(|value| (name, value))
    };
    let names = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let Some((variable, value)) = names.into_iter().find_map(said) else { return Ok(None) };
    let whole = if value.contains("://") { value } else { format!("http://{value}") };
    let usable = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    let url = Url::parse(&whole).ok().filter(usable).ok_or(ProxyError { variable })?;
    let proxy = Proxy::https(url).map_err(|_| ProxyError { variable })?;
    let spared = ["no_proxy", "NO_PROXY"].into_iter().find_map(said);
    let spared = spared.map_or(LOOPBACK.to_owned(), |(_, list)| format!("{list},{LOOPBACK}"));
    Ok(Some(Chosen { proxy: proxy.no_proxy(NoProxy::from_string(&spared)), variable }))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Set = &'static [(&'static str, &'static str)];

    fn of(set: Set) -> Result<Option<&'static str>, ProxyError> {
        let variable =
            |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        chosen(&variable).map(|chosen| chosen.map(|chosen| chosen.variable))
    }

    #[test]
    fn variables_are_those_of_curl() {
        let wrong = |variable| Err(ProxyError { variable });
        let cases: [(Set, Result<Option<&str>, ProxyError>); 11] = [
            (&[], Ok(None)),
            (&[("HTTP_PROXY", "http://proxy:3128"), ("http_proxy", "proxy")], Ok(None)),
            (&[("HTTPS_PROXY", "http://proxy:3128")], Ok(Some("HTTPS_PROXY"))),
            (&[("HTTPS_PROXY", "http://a"), ("https_proxy", "http://b")], Ok(Some("https_proxy"))),
            (&[("HTTPS_PROXY", "proxy:3128"), ("ALL_PROXY", "http://a")], Ok(Some("HTTPS_PROXY"))),
            (&[("HTTPS_PROXY", " "), ("ALL_PROXY", "https://user:word@a:1")], Ok(Some("ALL_PROXY"))),
            (&[("all_proxy", "10.0.0.1:3128"), ("NO_PROXY", "*")], Ok(Some("all_proxy"))),
            (&[("HTTPS_PROXY", "socks5://canary@a:1")], wrong("HTTPS_PROXY")),
            (&[("HTTPS_PROXY", "http://")], wrong("HTTPS_PROXY")),
            (&[("https_proxy", "http://canary:x y@[")], wrong("https_proxy")),
            (&[("ALL_PROXY", "ftp://canary")], wrong("ALL_PROXY")),
        ];
        for (set, expected) in cases {
            let found = of(set);
            assert!(!format!("{found:?}").contains("canary"), "{set:?}");
            assert_eq!(found, expected, "{set:?}");
        }
    }
}
