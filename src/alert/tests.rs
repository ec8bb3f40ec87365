//! Tests of telling: when, how often, and after failures, on paused time.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::*;
use crate::clock::TokioClock;
use crate::config::load_from;
use crate::http::{Phase, Request, Response, TransportError};
use crate::report::sample::sample;
use crate::store::Overlay;

const FILES: &str = r#"version = 1
[company]
name = "craigs"
realm_id = "9130350000000000"
expect = "Craig's"
time_zone = "America/Los_Angeles"
[staxbill]
api_key = "${env:A}"
[quickbooks]
environment = "production"
client_id = "${env:A}"
client_secret = "${env:A}"
[posting]
deferred_revenue_item = "Services"
deposit_account = "Undeposited Funds"
[[notify]]
name = "chat"
url = "https://chat.example/hook"
"#;

/// A receiver that notes what it gets, and may be away.
#[derive(Default)]
struct Chat {
    away: AtomicBool,
    /// It knows no digests.
    no_digests: AtomicBool,
    kinds: Mutex<Vec<String>>,
}

impl Transport for Chat {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let message: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        self.kinds.lock().unwrap().push(message["kind"].as_str().unwrap().to_owned());
        let digest = message["kind"] == "digest";
        let away = self.away.load(Ordering::Relaxed) || digest && self.no_digests.load(Ordering::Relaxed);
        let lost = || TransportError { phase: Phase::BeforeSend, reason: "cannot connect".to_owned() };
        let answer = http::Response::new(Bytes::new());
        async move { if away { Err(lost()) } else { Ok(answer) } }.boxed()
    }
}

impl Chat {
    /// What came since the last look.
    fn got(&self) -> Vec<String> {
        std::mem::take(&mut self.kinds.lock().unwrap())
    }
}

