//! Never twice: whatever becomes of a write on its way, one object stands for
//! one record.

use std::sync::Arc;
use std::time::Duration;

use latchd::pass;
use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use latchd::store::Overlay;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::shop::{
    amount, applied, assert_all_synced, assert_no_mark_twice, bill, count_calls, count_writes, create_all,
    customer, dec, marked, noon, one_of_each, pass, pay, rows, the, warned,
};
use crate::company::{Company, counts, warnings};

const FATES: [Kind; 7] = [
    Kind::Refuse,
    Kind::Cut,
    Kind::Status { code: 500, after: false },
    Kind::Status { code: 500, after: true },
    Kind::Status { code: 503, after: true },
    Kind::Html { code: 200 },
    Kind::HalfBody,
];
const PATHS: [&str; 3] = ["/v3/company/*/customer", "/v3/company/*/invoice", "/v3/company/*/payment"];

fn hit(company: &Company, path: &str, fate: Kind) {
    company.sandbox.trouble.add(Rule::next(path, fate).of(Vendor::QuickBooks).method("POST"));
}

#[tokio::test(start_paused = true)]
async fn a_create_that_meets_any_fate_stands_once() {
    for fate in FATES {
        for path in PATHS {
            for forgetful in [false, true] {
                let (company, bolt, invoice, payment) = one_of_each();
                hit(&company, path, fate);
                let forget = async {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                    if forgetful {
                        company.sandbox.quickbooks.forget_request_ids();
                    }
                };
                let ((_, status), ()) = tokio::join!(company.once(), forget);
                assert_eq!(company.sandbox.trouble.hits(), 1, "{fate:?} {path}");
                for key in
                    [format!("customer/{bolt}"), format!("invoice/{invoice}"), format!("payment/{payment}")]
                {
                    assert_eq!(marked(&company, &key).len(), 1, "{fate:?} {path} {forgetful} {key}");
                }
                assert_eq!(applied(&company, payment), rows(&[(invoice, "100.00")]), "{fate:?} {path}");
                assert_all_synced(&status);
                let writes = count_writes(&company);
                pass(&company).await;
                assert_eq!(writes(), 0, "{fate:?} {path}");
            }
        }
    }
}

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

