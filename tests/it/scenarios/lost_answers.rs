//! Answers that come late, come in part or never, on a network of the test's
//! own; and a process that dies at every call.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use latchd::http::{Phase, Request, Response, Transport, TransportError};
use latchd::pass;
use latchd::sandbox::sample::CUSTOMERS;
use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use latchd::store::Overlay;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::shop::{
    applied, assert_all_synced, assert_no_mark_twice, bill, count_calls, count_writes, create_all, customer,
    dec, engine_over, marked, network, noon, one_of_each, pass, pay, rows, the,
};
use crate::company::{Company, counts, warnings};

/// Six customers with an invoice and a payment each: batches.
fn six() -> Company {
    let company = Company::bare(&create_all(6));
    for name in ["Ada", "Bea", "Cleo", "Dora", "Edna", "Fay"] {
        let id = customer(&company, name);
        let invoice = bill(&company, id, noon("2026-03-01"), "100.00");
        pay(&company, id, noon("2026-03-05"), "80.00", &[(invoice, "60.00")]);
    }
    company
}

/// A network on which the first write to a path takes effect long after it was
/// given up.
struct Late {
    inner: Arc<dyn Transport>,
    path: &'static str,
    seen: AtomicU64,
    after: Duration,
}

impl Transport for Late {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let hit = request.method() == "POST" && request.uri().path().ends_with(self.path);
        if hit && self.seen.fetch_add(1, Ordering::Relaxed) == 0 {
            let (inner, after) = (Arc::clone(&self.inner), self.after);
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                inner.send(request).await.expect("the vendor takes it");
            });
            let lost = TransportError { phase: Phase::Unknown, reason: "no answer in time".to_owned() };
            return async move { Err(lost) }.boxed();
        }
        self.inner.send(request)
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_lands_after_the_look_meets_its_own_second_sending() {
    for (path, kind) in [("/customer", "6240"), ("/invoice", "6140")] {
        for (after, forgetful) in [(100, true), (135, false), (135, true), (150, false)] {
            let (company, ..) = one_of_each();
            let after = Duration::from_secs(after);
            let late = Late { inner: network(&company), path, seen: AtomicU64::new(0), after };
            // The second sending is on its way when the first lands.
            let pattern = format!("/v3/company/*{path}");
            company.sandbox.trouble.add(Rule::next(&pattern, Kind::Delay { ms: 10_000 }).method("POST"));
            let config = company.config();
            let engine = engine_over(&company, &config, Arc::new(late));
            let forget = async {
                tokio::time::sleep(Duration::from_secs(137)).await;
                if forgetful {
                    company.sandbox.quickbooks.forget_request_ids();
                }
            };
            let ((_, status), ()) = tokio::join!(company.once_in(&engine), forget);
            assert_all_synced(&status);
            tokio::time::sleep(Duration::from_secs(300)).await;
            assert_no_mark_twice(&company);
            assert_all_synced(&pass(&company).await);
            assert!(warnings(&status).is_empty(), "{kind} {after:?}");
        }
    }
}

/// A network that changes what a batch answered.
struct Garbled {
    inner: Arc<dyn Transport>,
    seen: AtomicU64,
    nth: u64,
    change: fn(&mut Vec<Value>),
}

