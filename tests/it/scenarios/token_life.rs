//! The life of a connection, at the clock's pace: a year of rotations with
//! restarts and kills, weeks without a call, and its end.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use latchd::clock::{Clock as _, TokioClock};
use latchd::http::{Request, Response, RouterTransport, Transport, TransportError};
use latchd::model::{Code, RealmId};
use latchd::pass::Outcome;
use latchd::quickbooks::{
    CallError, ConnectError, Consent, Credentials, QuickBooks, QuickBooksSettings, Session,
};
use latchd::sandbox::trouble::{Kind, Rule};
use latchd::sandbox::{Cut, Sandbox, SandboxOptions, quickbooks};
use latchd::store::{TokenFile, Tokens};
use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::sync::CancellationToken;

use super::shop::{one_of_each, pass};
use crate::company::{NOW, options, warnings};

const REALM: &str = "9130350000000000";
const PAGE: &str = "http://localhost:9/back";
const LOGIN: &str = "latchd auth login --config /etc/latchd/latchd.toml";
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A state folder, Intuit, and processes one after the other.
struct Life {
    sandbox: Sandbox,
    clock: TokioClock,
    folder: tempfile::TempDir,
    process: RefCell<CancellationToken>,
}

/// The network of a process that can be killed: it hears nothing after that.
struct Mortal {
    inner: RouterTransport,
    killed: CancellationToken,
}

impl Transport for Mortal {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        async move {
            tokio::select! {
                biased;
                () = self.killed.cancelled() => std::future::pending().await,
                answer = self.inner.send(request) => answer,
            }
        }
        .boxed()
    }
}

impl Life {
    fn new(rotation_grace: Duration) -> Self {
        let company = quickbooks::Options { rotation_grace, ..quickbooks::Options::default() };
        Self {
            sandbox: Sandbox::bare(SandboxOptions { quickbooks: company, ..options(false) }),
            clock: TokioClock::starting_at(NOW.parse().expect("a literal instant")),
            folder: tempfile::tempdir().expect("a folder"),
            process: RefCell::default(),
        }
    }

    /// Ends the present process in the middle of whatever it does; sessions made
    /// from here on are another's.
    fn kill(&self) {
        self.process.take().cancel();
    }

    fn network(&self) -> Arc<dyn Transport> {
        let routers = vec![(8090, self.sandbox.quickbooks_router())];
        let inner = RouterTransport::new(routers, |extensions| extensions.get::<Cut>().is_some());
        Arc::new(Mortal { inner, killed: self.process.borrow().clone() })
    }

    fn session(&self) -> Session {
        let credentials = Credentials {
            client_id: SecretString::from("sandbox-client"),
            client_secret: SecretString::from("sandbox-secret"),
            refresh_token: Some(SecretString::from("sandbox-refresh-token")),
            discovery_url: "http://127.0.0.1:8090/.well-known/openid_configuration".to_owned(),
            login: LOGIN.to_owned(),
        };
        Session::new(self.network(), Arc::new(self.clock), credentials, TokenFile::new(self.folder.path()))
    }

    fn quickbooks(&self) -> Arc<QuickBooks> {
        let settings = QuickBooksSettings {
            api_url: "http://127.0.0.1:8090".to_owned(),
            realm_id: RealmId::new(REALM),
            per_minute: 60_000,
            per_second: 1_000,
            batches_per_minute: 6_000,
        };
        Arc::new(QuickBooks::new(self.network(), self.session(), &settings))
    }

    fn kept(&self) -> Tokens {
        TokenFile::new(self.folder.path()).read().expect("it is a token file").expect("there is a token")
    }

    fn refreshes(&self) -> u64 {
        self.sandbox.quickbooks.calls().token_refreshes
    }

    /// What the administrator's browser is sent back with.
    async fn consent(&self, quickbooks: &QuickBooks) -> String {
        let page = quickbooks.consent_url(PAGE, "a state").await.expect("the sandbox works");
        let answer = self
            .network()
            .send(http::Request::get(page).body(Bytes::new()).expect("the sandbox works"))
            .await
            .expect("the sandbox works");
        answer.headers()["location"].to_str().expect("the sandbox works").to_owned()
    }

    async fn login(&self, expect: &str) -> Result<(), ConnectError> {
        let quickbooks = self.quickbooks();
        let address = self.consent(&quickbooks).await;
        let realm = RealmId::new(REALM);
        let consent = Consent::judge(&address, "a state", &realm).expect("the sandbox works");
        quickbooks.connect(&consent, PAGE, (&realm, expect)).await.map(|_| ())
    }
}

const NAME: &str = "Craig's Design and Landscaping Services";

/// Chances that repeat.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

async fn pass_time(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds)).await;
}

