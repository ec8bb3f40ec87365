//! `latchd auth`: who may make or end the connection to Intuit, and what is
//! told of it.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use clap::{Args, Subcommand};

use super::auth_side::disconnect;
use super::{Exit, Failure, auth_login, auth_status, print, start};
use crate::config::{self, Config};
use crate::engine::{Authority, EngineError, login_command};
use crate::fsx;
use crate::quickbooks::Disconnected;
use crate::store::{OwnerLockError, TokenFile};

/// The commands of `latchd auth`.
#[derive(Debug, Subcommand)]
pub(super) enum AuthCommand {
    /// Connects: an administrator of the company consents in a browser.
    Login,
    /// How long the connection lasts; contacts nobody.
    Status(auth_status::StatusArgs),
    /// Ends the connection at Intuit and removes the token.
    Logout(LogoutArgs),
}

/// Options of `latchd auth logout`.
#[derive(Debug, Args)]
pub(super) struct LogoutArgs {
    /// Remove the token also where Intuit cannot be told; it stays good there.
    #[arg(long)]
    forget: bool,
}

pub(super) async fn auth(path: &Path, command: &AuthCommand) -> Result<Exit, Failure> {
    let config = config::load(path)?;
    match command {
        AuthCommand::Login => auth_login::login(&config).await,
        AuthCommand::Status(args) => auth_status::status(&config, args),
        AuthCommand::Logout(args) => logout(&config, args).await,
    }
}

/// Owns the state for a login or a logout.
pub(super) fn authority(config: &Config) -> Result<Authority, Failure> {
    Authority::open(config, &start::edges()?).map_err(|error| match error {
        EngineError::Owner(OwnerLockError::Held(place)) => Failure::new(
            Exit::Held,
            format!(
                "error: another latchd holds the state in {place} and answers nobody; run this again when it is done \
                 (`latchd run` answers once it is up)"
            ),
        ),
        error @ (EngineError::Owner(OwnerLockError::Folder { .. })
        | EngineError::Store(_)
        | EngineError::Secret(_)
        | EngineError::Reports { .. }) => error.into(),
    })
}

/// A token that another user writes is one that the daemon cannot renew: its
/// folder must be the caller's own. A missing one is made.
pub(super) fn own(state: &Path) -> Result<(), Failure> {
    let place = state.display();
    let refused = |why: String| {
        let words = format!(
            "error: {why}; run this as the user that runs latchd, such as `sudo -u latchd latchd auth login`, \
             or name another folder in [paths] state"
        );
        Failure::new(Exit::Unfinished, words)
    };
    let unusable = |error: std::io::Error| refused(format!("cannot use the state folder {place}: {error}"));
    fsx::private_dir(state).map_err(unusable)?;
    // Whoever makes a file owns it, which tells who this process is.
    let ours = tempfile::tempfile_in(state).and_then(|file| file.metadata()).map_err(unusable)?.uid();
    let owner = std::fs::metadata(state).map_err(unusable)?.uid();
    if ours == owner {
        return Ok(());
    }
    Err(refused(format!(
        "the state folder {place} belongs to another user (uid {owner}, and this is {ours})"
    )))
}

async fn logout(config: &Config, args: &LogoutArgs) -> Result<Exit, Failure> {
    own(&config.settings.paths.state)?;
    let place = TokenFile::new(&config.settings.paths.state).path().display().to_string();
    let seeded = if config.settings.quickbooks.refresh_token.is_some() {
        "; take refresh_token out of the files too, or latchd goes on trying it"
    } else {
        ""
    };
    let told = disconnect(config, args.forget).await.map_err(|failed| {
        failed.with_remedy(&format!(
            "nothing was removed; try again, or `latchd auth logout --forget` removes \
             {place} all the same"
        ))
    })?;
    print(&match told {
        Disconnected { untold: Some(why), .. } => format!(
            "{place} is removed{seeded}. Intuit was not told ({why}): disconnect the app in QuickBooks, Apps, My apps.\n"
        ),
        Disconnected { was_alive: None, .. } => "There is no token to remove.\n".to_owned(),
        Disconnected { was_alive: Some(true), .. } => {
            format!("Intuit ended the connection, and {place} is removed{seeded}.\n")
        }
        Disconnected { was_alive: Some(false), .. } => {
            format!("The connection had ended already; {place} is removed{seeded}.\n")
        }
    });
    Ok(Exit::InBalance)
}

/// The command that connects, for messages.
pub(super) fn login_words(config: &Config) -> String {
    format!("`{}`", login_command(config))
}
