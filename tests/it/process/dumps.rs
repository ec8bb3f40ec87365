//! Core dumps: what a process holds is left on no disk when it ends hard, and
//! read by no other process.

use std::ffi::OsString;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};

use super::house::{House, until};

/// Without these rights the superuser is an owner like any other.
const LIKE_ANY_OWNER: [&str; 3] = ["setpriv", "--bounding-set", "-sys_ptrace,-perfmon,-sys_admin"];

/// A program as its owner starts it, in a shell that allows cores of any size
/// where it may.
fn start(house: &House, program: &str, argument: &str) -> Child {
    let mut command = owner("/bin/sh");
    command.args(["-c", "ulimit -c unlimited 2>/dev/null; exec \"$0\" \"$1\"", program, argument]);
    command.env("LATCHD_CONFIG", house.path("latchd.toml")).env("SECRET", "canary");
    command.current_dir(house.path("")).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("it starts")
}

fn owner(program: &str) -> Command {
    let tried = Command::new(LIKE_ANY_OWNER[0]).args(&LIKE_ANY_OWNER[1..]).arg("true").output();
    if !tried.is_ok_and(|tried| tried.status.success()) {
        return Command::new(program);
    }
    let mut command = Command::new(LIKE_ANY_OWNER[0]);
    command.args(&LIKE_ANY_OWNER[1..]).arg(program);
    command
}

fn daemon(house: &House) -> Child {
    let daemon = start(house, env!("CARGO_BIN_EXE_latchd"), "run");
    until("it has made a pass", || {
        house.status().is_some_and(|status| status["last_pass"]["outcome"] == "complete")
    });
    daemon
}

/// Another program that does nothing about it, to compare with.
fn other(house: &House) -> Child {
    let other = start(house, "sleep", "600");
    let named = format!("/proc/{}/comm", other.id());
    until("it runs", || fs::read_to_string(&named).is_ok_and(|name| name == "sleep\n"));
    other
}

fn end(mut child: Child, signal: &str) -> std::process::ExitStatus {
    let sent = Command::new("kill").arg(signal).arg(child.id().to_string()).status();
    assert!(sent.expect("there is a kill").success());
    child.wait().expect("it is our child")
}

/// Cores in the folder where the programs run, which is where the kernel puts
/// them unless it is told another place.
fn cores(house: &House) -> Vec<OsString> {
    let names =
        fs::read_dir(house.path("")).expect("it is a folder").flatten().map(|entry| entry.file_name());
    names.filter(|name| name.to_string_lossy().starts_with("core")).collect()
}

#[test]
fn no_core_of_a_process_that_holds_secrets_is_dumped() {
    let house = House::generated(2, 3);
    house.link_all();
    let other = end(other(&house), "-ABRT");
    let left = cores(&house);
    let daemon = daemon(&house);
    let limits = fs::read_to_string(format!("/proc/{}/limits", daemon.id())).expect("everyone may read it");
    let limit = limits.lines().find(|line| line.starts_with("Max core file size")).expect("it is there");
    let zeroes = limit.split_whitespace().filter(|word| *word == "0").count();
    assert_eq!(zeroes, 2, "{limit}");
    let daemon = end(daemon, "-ABRT");
    assert_eq!((other.signal(), daemon.signal()), (Some(6), Some(6)));
    assert!(!daemon.core_dumped(), "and of another program {:?}", other.core_dumped());
    assert_eq!(cores(&house), left, "and of another program {left:?}");
}

/// A core that goes through a pipe obeys no limit; what is not dumpable has
/// none, and shows its environment to nobody.
#[test]
fn a_process_that_holds_secrets_is_not_read_by_its_own_user() {
    let house = House::generated(2, 3);
    house.link_all();
    let read = |child: &Child, name: &str| {
        let path = format!("/proc/{}/{name}", child.id());
        let read = owner("cat").arg(path).output().expect("there is a cat");
        (read.status.success(), String::from_utf8_lossy(&read.stdout).contains("canary"))
    };
    let (other, daemon) = (other(&house), daemon(&house));
    let found = ["environ", "maps", "status"].map(|name| (read(&other, name), read(&daemon, name)));
    end(other, "-KILL");
    end(daemon, "-TERM");
    let (shown, hidden, plain) = ((true, true), (false, false), (true, false));
    assert_eq!(found, [(shown, hidden), (plain, hidden), (plain, plain)]);
}
