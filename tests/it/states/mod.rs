//! States on the disk: written down and brought back, damaged, of other
//! versions.

mod frozen;
mod lines;
mod mid_sync;
mod rebuilt;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use latchd::clock::Clock as _;
use latchd::store::{Store, export, open_state};

use crate::company::Company;

/// The company of the tests' files.
pub(crate) const REALM: &str = "9130350000000000";

/// The state in `folder` as that of a company, whatever it had before.
pub(crate) fn reopen(company: &mut Company, folder: &Path) {
    company.store = Arc::new(latchd::store::Overlay::empty());
    company.store = open_state(folder, company.clock.now(), None).expect("the disk is sound");
}

/// A state as lines.
pub(crate) fn exported(company: &Company) -> String {
    let mut bytes = Vec::new();
    let store: &dyn Store = company.store.as_ref();
    export(store, (REALM, company.clock.now()), &mut bytes).expect("the state is sound");
    String::from_utf8(bytes).expect("JSON is text")
}

/// The lines of the values alone.
pub(crate) fn values(export: &str) -> Vec<&str> {
    let lines: Vec<&str> = export.lines().collect();
    lines[1..lines.len() - 1].to_vec()
}

/// Copies a folder with all that is in it, or a file.
pub(crate) fn copy(from: &Path, to: &Path) {
    const OWN: &str = "the folder is the test's own";
    if !from.is_dir() {
        fs::copy(from, to).expect(OWN);
        return;
    }
    fs::create_dir_all(to).expect(OWN);
    for entry in fs::read_dir(from).expect(OWN) {
        let entry = entry.expect(OWN);
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}
