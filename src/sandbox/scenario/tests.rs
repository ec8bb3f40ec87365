//! Scenarios read, refused and played.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use rust_decimal::Decimal;
use serde_json::Value;
use tokio::time::sleep;
use tower::ServiceExt as _;

use super::*;
use crate::sandbox::{Sandbox, SandboxOptions};

const EXAMPLE: &str = include_str!("../../../examples/sandbox-scenario.toml");

fn parsed(text: &str) -> Scenario {
    Scenario::parse("scenario.toml", text).unwrap_or_else(|errors| panic!("{errors}"))
}

async fn played(text: &str, wait: Duration) -> Sandbox {
    let sandbox = Sandbox::sample(SandboxOptions { throttled: false, ..SandboxOptions::default() });
    sandbox.play(parsed(text));
    sleep(wait).await;
    sandbox
}

fn outcomes(sandbox: &Sandbox) -> Vec<(u64, Option<String>)> {
    sandbox.stage.steps().into_iter().map(|step| (step.times, step.failed)).collect()
}

/// A setting below one that holds a flag cannot be; the steps after it are played.
#[tokio::test(start_paused = true)]
async fn a_setting_that_cannot_be_fails_alone() {
    let text = "[[step]]\nat = \"1s\"\nbookkeeper.preferences = { \"SalesFormsPrefs.CustomTxnNumbers.x\" = true }\n\
                [[step]]\nat = \"2s\"\nquickbooks = \"expire-tokens\"\n";
    let sandbox = played(text, Duration::from_secs(5)).await;
    let [(1, Some(failed)), (1, None)] = &outcomes(&sandbox)[..] else { panic!("{:?}", outcomes(&sandbox)) };
    assert!(failed.contains("CustomTxnNumbers"), "{failed}");
}

/// Every step of the shipped example that waits for an hour is played and goes
/// well, or fails for a reason that the example's own sandbox explains.
#[tokio::test(start_paused = true)]
async fn the_example_is_played() {
    let sandbox = played(EXAMPLE, Duration::from_mins(4)).await;
    let steps = sandbox.stage.steps();
    assert!(steps.len() > 25);
    for step in &steps {
        let waits_for_a_call = step.when.starts_with("before call");
        assert_eq!(step.times == 0, waits_for_a_call, "{step:?}");
        // Nothing was posted to the demo company yet, so it has no invoice.
        let expected = (step.title == "bookkeeper" && step.line == line_of("oldest Invoice\" "))
            .then_some("there is no such Invoice");
        assert_eq!(step.failed.as_deref(), expected, "{step:?}");
    }
    let started: jiff::Timestamp = "2026-01-31T23:00:00-08:00".parse().unwrap();
    assert!(sandbox.clock.now().duration_since(started).as_hours() >= 31 * 24);
    assert_eq!(sandbox.clock.speed(), 1);
    let refusals = sandbox.quickbooks.refusals();
    assert!(refusals.is_empty(), "{refusals:?}");
    assert!(sandbox.trouble.rules().is_empty());
}

/// The line of the step that holds a piece of the example.
fn line_of(piece: &str) -> usize {
    let before = &EXAMPLE[..EXAMPLE.find(piece).unwrap()];
    before[..before.rfind("[[step]]").unwrap()].lines().count() + 1
}

#[tokio::test(start_paused = true)]
async fn steps_are_played_at_their_hour_and_again() {
    let text = r#"
        [[step]]
        at = "10m"
        every = "1h"
        times = 3
        bookkeeper.edit = { object = "Customer 1", set = { Notes = "again" } }
        [[step]]
        every = "2h"
        biller.add-customer = { name = "Another" }
        [[step]]
        at = "30m"
        bookkeeper.void = "Invoice number none"
    "#;
    let sandbox = played(text, Duration::from_mins(9)).await;
    let missing = Some("there is no such Invoice".to_owned());
    for (minutes, expected) in
        [(0, [0, 0, 0]), (2, [1, 0, 0]), (30, [1, 0, 1]), (100, [3, 1, 1]), (600, [3, 6, 1])]
    {
        sleep(Duration::from_mins(minutes)).await;
        let times: Vec<u64> = outcomes(&sandbox).iter().map(|(times, _)| *times).collect();
        assert_eq!(times, expected, "after {minutes} more minutes");
    }
    assert_eq!(outcomes(&sandbox)[2].1, missing);
    let steps = sandbox.stage.steps();
    assert_eq!((steps[0].next, steps[1].next.is_some()), (None, true));
}

