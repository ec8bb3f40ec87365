//! Connecting: from an administrator's consent to tokens on the disk, and the
//! end of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::client::{MINOR_VERSION, QuickBooks, parse};
use super::consent::Consent;
use super::oauth::Exchanged;
use super::objects::Answer;
use super::{CallError, CompanyInfo};
use crate::model::RealmId;

/// Looks at the company before its token is kept. The code is spent by then.
const LOOKS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(2);

/// A connection that stands.
#[derive(Debug, Serialize, Deserialize)]
pub struct Connected {
    /// What QuickBooks calls the company.
    pub company_name: String,
    /// When it ends however often it is renewed, where Intuit told.
    pub hard_expires_at: Option<Timestamp>,
}

/// A connection that is over: its tokens are forgotten.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disconnected {
    /// Whether it was alive until now, as Intuit says; `None`: there was none, or
    /// Intuit was not told.
    pub was_alive: Option<bool>,
    /// Why Intuit was not told, where that was to be done without.
    pub untold: Option<String>,
}

/// Nothing was kept.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The code is not, or no longer, good.
    #[error("Intuit no longer accepts the code of this answer: it is good once, and for some minutes")]
    Spent,
    /// It opens a company of another name.
    #[error("the connection opens the company `{found}`, and [company] expect says `{expected}`")]
    OtherCompany {
        /// QuickBooks' name.
        found: String,
        /// The files' name.
        expected: String,
    },
    /// A call failed.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl ConnectError {
    /// The error and what to do, in a sentence.
    pub fn told(&self) -> String {
        let todo = match self {
            Self::Spent => "run it again, and be quicker",
            Self::OtherCompany { .. } => "run it again and choose the right company, or correct `expect`",
            Self::Call(_) => "run it again when that is mended",
        };
        format!("{self}; nothing was stored; {todo}")
    }
}

impl QuickBooks {
    /// The page on which an administrator of the company consents; Intuit's
    /// answer goes to `redirect_uri` and bears `state`.
    pub async fn consent_url(&self, redirect_uri: &str, state: &str) -> Result<String, CallError> {
        self.session.keeper.oauth.consent_url(redirect_uri, state).await
    }

    /// Exchanges the code, looks whether the company is called as `expect`
    /// says, and only then keeps the tokens. A code is spent once: what was
    /// begun comes to its end, though the caller goes away.
    pub async fn connect(
        self: &Arc<Self>,
        consent: &Consent,
        redirect_uri: &str,
        (realm_id, expect): (&RealmId, &str),
    ) -> Result<Connected, ConnectError> {
        let mut flight = self.session.keeper.flight().await;
        let (this, code, redirect_uri) = (Arc::clone(self), consent.code().clone(), redirect_uri.to_owned());
        let (realm_id, expect) = (realm_id.clone(), expect.to_owned());
        let connecting = async move {
            let keeper = &this.session.keeper;
            let room = keeper.room()?;
            let granted = match keeper.oauth.redeem(&code, &redirect_uri).await? {
                Exchanged::Granted(granted) => *granted,
                Exchanged::Dead => return Err(ConnectError::Spent),
            };
            let access = SecretString::from(granted.access_token.clone());
            let company_name = this.look(&access, &realm_id).await?.company_name;
            if company_name != expect {
                return Err(ConnectError::OtherCompany { found: company_name, expected: expect });
            }
            let tokens = keeper.begin(&mut flight, granted, room)?;
            Ok(Connected { company_name, hard_expires_at: tokens.hard_expires_at })
        };
        self.session.keeper.apart(connecting).await
    }

    /// Ends the connection at Intuit, and forgets its tokens. With `anyway` they
    /// are forgotten though Intuit was not told.
    pub async fn disconnect(&self, anyway: bool) -> Result<Disconnected, CallError> {
        self.session.end(anyway).await
    }

    /// Keeps the connection alive though nothing is asked of QuickBooks; see
    /// [`Session::keep_alive`](super::Session::keep_alive).
    pub async fn keep_alive(&self) {
        self.session.keep_alive().await;
    }

    /// Why a person must connect anew before long, where that is so.
    pub fn ending(&self) -> Option<String> {
        self.session.ending()
    }

    async fn look(&self, access: &SecretString, realm_id: &RealmId) -> Result<CompanyInfo, CallError> {
        let path = format!("companyinfo/{realm_id}?{MINOR_VERSION}");
        let mut looks = 0;
        let answer = loop {
            looks += 1;
            match self.send(access, Method::GET, &path, (&Bytes::new(), "application/text")).await {
                Err(CallError::NotSent(_) | CallError::Unknown(_) | CallError::Throttled(_))
                    if looks < LOOKS =>
                {
                    tokio::time::sleep(PAUSE).await;
                }
                answer => break answer?,
            }
        };
        let answer: Answer = parse("companyinfo", answer.body())?;
        answer.company_info.ok_or_else(|| CallError::Unreadable("no CompanyInfo in the answer".to_owned()))
    }
}