fn config() -> Config {
    let path = Path::new("/etc/latchd/latchd.toml");
    load_from(path, &vec![(PathBuf::from(path), FILES.to_owned())])
        .map_err(|errors| errors.to_string())
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_receiver_hears_of_everything_once_and_gets_its_digest() {
    let chat = Arc::new(Chat::default());
    let register = Register::new(Arc::new(Overlay::empty()));
    let folder = tempfile::tempdir().unwrap();
    let clock = TokioClock::starting_at("2026-11-22T15:30:00Z".parse().unwrap());
    let desk = || Desk {
        register: register.clone(),
        transport: Arc::<Chat>::clone(&chat),
        clock: Arc::new(clock),
        secrets: SecretSources { credentials_dir: None, env: Box::new(|_| None) },
        token: TokenFile::new(folder.path()),
    };
    let (reports, audience) = (watch::Sender::new(None), watch::Sender::new(Audience::of(&config())));
    let task = beside(desk(), reports.subscribe(), audience.subscribe());
    let hours = async |hours| tokio::time::sleep(Duration::from_hours(hours)).await;
    let report = |change: fn(&mut Status)| {
        let mut status = sample();
        change(&mut status);
        reports.send_replace(Some(status));
    };
    report(|status| status.last_pass.outcome = "running".to_owned());
    tokio::time::sleep(Duration::from_mins(2)).await;
    assert_eq!(chat.got(), [""; 0], "in the middle of a pass nothing is told");
    report(|_| {});
    tokio::time::sleep(Duration::from_mins(2)).await;
    assert_eq!(chat.got(), ["news"]);
    // Eight o'clock of the company passes.
    hours(1).await;
    assert_eq!(chat.got(), ["digest"]);
    hours(24).await;
    assert_eq!(chat.got().iter().filter(|kind| *kind == "digest").count(), 1);
    // Away, it is asked ever more rarely, and hears then what is still new.
    chat.away.store(true, Ordering::Relaxed);
    report(|status| status.warnings.clear());
    hours(4).await;
    let asked = chat.got().len();
    assert!((6..=12).contains(&asked), "{asked}");
    chat.away.store(false, Ordering::Relaxed);
    hours(2).await;
    assert_eq!(chat.got(), ["news"]);
    // Another process knows what was told.
    drop(task);
    let _task = beside(desk(), reports.subscribe(), audience.subscribe());
    hours(2).await;
    assert_eq!(chat.got(), [""; 0]);
}

/// What arrived is not told again because something else did not.
#[tokio::test(start_paused = true)]
async fn a_digest_that_is_refused_repeats_no_news() {
    let chat = Arc::new(Chat::default());
    chat.no_digests.store(true, Ordering::Relaxed);
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk {
        register: Register::new(Arc::new(Overlay::empty())),
        transport: Arc::<Chat>::clone(&chat),
        clock: Arc::new(TokioClock::starting_at("2026-11-22T15:30:00Z".parse().unwrap())),
        secrets: SecretSources { credentials_dir: None, env: Box::new(|_| None) },
        token: TokenFile::new(folder.path()),
    };
    let (reports, audience) = (watch::Sender::new(None), watch::Sender::new(Audience::of(&config())));
    let _task = beside(desk, reports.subscribe(), audience.subscribe());
    reports.send_replace(Some(sample()));
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert_eq!(chat.got(), ["news"]);
    // It is away over eight o'clock of the company, and back for news alone.
    chat.away.store(true, Ordering::Relaxed);
    reports.send_modify(|status| status.iter_mut().for_each(|status| status.warnings.clear()));
    tokio::time::sleep(Duration::from_hours(1)).await;
    chat.got();
    chat.away.store(false, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_hours(12)).await;
    let got = chat.got();
    assert_eq!(got.iter().filter(|kind| *kind == "news").count(), 1, "{got:?}");
    assert!(got.iter().filter(|kind| *kind == "digest").count() > 3, "{got:?}");
}

/// Other files do not wake a receiver that is away, unless they name it
/// otherwise; who is new is told at once, and who is gone no more.
#[tokio::test(start_paused = true)]
async fn other_files_cut_nothing_off() {
    let chat = Arc::new(Chat::default());
    chat.away.store(true, Ordering::Relaxed);
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk {
        register: Register::new(Arc::new(Overlay::empty())),
        transport: Arc::<Chat>::clone(&chat),
        clock: Arc::new(TokioClock::starting_at("2026-11-22T17:30:00Z".parse().unwrap())),
        secrets: SecretSources { credentials_dir: None, env: Box::new(|_| None) },
        token: TokenFile::new(folder.path()),
    };
    let (reports, audience) = (watch::Sender::new(None), watch::Sender::new(Audience::of(&config())));
    let _task = beside(desk, reports.subscribe(), audience.subscribe());
    reports.send_replace(Some(sample()));
    tokio::time::sleep(Duration::from_hours(4)).await;
    chat.got();
    let renewed = |generation: &str, change: fn(&mut Receiver)| {
        let mut config = config();
        config.generation = generation.to_owned();
        config.settings.receivers.iter_mut().for_each(change);
        Audience::renew(&audience, &config);
    };
    renewed("b", |_| {});
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(chat.got(), [""; 0], "it waits as before");
    chat.away.store(false, Ordering::Relaxed);
    renewed("c", |receiver| receiver.digest_at = Time::constant(9, 0, 0, 0));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(chat.got(), ["news"], "its entry was changed, perhaps mended");
    renewed("d", |receiver| "other".clone_into(&mut receiver.name));
    tokio::time::sleep(Duration::from_mins(2)).await;
    assert_eq!(chat.got(), ["news"], "another one was told nothing yet");
}

#[test]
fn a_digest_is_due_once_a_day_of_the_company() {
    let zone = TimeZone::get("America/Los_Angeles").unwrap();
    let cases = [
        ("2026-11-22T15:59:59Z", "2026-11-21"),
        ("2026-11-22T16:00:00Z", "2026-11-22"),
        ("2026-11-23T07:59:00Z", "2026-11-22"),
        ("2026-11-23T16:00:00Z", "2026-11-23"),
    ];
    for (now, expected) in cases {
        let now = now.parse::<Timestamp>().unwrap().to_zoned(zone.clone());
        assert_eq!(period(&now, Time::constant(8, 0, 0, 0)).to_string(), expected);
    }
}
