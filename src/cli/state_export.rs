//! `latchd state export`: the state as lines of JSON, to be kept elsewhere.

use std::io::{BufWriter, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::state_verify::{owned, there_is_one};
use super::{Exit, Failure, print};
use crate::clock::{Clock as _, SystemClock};
use crate::config;
use crate::fsx;
use crate::store::{self, ExportError, Register, open_sound};

/// Options of `latchd state export`.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// Where the lines go, for its owner alone (0600); without one, to stdout.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

pub(super) fn export(path: &Path, args: &ExportArgs) -> Result<Exit, Failure> {
    let config = config::load(path)?;
    there_is_one(&config)?;
    let _lock = owned(&config)?;
    let register = Register::new(open_sound(&config.settings.paths.state)?);
    let ours = config.settings.company.realm_id.as_str();
    let marks = register.marks()?;
    if let Some(theirs) = marks.realm_id.filter(|theirs| theirs != ours) {
        let words = format!(
            "error: the state in {} is that of company {theirs}, and the files are about {ours}; name the files \
             that go with it",
            config.settings.paths.state.display()
        );
        return Err(Failure::new(Exit::Unfinished, words));
    }
    let store = register.store();
    let about = (ours, SystemClock.now());
    if let Some(file) = &args.file {
        let count = fsx::write_atomic_by(file, 0o600, |out| {
            let mut out = BufWriter::new(out);
            store::export(store.as_ref(), about, &mut out)
        })
        .map_err(|error| refused(&error, Some(file)))?;
        print(&format!(
            "{count} values written to {}; it holds customers' names and amounts, and neither the token nor \
                 secrets\n",
            file.display()
        ));
    } else {
        let mut out = BufWriter::new(std::io::stdout().lock());
        let written = store::export(store.as_ref(), about, &mut out);
        written.and_then(|_| Ok(out.flush()?)).map_err(|error| refused(&error, None))?;
    }
    Ok(Exit::InBalance)
}

fn refused(error: &ExportError, file: Option<&PathBuf>) -> Failure {
    let words = match (error, file) {
        (ExportError::Write(why), Some(file)) => format!("error: cannot write {}: {why}", file.display()),
        (ExportError::Write(why), None) if why.kind() == ErrorKind::BrokenPipe => {
            "error: the export was cut off by who read it".to_owned()
        }
        (ExportError::Write(_) | ExportError::Store(_), _) => format!("error: {error}"),
    };
    Failure::new(Exit::Unfinished, words)
}