/// Plays a year; gives how many kills fell between Intuit's rotation and our
/// writing, and how many of them ended in `reconnect`.
async fn year(grace: Duration, seed: u64) -> (u64, u64) {
    let life = Life::new(grace);
    let mut chance = Chance(seed);
    let mut session = life.session();
    let start = life.clock.now();
    let (mut unwritten, mut lost) = (0, 0);
    while life.clock.now().duration_since(start).as_hours() < 365 * 24 {
        pass_time(5 * MINUTE + chance.below(30 * HOUR)).await;
        match chance.below(10) {
            0..4 => {}
            4 => session = life.session(),
            5 => {
                // Killed while it wrote.
                leave(life.folder.path());
                session = life.session();
            }
            fate => {
                let when =
                    if fate < 7 { Kind::Delay { ms: 60_000 } } else { Kind::DelayAnswer { ms: 60_000 } };
                life.sandbox.trouble.add(Rule::next("/oauth2/v1/tokens/bearer", when));
                let _ = tokio::time::timeout(Duration::from_secs(5), session.access_token(None)).await;
                life.kill();
                life.sandbox.trouble.clear();
                session = life.session();
                pass_time(chance.below(20 * MINUTE)).await;
            }
        }
        let known = TokenFile::new(life.folder.path()).read().expect("it is a token file");
        let known = known.map_or("sandbox-refresh-token".to_owned(), |tokens| tokens.refresh_token);
        let overtaken = !life.sandbox.quickbooks.secrets().contains(&known);
        unwritten += u64::from(overtaken);
        match session.access_token(None).await {
            Ok(access) => {
                assert_eq!(access.expose_secret(), life.kept().access_token, "kept before it is used");
            }
            Err(CallError::Reconnect(words)) => {
                assert!(overtaken && words.contains(LOGIN), "{words}");
                lost += 1;
                life.login(NAME).await.expect("the sandbox works");
                session = life.session();
                session.access_token(None).await.expect("the sandbox works");
            }
            Err(error) => panic!("{error}"),
        }
        let names = std::fs::read_dir(life.folder.path()).expect("a folder").count();
        assert!(names <= 2, "remains do not pile up");
    }
    assert!(life.refreshes() > 200, "{}", life.refreshes());
    (unwritten, lost)
}

#[expect(clippy::disallowed_methods, reason = "what a kill leaves is not whole")]
fn leave(folder: &Path) {
    std::fs::write(folder.join("token.json.new"), b"{\"access_tok").expect("a folder");
}

