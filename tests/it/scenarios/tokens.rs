//! Tokens: one line of them, saved before use, renewed one at a time.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use latchd::model::Code;
use latchd::pass::Outcome;
use latchd::sandbox::trouble::{Kind, Rule};
use serde_json::Value;

use super::shop::{
    assert_all_synced, assert_no_mark_twice, bill, count_writes, create_all, customer, marked, noon,
    one_of_each, pass, pay,
};
use crate::company::{Company, warnings};

fn token_file(company: &Company) -> PathBuf {
    company.config().settings.paths.state.join("token.json")
}

fn token(company: &Company, field: &str) -> String {
    let text = std::fs::read(token_file(company)).expect("there is a token file");
    let tokens: Value = serde_json::from_slice(&text).expect("it is JSON");
    tokens[field].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ends_in_the_middle_is_renewed_and_the_write_stands_once() {
    for path in ["customer", "invoice", "payment", "query", "cdc"] {
        let (company, _, invoice, _) = one_of_each();
        let slow = Rule::next(&format!("/v3/company/*/{path}"), Kind::Delay { ms: 10_000 });
        company.sandbox.trouble.add(slow);
        let expire = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            company.sandbox.quickbooks.expire_access_tokens();
        };
        let ((done, status), ()) = tokio::join!(company.once(), expire);
        assert_eq!(done.outcome, Outcome::Complete, "{path} {:?}", done.causes);
        assert_all_synced(&status);
        assert_eq!(marked(&company, &format!("invoice/{invoice}")).len(), 1);
        let calls = company.sandbox.quickbooks.calls();
        assert_eq!((calls.token_refreshes, calls.refused), (2, 1), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn many_lanes_that_meet_401_renew_once() {
    let company = Company::bare(&create_all(4));
    for name in ["Ada", "Bea", "Cleo", "Dora"] {
        let id = customer(&company, name);
        let invoice = bill(&company, id, noon("2026-03-01"), "10.00");
        pay(&company, id, noon("2026-03-02"), "10.00", &[(invoice, "10.00")]);
    }
    company.sandbox.trouble.add(Rule::next("/v3/company/*/invoice", Kind::Delay { ms: 10_000 }).every());
    let expire = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        company.sandbox.quickbooks.expire_access_tokens();
    };
    let ((_, status), ()) = tokio::join!(company.once(), expire);
    assert_all_synced(&status);
    assert_no_mark_twice(&company);
    assert_eq!(company.sandbox.quickbooks.calls().token_refreshes, 2);
}

#[tokio::test(start_paused = true)]
async fn a_rotated_token_is_on_disk_with_the_one_before_it() {
    let (company, ..) = one_of_each();
    pass(&company).await;
    let file = token_file(&company);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let first = token(&company, "refresh_token");
    for _ in 0..3 {
        let before = token(&company, "refresh_token");
        company.wait(Duration::from_secs(25 * 3600)).await;
        pass(&company).await;
        assert_ne!(token(&company, "refresh_token"), before);
        assert_eq!(token(&company, "previous_refresh_token"), before);
    }
    assert_ne!(token(&company, "refresh_token"), first);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test(start_paused = true)]
async fn the_token_before_it_is_tried_where_the_last_one_is_dead() {
    let (company, ..) = one_of_each();
    pass(&company).await;
    let file = token_file(&company);
    // As after a refresh whose answer was written and never became good.
    let mut tokens: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    tokens["previous_refresh_token"] = tokens["refresh_token"].clone();
    tokens["refresh_token"] = "RT1-never-given".into();
    std::fs::write(&file, tokens.to_string()).unwrap();
    company.wait(Duration::from_secs(2 * 3600)).await;
    assert_all_synced(&pass(&company).await);
}

#[tokio::test(start_paused = true)]
async fn an_answer_with_a_token_that_is_lost_is_asked_for_again() {
    for fate in [Kind::Refuse, Kind::Html { code: 200 }, Kind::Status { code: 500, after: false }] {
        let (company, bolt, ..) = one_of_each();
        pass(&company).await;
        company.wait(Duration::from_secs(2 * 3600)).await;
        bill(&company, bolt, noon("2026-04-01"), "5.00");
        company.sandbox.trouble.add(Rule::next("/oauth2/v1/tokens/bearer", fate));
        let (done, _) = company.once().await;
        assert!(
            done.causes.iter().all(|cause| cause.code == Code::QuickbooksUnreachable),
            "{:?}",
            done.causes
        );
        company.wait(Duration::from_secs(60)).await;
        assert_all_synced(&pass(&company).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_connection_asks_for_a_new_one_and_writes_nothing() {
    let (company, bolt, ..) = one_of_each();
    pass(&company).await;
    company.sandbox.quickbooks.kill_refresh_tokens();
    company.sandbox.quickbooks.expire_access_tokens();
    bill(&company, bolt, noon("2026-04-01"), "5.00");
    let writes = count_writes(&company);
    let (done, status) = company.once().await;
    assert_eq!((done.outcome, done.causes[0].code), (Outcome::Failed, Code::Reconnect));
    assert_eq!(writes(), 0);
    assert_eq!(warnings(&status).len(), 1);
    assert!(warnings(&status)[0].ends_with(" reconnect"), "{:?}", warnings(&status));
}

#[tokio::test(start_paused = true)]
async fn no_token_is_asked_for_that_could_not_be_saved() {
    let (company, ..) = one_of_each();
    pass(&company).await;
    company.wait(Duration::from_secs(25 * 3600)).await;
    let state = company.config().settings.paths.state;
    let aside = state.with_extension("aside");
    std::fs::rename(&state, &aside).unwrap();
    std::fs::write(&state, "no folder").unwrap();
    let before = company.sandbox.quickbooks.calls().token_refreshes;
    let (done, _) = company.once().await;
    assert_eq!(done.outcome, Outcome::Failed);
    assert_eq!(company.sandbox.quickbooks.calls().token_refreshes, before, "{:?}", done.causes);
    std::fs::remove_file(&state).unwrap();
    std::fs::rename(&aside, &state).unwrap();
    assert_all_synced(&pass(&company).await);
}
