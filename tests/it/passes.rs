//! Whole passes against the sandbox, in one process on paused time.

use std::time::Duration;

use latchd::pass::Outcome;

use crate::company::{Company, counts, warnings};

const AMY: &str =
    "[links]\n10482 = { adopt = \"1\", expect = \"Amy's Bird Sanctuary\", start = \"beginning\" }\n";

#[tokio::test(start_paused = true)]
async fn the_pass_after_the_next_writes_nothing_and_reads_quickbooks_once() {
    let company = Company::sample(AMY);
    let (first, status) = company.once().await;
    assert_eq!(first.outcome, Outcome::Complete, "{:?}", first.causes);
    assert_eq!(counts(&status, 0).1, 1, "{:?}", warnings(&status));
    assert!(counts(&status, 1).1 >= 12 && counts(&status, 2).1 >= 10);
    assert!(status.tie_out.balanced, "{:?}", status.tie_out);
    company.wait(Duration::from_secs(60)).await;
    company.once().await;
    company.wait(Duration::from_secs(60)).await;
    let (third, status) = company.once().await;
    assert_eq!(
        (third.calls.quickbooks_reads, third.calls.quickbooks_writes, third.calls.quickbooks_batches),
        (1, 0, 0)
    );
    assert_eq!(third.calls.staxbill, 4, "a page a list");
    assert!(status.tie_out.balanced, "{:?}", status.tie_out);
    let (plan, causes) = company.plan().await;
    assert!(plan.steps.is_empty() && causes.is_empty());
}
