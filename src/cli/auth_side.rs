//! Who makes or ends the connection: the daemon that holds the state, else this
//! process.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::auth::authority;
use super::{Exit, Failure};
use crate::config::Config;
use crate::engine::Authority;
use crate::quickbooks::{Connected, Consent, Disconnected};
use crate::socket::{AnswerAddress, AskError, Problem, Request, ask};

/// One of both.
pub(super) enum Side {
    /// Nobody else holds the state as long as this lives.
    Own(Box<Authority>),
    /// A daemon, which is asked.
    Daemon,
}

/// A login under way.
pub(super) struct Login<'a> {
    config: &'a Config,
    side: Side,
    /// Where Intuit's answer goes.
    redirect_uri: &'a str,
    /// What it must bear.
    state: &'a str,
}

impl<'a> Login<'a> {
    /// Begins one; the text is the page on which an administrator consents.
    pub(super) async fn begin(
        config: &'a Config,
        redirect_uri: &'a str,
        state: &'a str,
    ) -> Result<(Self, String), Failure> {
        let request = Request::AuthPage {
            realm_id: realm_id(config),
            redirect_uri: redirect_uri.to_owned(),
            state: state.to_owned(),
        };
        let login = |side| Self { config, side, redirect_uri, state };
        if let Some(Page(page)) = asked(config, &request).await? {
            return Ok((login(Side::Daemon), page));
        }
        let authority = authority(config)?;
        let page = authority.quickbooks.consent_url(redirect_uri, state).await;
        let failed =
            |error| unfinished(&format!("{error}; nothing was stored; run it again when that is mended"));
        let page = page.map_err(failed)?;
        Ok((login(Side::Own(Box::new(authority))), page))
    }

    /// Connects by Intuit's answer, whose consent was found sound.
    pub(super) async fn connect(&self, consent: &Consent, address: String) -> Result<Connected, Failure> {
        let company = &self.config.settings.company;
        match &self.side {
            Side::Own(authority) => {
                let expected = (&company.realm_id, company.expect.as_str());
                let connected = authority.quickbooks.connect(consent, self.redirect_uri, expected).await;
                connected.map_err(|error| unfinished(&error.told()))
            }
            Side::Daemon => {
                let request = Request::AuthLogin {
                    realm_id: realm_id(self.config),
                    redirect_uri: self.redirect_uri.to_owned(),
                    state: self.state.to_owned(),
                    address: AnswerAddress(address),
                };
                let gone = || unfinished("the daemon ended; `latchd auth status` tells whether it connected");
                asked(self.config, &request).await?.ok_or_else(gone)
            }
        }
    }
}

/// Ends the connection.
pub(super) async fn disconnect(config: &Config, forget: bool) -> Result<Disconnected, Failure> {
    if let Some(told) = asked(config, &Request::AuthLogout { realm_id: realm_id(config), forget }).await? {
        return Ok(told);
    }
    let authority = authority(config)?;
    let told = authority.quickbooks.disconnect(forget).await;
    told.map_err(|error| unfinished(&format!("Intuit did not end the connection: {error}")))
}

/// The text of a page's address.
#[derive(Deserialize)]
struct Page(String);

/// What a running daemon answers; `None` where there is none.
async fn asked<T: DeserializeOwned>(config: &Config, request: &Request) -> Result<Option<T>, Failure> {
    match ask(&config.settings.paths.state, request).await {
        Ok(answer) => match serde_json::from_str(answer.get()) {
            Ok(answer) => Ok(Some(answer)),
            Err(error) => Err(unfinished(&AskError::Unreadable(error.to_string()).to_string())),
        },
        Err(AskError::NoDaemon) => Ok(None),
        Err(AskError::Refused { problem: Problem::UnknownCommand, message }) => {
            Err(unfinished(&format!("{message}; the daemon is another version of latchd: restart it")))
        }
        Err(ended @ AskError::Ended) => {
            Err(unfinished(&format!("{ended}; `latchd auth status` tells how the connection stands")))
        }
        Err(error) => Err(unfinished(&error.to_string())),
    }
}

fn realm_id(config: &Config) -> String {
    config.settings.company.realm_id.as_str().to_owned()
}

pub(super) fn unfinished(words: &str) -> Failure {
    Failure::new(Exit::Unfinished, format!("error: {words}"))
}
