//! The daemon of a soak, in a process of its own, so that what it holds is its
//! own: the loop with its watch, its socket, its state on disk and its network
//! over real connections. Only its time is not the machine's: it is paused, and
//! moves when the soak says so.
//!
//! While a call is on its way, a second lasts a second, so that no call times
//! out because time ran away from it. Everywhere else time leaps.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use latchd::clock::{Clock as _, TokioClock};
use latchd::config::SecretSources;
use latchd::daemon::{self, Control};
use latchd::engine::Edges;
use latchd::http::{Request, Response, Transport, TransportError, WireTransport};
use tokio::sync::{mpsc, watch};
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::advance;
use uuid::Uuid;

/// Its files.
pub(super) const FILES: &str = "LATCHD_SOAK_FILES";
/// What its clock shows when it starts.
pub(super) const AT: &str = "LATCHD_SOAK_AT";
/// What its answers begin with, which stand beside the words of the test
/// harness.
pub(super) const ANSWER: &str = "soak: ";

/// How far time leaps where the loop waits: less than it waits at most.
const LEAP: Duration = Duration::from_secs(10);
/// How far it goes while the loop is at work and asks nothing of the network:
/// it may pause between two tries.
const WORK: Duration = Duration::from_millis(20);
/// How long work is left alone before time moves; with a call on its way, it
/// moves as far.
const ALONE: Duration = Duration::from_micros(200);
/// A wait that is over is a beat of the pulse; one is felt no longer than this.
const BEAT: Duration = Duration::from_millis(1);
/// How often everything that can go on may do so before time moves.
const TURNS: usize = 32;

#[test]
#[ignore = "a soak starts it, as a process of its own"]
fn the_daemon() {
    let (Some(files), Some(at)) = (variable(FILES), variable(AT)) else { return };
    let at: Timestamp = at.parse().expect("the soak says when");
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let runtime = runtime.expect("a runtime of one thread can be made");
    runtime.block_on(live(&PathBuf::from(files), at));
    // It waits for orders, of which there are no more.
    runtime.shutdown_background();
}

#[expect(clippy::disallowed_methods, reason = "the soak tells its process so")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

async fn live(path: &Path, at: Timestamp) {
    let clock = TokioClock::starting_at(at);
    let nothing: fn(&str) -> Option<String> = |_| None;
    let wire = WireTransport::new(&nothing).expect("there are authorities");
    let under_way = Arc::new(AtomicUsize::new(0));
    let counted: Arc<dyn Transport> = Arc::new(Counted { inner: wire, under_way: Arc::clone(&under_way) });
    let control = Control::default();
    let (reports, _) = watch::channel(None);
    let edges = Edges {
        transport: control.pulse.over(Arc::clone(&counted)),
        alerts: counted,
        clock: Arc::new(clock),
        secrets: SecretSources { credentials_dir: None, env: Box::new(nothing) },
        epoch: Uuid::new_v4(),
    };
    tokio::spawn(Hands { clock, under_way, control: control.clone() }.obey(orders()));
    daemon::run(path, edges, &control, &reports).await.expect("the daemon goes on");
}

/// The soak's orders. A blocking task reads them, and as long as there is one
/// paused time does not move by itself.
fn orders() -> mpsc::UnboundedReceiver<String> {
    let (sender, orders) = mpsc::unbounded_channel();
    spawn_blocking(move || {
        for order in std::io::stdin().lines() {
            // Nobody hears the last one.
            let _ = sender.send(order.expect("the soak writes text"));
        }
    });
    orders
}

/// Who moves the time.
struct Hands {
    clock: TokioClock,
    under_way: Arc<AtomicUsize>,
    control: Control,
}

impl Hands {
    async fn obey(self, mut orders: mpsc::UnboundedReceiver<String>) {
        while let Some(order) = orders.recv().await {
            match order.as_str() {
                "wake" => self.control.wake.notify_one(),
                "reload" => self.control.reload.notify_one(),
                "stop" => break,
                seconds => self.go(Duration::from_secs(seconds.parse().expect("an order is known"))).await,
            }
            answer(self.clock.now());
        }
        // It is to end, or whoever gave orders is gone.
        self.control.stop.cancel();
        loop {
            self.step(LEAP).await;
        }
    }

    async fn go(&self, time: Duration) {
        let mut left = time;
        while !left.is_zero() {
            left -= self.step(left).await;
        }
    }

    /// Lets everything go on, then time; gives how far it moved.
    async fn step(&self, at_most: Duration) -> Duration {
        let beat = BEAT.min(at_most);
        advance(beat).await;
        for _ in 0..TURNS {
            yield_now().await;
        }
        let calls = self.under_way.load(Ordering::Relaxed);
        let waits = self.control.pulse.is_felt(Duration::ZERO);
        if calls > 0 || !waits {
            spawn_blocking(|| std::thread::sleep(ALONE)).await.expect("it only sleeps");
        }
        let far = match (calls, waits) {
            (1.., _) => ALONE,
            (0, false) => WORK,
            (0, true) => LEAP,
        };
        let far = far.min(at_most.saturating_sub(beat));
        advance(far).await;
        beat + far
    }
}

fn answer(now: Timestamp) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{ANSWER}{now}").and_then(|()| out.flush()).expect("the soak listens");
}

/// The network, with a count of the calls under way.
struct Counted {
    inner: WireTransport,
    under_way: Arc<AtomicUsize>,
}

impl Transport for Counted {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        async move {
            let _under_way = UnderWay::new(&self.under_way);
            self.inner.send(request).await
        }
        .boxed()
    }
}

/// A call that is given up is over as well.
struct UnderWay<'a>(&'a AtomicUsize);

impl<'a> UnderWay<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
