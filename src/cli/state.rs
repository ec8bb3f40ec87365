//! `latchd state`: what latchd remembers, looked at, written down, and brought
//! back.

use std::path::Path;

use clap::Subcommand;

use super::{Exit, Failure, state_export, state_import, state_verify};

/// What is done with the state.
#[derive(Debug, Subcommand)]
pub(super) enum StateCommand {
    /// Looks at the state folder without changing it, and says of each damaged
    /// thing what to do.
    Verify,
    /// Writes the state as lines of JSON, without the token and secrets.
    Export(state_export::ExportArgs),
    /// Brings an exported state back, where there is none.
    Import(state_import::ImportArgs),
}

pub(super) fn state(path: &Path, command: &StateCommand) -> Result<Exit, Failure> {
    match command {
        StateCommand::Verify => state_verify::verify(path),
        StateCommand::Export(args) => state_export::export(path, args),
        StateCommand::Import(args) => state_import::import(path, args),
    }
}
