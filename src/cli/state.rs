//! `latchd state`: what latchd remembers, looked at, written down, and brought
//! back, or begun anew from QuickBooks' marks.

use std::path::Path;

use clap::Subcommand;

use super::{Exit, Failure, state_export, state_import, state_rebuild, state_verify};

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
    /// Begins the state anew from the files and QuickBooks' marks, whatever is in
    /// the folder; that is set aside, and nothing is written to QuickBooks.
    ///
    /// Both sides are read, and each document in QuickBooks that bears latchd's mark
    /// is its record's again. Then it waits until no write of another process can
    /// come to light any more, two minutes and ten seconds after its start, looks
    /// once more, and tells what is left for the next pass to do.
    Rebuild,
}

pub(super) async fn state(path: &Path, command: &StateCommand) -> Result<Exit, Failure> {
    match command {
        StateCommand::Verify => state_verify::verify(path),
        StateCommand::Export(args) => state_export::export(path, args),
        StateCommand::Import(args) => state_import::import(path, args),
        StateCommand::Rebuild => state_rebuild::rebuild(path).await,
    }
}
