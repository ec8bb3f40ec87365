//! `latchd state verify`: whether the state is what was written. It looks at a
//! copy of the database: the folder stays as it is.

use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::Path;

use super::{Exit, Failure, print};
use crate::config::{self, Config};
use crate::store::{Finding, OwnerLock, OwnerLockError, inspect};
use crate::{fsx, log};

pub(super) fn verify(path: &Path) -> Result<Exit, Failure> {
    let config = config::load(path)?;
    let state = &config.settings.paths.state;
    there_is_one(&config)?;
    // A folder without a lock is nobody's, and gets none by being looked at.
    let _lock = if state.join("lock").exists() { Some(owned(&config)?) } else { None };
    let unfinished = |why: std::io::Error| {
        let words = format!("error: cannot look at the state in {}: {why}", state.display());
        Failure::new(Exit::Unfinished, words).with_remedy(
            "It is looked at in a copy: the temporary folder (TMPDIR) needs room for the database.",
        )
    };
    let copies = tempfile::Builder::new().prefix("latchd-verify-").tempdir().map_err(unfinished)?;
    fsx::private_dir(copies.path()).map_err(unfinished)?;
    let found =
        inspect(state, copies.path(), config.settings.company.realm_id.as_str()).map_err(unfinished)?;
    let mut text = String::new();
    for finding in &found.findings {
        tell(&mut text, finding);
    }
    let verdict = if found.is_sound() { "sound" } else { "damaged" };
    let _ = writeln!(text, "\nthe state in {} is {verdict}", state.display());
    print(&text);
    Ok(if found.is_sound() { Exit::InBalance } else { Exit::Unfinished })
}

/// The lock of the state, without which nobody may look: a running latchd
/// writes to it.
pub(super) fn owned(config: &Config) -> Result<OwnerLock, Failure> {
    OwnerLock::take(&config.settings.paths.state).map_err(|error| match error {
        OwnerLockError::Held(place) => Failure::new(
            Exit::Held,
            format!("error: another latchd holds the state in {place}; ask again when it has ended"),
        ),
        OwnerLockError::Folder { .. } => Failure::new(Exit::Unfinished, format!("error: {error}")),
    })
}

/// Refuses a folder in which no state ever was.
pub(super) fn there_is_one(config: &Config) -> Result<(), Failure> {
    let state = &config.settings.paths.state;
    let place = state.display();
    let words = match std::fs::read_dir(state).map_err(|error| error.kind()) {
        Ok(_) if ["db", "anchor"].iter().any(|name| state.join(name).exists()) => return Ok(()),
        Err(ErrorKind::PermissionDenied) => {
            format!("error: {place} may not be read; ask as the user that runs latchd")
        }
        Ok(_) | Err(_) => format!(
            "error: there is no state in {place} yet; start `latchd run`, make a pass with `latchd once`, or bring a \
             copy back with `latchd state import FILE`"
        ),
    };
    Err(Failure::new(Exit::Unfinished, words))
}

fn tell(text: &mut String, finding: &Finding) {
    let word = if finding.remedy.is_some() { "damaged" } else { "sound" };
    let told: Vec<String> = finding.told.lines().map(log::tame).collect();
    let _ = writeln!(text, "{word:<8} {:<10} {}", finding.part, told.join("\n                    "));
    if let Some(remedy) = &finding.remedy {
        let _ = writeln!(text, "         To do: {}", log::tame(remedy));
    }
}
