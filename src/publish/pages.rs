//! Where people look at what a report names: pages in QuickBooks.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::explain;
use crate::model::Key;
use crate::report::Status;
use crate::store::{Register, StoreError};

/// The pages of all records that `status` names and that have an object.
pub(super) fn pages(
    register: &Register,
    config: &Config,
    status: &Status,
) -> Result<BTreeMap<String, String>, StoreError> {
    let mut pages = BTreeMap::new();
    for key in named(status) {
        if let Ok(record) = key.parse::<Key>()
            && let Some(page) = explain::page(register, config, record)?
        {
            pages.insert(key, page);
        }
    }
    Ok(pages)
}

fn named(status: &Status) -> BTreeSet<String> {
    let tie_out = &status.tie_out;
    let unexplained = tie_out.unexplained.iter().map(|row| &row.customer);
    let explained = tie_out.explained.iter().map(|row| &row.customer);
    let other = tie_out.other.iter().map(|row| &row.customer);
    let differs = tie_out.staxbill_differs.iter().map(|row| &row.customer);
    let customers = unexplained.chain(explained).chain(other).chain(differs);
    let mut keys: BTreeSet<String> = customers.map(|id| format!("customer/{id}")).collect();
    keys.extend(tie_out.explained.iter().map(|row| row.key.clone()));
    keys.extend(status.warnings.iter().map(|row| row.key.clone()));
    keys.extend(status.resends.iter().map(|row| row.key.clone()));
    keys
}
