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
    assert!(!row.reason.is_empty() && row.remedy.contains(way_out(code)), "{name}: {row:?}");
}

/// The words of the remedy that a play carries out.
fn way_out(code: Code) -> &'static str {
    match code {
        Code::NotConnected => "add a line under [links] that adopts it, creates it",
        Code::LinkNotFound => "correct `adopt` in its line",
        Code::LinkInactive => "Make it active again in QuickBooks",
        Code::LinkShared => "write shared = true into both",
        Code::LinkRemoved => "Put the line back",
        Code::IdentityMismatch => "correct `expect` or `adopt`",
        Code::CurrencyMismatch => "Link a QuickBooks customer of the same currency",
        Code::NameTaken => "give another name with `create = \"…\"`",
        Code::Guard => "take `policy = \"observe\"` out of the line",
        Code::DuplicateNumber => "Renumber or delete the other document in QuickBooks",
        Code::PossibleDuplicate => {
            "for a customer `adopt = \"1042\"`; if not, `accept = [\"invoice/88123\"]`"
        }
        Code::ReferenceMissing => "or name another one in the files",
        Code::UnmappedProduct => "Add its code to [items]",
        Code::UnmappedTax => "Name an item in [posting] tax_item",
        Code::AmountMismatch => "Correct it and change the settings",
        // Read alone: Stax Bill changes no posted amount.
        Code::InvalidRecord => "look at the record in Stax Bill and correct it there",
        Code::AppliedBeforeStart => "Move `start` back",
        Code::ClosedPeriod => "Reopen the period in QuickBooks",
        // Read alone: the API takes nothing off a deposit.
        Code::Deposited => "Take the payment off the deposit",
        Code::DeletedInQuickbooks => "send it again with its key in [resend]",
        Code::Drifted => "send it again with its key in [resend]; on_drift = \"restore\"",
        Code::UnknownOutcome => "latchd looks in QuickBooks and settles it by itself",
        Code::Refused => "correct the cause in QuickBooks or Stax Bill",
        Code::CompanySetting => "Change the setting in QuickBooks",
        Code::CompanyInactive => "Renew the subscription",
        // Read alone: a login is played with the real process.
        Code::Reconnect => "Connect again as an administrator of the company: `latchd auth login`",
        Code::Throttled => "latchd waits as told",
        Code::OtherSyncActive => "Switch it off in Stax Bill",
        Code::StaxbillUnreachable => "latchd tries again. If it stays, check the network and base_url",
        Code::StaxbillRefused => "Check api_key in [staxbill]",
        Code::QuickbooksUnreachable => {
            "latchd tries again. If it stays, check the network and Intuit's status page"
        }
        Code::Frozen => "Wait for the end of the freeze",
    }
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
