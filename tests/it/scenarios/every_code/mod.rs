//! Every code of a warning: the sandbox produces its cause, the warning says
//! what to do, that is done, and the warning goes.

mod company;
mod documents;
mod links;

use std::time::Duration;

use latchd::model::Code;
use latchd::report::Status;
use serde_json::json;

use super::shop::{self, pass};
use crate::company::{Company, warnings};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// What plays a code. The compiler sees to it that none is forgotten.
async fn play(code: Code) {
    match code {
        Code::NotConnected => links::not_connected().await,
        Code::LinkNotFound => links::link_not_found().await,
        Code::LinkInactive => links::link_inactive().await,
        Code::LinkShared => links::link_shared().await,
        Code::LinkRemoved => links::link_removed().await,
        Code::IdentityMismatch => links::identity_mismatch().await,
        Code::CurrencyMismatch => links::currency_mismatch().await,
        Code::NameTaken => links::name_taken().await,
        Code::Guard => links::guard().await,
        Code::DuplicateNumber => documents::duplicate_number().await,
        Code::PossibleDuplicate => documents::possible_duplicate().await,
        Code::ReferenceMissing => documents::reference_missing().await,
        Code::UnmappedProduct => documents::unmapped_product().await,
        Code::UnmappedTax => documents::unmapped_tax().await,
        Code::AmountMismatch => documents::amount_mismatch().await,
        Code::InvalidRecord => documents::invalid_record().await,
        Code::AppliedBeforeStart => documents::applied_before_start().await,
        Code::ClosedPeriod => documents::closed_period().await,
        Code::Deposited => documents::deposited().await,
        Code::DeletedInQuickbooks => documents::deleted_in_quickbooks().await,
        Code::Drifted => documents::drifted().await,
        Code::UnknownOutcome => documents::unknown_outcome().await,
        Code::Refused => documents::refused().await,
        Code::CompanySetting => company::company_setting().await,
        Code::CompanyInactive => company::company_inactive().await,
        Code::Reconnect => company::reconnect().await,
        Code::Throttled => company::throttled().await,
        Code::OtherSyncActive => company::other_sync_active().await,
        Code::StaxbillUnreachable => company::staxbill_unreachable().await,
        Code::StaxbillRefused => company::staxbill_refused().await,
        Code::QuickbooksUnreachable => company::quickbooks_unreachable().await,
        // Its cause, the calendar, does not exist yet.
        Code::Frozen => {}
    }
}

#[tokio::test(start_paused = true)]
async fn every_code_has_its_cause_its_remedy_and_its_end() {
    for code in Code::ALL {
        play(*code).await;
    }
}

/// A pass on which `key` stands as a cause of its own with this code, and tells
/// what the catalogue tells to do, or something more exact.
async fn stands(company: &Company, key: &str, code: Code) -> Status {
    let (_, status) = company.once().await;
    assert_stands(&status, key, code);
    company.wait(Duration::from_mins(1)).await;
    status
}

#[track_caller]
fn assert_stands(status: &Status, key: &str, code: Code) {
    let name = code.name();
    let row = status.warnings.iter().find(|row| row.key == key && row.code == code);
    let row = row.unwrap_or_else(|| panic!("{name} of {key} is not among {:?}", warnings(status)));
    assert_eq!(shop::warned(status, key), [name], "and nothing else of it");
    assert!(!row.reason.is_empty() && row.remedy.ends_with('.'), "{name}: {row:?}");
}

/// A pass after the remedy: the warning is gone, and everything is well.
async fn ends(company: &Company) {
    let status = pass(company).await;
    shop::assert_all_synced(&status);
    assert_eq!(warnings(&status), [""; 0]);
}

/// The line that adopts the demo company's customer 3 for 10482.
fn adopt(more: &str) -> String {
    format!("[links]\n10482 = {{ adopt = \"3\", expect = \"Cool Cars\", start = \"beginning\"{more} }}\n")
}

fn preference(company: &Company, path: &str, value: serde_json::Value) {
    company.sandbox.quickbooks.set_preference(path, value);
}

fn books_closed(company: &Company, day: &str) {
    preference(company, "AccountingInfoPrefs.BookCloseDate", json!(day));
}
