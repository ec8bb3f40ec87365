//! A process of the daemon as the soak holds it: orders in, its clock out, and
//! what it holds of the machine.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use jiff::Timestamp;

use super::daemon::{ANSWER, AT, FILES};
use super::flat::Reading;

/// Longer than anything takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// What the units set for glibc.
const MALLOC: [(&str, &str); 3] =
    [("MALLOC_ARENA_MAX", "1"), ("MALLOC_MMAP_THRESHOLD_", "65536"), ("MALLOC_TRIM_THRESHOLD_", "65536")];
/// So much of its log is told where it fails.
const LOG_LINES: usize = 40;

/// A running daemon; killed at the latest when the value goes.
pub(super) struct Process {
    child: Child,
    orders: Option<ChildStdin>,
    answers: Receiver<String>,
    log: PathBuf,
}

impl Process {
    /// Starts one over these files; its clock shows `at`, and its log is
    /// appended to a file.
    pub(super) fn start(files: &Path, at: Timestamp, log: &Path) -> Self {
        let tests = std::env::current_exe().expect("the tests know where they are");
        let said = File::options().create(true).append(true).open(log).expect("the folder is writable");
        let mut child = Command::new(tests)
            .args(["--exact", "histories::soak::daemon::the_daemon", "--ignored", "--nocapture"])
            .args(["--test-threads", "1"])
            .env_clear()
            .envs(MALLOC)
            .env(FILES, files)
            .env(AT, at.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(said)
            .spawn()
            .expect("the tests can be started");
        let out = child.stdout.take().expect("it has a pipe");
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if let Some((_, answer)) = line.rsplit_once(ANSWER) {
                    // The soak may have killed it, and wants no answer.
                    let _ = sender.send(answer.to_owned());
                }
            }
        });
        Self { orders: child.stdin.take(), child, answers, log: log.to_owned() }
    }

    /// Tells it something, and does not wait.
    pub(super) fn tell(&mut self, order: &str) {
        let orders = self.orders.as_mut().expect("it takes orders until it ends");
        if let Err(error) = writeln!(orders, "{order}") {
            panic!("the daemon is gone: {error}\n{}", self.last_words());
        }
    }

    /// Tells it something; gives what its clock shows once it is done.
    pub(super) fn order(&mut self, order: &str) -> Timestamp {
        self.tell(order);
        match self.answers.recv_timeout(PATIENCE) {
            Ok(now) => now.parse().expect("it answers with its clock"),
            Err(RecvTimeoutError::Timeout) => panic!("the daemon hangs\n{}", self.last_words()),
            Err(RecvTimeoutError::Disconnected) => panic!("the daemon died\n{}", self.last_words()),
        }
    }

    /// Ends it as systemd does, and sees that it ends well.
    pub(super) fn stop(mut self) {
        self.tell("stop");
        self.orders = None;
        let ended = self.child.wait().expect("it is our child");
        assert!(ended.success(), "the daemon ended with {ended}\n{}", self.last_words());
    }

    /// Kills it as the kernel does when memory runs out.
    pub(super) fn kill(self) {
        drop(self);
    }

    /// What it holds: memory of its own, without pages of files, and handles.
    pub(super) fn reading(&self, hour: usize) -> Reading {
        let own = PathBuf::from(format!("/proc/{}", self.child.id()));
        let status = fs::read_to_string(own.join("status")).expect("it lives");
        let anon = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kib = anon.and_then(|anon| anon.trim().strip_suffix(" kB")).and_then(|kib| kib.parse().ok());
        let handles = fs::read_dir(own.join("fd")).expect("it lives").count();
        Reading { hour, kib: kib.expect("the kernel tells it"), handles }
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already, or is to end now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