impl Transport for Garbled {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let batch = request.uri().path().ends_with("/batch");
        let hit = batch && self.seen.fetch_add(1, Ordering::Relaxed) + 1 == self.nth;
        let answer = self.inner.send(request);
        if !hit {
            return answer;
        }
        let change = self.change;
        async move {
            let (parts, body) = answer.await?.into_parts();
            let mut body: Value = serde_json::from_slice(&body).expect("a batch answers JSON");
            change(body["BatchItemResponse"].as_array_mut().expect("its items"));
            Ok(Response::from_parts(parts, body.to_string().into()))
        }
        .boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_answered_in_part_is_settled_in_part() {
    type Change = fn(&mut Vec<Value>);
    let changes: [(&str, Change); 7] = [
        ("an item missing", |items| drop(items.remove(1))),
        ("an item done and denied", |items| {
            let fault =
                json!({ "Error": [{ "Message": "Trouble", "code": "10000" }], "type": "SystemFault" });
            items[4] = json!({ "bId": items[4]["bId"], "Fault": fault });
        }),
        ("all missing", Vec::clear),
        ("an item twice", |items| items.push(items[3].clone())),
        ("reversed", |items| items.reverse()),
        ("a strange item", |items| items.push(json!({ "bId": "99", "Fault": {} }))),
        ("an empty item", |items| items[0] = json!({ "bId": "1" })),
    ];
    for nth in 1..=3 {
        for (name, change) in changes {
            let company = six();
            let garbled = Garbled { inner: network(&company), seen: AtomicU64::new(0), nth, change };
            let config = company.config();
            let engine = engine_over(&company, &config, Arc::new(garbled));
            let (_, status) = company.once_in(&engine).await;
            assert_no_mark_twice(&company);
            assert_eq!([0, 1, 2].map(|entity| counts(&status, entity)), [(6, 6, 6); 3], "{name} {nth}");
            assert_all_synced(&status);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_is_followed_by_one_that_ends_the_job() {
    for fate in [Kind::Delay { ms: 60_000 }, Kind::DelayAnswer { ms: 60_000 }] {
        for forgetful in [false, true] {
            for nth in 1.. {
                let (company, _, invoice, payment) = one_of_each();
                let rule = Rule::next("/v3/company/", fate).of(Vendor::QuickBooks).nth(nth);
                company.sandbox.trouble.add(rule);
                let killed = tokio::select! {
                    _ = company.once() => false,
                    () = tokio::time::sleep(Duration::from_secs(30)) => true,
                };
                if !killed {
                    assert!(nth > 8, "there are more calls than {nth}");
                    break;
                }
                if forgetful {
                    company.sandbox.quickbooks.forget_request_ids();
                }
                assert_all_synced(&company.once().await.1);
                assert_no_mark_twice(&company);
                assert_eq!(applied(&company, payment), rows(&[(invoice, "100.00")]), "{fate:?} {nth}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_left_a_batch_does_not_take_the_others_along() {
    for (fate, stands) in [(Kind::Refuse, 0), (Kind::Cut, 1)] {
        let mut company = six();
        let engine = company.engine();
        company.sandbox.trouble.add(Rule::next("/v3/company/*/batch", fate).nth(2));
        let config = company.config();
        pass::run(&engine.world(&config, CancellationToken::new()), &mut |_| {}).await.unwrap();
        company.files = company.files.replace(
            "10484 = { create = true, start = \"beginning\" }",
            "10484 = { skip = \"a test account\" }",
        );
        company.once_in(&engine).await;
        let (_, status) = company.once_in(&engine).await;
        assert_all_synced(&status);
        assert_eq!(counts(&status, 1).1, 5, "{fate:?}");
        assert_no_mark_twice(&company);
        assert_eq!(marked(&company, "invoice/88102").len(), stands, "{fate:?}");
        the(&company, "invoice/88101");
    }
}

#[tokio::test(start_paused = true)]
async fn the_whole_sample_is_found_again_without_a_write() {
    let line = |customer: &latchd::sandbox::sample::SampleCustomer| {
        let verb = customer.quickbooks.map_or("create = true".to_owned(), |id| {
            format!("adopt = \"{id}\", expect = \"{}\"", customer.name)
        });
        format!("{} = {{ {verb}, start = 2026-03-01 }}\n", customer.id)
    };
    let mut company =
        Company::sample(&format!("[links]\n{}", CUSTOMERS.iter().map(line).collect::<String>()));
    let first = pass(&company).await;
    let before = [0, 1, 2].map(|entity| counts(&first, entity));
    assert!(before[1].1 > 200 && before[2].1 > 100, "{before:?}");
    let writes = count_writes(&company);
    let (done, _) = company.once().await;
    assert_eq!((writes(), done.steps.len()), (0, 0));
    company.store = Arc::new(Overlay::empty());
    let again = pass(&company).await;
    assert_eq!(writes(), 0);
    assert_eq!([0, 1, 2].map(|entity| counts(&again, entity)), before);
    assert_eq!(warnings(&again), warnings(&first));
    let explained =
        |status: &latchd::report::Status| (status.tie_out.balanced, status.tie_out.explained.clone());
    assert_eq!(explained(&again), explained(&first));
    assert_no_mark_twice(&company);
}

#[tokio::test(start_paused = true)]
async fn a_state_from_yesterday_posts_nothing_twice() {
    let company = six();
    let yesterday = Overlay::empty();
    let mut old = company;
    old.store = Arc::new(yesterday.clone());
    pass(&old).await;
    // The copy of the state sees none of what comes after it.
    let copy: Arc<dyn latchd::store::Store> = Arc::new(Overlay::over(Arc::new(yesterday.clone())));
    let later = Overlay::over(Arc::new(yesterday));
    old.store = Arc::new(later);
    old.wait(Duration::from_secs(3600)).await;
    let invoice = bill(&old, 10_483, noon("2026-04-01"), "40.00");
    let payment = pay(&old, 10_483, noon("2026-04-02"), "40.00", &[(invoice, "40.00")]);
    let moved = old.sandbox.staxbill.payments()[0].id;
    old.sandbox.staxbill.allocate(moved, 88_100, dec("20.00"));
    assert_all_synced(&pass(&old).await);
    old.wait(Duration::from_secs(3600)).await;
    old.store = copy;
    let creates = count_calls(&old, "POST", "/v3/company/*/invoice");
    let writes = count_writes(&old);
    assert_all_synced(&pass(&old).await);
    assert_eq!((creates(), writes()), (0, 0));
    assert_no_mark_twice(&old);
    assert_eq!(applied(&old, payment), rows(&[(invoice, "40.00")]));
    assert_eq!(applied(&old, moved), rows(&[(88_100, "80.00")]));
}

/// The report of the process that comes after says what was under way; the one
/// that comes after that says nothing of it.
#[tokio::test(start_paused = true)]
async fn what_was_under_way_at_the_end_is_told_by_who_comes_next() {
    let found = |status: &latchd::report::Status| {
        let told = status.notices.iter().filter(|one| one.code == "outcomes-found");
        told.map(|one| one.text.clone()).collect::<Vec<_>>()
    };
    for (fate, told) in [
        (Kind::Delay { ms: 60_000 }, "1 had not and was sent again"),
        (Kind::DelayAnswer { ms: 60_000 }, "1 had reached QuickBooks and was adopted"),
    ] {
        let (company, ..) = one_of_each();
        company.sandbox.trouble.add(Rule::next("/v3/company/*/invoice", fate).method("POST"));
        tokio::select! {
            _ = company.once() => panic!("it is killed before it ends"),
            () = tokio::time::sleep(Duration::from_secs(30)) => {}
        }
        let (_, status) = company.once().await;
        assert_all_synced(&status);
        assert_eq!(found(&status), [format!("1 write was under way when latchd ended: {told}")]);
        let (_, status) = company.once().await;
        assert_eq!(found(&status), [""; 0]);
    }
}