#[tokio::test(start_paused = true)]
async fn a_batch_that_meets_any_fate_stands_once() {
    for fate in FATES {
        for nth in 1..=3 {
            for forgetful in [false, true] {
                let company = six();
                let rule = Rule::next("/v3/company/*/batch", fate).of(Vendor::QuickBooks).nth(nth);
                company.sandbox.trouble.add(rule);
                let forget = async {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                    if forgetful {
                        company.sandbox.quickbooks.forget_request_ids();
                    }
                };
                let ((_, status), ()) = tokio::join!(company.once(), forget);
                assert_eq!(company.sandbox.trouble.hits(), 1, "{fate:?} {nth}");
                assert_no_mark_twice(&company);
                assert_eq!([0, 1, 2].map(|entity| counts(&status, entity)), [(6, 6, 6); 3], "{fate:?} {nth}");
                assert_all_synced(&status);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_looks_or_sends_again_before_the_time_is_up() {
    let (company, ..) = one_of_each();
    hit(&company, PATHS[1], Kind::Refuse);
    let engine = company.engine();
    let config = company.config();
    let world = engine.world(&config, CancellationToken::new());
    pass::run(&world, &mut |_| {}).await.unwrap();
    let began = Instant::now();
    assert_eq!(pass::next_due(&world).unwrap().map(|left| left.as_secs() > 125), Some(true));
    let sends = count_calls(&company, "POST", PATHS[1]);
    while began.elapsed() < Duration::from_secs(128) {
        pass::run(&world, &mut |_| {}).await.unwrap();
        assert_eq!(sends(), 0, "after {:?}", began.elapsed());
        company
            .wait(Duration::from_secs(20).min(Duration::from_secs(129).saturating_sub(began.elapsed())))
            .await;
    }
    company.wait(Duration::from_secs(3)).await;
    pass::run(&world, &mut |_| {}).await.unwrap();
    assert_eq!(sends(), 1, "the same once more");
}

#[tokio::test(start_paused = true)]
async fn a_new_process_counts_from_its_own_start() {
    let (company, bolt, invoice, _) = one_of_each();
    hit(&company, PATHS[1], Kind::DelayAnswer { ms: 60_000 });
    tokio::select! {
        _ = company.once() => panic!("it was to be killed"),
        () = tokio::time::sleep(Duration::from_secs(30)) => {}
    }
    assert_eq!(marked(&company, &format!("invoice/{invoice}")).len(), 1, "it took effect");
    company.sandbox.quickbooks.forget_request_ids();
    company.wait(Duration::from_secs(600)).await;
    let began = Instant::now();
    let (_, status) = company.once().await;
    assert!(began.elapsed() < Duration::from_secs(600));
    assert_all_synced(&status);
    the(&company, &format!("customer/{bolt}"));
    the(&company, &format!("invoice/{invoice}"));
}

#[tokio::test(start_paused = true)]
async fn a_crash_between_intent_and_answer_loses_and_doubles_nothing() {
    for path in PATHS {
        for (fate, forgetful) in [
            (Kind::Delay { ms: 60_000 }, false),
            (Kind::DelayAnswer { ms: 60_000 }, false),
            (Kind::DelayAnswer { ms: 60_000 }, true),
        ] {
            let (company, _, invoice, payment) = one_of_each();
            hit(&company, path, fate);
            // Killed twice, the second time before it may look.
            for _ in 0..2 {
                tokio::select! {
                    _ = company.once() => panic!("it was to be killed"),
                    () = tokio::time::sleep(Duration::from_secs(30)) => {}
                }
            }
            if forgetful {
                company.sandbox.quickbooks.forget_request_ids();
            }
            let (_, status) = company.once().await;
            assert_all_synced(&status);
            assert_no_mark_twice(&company);
            assert_eq!(applied(&company, payment), rows(&[(invoice, "100.00")]), "{path} {fate:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_decision_that_no_longer_stands_is_looked_for_and_never_sent() {
    let skip = "[links]\n10482 = { skip = \"a test account\" }\n";
    let later = "[links]\n10482 = { create = true, start = 2026-06-01 }\n";
    for files in [skip, later, ""] {
        for (fate, stands) in [(Kind::Refuse, 0), (Kind::Cut, 1)] {
            let (mut company, _, invoice, _) = one_of_each();
            let engine = company.engine();
            hit(&company, PATHS[1], fate);
            let config = company.config();
            pass::run(&engine.world(&config, CancellationToken::new()), &mut |_| {}).await.unwrap();
            company.files = files.to_owned();
            let sends = count_calls(&company, "POST", PATHS[1]);
            company.once_in(&engine).await;
            company.wait(Duration::from_secs(600)).await;
            company.once_in(&engine).await;
            assert_eq!(sends(), 0, "{files} {fate:?}");
            assert_eq!(marked(&company, &format!("invoice/{invoice}")).len(), stands, "{files} {fate:?}");
            // Back again: one of it.
            company.files = create_all(1);
            let status = company.once_in(&engine).await.1;
            assert_all_synced(&status);
            the(&company, &format!("invoice/{invoice}"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_adoption_that_was_cut_follows_the_line_as_it_is_now() {
    let adopt = |id: &str, name: &str| {
        format!("[links]\n10482 = {{ adopt = \"{id}\", expect = \"{name}\", start = \"beginning\" }}\n")
    };
    let mut company = Company::bare(&adopt("1", "Amy's Bird Sanctuary"));
    customer(&company, "Amy's Bird Sanctuary");
    let engine = company.engine();
    hit(&company, PATHS[0], Kind::Refuse);
    let config = company.config();
    pass::run(&engine.world(&config, CancellationToken::new()), &mut |_| {}).await.unwrap();
    company.files = adopt("2", "Bill's Windsurf Shop");
    company.wait(Duration::from_secs(600)).await;
    company.once_in(&engine).await;
    let (_, status) = company.once_in(&engine).await;
    assert_eq!(warnings(&status), Vec::<String>::new());
    assert_eq!(the(&company, "customer/10482")["Id"], "2");
}

#[tokio::test(start_paused = true)]
async fn an_amendment_that_meets_any_fate_is_made_once() {
    for fate in FATES {
        for forgetful in [false, true] {
            let company = Company::bare(&create_all(1));
            let bolt = customer(&company, "Bolt Bakery");
            let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
            let payment = pay(&company, bolt, noon("2026-03-05"), "100.00", &[]);
            pass(&company).await;
            company.sandbox.staxbill.allocate(payment, invoice, dec("70.00"));
            hit(&company, PATHS[2], fate);
            let forget = async {
                tokio::time::sleep(Duration::from_secs(60)).await;
                if forgetful {
                    company.sandbox.quickbooks.forget_request_ids();
                }
            };
            let ((_, status), ()) = tokio::join!(company.once(), forget);
            assert_all_synced(&status);
            assert_eq!(applied(&company, payment), rows(&[(invoice, "70.00")]), "{fate:?}");
            assert_eq!(amount(&the(&company, &format!("invoice/{invoice}")), "Balance"), dec("30.00"));
            assert_eq!(amount(&the(&company, &format!("payment/{payment}")), "UnappliedAmt"), dec("30.00"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn lost_state_is_found_again_by_its_marks() {
    let company = six();
    assert_all_synced(&pass(&company).await);
    let mut again = company;
    again.store = Arc::new(Overlay::empty());
    let writes = count_writes(&again);
    let status = pass(&again).await;
    assert_all_synced(&status);
    assert_eq!(writes(), 0, "nothing is posted, nothing amended");
    assert_no_mark_twice(&again);
}

#[tokio::test(start_paused = true)]
async fn three_writes_cut_in_a_row_end_the_pass() {
    let company = six();
    let cut = Rule::next("/v3/company/*/batch", Kind::Refuse).of(Vendor::QuickBooks).every();
    company.sandbox.trouble.add(cut);
    company.sandbox.trouble.add(Rule::next("/v3/company/*/customer", Kind::Refuse).method("POST").every());
    let engine = company.engine();
    let config = company.config();
    let world = engine.world(&config, CancellationToken::new());
    let done = pass::run(&world, &mut |_| {}).await.unwrap();
    assert!(done.causes.is_empty(), "one batch is one answer: {:?}", done.causes);
    company.sandbox.trouble.clear();
    company.wait(Duration::from_secs(200)).await;
    let (_, status) = company.once_in(&engine).await;
    assert_all_synced(&status);
    assert_eq!(warned(&status, "customer/10482"), Vec::<&str>::new());
    assert_no_mark_twice(&company);
}
