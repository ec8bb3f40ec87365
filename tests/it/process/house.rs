//! A house for processes: a folder with an operator's files, both vendors on
//! ports of this machine, and the program started as a person or systemd does.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use latchd::clock::{Clock, SystemClock};
use latchd::sandbox::clock::SandboxClock;
use latchd::sandbox::server::Served;
use latchd::sandbox::{Sandbox, SandboxOptions, quickbooks};
use tokio::runtime::Runtime;
use tokio::time::Instant;

/// Longer than anything here takes, also on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Both vendors, an operator's folder, and processes in it.
pub(super) struct House {
    /// Both vendors; the books can be read past the API.
    pub(super) sandbox: Sandbox,
    /// Where QuickBooks listens.
    pub(super) quickbooks: SocketAddr,
    /// Where Stax Bill listens.
    pub(super) staxbill: SocketAddr,
    folder: tempfile::TempDir,
    said: tempfile::TempDir,
    runs: AtomicU64,
    _served: Served,
    _runtime: Runtime,
}

impl House {
    /// The demo company beside the sample account.
    pub(super) fn sample() -> Self {
        Self::with(Sandbox::sample)
    }

    /// The demo company beside a generated account.
    pub(super) fn generated(customers: u32, invoices: u32) -> Self {
        Self::with(|options| Sandbox::generated(options, customers, invoices))
    }

    /// The demo company beside an account without a record.
    pub(super) fn bare() -> Self {
        Self::with(Sandbox::bare)
    }

    /// A small one, whose refresh tokens are good for `grace` after another took
    /// their place.
    pub(super) fn with_grace(grace: Duration) -> Self {
        Self::with(|options| {
            let quickbooks = quickbooks::Options { rotation_grace: grace, ..options.quickbooks };
            Sandbox::generated(SandboxOptions { quickbooks, ..options }, 2, 3)
        })
    }

    fn with(make: impl FnOnce(SandboxOptions) -> Sandbox) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let _inside = runtime.enter();
        let clock = SandboxClock::starting_at(SystemClock.now());
        let sandbox = make(SandboxOptions { seed: 1, throttled: false, clock, ..SandboxOptions::default() });
        let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        let served = runtime.block_on(sandbox.serve(any, any)).expect("ports of this machine");
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("links.d")).expect("a folder for links");
        let house = Self {
            sandbox,
            quickbooks: served.quickbooks_addr,
            staxbill: served.staxbill_addr,
            folder,
            said: tempfile::tempdir().expect("a folder"),
            runs: AtomicU64::new(0),
            _served: served,
            _runtime: runtime,
        };
        house.write("latchd.toml", house.settings());
        house
    }

    /// What `latchd.toml` says unless a test says otherwise.
    pub(super) fn settings(&self) -> String {
        SETTINGS
            .replace("QUICKBOOKS", &self.quickbooks.to_string())
            .replace("STAXBILL", &self.staxbill.to_string())
    }

    /// A path in the operator's folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file in place, as a simple editor does.
    #[expect(
        clippy::disallowed_methods,
        reason = "the program must live with files that are written in place"
    )]
    pub(super) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).expect("the folder is writable");
    }

    /// Links every customer: those whom QuickBooks knows by the same name are
    /// adopted, the others created.
    pub(super) fn link_all(&self) {
        let known = self.sandbox.quickbooks.objects("Customer");
        let mut text = "[links]\n".to_owned();
        for customer in self.sandbox.staxbill.customers() {
            let name = customer.fields.company_name.unwrap_or_default();
            let twin = known.iter().find(|object| object["DisplayName"] == name.as_str());
            let verb = match twin {
                Some(twin) => format!("adopt = {}, expect = \"{name}\"", twin["Id"]),
                None => "create = true".to_owned(),
            };
            let _ = writeln!(text, "{} = {{ {verb}, start = \"beginning\" }}", customer.id);
        }
        self.write("links.d/all.toml", text);
    }

    /// The program with these arguments, in an environment without anything.
    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_latchd"));
        command.args(args).env_clear().env("LATCHD_CONFIG", self.path("latchd.toml"));
        command.current_dir(self.folder.path());
        command
    }

    /// Runs the program to its end.
    pub(super) fn run(&self, args: &[&str]) -> Ended {
        self.start(args).end()
    }

    /// Starts the program.
    pub(super) fn start(&self, args: &[&str]) -> Running {
        self.start_command(self.command(args))
    }

    /// Starts a command of [`command`](Self::command) that a test has changed.
    pub(super) fn start_command(&self, mut command: Command) -> Running {
        let number = self.runs.fetch_add(1, Ordering::Relaxed);
        let [out, err] = ["out", "err"].map(|name| self.said.path().join(format!("{number}.{name}")));
        let file = |path: &Path| File::create(path).expect("the folder is writable");
        let child = command.stdout(file(&out)).stderr(file(&err)).spawn().expect("the program starts");
        Running { child, out, err }
    }

    /// Every file of the operator's folder with its bytes.
    pub(super) fn disk(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("it is a folder") {
                let path = entry.expect("it can be listed").path();
                if path.is_dir() {
                    files.insert(path.clone(), Vec::new());
                    folders.push(path);
                } else {
                    files.insert(path.clone(), fs::read(&path).expect("it can be read"));
                }
            }
        }
        files
    }

    /// `status.json`, where there is one.
    pub(super) fn status(&self) -> Option<serde_json::Value> {
        let text = fs::read_to_string(self.path("reports/status.json")).ok()?;
        Some(serde_json::from_str(&text).expect("a report is whole or not there"))
    }

    /// Calls that QuickBooks answered, of any sort.
    pub(super) fn quickbooks_calls(&self) -> u64 {
        let calls = self.sandbox.quickbooks.calls();
        calls.reads + calls.writes + calls.batches + calls.refused + calls.token_refreshes
    }
}

