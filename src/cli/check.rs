//! `latchd check`: validates the files, offline; no secret is read.

use std::path::Path;

use super::{Exit, Failure, colour, counted, print};
use crate::config;
use crate::model::Verb;

pub(super) fn check(path: &Path) -> Result<Exit, Failure> {
    let config = match config::load(path) {
        Ok(config) => config,
        Err(errors) => return Err(Failure::new(Exit::InvalidFiles, errors.render(colour()))),
    };
    let count =
        |verb: fn(&Verb) -> bool| config.decisions.links.values().filter(|link| verb(&link.verb)).count();
    let adopt = count(|verb| matches!(verb, Verb::Adopt { .. }));
    let create = count(|verb| matches!(verb, Verb::Create { .. }));
    let skip = count(|verb| matches!(verb, Verb::Skip { .. }));
    let mut text = String::new();
    for notice in &config.notices {
        text = format!("{text}{}: {}: {}\n", notice.at, notice.code, notice.text);
    }
    print(&format!(
        "{text}{}, {}: {adopt} adopt, {create} create, {skip} skip\n{}\n",
        counted(config.files.len(), "file"),
        counted(config.decisions.links.len(), "link"),
        config.generation
    ));
    Ok(Exit::InBalance)
}
