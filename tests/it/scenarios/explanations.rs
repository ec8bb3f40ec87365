//! What latchd can say of a record, and what it keeps for that of each request.

use std::time::Duration;

use latchd::explain::{Beside, Known, explain, page};
use latchd::model::{AttemptOutcome, Code, Entity, Key, State};
use latchd::report::{Explained, Status};
use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use latchd::store::{ATTEMPTS_MAX, Register};
use serde_json::json;

use super::desk;
use super::shop::{bill, create_all, customer, marked, noon, one_of_each, pass, pay};
use crate::company::Company;

fn known(company: &Company, status: &Status, key: &str) -> Known {
    let (register, config) = (Register::new(company.store.clone()), company.config());
    let beside = Beside { config: &config, last: Some(status) };
    explain(&register, &beside, key.parse().expect("a literal key")).expect("the state is sound")
}

#[track_caller]
fn explained(company: &Company, status: &Status, key: &str) -> Explained {
    match known(company, status, key) {
        Known::Record(explained) => *explained,
        Known::Nothing(message) => panic!("{message}"),
    }
}

/// Outcomes of the attempts, the first first: `create done`.
fn outcomes(explained: &Explained) -> Vec<String> {
    let word = |outcome: &AttemptOutcome| match outcome {
        AttemptOutcome::Done { .. } => "done".to_owned(),
        AttemptOutcome::Refused { code, .. } => format!("refused {code}"),
        AttemptOutcome::NotDone { .. } => "not done".to_owned(),
        AttemptOutcome::Unknown { .. } => "unknown".to_owned(),
        AttemptOutcome::Found { .. } => "found".to_owned(),
    };
    let all = explained.attempts.iter().rev();
    all.map(|one| format!("{} {}", one.action, word(&one.outcome))).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_well_says_where_it_stands_and_how_it_came_there() {
    let (company, bolt, invoice, payment) = one_of_each();
    let status = pass(&company).await;
    let told = explained(&company, &status, &format!("invoice/{invoice}"));
    assert_eq!(
        (told.state, told.next.as_str()),
        (State::Synced, "Nothing: QuickBooks holds what it should.")
    );
    let decision = told.decision.as_ref().unwrap();
    assert_eq!(decision.line, format!("{bolt} = {{ create = true, start = \"beginning\" }}"));
    let (text, line) = (&company.config().files[0].1, usize::try_from(decision.at.line).unwrap());
    assert_eq!(text.lines().nth(line - 1), Some(decision.line.as_str()), "the place is the line's");
    let object = told.quickbooks.as_ref().unwrap();
    let there = marked(&company, &format!("invoice/{invoice}"));
    assert_eq!(there[0]["Id"], object.id.as_str());
    assert_eq!(object.link, format!("https://sandbox.qbo.intuit.com/app/invoice?txnId={}", object.id));
    assert_eq!(told.settled_by[0].by.key, format!("payment/{payment}").parse().unwrap());
    assert_eq!((told.settled_by[0].amount.to_string().as_str(), told.open.is_zero()), ("100.00", true));
    // The request is known by the ids under which both sides know it.
    assert_eq!(outcomes(&told), ["create done"]);
    let attempt = &told.attempts[0];
    assert_eq!(attempt.outcome, AttemptOutcome::Done { id: object.id.clone(), sync_token: "0".to_owned() });
    assert_eq!((attempt.request_id.len(), attempt.intuit_tid.is_some()), (36, true));
    assert_eq!((attempt.pass, told.holds_up.records), (1, 0));
    let told = explained(&company, &status, &format!("payment/{payment}"));
    assert_eq!((told.applied[0].to, &told.applied[0].by), (Key::invoice(invoice.try_into().unwrap()), &None));
    let told = explained(&company, &status, &format!("customer/{bolt}"));
    assert!(told.quickbooks.unwrap().link.contains("customerdetail?nameId="));
    assert_eq!(told.customer, None);
    // A refund has no object of its own, a memo's application has one.
    desk::refund(&company, payment, "2026-03-10", "40.00", &[(invoice, "40.00")]);
    let credit = desk::credit(&company, bolt, "2026-03-15", "15.00", &[(invoice, "15.00")]);
    company.wait(Duration::from_secs(3600)).await;
    let status = pass(&company).await;
    let told = explained(&company, &status, &format!("credit/{credit}"));
    assert!(told.applied[0].by.as_ref().unwrap().link.contains("recvpayment?txnId="), "{told:?}");
    assert_eq!(outcomes(&told), ["create done", "apply done"]);
    assert_eq!(told.attempts[0].to, Some(Key::invoice(invoice.try_into().unwrap())));
    let refund = status.entities[3].synced;
    assert_eq!(refund, 1);
    let mut refunds = Vec::new();
    let register = Register::new(company.store.clone());
    register
        .each_record(Entity::Refund, |key, _| {
            refunds.push(key);
            Ok(())
        })
        .unwrap();
    let told = explained(&company, &status, &refunds[0].to_string());
    assert!(told.quickbooks.as_ref().unwrap().link.contains("recvpayment?txnId="));
    // A report leads to the same page.
    assert_eq!(page(&register, &company.config(), refunds[0]).unwrap(), Some(told.quickbooks.unwrap().link));
    assert_eq!(told.of.unwrap().key, format!("payment/{payment}").parse().unwrap());
}

#[tokio::test(start_paused = true)]
async fn what_waits_leads_to_its_root_and_the_root_to_what_waits() {
    let company = Company::bare(&create_all(1));
    for name in ["Ada", "Unlinked"] {
        let id = customer(&company, name);
        let invoice = bill(&company, id, noon("2026-03-01"), "50.00");
        pay(&company, id, noon("2026-03-09"), "20.00", &[(invoice, "20.00")]);
    }
    let status = pass(&company).await;
    let root = explained(&company, &status, "customer/10483");
    assert!(status.pages.is_empty(), "nothing that is wrong has an object");
    assert_eq!((root.state, root.decision.is_none(), root.attempts.len()), (State::Failed, true, 0));
    assert!(root.next.starts_with("Decide: add a line"), "{}", root.next);
    let held = &root.holds_up;
    let reported = status.warnings.iter().find(|row| row.key == "customer/10483").unwrap();
    assert_eq!((held.records, &held.amounts), (reported.blocks.records, &reported.blocks.amounts));
    let keys: Vec<Key> = held.first.iter().map(|row| row.key).collect();
    assert_eq!(keys.len(), 2);
    let payment = explained(&company, &status, &keys[1].to_string());
    let chain: Vec<&str> = payment.waits_for.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(chain, [keys[0].to_string().as_str(), "customer/10483"]);
    assert_eq!(payment.next, format!("customer/10483: {}", root.next));
    let invoice = explained(&company, &status, &keys[0].to_string());
    assert_eq!((invoice.holds_up.records, invoice.holds_up.first[0].key), (1, keys[1]));
    // What nobody knows, and who may have been meant.
    let number = explained(&company, &status, &keys[0].to_string()).label;
    let Known::Nothing(message) = known(&company, &status, &format!("invoice/{number}")) else { panic!() };
    assert!(message.contains(&format!("did you mean {}, whose number is {number}?", keys[0])), "{message}");
    let Known::Nothing(message) = known(&company, &status, "payment/10483") else { panic!() };
    assert!(message.contains("did you mean customer/10483?"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_cause_of_the_whole_company_is_what_everything_waits_for() {
    let (company, bolt, invoice, _) = one_of_each();
    let ended = Rule::next("/v3/company/*/customer", Kind::Fault { code: 6190 });
    company.sandbox.trouble.add(ended.of(Vendor::QuickBooks).method("POST").every());
    let (_, status) = company.once().await;
    for key in [format!("customer/{bolt}"), format!("invoice/{invoice}")] {
        let told = explained(&company, &status, &key);
        let root = told.waits_for.last().expect("it waits");
        assert_eq!((root.key.as_str(), root.code), ("company/company-inactive", Some(Code::CompanyInactive)));
        assert_eq!(told.next, format!("{}: {}", root.key, Code::CompanyInactive.remedy().todo));
    }
    assert_eq!(outcomes(&explained(&company, &status, &format!("customer/{bolt}"))), ["create refused 6190"]);
}

#[tokio::test(start_paused = true)]
async fn every_request_is_kept_with_what_became_of_it() {
    // Cut off, looked for, found or sent again.
    for (kind, expected) in [
        (Kind::Refuse, ["create unknown", "create not done", "create done"].as_slice()),
        (Kind::Cut, &["create unknown", "create found"]),
    ] {
        let (company, _, invoice, _) = one_of_each();
        let rule = Rule::next("/v3/company/*/invoice", kind).of(Vendor::QuickBooks).method("POST");
        company.sandbox.trouble.add(rule);
        let engine = company.engine();
        let (_, status) = company.once_in(&engine).await;
        let told = explained(&company, &status, &format!("invoice/{invoice}"));
        assert_eq!(outcomes(&told), expected, "{kind:?}");
        let ids: Vec<&str> = told.attempts.iter().map(|one| one.request_id.as_str()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "one request: {ids:?}");
        assert!(told.open_writes.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_than_the_last_requests_are_kept() {
    let (company, bolt, ..) = one_of_each();
    let theirs = json!({ "DisplayName": "Bolt Bakery (10482)" });
    company.sandbox.quickbooks.bookkeeper().create("Vendor", theirs).unwrap();
    for day in 1..=ATTEMPTS_MAX + 3 {
        let status = pass(&company).await;
        let told = explained(&company, &status, &format!("customer/{bolt}"));
        assert_eq!(told.attempts.len(), day.min(ATTEMPTS_MAX));
        assert_eq!(usize::try_from(told.warning.unwrap().attempts).unwrap(), day);
        company.wait(Duration::from_secs(25 * 3600)).await;
    }
    let status = pass(&company).await;
    let told = explained(&company, &status, &format!("customer/{bolt}"));
    assert!(outcomes(&told).iter().all(|one| one == "create refused 6240"), "{told:?}");
    assert!(told.attempts.windows(2).all(|pair| pair[0].at > pair[1].at));
}
