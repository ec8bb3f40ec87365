//! Codes of documents.

use latchd::model::Code;
use latchd::sandbox::quickbooks::Refusal;
use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use serde_json::json;

use super::super::by_hand;
use super::super::desk::{bill_for, credit};
use super::super::shop::{bill, create_all, customer, dec, id_of, noon, one_of_each, pass, pay};
use super::{DAY, HOUR, adopt, books_closed, ends, stands};
use crate::company::Company;

pub(super) async fn duplicate_number() {
    let (company, _, invoice, _) = one_of_each();
    let theirs = by_hand::invoice(&company, "1", &(invoice - 87_000).to_string(), ("2025-01-01", "7.00"));
    stands(&company, &format!("invoice/{invoice}"), Code::DuplicateNumber).await;
    company.sandbox.quickbooks.bookkeeper().delete("Invoice", &theirs).expect("a person may do that");
    company.wait(DAY).await;
    ends(&company).await;
}

pub(super) async fn possible_duplicate() {
    let (mut company, bolt, invoice, payment) = one_of_each();
    company.sandbox.staxbill.synchronised_by_vendor(bolt, 4_711);
    company.files = adopt("");
    stands(&company, &format!("invoice/{invoice}"), Code::PossibleDuplicate).await;
    company.files = adopt(&format!(", accept = [\"invoice/{invoice}\", \"payment/{payment}\"]"));
    ends(&company).await;
    // A customer is adopted, or made though the id that is noted is wrong.
    for line in [
        adopt("").as_str(),
        "[links]\n10482 = { create = true, start = \"beginning\", accept = [\"customer/10482\"] }\n",
    ] {
        let mut company = Company::bare(&create_all(1));
        let bolt = customer(&company, "Bolt Bakery");
        company.sandbox.staxbill.synchronised_by_vendor(bolt, 4_711);
        stands(&company, &format!("customer/{bolt}"), Code::PossibleDuplicate).await;
        line.clone_into(&mut company.files);
        ends(&company).await;
    }
}

pub(super) async fn reference_missing() {
    let (mut company, bolt, ..) = one_of_each();
    let id = credit(&company, bolt, "2026-03-06", "20.00", &[]);
    "No such item".clone_into(&mut company.credit_item);
    stands(&company, &format!("credit/{id}"), Code::ReferenceMissing).await;
    "Account credit".clone_into(&mut company.credit_item);
    ends(&company).await;
}

pub(super) async fn unmapped_product() {
    let mut company = Company::bare(&create_all(1));
    "unmapped_product = \"hold\"".clone_into(&mut company.posting);
    let bolt = customer(&company, "Bolt Bakery");
    let at = (bolt, noon("2026-03-01"));
    let invoice = bill_for(&company, at, &[("NEW", "1", "10.00", "10.00", &[])], &[]);
    stands(&company, &format!("invoice/{invoice}"), Code::UnmappedProduct).await;
    company.files = format!("{}[items]\nNEW = \"Hours\"\n", create_all(1));
    ends(&company).await;
}

pub(super) async fn unmapped_tax() {
    let mut company = Company::bare(&create_all(1));
    "tax = \"codes\"".clone_into(&mut company.posting);
    let bolt = customer(&company, "Bolt Bakery");
    let at = (bolt, noon("2026-03-01"));
    let charges = [("SERVICE", "1", "100.00", "100.00", &[][..])];
    let invoice = bill_for(&company, at, &charges, &[("State", "8", "8.00")]);
    let status = stands(&company, &format!("invoice/{invoice}"), Code::UnmappedTax).await;
    assert!(status.warnings[0].reason.contains("\"State 8\""), "{:?}", status.warnings);
    company.files = format!("{}[taxes]\n\"State 8\" = \"California\"\n", create_all(1));
    ends(&company).await;
}

pub(super) async fn amount_mismatch() {
    let mut company = Company::bare("");
    let amy = customer(&company, "Amy's Bird Sanctuary");
    let invoice = bill(&company, amy, noon("2026-03-10"), "100.00");
    let key = format!("invoice/{invoice}");
    let wrong = by_hand::invoice(&company, "1", "B-1", ("2026-03-10", "100.01"));
    let matching = |id: &str| by_hand::adopt_amy("2026-03-01", &by_hand::matching(&[(key.clone(), id)]));
    company.files = matching(&wrong);
    stands(&company, &key, Code::AmountMismatch).await;
    let right = by_hand::invoice(&company, "1", "B-2", ("2026-03-10", "100.00"));
    company.files = matching(&right);
    ends(&company).await;
}

