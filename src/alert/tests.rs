//! Tests of telling: when, how often, and after failures, on paused time.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

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
    /// It takes no digest.
    picky: AtomicBool,
    /// It takes this many seconds for each.
    slow: AtomicU64,
    kinds: std::sync::Mutex<Vec<String>>,
}

impl Transport for Chat {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let message: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        let kind = message["kind"].as_str().unwrap().to_owned();
        let away =
            self.away.load(Ordering::Relaxed) || (kind == "digest" && self.picky.load(Ordering::Relaxed));
        let slow = Duration::from_secs(self.slow.load(Ordering::Relaxed));
        let lost = || TransportError { phase: Phase::BeforeSend, reason: "cannot connect".to_owned() };
        let answer = http::Response::new(Bytes::new());
        async move {
            tokio::time::sleep(slow).await;
            self.kinds.lock().unwrap().push(kind);
            if away { Err(lost()) } else { Ok(answer) }
        }
        .boxed()
    }
}

impl Chat {
    /// What came since the last look.
    fn got(&self) -> Vec<String> {
        std::mem::take(&mut self.kinds.lock().unwrap())
    }
}

fn config() -> Config {
    of(FILES)
}

fn of(files: &str) -> Config {
    let path = Path::new("/etc/latchd/latchd.toml");
    load_from(path, &vec![(PathBuf::from(path), files.to_owned())])
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

/// What tells `chat`, half an hour before its digest.
fn desk(chat: &Arc<Chat>, folder: &Path) -> Desk {
    Desk {
        register: Register::new(Arc::new(Overlay::empty())),
        transport: Arc::<Chat>::clone(chat),
        clock: Arc::new(TokioClock::starting_at("2026-11-22T15:30:00Z".parse().unwrap())),
        secrets: SecretSources { credentials_dir: None, env: Box::new(|_| None) },
        token: TokenFile::new(folder),
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_fails_repeats_no_other_and_quiet_days_have_their_digest() {
    for (quiet, first) in [(false, &["news"][..]), (true, &[])] {
        let chat = Arc::new(Chat::default());
        let folder = tempfile::tempdir().unwrap();
        let mut status = sample();
        status.warnings.retain(|_| !quiet);
        let (reports, audience) =
            (watch::Sender::new(Some(status)), watch::Sender::new(Audience::of(&config())));
        let _task = beside(desk(&chat, folder.path()), reports.subscribe(), audience.subscribe());
        tokio::time::sleep(Duration::from_mins(2)).await;
        assert_eq!(chat.got(), first);
        // At eight the digest fails, again and again; what came with it does not come again.
        chat.picky.store(true, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_mins(27)).await;
        reports.send_modify(|status| status.as_mut().unwrap().warnings.clear());
        tokio::time::sleep(Duration::from_hours(3)).await;
        let news = chat.got().into_iter().filter(|kind| kind == "news").count();
        assert_eq!(news, usize::from(!quiet));
        chat.picky.store(false, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_hours(1)).await;
        assert_eq!(chat.got(), ["digest"]);
    }
}

#[tokio::test(start_paused = true)]
async fn other_files_cut_nothing_and_restart_only_who_is_another_in_them() {
    let other = FILES.replace("name = \"craigs\"", "name = \"other\"");
    let moved = FILES.replace("[[notify]]", "\n[[notify]]");
    let changed = FILES.replace("https://chat.example/hook", "https://chat.example/new");
    let gone = FILES.split("[[notify]]").next().unwrap();
    for files in [other.as_str(), &moved, &changed, gone] {
        let chat = Arc::new(Chat::default());
        let folder = tempfile::tempdir().unwrap();
        let (reports, audience) =
            (watch::Sender::new(Some(sample())), watch::Sender::new(Audience::of(&config())));
        let _task = beside(desk(&chat, folder.path()), reports.subscribe(), audience.subscribe());
        chat.slow.store(10, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(5)).await;
        Audience::renew(&audience, &of(files));
        tokio::time::sleep(Duration::from_mins(10)).await;
        assert_eq!(chat.got(), ["news"], "the message on its way arrives, and once: {files}");
    }
    // A receiver that is away is asked as rarely as before, unless it is another.
    for (files, expected) in [(moved.as_str(), 0), (&changed, 1)] {
        let chat = Arc::new(Chat::default());
        chat.away.store(true, Ordering::Relaxed);
        let folder = tempfile::tempdir().unwrap();
        let (reports, audience) =
            (watch::Sender::new(Some(sample())), watch::Sender::new(Audience::of(&config())));
        let _task = beside(desk(&chat, folder.path()), reports.subscribe(), audience.subscribe());
        // Asked after 0, 1, 3, 7 and 15 minutes.
        tokio::time::sleep(Duration::from_mins(17)).await;
        assert_eq!(chat.got().len(), 5);
        Audience::renew(&audience, &of(files));
        tokio::time::sleep(Duration::from_secs(30)).await;
        assert_eq!(chat.got().len(), expected, "{files}");
    }
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
