//! `latchd auth`: who may make or end the connection to Intuit, and what is
//! told of it.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use clap::{Args, Subcommand};

use super::{Exit, Failure, auth_login, auth_status, print, start};
use crate::config::{self, Config};
use crate::engine::{Authority, EngineError, login_command};
use crate::fsx;
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
    own(&config.settings.paths.state)?;
    Authority::open(config, &start::edges()?).map_err(|error| match error {
        EngineError::Owner(OwnerLockError::Held(place)) => Failure::new(
            Exit::Held,
            format!(
                "error: another latchd holds the state in {place}; stop it (systemctl stop latchd) and run this \
                 again, or set refresh_token in [quickbooks], which it takes up as it runs"
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
fn own(state: &Path) -> Result<(), Failure> {
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
    let authority = authority(config)?;
    let place = TokenFile::new(&config.settings.paths.state).path().display().to_string();
    let seeded = if config.settings.quickbooks.refresh_token.is_some() {
        "; take refresh_token out of the files too, or latchd goes on trying it"
    } else {
        ""
    };
    match authority.quickbooks.disconnect(args.forget).await {
        Ok(None) => print("There is no token to remove.\n"),
        Ok(Some(true)) => print(&format!("Intuit ended the connection, and {place} is removed{seeded}.\n")),
        Ok(Some(false)) => {
            print(&format!("The connection had ended already; {place} is removed{seeded}.\n"));
        }
        Err(error) if args.forget => {
            print(&format!(
                "{place} is removed{seeded}. Intuit was not told ({error}): disconnect the app in QuickBooks, Apps, My apps.\n"
            ));
        }
        Err(error) => {
            let words = format!(
                "error: Intuit did not end the connection: {error}\nnothing was removed; try again, or \
                 `latchd auth logout --forget` removes {place} all the same"
            );
            return Err(Failure::new(Exit::Unfinished, words));
        }
    }
    Ok(Exit::InBalance)
}

/// The command that connects, for messages.
pub(super) fn login_words(config: &Config) -> String {
    format!("`{}`", login_command(config))
}