#[tokio::test(start_paused = true)]
async fn a_year_of_rotations_and_kills_never_loses_the_token_where_the_one_before_lives_on() {
    for seed in 0..3 {
        let (unwritten, lost) = year(Duration::from_secs(2 * HOUR), seed).await;
        assert!(unwritten > 20, "{unwritten}");
        assert_eq!(lost, 0, "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_kill_between_rotation_and_writing_is_all_that_ends_in_reconnect() {
    for seed in 0..3 {
        let (unwritten, lost) = year(Duration::ZERO, seed).await;
        assert!(unwritten > 20, "{unwritten}");
        assert_eq!(lost, unwritten, "seed {seed}");
    }
}

/// As a pass that is cut off, or a client that hangs up: Intuit's answer is on
/// its way, and the token before it is dead.
#[tokio::test(start_paused = true)]
async fn whoever_goes_away_in_the_middle_cuts_no_change_of_the_tokens() {
    let life = Life::new(Duration::ZERO);
    let slow = |path: &str| {
        life.sandbox.trouble.clear();
        life.sandbox.trouble.add(Rule::next(path, Kind::DelayAnswer { ms: 60_000 }));
    };
    let patience = Duration::from_secs(5);
    let session = life.session();
    session.access_token(None).await.unwrap();
    for weekly in [false, true] {
        pass_time(8 * DAY).await;
        let before = life.kept().refresh_token;
        slow("/oauth2/v1/tokens/bearer");
        let gone = if weekly {
            tokio::time::timeout(patience, session.keep_alive()).await.is_err()
        } else {
            tokio::time::timeout(patience, session.access_token(None)).await.is_err()
        };
        assert!(gone, "it is answered after a minute");
        let refreshes = life.refreshes();
        // Whoever comes next waits for it, and begins no other.
        session.access_token(None).await.expect("the renewal went on");
        assert_eq!(life.refreshes(), refreshes);
        assert_ne!(life.kept().refresh_token, before);
    }
    let quickbooks = life.quickbooks();
    let realm = RealmId::new(REALM);
    let address = life.consent(&quickbooks).await;
    let consent = Consent::judge(&address, "a state", &realm).unwrap();
    let before = life.kept().connected_at;
    slow("/oauth2/v1/tokens/bearer");
    let login = quickbooks.connect(&consent, PAGE, (&realm, NAME));
    assert!(tokio::time::timeout(patience, login).await.is_err());
    pass_time(2 * MINUTE).await;
    quickbooks.company_info(&realm).await.expect("the login went on");
    assert_ne!(life.kept().connected_at, before);
    slow("/v2/oauth2/tokens/revoke");
    assert!(tokio::time::timeout(patience, quickbooks.disconnect(false)).await.is_err());
    pass_time(2 * MINUTE).await;
    assert_eq!(quickbooks.disconnect(false).await.unwrap().was_alive, None, "it is over, and forgotten");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_nobody_asks_for_is_used_every_week() {
    let life = Life::new(Duration::ZERO);
    let session = life.session();
    session.access_token(None).await.unwrap();
    let before = life.refreshes();
    for _ in 0..210 * 24 {
        pass_time(HOUR).await;
        session.keep_alive().await;
    }
    assert_eq!(life.refreshes() - before, 30);
    assert_eq!(session.ending(), None);
    life.session().access_token(None).await.unwrap();
    // One that fails is not tried every half minute, and harms nothing.
    let refused = Rule::next("/oauth2/v1/tokens/bearer", Kind::Refuse).every();
    life.sandbox.trouble.add(refused);
    pass_time(8 * DAY).await;
    let hits = life.sandbox.trouble.hits();
    for _ in 0..240 {
        pass_time(30).await;
        session.keep_alive().await;
    }
    assert_eq!(life.sandbox.trouble.hits() - hits, 2, "once an hour");
}

#[tokio::test(start_paused = true)]
async fn the_end_that_no_use_moves_is_kept_and_told_two_weeks_before() {
    let life = Life::new(Duration::ZERO);
    let session = life.session();
    session.keep_alive().await;
    let hard = life.kept().hard_expires_at.expect("Intuit tells it");
    assert_eq!(hard.duration_since(life.clock.now()).as_hours(), 5 * 365 * 24);
    for _ in 0..20 {
        pass_time(90 * DAY).await;
        session.keep_alive().await;
    }
    pass_time(9 * DAY).await;
    session.keep_alive().await;
    assert!(hard.duration_since(life.kept().hard_expires_at.unwrap()).as_secs().abs() < 60);
    assert_eq!(session.ending(), None, "16 days before");
    pass_time(3 * DAY).await;
    for session in [&session, &life.session()] {
        session.access_token(None).await.unwrap();
        let words = session.ending().expect("13 days before");
        assert!(words.contains(LOGIN) && words.contains("2031-11-21"), "{words}");
    }
    pass_time(14 * DAY).await;
    assert!(matches!(session.access_token(None).await, Err(CallError::Reconnect(_))));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_will_end_is_a_warning_that_holds_nothing_up() {
    let (company, ..) = one_of_each();
    pass(&company).await;
    let file = TokenFile::new(&company.config().settings.paths.state);
    let tokens = file.read().unwrap().unwrap();
    let soon = NOW.parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_hours(10 * 24);
    file.room().unwrap().keep(&Tokens { hard_expires_at: Some(soon), ..tokens }).unwrap();
    let (done, status) = company.once().await;
    assert_eq!((done.outcome, done.causes.len()), (Outcome::Complete, 0));
    assert_eq!(warnings(&status), ["company/reconnect reconnect"]);
    assert!(status.warnings[0].reason.contains("latchd auth login --config /"), "{:?}", status.warnings[0]);
    assert_eq!(done.early[0].code, Code::Reconnect);
}

#[tokio::test(start_paused = true)]
async fn where_nothing_can_be_written_the_token_is_used_to_its_end_and_not_renewed() {
    let life = Life::new(Duration::ZERO);
    let session = life.session();
    session.access_token(None).await.unwrap();
    let before = (life.refreshes(), life.kept().refresh_token);
    let blocked = life.folder.path().join("token.json.new");
    std::fs::create_dir(&blocked).unwrap();
    pass_time(57 * MINUTE).await;
    session.access_token(None).await.expect("three minutes are left of it");
    pass_time(3 * MINUTE).await;
    match session.access_token(None).await {
        Err(CallError::Token(words)) => {
            assert!(words.contains("was not renewed and stays good until"), "{words}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!((life.refreshes(), life.kept().refresh_token), before);
    std::fs::remove_dir(&blocked).unwrap();
    session.access_token(None).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn nothing_is_kept_of_another_company_or_a_spent_code() {
    let life = Life::new(Duration::ZERO);
    let error = life.login("Other Ltd").await.unwrap_err();
    assert!(matches!(error, ConnectError::OtherCompany { .. }), "{error}");
    let quickbooks = life.quickbooks();
    let address = life.consent(&quickbooks).await;
    let realm = RealmId::new(REALM);
    let consent = Consent::judge(&address, "a state", &realm).unwrap();
    pass_time(11 * MINUTE).await;
    let error = quickbooks.connect(&consent, PAGE, (&realm, NAME)).await.unwrap_err();
    assert!(matches!(error, ConnectError::Spent), "{error}");
    assert_eq!(std::fs::read_dir(life.folder.path()).unwrap().count(), 0);
    // A login is newer than what the files seed, and stays so.
    life.login(NAME).await.unwrap();
    let fresh = life.kept().refresh_token;
    pass_time(2 * HOUR).await;
    life.session().access_token(None).await.unwrap();
    assert_eq!(life.kept().refresh_token, fresh);
    assert_eq!(life.quickbooks().disconnect(false).await.unwrap().was_alive, Some(true));
    assert_eq!(std::fs::read_dir(life.folder.path()).unwrap().count(), 0);
    assert_eq!(life.quickbooks().disconnect(false).await.unwrap().was_alive, None);
}
