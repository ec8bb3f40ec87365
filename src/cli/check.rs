//! `latchd check`: validates the files, offline; no secret is read.

use std::fmt::Write as _;
use std::path::Path;

use super::{Exit, Failure, colour, counted, print};
use crate::clock::{Clock as _, SystemClock};
use crate::config;
use crate::model::{Sharing, Verb};

pub(super) fn check(path: &Path) -> Result<Exit, Failure> {
    let config = match config::check(path, SystemClock.now()) {
        Ok(config) => config,
        Err(errors) => return Err(Failure::new(Exit::InvalidFiles, errors.render(colour()))),
    };
    let count =
        |verb: fn(&Verb) -> bool| config.decisions.links.values().filter(|link| verb(&link.verb)).count();
    let adopt = count(|verb| matches!(verb, Verb::Adopt { .. }));
    let create = count(|verb| matches!(verb, Verb::Create { .. }));
    let skip = count(|verb| matches!(verb, Verb::Skip { .. }));
    let unlink = count(|verb| matches!(verb, Verb::Unlink { .. }));
    let mut text = String::new();
    for notice in &config.notices {
        let _ = writeln!(text, "{}: {}: {}", notice.at, notice.code, notice.text);
    }
    for one in config.decisions.shared_without_word() {
        let Sharing { id, customer, at, other, other_at } = one;
        let _ = writeln!(
            text,
            "{at}: link-shared: {customer} adopts QuickBooks customer {id}, and so does {other} at {other_at}; \
             correct the line that is wrong, or write shared = true into both"
        );
    }
    print(&format!(
        "{text}{}, {}: {adopt} adopt, {create} create, {skip} skip, {unlink} unlink\n{}\n",
        counted(config.files.len(), "file"),
        counted(config.decisions.links.len(), "link"),
        config.generation
    ));
    Ok(Exit::InBalance)
}