/// Stax Bill changes no posted amount, and neither does its sandbox: what is
/// said to be done is read here. It stops nobody else.
pub(super) async fn invalid_record() {
    let company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let odd = bill(&company, bolt, noon("2026-03-01"), "10.005");
    let good = bill(&company, bolt, noon("2026-03-02"), "10.00");
    let status = stands(&company, &format!("invoice/{odd}"), Code::InvalidRecord).await;
    let row = &status.warnings[0];
    assert!(row.reason.contains("10.005") && row.remedy.contains("correct it there"), "{row:?}");
    id_of(&company, &format!("invoice/{good}"));
}

pub(super) async fn applied_before_start() {
    let from = |day: &str| create_all(1).replace("\"beginning\"", day);
    let mut company = Company::bare(&from("2026-03-01"));
    let bolt = customer(&company, "Bolt Bakery");
    let early = bill(&company, bolt, noon("2026-02-01"), "100.00");
    let payment = pay(&company, bolt, noon("2026-03-10"), "100.00", &[(early, "100.00")]);
    stands(&company, &format!("payment/{payment}"), Code::AppliedBeforeStart).await;
    company.files = from("2026-01-01");
    ends(&company).await;
}

pub(super) async fn closed_period() {
    let (company, _, invoice, _) = one_of_each();
    books_closed(&company, "2026-03-31");
    stands(&company, &format!("invoice/{invoice}"), Code::ClosedPeriod).await;
    books_closed(&company, "2025-12-31");
    company.wait(DAY).await;
    ends(&company).await;
}

/// The API cannot take a payment off a deposit, and neither can the sandbox's
/// bookkeeper: what is said to be done is read here, and the other way out is
/// taken, by which the payment does not have to change.
pub(super) async fn deposited() {
    let company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    let payment = pay(&company, bolt, noon("2026-03-05"), "100.00", &[]);
    pass(&company).await;
    let key = format!("payment/{payment}");
    company.sandbox.quickbooks.bookkeeper().deposit(&id_of(&company, &key)).expect("a person may do that");
    company.sandbox.staxbill.allocate(payment, invoice, dec("100.00"));
    stands(&company, &key, Code::Deposited).await;
    company.sandbox.staxbill.deallocate(payment, invoice, dec("100.00"));
    ends(&company).await;
}

pub(super) async fn deleted_in_quickbooks() {
    let mut company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    pass(&company).await;
    let key = format!("invoice/{invoice}");
    company
        .sandbox
        .quickbooks
        .bookkeeper()
        .delete("Invoice", &id_of(&company, &key))
        .expect("a person may do that");
    stands(&company, &key, Code::DeletedInQuickbooks).await;
    company.files = format!("{}[resend]\n\"{key}\" = \"1\"\n", create_all(1));
    ends(&company).await;
}

pub(super) async fn drifted() {
    for by_resend in [false, true] {
        let (mut company, _, invoice, _) = one_of_each();
        pass(&company).await;
        let key = format!("invoice/{invoice}");
        let books = company.sandbox.quickbooks.bookkeeper();
        books
            .edit("Invoice", &id_of(&company, &key), json!({ "TxnDate": "2026-04-01" }))
            .expect("a person may do that");
        stands(&company, &key, Code::Drifted).await;
        if by_resend {
            company.files = format!("{}[resend]\n\"{key}\" = \"1\"\n", company.files);
        } else {
            "on_drift = \"restore\"".clone_into(&mut company.posting);
        }
        ends(&company).await;
    }
}

pub(super) async fn unknown_outcome() {
    let company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "66.60");
    let never = Rule::next("/v3/company/*", Kind::Status { code: 500, after: false });
    company.sandbox.trouble.add(never.of(Vendor::QuickBooks).containing("66.6").method("POST").every());
    for _ in 0..6 {
        company.once().await;
        company.wait(HOUR).await;
    }
    stands(&company, &format!("invoice/{invoice}"), Code::UnknownOutcome).await;
    company.sandbox.trouble.clear();
    company.wait(HOUR * 3).await;
    pass(&company).await;
    ends(&company).await;
}

pub(super) async fn refused() {
    let (company, ..) = one_of_each();
    company.sandbox.quickbooks.refuse(Refusal::NamesBusy, true);
    let status = stands(&company, "customer/10482", Code::Refused).await;
    assert!(status.warnings[0].quickbooks.is_some(), "QuickBooks' own words: {:?}", status.warnings);
    company.sandbox.quickbooks.refuse(Refusal::NamesBusy, false);
    company.wait(HOUR).await;
    ends(&company).await;
}
