//! Loading: files in, one generation or all errors out.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use toml::de::DeValue;

use super::connect::{self, Loopback};
use super::faults::{Faults, Spot};
use super::files::{SourceFile, base_of, included};
use super::links::Links;
use super::parse::parse;
use super::settings::Settings;
use super::source::Source;
use super::table::wrong_kind;
use super::tree::Tree;
use super::{
    Config, ConfigErrors, Notice, Reference, exceptions, generation, guard, notify, operate, posting,
    transaction_types,
};
use crate::model::{Decisions, date_in};

const VERSION: &str = "1";

/// Like [`load`](super::load), from any [`Source`]: a stored generation is
/// loaded without the disk.
pub fn load_from(main: &Path, from: &dyn Source) -> Result<Config, ConfigErrors> {
    load_at(main, from, None)
}

/// Like [`load_from`]; with `now`, days that have not come are refused where
/// they make no sense.
pub(super) fn load_at(
    main: &Path,
    from: &dyn Source,
    now: Option<Timestamp>,
) -> Result<Config, ConfigErrors> {
    let faults = Faults::default();
    let files = read_files(main, from, &faults);
    let built = parse(&files, &faults, |tree, links| build(tree, links, &files, now, &faults));
    match built {
        Some(config) if faults.is_empty() => {
            let files = files.into_iter().map(|file| (file.path, file.text)).collect();
            Ok(Config { files, ..config })
        }
        _ => {
            if faults.is_empty() {
                faults.report(&Spot::whole(0), "the files are not complete");
            }
            Err(faults.into_errors(&files))
        }
    }
}

/// Reads the main file and what it includes; what is wrong is reported.
pub(super) fn read_files(main: &Path, from: &dyn Source, faults: &Faults) -> Vec<SourceFile> {
    let base = base_of(main);
    let mut files = vec![SourceFile::read(main, base, from, (faults, 0))];
    let blank = |line: &str| line.trim().is_empty() || line.trim().starts_with('#');
    if faults.is_empty() && files[0].text.lines().all(blank) {
        faults
            .report(&Spot::whole(0), "this file says nothing")
            .remedy("write the settings into it; the shipped latchd.toml shows them all");
    }
    // The other errors of the main file are found once all files are there.
    let patterns = if files[0].text.contains("include") {
        parse(&files, &Faults::default(), |tree, _| patterns(tree, faults))
    } else {
        Vec::new()
    };
    for path in included(main, &patterns, from, faults) {
        files.push(SourceFile::read(&path, base, from, (faults, files.len())));
    }
    files
}

/// The patterns of `include`, each with its place.
fn patterns(tree: &Tree<'_>, faults: &Faults) -> Vec<(Spot, String)> {
    let Some(entry) = tree.top.get("include") else { return Vec::new() };
    let Some(array) = entry.value.as_array() else {
        wrong_kind(entry, "include", "an array of texts", faults);
        return Vec::new();
    };
    let mut patterns = Vec::new();
    for value in array {
        let spot = entry.origin.spot(value.span());
        match value.get_ref().as_str() {
            Some(pattern) if !pattern.is_empty() => patterns.push((spot, pattern.to_owned())),
            _ => {
                faults.report(&spot, "`include` holds texts").remedy("write include = [\"links.d/*.toml\"]");
            }
        }
    }
    patterns
}

fn build(
    tree: &Tree<'_>,
    links: Links<'_>,
    files: &[SourceFile],
    now: Option<Timestamp>,
    faults: &Faults,
) -> Option<Config> {
    if files.iter().all(|file| file.text.trim().is_empty()) || nothing_said(tree, faults) {
        return None;
    }
    version(tree, faults);
    let allow_empty = allow_empty(tree, faults);
    let company = connect::company(tree, faults);
    let staxbill = connect::staxbill(tree, files, faults);
    let quickbooks = connect::quickbooks(tree, files, faults);
    let schedule = operate::schedule(tree, faults);
    let paths = operate::paths(tree, base_of(&files[0].path), faults);
    let customers = operate::customers(tree, faults);
    let posting = posting::read(tree, faults);
    let transaction_types = transaction_types::read(tree, faults);
    let exceptions = exceptions::read(tree, files, faults);
    // Where a connection is wrong in itself, nothing is said about its limits.
    let loopback = Loopback {
        staxbill: staxbill.as_ref().is_none_or(|(_, loopback)| *loopback),
        quickbooks: quickbooks.as_ref().is_none_or(|(_, loopback)| *loopback),
    };
    let limits = connect::limits(tree, loopback, faults);
    let guards = guard::guards(tree, faults);
    let approvals = guard::approvals(tree, files, faults);
    let receivers = notify::read(tree, files, faults);
    if let Some(now) = now {
        let zone = company.as_ref().map_or(TimeZone::UTC, |company| company.time_zone.clone());
        let today = date_in(now, &zone);
        links.mind_future(today);
        operate::mind_future(tree, &customers, today, faults);
    }
    let links = links.finish();
    let generation = generation::of(tree, &links);
    let (company, posting) = (company?, posting?);
    let ((staxbill, _), (quickbooks, _)) = (staxbill?, quickbooks?);
    let settings = Settings {
        company,
        staxbill,
        quickbooks,
        schedule,
        paths,
        customers,
        posting,
        transaction_types,
        limits,
        guards,
        receivers,
    };
    let notices = if loopback.quickbooks { Vec::new() } else { notices(&settings) };
    let decisions = Decisions { links, exceptions, approvals };
    let (commit, files) = (None, Vec::new());
    Some(Config { settings, decisions, generation, commit, allow_empty, files, notices })
}

/// Whether the main file is empty, which was reported already.
fn nothing_said(tree: &Tree<'_>, faults: &Faults) -> bool {
    !faults.is_empty() && tree.top.is_empty() && tree.sections.is_empty() && tree.swallowed.no_file()
}

fn version(tree: &Tree<'_>, faults: &Faults) {
    let Some(entry) = tree.top.get("version") else {
        if tree.misses(&["version"]) {
            faults
                .report(&Spot::whole(0), "`version` is missing")
                .remedy("write `version = 1` at the top of the file");
        }
        return;
    };
    let sound = entry.value.as_integer().is_some_and(|number| number.to_string() == VERSION);
    if !sound {
        faults
            .report(&entry.at, format!("this version of latchd reads files of version {VERSION}"))
            .remedy("write `version = 1`");
    }
}

fn allow_empty(tree: &Tree<'_>, faults: &Faults) -> bool {
    let Some(entry) = tree.top.get("allow_empty") else { return false };
    if let DeValue::Boolean(yes) = entry.value {
        return *yes;
    }
    wrong_kind(entry, "allow_empty", "`true` or `false`", faults);
    false
}

fn notices(settings: &Settings) -> Vec<Notice> {
    let quickbooks = &settings.quickbooks;
    let mut references: Vec<&Reference> = vec![&settings.staxbill.api_key, &quickbooks.client_secret];
    references.extend(&quickbooks.refresh_token);
    references.extend(&quickbooks.token_key);
    references.retain(|reference| reference.is_literal());
    let notice = |reference: &Reference| Notice {
        code: "plain-secret",
        text: format!("`{}` is written out; a ${{cred:…}} keeps it out of the file", reference.key()),
        at: reference.at().clone(),
    };
    references.into_iter().map(notice).collect()
}
