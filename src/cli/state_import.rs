//! `latchd state import`: an exported state takes the place of none, or with
//! `--replace` of the one that is there, which is set aside.

use std::path::{Path, PathBuf};

use clap::Args;

use super::state_verify::owned;
use super::{Exit, Failure, print};
use crate::clock::{Clock as _, SystemClock};
use crate::config;
use crate::log;
use crate::store::{Import, ImportError};

/// Options of `latchd state import`.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// What `latchd state export` wrote.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Set the state aside that is there; it is never deleted.
    #[arg(long)]
    replace: bool,
}

pub(super) fn import(path: &Path, args: &ImportArgs) -> Result<Exit, Failure> {
    let config = config::load(path)?;
    let state = &config.settings.paths.state;
    let realm_id = config.settings.company.realm_id.as_str();
    let import = Import::check(&args.file, realm_id).map_err(|error| refused(&error))?;
    let header = import.header.clone();
    let _lock = owned(&config)?;
    let aside = import.bring_in(state, SystemClock.now(), args.replace).map_err(|error| refused(&error))?;
    let before = aside.map(|aside| format!("the one before is in {}\n", aside.display())).unwrap_or_default();
    print(&format!(
        "{} values of {} restored to {}\n{before}The next pass looks at all of QuickBooks: what was posted since \
         then is known by its marks.\n",
        header.count,
        header.exported_at.strftime("%Y-%m-%d %H:%M UTC"),
        state.display()
    ));
    Ok(Exit::InBalance)
}

fn refused(error: &ImportError) -> Failure {
    Failure::new(Exit::Unfinished, format!("error: {}", log::tame(&error.to_string())))
}
