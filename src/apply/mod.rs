//! Applying: carries steps out and makes no decisions.
//!
//! Every write goes through three doors: it is written down (`begin`), sent,
//! and its outcome is written down (`finish`). A crash between any two of them
//! leaves an open intent, which the next pass settles.

mod attempts;
mod bytes;
mod outcome;
mod prepare;
mod refusal;

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::model::Key;
use crate::mutation::Mutation;
use crate::pass::{Cause, Pass};
use crate::plan::{Action, Step};
use crate::quickbooks::BATCH_ITEMS_MAX;
use crate::store::{Commit, Intent, StoreError};

pub(crate) use attempts::{AttemptLog, found, not_done, unknown};
pub(crate) use bytes::memo_number;
pub(crate) use outcome::{adopt_found, history, take_over, tell_history};
pub(crate) use prepare::find_by_mark;

/// Requests in flight; Intuit takes ten a second, and the pace is the limit.
const LANES: usize = 6;
/// So few steps go out one by one: their answers come sooner than a batch's.
const SINGLES_MAX: usize = 4;
/// So many unknown outcomes in a row mean that QuickBooks is not there.
const UNKNOWN_MAX: u64 = 3;

/// How it went.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    /// Why nothing more was sent.
    pub(crate) cause: Option<Cause>,
    /// Records whose write was cut off.
    pub(crate) unknown: Vec<Key>,
    /// Whether an object had moved on before it was written (5010).
    pub(crate) stale: bool,
    /// Whether a whole batch was refused, so that its items go out one by one.
    pub(crate) singly: bool,
    /// Whether a refusal asks for a new look at the company's settings.
    pub(crate) look_again: bool,
}

/// What the lanes share.
pub(crate) struct Lanes {
    carried: Mutex<Carried>,
    /// Outcomes are written one at a time: two payments change one invoice.
    finish: tokio::sync::Mutex<()>,
    unknown_in_a_row: AtomicU64,
}

impl Lanes {
    pub(crate) fn new() -> Self {
        Self {
            carried: Mutex::default(),
            finish: tokio::sync::Mutex::new(()),
            unknown_in_a_row: AtomicU64::new(0),
        }
    }

    fn change(&self, change: impl FnOnce(&mut Carried)) {
        change(&mut self.carried.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn stop(&self, cause: Cause) {
        self.change(|carried| {
            carried.cause.get_or_insert(cause);
        });
    }

    fn stopped(&self) -> bool {
        self.carried.lock().unwrap_or_else(PoisonError::into_inner).cause.is_some()
    }

    fn answered(&self) {
        self.unknown_in_a_row.store(0, Ordering::Relaxed);
    }

    fn cut_off(&self, keys: impl Iterator<Item = Key>, reason: &str) {
        self.change(|carried| carried.unknown.extend(keys));
        if self.unknown_in_a_row.fetch_add(1, Ordering::Relaxed) + 1 >= UNKNOWN_MAX {
            let reason = format!("{UNKNOWN_MAX} writes in a row were cut off: {reason}");
            self.stop(Cause::new(crate::model::Code::QuickbooksUnreachable, reason));
        }
    }

    pub(crate) fn into_carried(self) -> Carried {
        self.carried.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Carries out steps that do not depend on each other, many at once.
pub(crate) async fn carry_out(pass: &Pass<'_>, steps: &[Step], singly: bool) -> Result<Carried, StoreError> {
    let lanes = Lanes::new();
    let (total, done) = (steps.len() as u64, AtomicU64::new(0));
    let what = steps.first().map(|step| format!("writing {}s", step.entity)).unwrap_or_default();
    let (lanes_ref, done_ref, what_ref) = (&lanes, &done, what.as_str());
    let sends = stream::iter(lots(pass, steps, singly)).map(|lot| async move {
        let count = lot.len() as u64;
        let span = match lot.as_slice() {
            [one] => tracing::info_span!("record", key = %one.key),
            many => tracing::info_span!("batch", items = many.len()),
        };
        carry_out_lot(pass, lanes_ref, lot).instrument(span).await?;
        let done = done_ref.fetch_add(count, Ordering::Relaxed) + count;
        pass.world.progress(what_ref, done, total);
        Ok::<(), StoreError>(())
    });
    sends.buffer_unordered(LANES).try_for_each(|()| std::future::ready(Ok(()))).await?;
    Ok(lanes.into_carried())
}

/// Steps that go out together: batches of thirty, or one by one. A void always
/// goes alone, and so does what may bear a number that is there already: their
/// options have no form in a batch that is documented well enough. What twice
/// got no definite answer goes alone too, lest it spoil the others.
fn lots<'s>(pass: &Pass<'_>, steps: &'s [Step], singly: bool) -> Vec<Vec<&'s Step>> {
    let (alone, many): (Vec<&Step>, Vec<&Step>) = steps.iter().partition(|step| {
        step.action == Action::Void || prepare::accepted(pass, step) || prepare::suspect(pass, step)
    });
    let size = if singly || many.len() <= SINGLES_MAX { 1 } else { BATCH_ITEMS_MAX };
    let mut lots = many.chunks(size).map(<[&Step]>::to_vec).collect::<Vec<_>>();
    lots.extend(alone.into_iter().map(|step| vec![step]));
    lots
}

async fn carry_out_lot(pass: &Pass<'_>, lanes: &Lanes, lot: Vec<&Step>) -> Result<(), StoreError> {
    if lanes.stopped() || pass.world.stop.is_cancelled() {
        return Ok(());
    }
    let Some(intent) = prepare::intent(pass, lanes, &lot).await? else { return Ok(()) };
    let mut begin = Commit::new();
    begin.intent(&intent);
    if !Mutation::SkipIntent.is_planted() {
        pass.register.commit(begin).await?;
    }
    send(pass, lanes, intent).await
}

/// Sends a journaled intent and writes its outcome down.
pub(crate) async fn send(pass: &Pass<'_>, lanes: &Lanes, intent: Intent) -> Result<(), StoreError> {
    let sent_at = Instant::now();
    let answer = pass.world.quickbooks.write(&intent).await;
    let sent = &pass.world.memory.sent_at;
    sent.lock().unwrap_or_else(PoisonError::into_inner).insert(intent.seq, sent_at.max(Instant::now()));
    let _one_at_a_time = lanes.finish.lock().await;
    let open = outcome::finish(pass, lanes, intent.clone(), answer).await?;
    if !open {
        sent.lock().unwrap_or_else(PoisonError::into_inner).remove(&intent.seq);
    }
    Ok(())
}
