//! Codes of the whole company.

use latchd::model::Code;
use latchd::sandbox::quickbooks::Refusal;
use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use serde_json::json;

use super::super::desk::reverse;
use super::super::shop::{bill, noon, one_of_each, pass};
use super::{DAY, HOUR, ends, preference, stands};
use crate::company::Company;

fn key(code: Code) -> String {
    format!("company/{}", code.name())
}

/// A company at work, and something more to do.
async fn at_work() -> Company {
    let (company, bolt, ..) = one_of_each();
    pass(&company).await;
    bill(&company, bolt, noon("2026-03-02"), "50.00");
    company
}

/// What a vendor answers to everything stands as `code`, and its end is enough.
async fn answered(vendor: Vendor, path: &str, kind: Kind, code: Code) {
    let company = at_work().await;
    company.sandbox.trouble.add(Rule::next(path, kind).of(vendor).every());
    stands(&company, &key(code), code).await;
    company.sandbox.trouble.clear();
    company.wait(HOUR).await;
    ends(&company).await;
}

pub(super) async fn company_setting() {
    let (company, ..) = one_of_each();
    preference(&company, "SalesFormsPrefs.AutoApplyCredit", json!(true));
    stands(&company, &key(Code::CompanySetting), Code::CompanySetting).await;
    preference(&company, "SalesFormsPrefs.AutoApplyCredit", json!(false));
    ends(&company).await;
}

pub(super) async fn company_inactive() {
    let company = at_work().await;
    company.sandbox.quickbooks.refuse(Refusal::Unsubscribed, true);
    stands(&company, &key(Code::CompanyInactive), Code::CompanyInactive).await;
    company.sandbox.quickbooks.refuse(Refusal::Unsubscribed, false);
    ends(&company).await;
}

/// A person consents in a browser: `process::auth` carries that out with the
/// real command. Here the command is read.
pub(super) async fn reconnect() {
    let company = at_work().await;
    company.sandbox.quickbooks.kill_refresh_tokens();
    company.sandbox.quickbooks.expire_access_tokens();
    let status = stands(&company, &key(Code::Reconnect), Code::Reconnect).await;
    let told = format!("{} {}", status.warnings[0].reason, status.warnings[0].remedy);
    assert!(told.contains("latchd auth login"), "{told}");
}

pub(super) async fn throttled() {
    let storm = Kind::TooMany { retry_after: None };
    answered(Vendor::QuickBooks, "/v3/company/*/cdc", storm, Code::Throttled).await;
}

pub(super) async fn other_sync_active() {
    let (company, bolt, invoice, _) = one_of_each();
    pass(&company).await;
    reverse(&company, invoice, "2026-03-08", &[(0, "10.00")]);
    company.sandbox.staxbill.synchronised_by_vendor(bolt, 900);
    stands(&company, &key(Code::OtherSyncActive), Code::OtherSyncActive).await;
    company.wait(DAY + HOUR).await;
    let status = pass(&company).await;
    let still = status.warnings.iter().any(|row| row.code == Code::OtherSyncActive);
    assert!(!still, "it creates again by itself: {:?}", status.warnings);
}

pub(super) async fn staxbill_unreachable() {
    answered(Vendor::StaxBill, "/v1", Kind::Refuse, Code::StaxbillUnreachable).await;
}

pub(super) async fn staxbill_refused() {
    let refused = Kind::Status { code: 401, after: false };
    answered(Vendor::StaxBill, "/v1", refused, Code::StaxbillRefused).await;
}

pub(super) async fn quickbooks_unreachable() {
    answered(Vendor::QuickBooks, "/v3/company", Kind::Refuse, Code::QuickbooksUnreachable).await;
}
