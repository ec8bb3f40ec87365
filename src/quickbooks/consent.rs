//! Consent: what Intuit sends the administrator's browser back with, judged
//! before anything is done with it.

use secrecy::SecretString;
use thiserror::Error;

use crate::model::RealmId;

/// A consent for the company that is meant, in answer to our own question.
#[derive(Debug)]
pub struct Consent {
    code: SecretString,
}

/// Why an answer is no consent. What it holds is told only as far as it is
/// harmless: words of Intuit's own list, and ids.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoConsent {
    /// It is no answer of Intuit's.
    #[error(
        "this is not the address that Intuit sent the browser to: it holds no {0}; copy the whole line of the browser's address bar"
    )]
    Incomplete(&'static str),
    /// It belongs to another login.
    #[error("this address belongs to another login (its state differs); use the one that this login led to")]
    OtherState,
    /// The person said no, or may not say yes.
    #[error(
        "Intuit answers {0}: nobody gave consent; run it again, sign in as an administrator of the company, and choose Connect"
    )]
    Denied(String),
    /// It is another company.
    #[error(
        "consent was given for the company {found}, and [company] realm_id says {expected}; run it again and choose that company, or correct realm_id"
    )]
    OtherRealm {
        /// Whose consent it is.
        found: String,
        /// Whose it should be.
        expected: RealmId,
    },
}

impl NoConsent {
    /// Whether it may be somebody else's answer, so that ours is still to come.
    pub fn is_foreign(&self) -> bool {
        match self {
            Self::Incomplete(_) | Self::OtherState => true,
            Self::Denied(_) | Self::OtherRealm { .. } => false,
        }
    }
}

/// Longer ids and words are not Intuit's.
const SHOWN_MAX: usize = 40;

impl Consent {
    /// Judges the address that the browser was sent to, or the part of it from
    /// `?` on.
    pub fn judge(address: &str, state: &str, realm_id: &RealmId) -> Result<Self, NoConsent> {
        let query = address.trim().split_once('?').map_or("", |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        let field = |name: &'static str| {
            let mut values = query.split('&').filter_map(|pair| pair.split_once('='));
            let mut values = values.by_ref().filter(|(key, _)| *key == name).map(|(_, value)| decoded(value));
            match (values.next(), values.next()) {
                (Some(Some(value)), None) if !value.is_empty() => Ok(value),
                _ => Err(NoConsent::Incomplete(name)),
            }
        };
        if field("state")? != state {
            return Err(NoConsent::OtherState);
        }
        if let Ok(error) = field("error") {
            return Err(NoConsent::Denied(harmless(&error)));
        }
        let (code, found) = (field("code")?, field("realmId")?);
        if found != realm_id.as_str() {
            return Err(NoConsent::OtherRealm { found: harmless(&found), expected: realm_id.clone() });
        }
        Ok(Self { code: SecretString::from(code) })
    }

    pub(super) fn code(&self) -> &SecretString {
        &self.code
    }
}

fn harmless(text: &str) -> String {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain && text.len() <= SHOWN_MAX { text.to_owned() } else { "something that is not shown".to_owned() }
}

/// A value of a query; `None` where it is not UTF-8 or a `%` leads nowhere.
fn decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, behind @ ..] = rest {
        let (byte, left) = match (first, behind) {
            (b'%', [high, low, left @ ..]) => {
                let digit =
                    |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                (digit(*high)? * 16 + digit(*low)?, left)
            }
            (b'%', _) => return None,
            (b'+', left) => (b' ', left),
            (byte, left) => (*byte, left),
        };
        bytes.push(byte);
        rest = left;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn an_answer_is_judged_by_state_consent_and_company() {
        let incomplete = |name| Err(NoConsent::Incomplete(name));
        let denied = |word: &str| Err(NoConsent::Denied(word.to_owned()));
        let realm = |found: &str| {
            Err(NoConsent::OtherRealm { found: found.to_owned(), expected: RealmId::new("77") })
        };
        let cases: [(&str, Result<&str, NoConsent>); 17] = [
            ("https://example.com/back?code=AB%2B1&state=s&realmId=77", Ok("AB+1")),
            ("  http://localhost:8095/?a=1&realmId=77&state=s&code=A#top\n", Ok("A")),
            ("?code=A&state=s&realmId=77", Ok("A")),
            ("", incomplete("state")),
            ("https://example.com/back", incomplete("state")),
            ("code=A&state=s&realmId=77", incomplete("state")),
            ("/?code=A&realmId=77", incomplete("state")),
            ("/?code=A&state=s&state=s&realmId=77", incomplete("state")),
            ("/?code=A&state=%zz&realmId=77", incomplete("state")),
            ("/?code=A&state=%C3%28&realmId=77", incomplete("state")),
            ("/?code=A&state=other&realmId=78", Err(NoConsent::OtherState)),
            ("/?error=access_denied&state=other", Err(NoConsent::OtherState)),
            ("/?error=access_denied&state=s", denied("access_denied")),
            ("/?error=%1b%5b31mx&state=s", denied("something that is not shown")),
            ("/?code=A&state=s", incomplete("realmId")),
            ("/?code=&state=s&realmId=77", incomplete("code")),
            ("/?code=A&state=s&realmId=78", realm("78")),
        ];
        for (address, expected) in cases {
            let found = Consent::judge(address, "s", &RealmId::new("77"));
            let found = found.map(|consent| consent.code().expose_secret().to_owned());
            assert_eq!(found.as_deref(), expected.as_ref().map(|code| *code), "{address}");
        }
    }

    #[test]
    fn a_code_is_never_told() {
        let realm = RealmId::new("77");
        let sound = Consent::judge("?code=canary&state=s&realmId=77", "s", &realm).unwrap();
        assert!(!format!("{sound:?}").contains("canary"));
        for address in ["?code=canary&state=x&realmId=77", "?code=canary&state=s&realmId=canary%20"] {
            let words = Consent::judge(address, "s", &realm).unwrap_err().to_string();
            assert!(!words.contains("canary"), "{words}");
        }
    }
}