/// A process that is killed at the latest when the value goes.
pub(super) struct Running {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

/// How a process ended, and what it said.
#[derive(Debug)]
pub(super) struct Ended {
    /// Its exit code; `None` where a signal ended it.
    pub(super) code: Option<i32>,
    /// Results.
    pub(super) out: String,
    /// Logs and errors.
    pub(super) err: String,
}

impl Running {
    /// Waits for the end.
    pub(super) fn end(mut self) -> Ended {
        let mut status = None;
        until("the process ends", || {
            status = self.child.try_wait().expect("it is our child");
            status.is_some()
        });
        let status = status.expect("it ended");
        let read = |path: &Path| String::from_utf8(fs::read(path).expect("it was made")).expect("UTF-8");
        Ended { code: status.code(), out: read(&self.out), err: read(&self.err) }
    }

    /// Whether it still runs.
    pub(super) fn runs(&mut self) -> bool {
        self.child.try_wait().expect("it is our child").is_none()
    }

    /// Kills it as the kernel does when memory runs out.
    pub(super) fn kill(mut self) -> Ended {
        self.child.kill().expect("it is our child");
        self.end()
    }

    /// Its number, by which `/proc` knows it.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal by name: `TERM`, `HUP`.
    pub(super) fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(sent.expect("there is a kill").success());
    }

    /// Types a line, for a command that was given a pipe.
    pub(super) fn type_in(&mut self, line: &str) {
        use std::io::Write as _;
        let stdin = self.child.stdin.as_mut().expect("it has a pipe");
        writeln!(stdin, "{line}").expect("it reads");
    }

    /// What it logged so far.
    pub(super) fn err(&self) -> String {
        fs::read_to_string(&self.err).expect("UTF-8")
    }

    /// What it said on stdout so far.
    pub(super) fn out(&self) -> String {
        fs::read_to_string(&self.out).expect("UTF-8")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, or nobody waits for it any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for a condition, and fails where it does not come.
pub(super) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "it took too long until {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

const SETTINGS: &str = r#"version = 1
include = ["links.d/*.toml"]

[company]
name = "craigs"
realm_id = "9130350000000000"
expect = "Craig's Design and Landscaping Services"
time_zone = "America/Los_Angeles"

[staxbill]
base_url = "http://STAXBILL/v1"
api_key = "MDpzYW5kYm94"

[quickbooks]
environment = "sandbox"
api_url = "http://QUICKBOOKS"
discovery_url = "http://QUICKBOOKS/.well-known/openid_configuration"
client_id = "sandbox-client"
client_secret = "sandbox-secret"
refresh_token = "sandbox-refresh-token"

[paths]
state = "state"
reports = "reports"

[posting]
deferred_revenue_item = "Subscription services"
deposit_account = "Undeposited Funds"
tax_item = "Sales tax collected"

[deposit_accounts]
"CreditCard" = "Card clearing"

[limits]
quickbooks_requests_minute = 60000
quickbooks_requests_second = 1000
quickbooks_batches_minute = 6000
staxbill_requests_minute = 60000
unknown_wait = "1s"
"#;