/// Every word of the biller and the bookkeeper who makes money move, and what
/// it leaves behind; those that cannot be say why.
#[tokio::test(start_paused = true)]
async fn money_moves_by_every_word() {
    let acts = [
        (r#"biller.add-customer = { name = "Mover" }"#, Ok("customer ")),
        (r#"biller.set-status = { customer = "newest", status = "active" }"#, Ok("customer ")),
        (r#"biller.post-invoice = { customer = "newest", amount = "50.00" }"#, Ok("invoice ")),
        (r#"biller.amend-invoice = { invoice = "newest", po_number = "PO 7" }"#, Ok("invoice ")),
        (r#"biller.pay = { customer = "newest", amount = "20.00" }"#, Ok("payment ")),
        (r#"biller.allocate = { payment = "newest", invoice = "newest", amount = "15.00" }"#, Ok("payment ")),
        (
            r#"biller.deallocate = { payment = "newest", invoice = "newest", amount = "5.00" }"#,
            Ok("payment "),
        ),
        (
            r#"biller.refund = { payment = "newest", amount = "11.00", invoice = "newest" }"#,
            Err("has less than 11.00 there"),
        ),
        (r#"biller.refund = { payment = "newest", amount = "10.00", invoice = "newest" }"#, Ok("refund ")),
        (r#"biller.settle = { payment = "newest", status = "pending" }"#, Ok("is Pending")),
        (r#"biller.settle = { payment = "newest", status = "gone" }"#, Err("no payment has the settlement")),
        (r#"biller.bounce = { payment = "newest" }"#, Ok("refund ")),
        (r#"biller.give-credit = { customer = "newest", amount = "12.00" }"#, Ok("credit ")),
        (
            r#"biller.allocate-credit = { credit = "newest", invoice = "newest", amount = "12.00" }"#,
            Ok("credit "),
        ),
        (
            r#"biller.deallocate-credit = { credit = "newest", invoice = "newest", amount = "4.00" }"#,
            Ok("credit "),
        ),
        (r#"biller.debit = { credit = "newest", amount = "5.00" }"#, Err("has less than 5.00 there")),
        (r#"biller.debit = { credit = "newest", amount = "4.00" }"#, Ok("debit ")),
        (r#"biller.debit = { credit = "newest", amount = "1.00", invoice = "newest" }"#, Ok("debit ")),
        (r#"biller.write-off = { invoice = "newest", amount = "60.00" }"#, Err("less than 60.00 is owed")),
        (r#"biller.write-off = { invoice = "newest", amount = "3.00" }"#, Ok("write-off ")),
        ("biller.own-synchronisation = true", Ok("on")),
        (r#"biller.post-invoice = { customer = "newest", amount = "9.00" }"#, Ok("invoice ")),
        (r#"biller.reverse = { invoice = "newest" }"#, Ok("credit notes ")),
        (JOURNAL, Ok("id ")),
        (r#"bookkeeper.delete = "newest JournalEntry""#, Ok("id ")),
        (PAYMENT, Ok("id ")),
        (r#"bookkeeper.deposit = "newest Payment""#, Ok("id ")),
        (r#"bookkeeper.delete = "newest Deposit""#, Ok("id ")),
    ];
    let steps = acts.iter().enumerate();
    let text = steps
        .map(|(place, (act, _))| format!("[[step]]\nat = \"{}s\"\n{act}\n", place + 1))
        .collect::<Vec<_>>()
        .concat();
    let sandbox = played(&text, Duration::from_mins(1)).await;
    for ((act, expected), step) in acts.iter().zip(sandbox.stage.steps()) {
        let (told, word) = match expected {
            Ok(word) => (step.done.clone(), word),
            Err(word) => (step.failed.clone(), word),
        };
        assert!(told.as_deref().is_some_and(|told| told.contains(word)), "{act}: {step:?}");
    }
    let mover = sandbox.staxbill.customers().pop().unwrap();
    // 50 invoiced, 7 left of the credit, 3 written off.
    let (open, free) = sandbox.staxbill.ledger(mover.id);
    assert_eq!((open.to_string(), free.to_string()), ("40.00".into(), "0.00".into()));
    let totals = sandbox.quickbooks.trial_balance();
    let sum = |side: fn(&crate::sandbox::quickbooks::AccountTotal) -> Decimal| {
        totals.iter().map(side).sum::<Decimal>()
    };
    assert_eq!(sum(|one| one.debit), sum(|one| one.credit));
}

const JOURNAL: &str = r#"bookkeeper.create = { entity = "JournalEntry", fields = { Line = [
    { DetailType = "JournalEntryLineDetail", Amount = 5, JournalEntryLineDetail = { PostingType = "Debit", AccountRef = { value = "35" } } },
    { DetailType = "JournalEntryLineDetail", Amount = 5, JournalEntryLineDetail = { PostingType = "Credit", AccountRef = { value = "36" } } },
] } }"#;

const PAYMENT: &str =
    r#"bookkeeper.create = { entity = "Payment", fields = { CustomerRef = { value = "1" }, TotalAmt = 8 } }"#;

/// A step that sets the clock takes what is to come along; a clock that is put
/// forward brings it nearer.
#[tokio::test(start_paused = true)]
async fn the_clock_moves_steps() {
    let last = "[[step]]\nat = \"2h\"\nquickbooks = \"expire-tokens\"\n";
    for (hands, minutes) in [
        ("set = 2001-01-01T00:00:00Z", 60),
        ("set = 2031-01-01T00:00:00Z", 60),
        ("advance = \"30m\"", 30),
        ("advance = \"5d\"", 0),
        ("speed = 60", 1),
    ] {
        let text = format!("[[step]]\nat = \"1h\"\nclock = {{ {hands} }}\n{last}");
        let sandbox = played(&text, Duration::from_secs(3601)).await;
        let wait = Duration::from_mins(minutes);
        sleep(wait.saturating_sub(Duration::from_secs(3))).await;
        assert_eq!(outcomes(&sandbox)[1].0, u64::from(minutes == 0), "{hands}");
        sleep(Duration::from_secs(4)).await;
        assert_eq!(outcomes(&sandbox)[1].0, 1, "{hands}");
    }
}

/// What Stax Bill does not allow fails, and moves no money.
#[tokio::test(start_paused = true)]
async fn a_failed_act_moves_nothing() {
    let sandbox = Sandbox::sample(SandboxOptions { throttled: false, ..SandboxOptions::default() });
    let account = &sandbox.staxbill;
    let posted = account.invoices().into_iter().find(|one| one.outstanding() > Decimal::ZERO).unwrap();
    let other = account.customers().into_iter().find(|one| one.id != posted.customer).unwrap().id;
    let before = (account.payments().len(), account.credits().len(), account.ar().len());
    let on = format!("customer = {other}, invoice = {}, amount = \"1\"", posted.id);
    let synchronised = format!("customer = {other}, first_id = {}", i64::MAX);
    sandbox.play(parsed(&format!(
        "[[step]]\nat = \"1s\"\nbiller.pay = {{ {on} }}\n\n[[step]]\nat = \"1s\"\nbiller.give-credit = {{ {on} }}\n\n\
         [[step]]\nat = \"1s\"\nbiller.synchronise = {{ {synchronised} }}\n",
    )));
    sleep(Duration::from_secs(2)).await;
    for (times, failed) in outcomes(&sandbox) {
        assert!(times == 1 && failed.is_some(), "{failed:?}");
    }
    assert_eq!((account.payments().len(), account.credits().len(), account.ar().len()), before);
    assert_eq!(account.customer(other).unwrap().quickbooks_id, None);
    assert_eq!(account.audit(), [""; 0]);
}

/// Between the first and the second page someone deletes a customer.
#[tokio::test(start_paused = true)]
async fn an_act_comes_just_before_its_call() {
    let text = r#"
        [[step]]
        call = { vendor = "staxbill", path = "/v1/customers", contains = "pageSize=2", nth = 2 }
        biller.rename-customer = { customer = 10484, to = "Renamed between two pages" }
    "#;
    let sandbox = played(text, Duration::ZERO).await;
    let mut names = Vec::new();
    for page in [0, 1, 1] {
        let uri = format!("/v1/customers?pageSize=2&pageNumber={page}&sortExpression=id&sortOrder=Ascending");
        let request = Request::builder().uri(uri).header("authorization", "Basic MDpzYW5kYm94");
        let response = sandbox.staxbill_router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let rows: Value = serde_json::from_slice(&body).unwrap();
        let renamed = |row: &Value| row["companyName"] == "Renamed between two pages";
        names.push(rows.as_array().unwrap().iter().any(renamed));
    }
    assert_eq!((names, outcomes(&sandbox)), (vec![false, true, true], vec![(1, None)]));
}

#[expect(clippy::too_many_lines, reason = "a table of mistakes")]
#[test]
fn mistakes_have_places_and_remedies() {
    let trouble = |rule: &str| format!("[[step]]\nat = \"1m\"\ntrouble = {{ {rule} }}\n");
    for (text, line, message, remedy) in [
        ("[clok]\n".into(), 1, "unknown key `clok`", "did you mean `clock`?"),
        ("[clock]\nspede = 60\n".into(), 2, "unknown key `spede`", "did you mean `speed`?"),
        (
            "[[step]]\nat = \"1m\"\nbookkepper = 1\n".into(),
            3,
            "unknown key `bookkepper`",
            "did you mean `bookkeeper`?",
        ),
        (trouble("what = \"cot\""), 3, "there is no `cot` here", "did you mean `cut`?"),
        (trouble("what = \"cut\", tmes = 2"), 3, "unknown key `tmes`", "did you mean `times`?"),
        (trouble("times = 2"), 3, "`what` is missing", "add `what` here"),
        (trouble("what = \"cut\", times = 0"), 1, "`times` is 0", "write 1 or more"),
        (trouble("what = \"cut\", chance = 200"), 1, "`chance` is 200", "write how many in a hundred"),
        (trouble("what = \"cut\", chance = 300"), 3, "invalid value", "write a whole number from 0 to 100"),
        (trouble("what = { status = { code = 7 } }"), 1, "7 is no status", "write a `code` from 200"),
        (
            "[[step]]\nat = \"5m\"\nbiller.pay = { custmer = 1, amount = \"1\" }\n".into(),
            3,
            "unknown key `custmer`",
            "did you mean `customer`?",
        ),
        ("[[step]]\nat = 5\nclear-trouble = true\n".into(), 2, "invalid type", "put it in quotes"),
        ("[[step]]\nat = \"5m\"\nclock = {}\n".into(), 1, "this clock is not touched", "give it one of set"),
        (
            "[[step]]\nat = \"5m\"\nbiller.set-status = { customer = 1, status = \"Happy\" }\n".into(),
            1,
            "no customer has the status \"Happy\"",
            "write Draft, Active",
        ),
        (
            "[[step]]\ncall = { nth = 0 }\nclear-trouble = true\n".into(),
            1,
            "calls are counted from one",
            "write nth = 1",
        ),
        (
            "[[step]]\nat = \"10 minutes\"\nclear-trouble = true\n".into(),
            2,
            "\"10 minutes\" is no span of time",
            "write \"10m\", \"1h30m\" or \"2d\"",
        ),
        (
            "[[step]]\nat = \"1m\"\nbookkeeper.void = \"58\"\n".into(),
            3,
            "\"58\" names no object",
            "write \"Customer 58\"",
        ),
        (
            "[[step]]\nat = \"1m\"\nbiller.pay = { customer = 1, amount = 10.0 }\n".into(),
            3,
            "invalid type: floating point",
            "put it in quotes",
        ),
        ("[[step]]\nat = \"1m\"\n".into(), 1, "this step does nothing", "give it one of trouble"),
        ("[[step]]\nclear-trouble = true\n".into(), 1, "this step is never played", "say when"),
        (
            "[[step]]\nat = \"1m\"\nclear-trouble = true\nquickbooks = \"expire-tokens\"\n".into(),
            1,
            "this step does several things: clear-trouble, quickbooks",
            "write a step for each",
        ),
        (
            "[[step]]\nat = \"1m\"\ncall = { nth = 2 }\nclear-trouble = true\n".into(),
            1,
            "a step waits for an hour or for a call, not for both",
            "take `at`",
        ),
        (
            "[[step]]\nat = \"1m\"\ntimes = 2\nclear-trouble = true\n".into(),
            1,
            "`times` says how often",
            "add one of them",
        ),
        ("[step]\nat = \"1m\"\n".into(), 1, "`step` is a list of tables", "begin each step with [[step]]"),
        ("[[step]]\nat = \"1m\n".into(), 2, "", ""),
    ] {
        let text: String = text;
        let errors = Scenario::parse("scenario.toml", &text).unwrap_err();
        let error = errors.iter().next().unwrap();
        assert!(error.message.starts_with(message), "{text}\n{error:?}");
        assert!(error.remedy.as_deref().unwrap_or_default().starts_with(remedy), "{text}\n{error:?}");
        assert_eq!(
            text[..error.span.start].lines().count().max(1)
                + usize::from(text[..error.span.start].ends_with('\n')),
            line,
            "{text}\n{error:?}"
        );
        assert!(errors.to_string().contains(&format!("--> scenario.toml:{line}:")), "{errors}");
    }
}

/// A rule that lasts and is counted ends with whichever comes first.
#[tokio::test(start_paused = true)]
async fn rules_last_and_are_counted() {
    for (count, expected) in [("", (true, 1)), ("times = 3, ", (false, 3)), ("times = 1, ", (false, 1))] {
        let text = format!("[[step]]\nat = \"1m\"\nlasts = \"5m\"\ntrouble = {{ {count}what = \"cut\" }}\n");
        let sandbox = played(&text, Duration::from_mins(2)).await;
        let rule = sandbox.trouble.rules().remove(0).rule;
        assert_eq!(((rule.every, rule.times), rule.until.is_some()), (expected, true), "{count}");
    }
}

#[tokio::test(start_paused = true)]
async fn steps_know_their_lines() {
    let act = "at = \"1m\", clear-trouble = true";
    for (text, lines) in [
        (format!("step = [{{ {act} }},\n {{ {act} }}]\n"), [1, 2]),
        (
            "[[step]]\nat = \"1m\"\nclear-trouble = true\n  [[step]]\nat = \"1m\"\nclear-trouble = true\n"
                .into(),
            [1, 4],
        ),
    ] {
        let sandbox = played(&text, Duration::ZERO).await;
        let told: Vec<usize> = sandbox.stage.steps().iter().map(|step| step.line).collect();
        assert_eq!(told, lines, "{text}");
    }
}

#[test]
fn one_mistake_does_not_hide_the_next() {
    let text =
        "[[step]]\nat = \"1m\"\nquickbooks = \"expire\"\n[[step]]\nat = \"2m\"\nquickbooks = \"end\"\n";
    let errors = Scenario::parse("s.toml", text).unwrap_err();
    let expected = r#"error: there is no `expire` here
 --> s.toml:3:14
  |
3 | quickbooks = "expire"
  |              ^^^^^^^^
  |
  = help: one of expire-tokens, end-connections, forget-request-ids, refuse, accept

error: there is no `end` here
 --> s.toml:6:14
  |
6 | quickbooks = "end"
  |              ^^^^^
  |
  = help: one of expire-tokens, end-connections, forget-request-ids, refuse, accept

2 errors in s.toml"#;
    assert_eq!(errors.to_string(), expected);
}
