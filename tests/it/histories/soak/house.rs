//! The house of a soak: both vendors on ports of this machine, the operator's
//! folder on disk, who is told of alerts, and the daemon that lives there.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use jiff::Timestamp;
use latchd::report::Status;
use latchd::sandbox::server::Served;
use latchd::sandbox::{Sandbox, quickbooks};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::super::acts::Variant;
use super::super::player::{Played, Player};
use super::flat::Reading;
use super::process::Process;

/// How far time goes at once: both clocks are never further apart.
const STRIDE: Duration = Duration::from_secs(60);
/// How long the system's watch on files waits before it tells of them, and a
/// little more.
const NOTICED: Duration = Duration::from_millis(1_300);

/// What stands in `[posting]` for the bookkeeper's edits to be undone.
const RESTORE: &str = "on_drift = \"restore\"\n";

/// A company, its operator's folder and its daemon.
pub(super) struct House {
    /// What happens to the company.
    pub(super) player: Player,
    /// Alerts that arrived.
    pub(super) alerts: Arc<AtomicU64>,
    folder: tempfile::TempDir,
    process: Option<Process>,
    /// Where QuickBooks, Stax Bill and who is told listen.
    ports: [SocketAddr; 3],
    _served: Served,
    _runtime: Runtime,
}

impl House {
    /// A company of this variant, which no daemon serves yet.
    pub(super) fn new(variant: Variant) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let inside = runtime.enter();
        let mut player = Player::new(variant, false);
        player.post_by(RESTORE);
        let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        let served = runtime.block_on(player.played().company.sandbox.serve(any, any));
        let served = served.expect("ports of this machine");
        let alerts = Arc::new(AtomicU64::new(0));
        let listener = runtime.block_on(TcpListener::bind(any)).expect("a port of this machine");
        let told = listener.local_addr().expect("it listens");
        let count = Arc::clone(&alerts);
        let app = Router::new().route(
            "/told",
            post(move || {
                count.fetch_add(1, Ordering::Relaxed);
                std::future::ready("ok")
            }),
        );
        runtime.spawn(async move { axum::serve(listener, app).await });
        drop(inside);
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("links.d")).expect("a folder for links");
        let ports = [served.quickbooks_addr, served.staxbill_addr, told];
        Self { player, alerts, folder, process: None, ports, _served: served, _runtime: runtime }
    }

    pub(super) fn played(&self) -> &Played {
        self.player.played()
    }

    pub(super) fn sandbox(&self) -> &Sandbox {
        &self.played().company.sandbox
    }

    pub(super) fn quickbooks(&self) -> &quickbooks::Company {
        &self.sandbox().quickbooks
    }

    pub(super) fn now(&self) -> Timestamp {
        self.sandbox().clock.now()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What the operator's files say now: everything but the links, and these.
    pub(super) fn files(&self) -> (String, String) {
        let text = self.played().company.text();
        let (main, links) = text.split_once("\n[links]\n").expect("they hold links");
        let [quickbooks, staxbill, told] = self.ports.map(|port| port.to_string());
        let main = main.replace("127.0.0.1:8090", &quickbooks).replace("127.0.0.1:8091", &staxbill);
        let main = main.replace("version = 1\n", "version = 1\ninclude = [\"links.d/*.toml\"]\n");
        let main = format!("{main}\n[[notify]]\nname = \"people\"\nurl = \"http://{told}/told\"\n");
        (main, format!("[links]\n{links}"))
    }

    /// Writes a file in place, as a simple editor does.
    #[expect(clippy::disallowed_methods, reason = "the daemon must live with files written in place")]
    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("the folder is writable");
    }

    /// Time stands still until the system's watch has told of changed files.
    pub(super) fn let_the_watch_see() {
        std::thread::sleep(NOTICED);
    }

    pub(super) fn start(&mut self) {
        assert!(self.process.is_none(), "the state has one owner");
        let files = self.path("latchd.toml");
        self.process = Some(Process::start(&files, self.now(), &self.path("log")));
    }

    pub(super) fn runs(&self) -> bool {
        self.process.is_some()
    }

    pub(super) fn process(&mut self) -> &mut Process {
        self.process.as_mut().expect("a daemon runs")
    }

    pub(super) fn stop(&mut self) {
        self.process.take().expect("a daemon runs").stop();
    }

    pub(super) fn kill(&mut self) {
        self.process.take().expect("a daemon runs").kill();
    }

    /// Lets time go on for both vendors and the daemon, where one runs.
    pub(super) fn go(&mut self, minutes: u64) {
        for _ in 0..minutes {
            let daemon = match &mut self.process {
                Some(process) => process.order(&STRIDE.as_secs().to_string()),
                None => self.now() + STRIDE,
            };
            if let Ok(behind) = Duration::try_from(daemon.duration_since(self.now())) {
                self.sandbox().clock.advance(behind);
            }
        }
    }

    pub(super) fn reading(&mut self, hour: usize) -> Reading {
        self.process().reading(hour)
    }

    /// The last report.
    pub(super) fn status(&self) -> Status {
        let text = fs::read_to_string(self.path("reports/status.json")).expect("a pass reports");
        serde_json::from_str(&text).expect("a report is whole")
    }

    /// A command of the program beside the daemon.
    pub(super) fn ask(&self, args: &[&str]) -> std::process::Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_latchd"));
        command.args(args).env_clear().env("LATCHD_CONFIG", self.path("latchd.toml"));
        command.stdin(Stdio::null()).output().expect("the program starts")
    }
}
