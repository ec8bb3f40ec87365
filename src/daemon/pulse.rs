//! The pulse: whether the daemon gets on. Whatever happens is a beat; a wait
//! that is known to end is no standstill, and every other silence is one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::StatusCode;
use http::header::RETRY_AFTER;
use tokio::time::Instant;

use crate::http::{Request, Response, Transport, TransportError, wait_told};

/// A call that lasts longer than this is not slow: the wire gives up on one
/// after 180 s.
const CALL: Duration = Duration::from_secs(190);

/// Since when nothing happened, and until when nothing needs to.
#[derive(Debug)]
pub struct Pulse {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    last: Instant,
    /// Until when a vendor told us to wait; others may go on meanwhile.
    told: Instant,
    /// When each wait in progress is over at the latest.
    waits: BTreeMap<u64, Instant>,
    next: u64,
}

impl Default for Pulse {
    fn default() -> Self {
        let now = Instant::now();
        Self { state: Mutex::new(State { last: now, told: now, waits: BTreeMap::new(), next: 0 }) }
    }
}

impl Pulse {
    /// Something got done.
    pub fn beat(&self) {
        self.state().last = Instant::now();
    }

    /// A wait begins that ends within `at_most`; it is over when the value
    /// goes, and that is a beat.
    pub fn wait(&self, at_most: Duration) -> Wait<'_> {
        let mut state = self.state();
        let id = state.next;
        state.next += 1;
        state.waits.insert(id, Instant::now() + at_most);
        Wait { pulse: self, id }
    }

    /// Whether something happened within `patience`, beside the waits that are
    /// not over.
    pub fn is_felt(&self, patience: Duration) -> bool {
        let state = self.state();
        let waited = state.waits.values().copied().max();
        let last = state.last.max(state.told).max(waited.unwrap_or(state.last));
        Instant::now() <= last + patience
    }

    /// The network, with a beat for each call; a slow call and the wait that a
    /// 429 asks for are no standstill.
    pub fn over(self: &Arc<Self>, inner: Arc<dyn Transport>) -> Arc<dyn Transport> {
        Arc::new(Beating { pulse: Arc::clone(self), inner })
    }

    fn told(&self, wait: Duration) {
        let mut state = self.state();
        state.told = state.told.max(Instant::now() + wait);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A wait in progress.
#[derive(Debug)]
pub struct Wait<'a> {
    pulse: &'a Pulse,
    id: u64,
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.pulse.state().waits.remove(&self.id);
        self.pulse.beat();
    }
}

struct Beating {
    pulse: Arc<Pulse>,
    inner: Arc<dyn Transport>,
}

impl Transport for Beating {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        async move {
            let _call = self.pulse.wait(CALL);
            let answer = self.inner.send(request).await;
            let asks_to_wait = |answer: &Response| {
                answer.status() == StatusCode::TOO_MANY_REQUESTS || answer.headers().contains_key(RETRY_AFTER)
            };
            if let Ok(answer) = &answer
                && asks_to_wait(answer)
            {
                self.pulse.told(wait_told(answer));
            }
            answer
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(120);

    /// For how many whole seconds from now on it is felt.
    async fn felt_for(pulse: &Pulse) -> u64 {
        let since = Instant::now();
        while pulse.is_felt(PATIENCE) {
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        since.elapsed().as_secs() - 1
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_a_standstill_unless_it_is_a_wait_that_ends() {
        let pulse = Pulse::default();
        assert_eq!(felt_for(&pulse).await, 120);
        pulse.beat();
        assert_eq!(felt_for(&pulse).await, 120);
        let (long, short) = (pulse.wait(Duration::from_secs(600)), pulse.wait(Duration::from_secs(5)));
        drop(short);
        assert!(pulse.is_felt(PATIENCE), "the end of a wait is a beat");
        assert_eq!(felt_for(&pulse).await, 720, "a wait that does not end when it must is a standstill");
        drop(long);
        assert_eq!(felt_for(&pulse).await, 120);
    }

    /// Answers after a time, or never, with a status.
    struct Vendor {
        after: Duration,
        answer: fn() -> Response,
    }

    impl Transport for Vendor {
        fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
            async move {
                tokio::time::sleep(self.after).await;
                Ok((self.answer)())
            }
            .boxed()
        }
    }

    fn ok() -> Response {
        Response::default()
    }

    fn throttled() -> Response {
        let answer = http::Response::builder().status(429).header("Retry-After", "3600");
        answer.body(bytes::Bytes::new()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn slow_calls_and_told_waits_are_none_and_calls_without_end_are() {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        let cases = [
            (Duration::ZERO, ok as fn() -> Response, 120),
            (minutes(3), ok, 180 + 120),
            (minutes(99), ok, 190 + 120),
            (Duration::ZERO, throttled, 3600 + 120),
        ];
        for (after, answer, expected) in cases {
            let pulse = Arc::new(Pulse::default());
            let transport = pulse.over(Arc::new(Vendor { after, answer }));
            let call = tokio::spawn(async move { transport.send(Request::default()).await });
            tokio::task::yield_now().await;
            // The answer is seen at the next whole second.
            let felt = felt_for(&pulse).await;
            assert!((expected..=expected + 1).contains(&felt), "{after:?}: {felt} s");
            call.abort();
        }
    }
}
