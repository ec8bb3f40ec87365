//! The daemon under a service manager: what it tells, and that it ends in time.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use tokio::time::Instant;

use super::books;
use super::house::{House, PATIENCE, Running, until};

const AMY: &str = "10482 = { adopt = \"1\", expect = \"Amy's Bird Sanctuary\", start = \"beginning\" }\n";
const BOLT: &str = "10483 = { create = \"Bolt Bakery\", start = \"beginning\" }\n";
/// What `WatchdogSec=` is here: long enough for a busy machine.
const PERIOD: Duration = Duration::from_secs(8);

/// A service manager that listens.
struct Manager {
    socket: UnixDatagram,
}

impl Manager {
    /// Starts the daemon of `house` as systemd does, under a watchdog.
    fn start(house: &House, failpoint: Option<&str>) -> (Self, Running) {
        let path = house.path("notify.sock");
        let socket = UnixDatagram::bind(&path).expect("a socket in the folder");
        let mut command = house.command(&["run"]);
        command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", PERIOD.as_micros().to_string());
        if let Some(failpoint) = failpoint {
            command.env("LATCHD_FAILPOINT", failpoint);
        }
        (Self { socket }, house.start_command(command))
    }

    /// The next message, or none within `wait`.
    fn next(&self, wait: Duration) -> Option<String> {
        self.socket.set_read_timeout(Some(wait)).expect("it is not zero");
        let mut bytes = [0; 4096];
        let length = self.socket.recv(&mut bytes).ok()?;
        Some(String::from_utf8(bytes[..length].to_vec()).expect("UTF-8").trim_end().to_owned())
    }

    /// All messages until one of them holds this.
    fn until(&self, part: &str) -> Vec<String> {
        let mut heard = Vec::new();
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "no {part} in {heard:#?}");
            heard.extend(self.next(Duration::from_secs(1)));
            if heard.last().is_some_and(|message| message.contains(part)) {
                return heard;
            }
        }
    }
}

/// Messages without sentences and signs of life, which come whenever they come.
fn turns(heard: &[String]) -> Vec<&str> {
    let turns = heard.iter().map(String::as_str);
    turns.filter(|message| !message.starts_with("STATUS=") && *message != "WATCHDOG=1").collect()
}

#[test]
fn systemd_hears_of_every_turn_in_order() {
    let house = House::sample();
    house.write("links.d/a.toml", format!("[links]\n{AMY}"));
    let (systemd, process) = Manager::start(&house, None);
    assert_eq!(systemd.until("READY=1"), ["READY=1"]);
    let heard = systemd.until("Next pass at ").into_iter().chain(systemd.until("WATCHDOG=1"));
    let heard: Vec<String> = heard.collect();
    assert_eq!(turns(&heard), Vec::<&str>::new());
    // At rest.
    process.signal("HUP");
    let heard = systemd.until("READY=1");
    let [reloading, ready] = turns(&heard)[..] else { panic!("{heard:#?}") };
    assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
    assert_eq!(ready, "READY=1");
    // At rest, and the files are others: they are in force when it is said.
    systemd.until("Next pass at ");
    house.write("links.d/a.toml", format!("[links]\n{AMY}{BOLT}"));
    process.signal("HUP");
    let heard = systemd.until("READY=1");
    assert_eq!(turns(&heard).len(), 2, "{heard:#?}");
    assert!(process.err().contains("the files are in force"));
    systemd.until("Next pass at ");
    // In the middle of a pass, which goes on: nothing changed.
    let slow = Rule::next("/v3/company/*/cdc", Kind::Delay { ms: 30_000 }).of(Vendor::QuickBooks);
    house.sandbox.trouble.add(slow);
    let before = house.sandbox.trouble.hits();
    process.signal("USR1");
    until("a pass is under way", || house.sandbox.trouble.hits() > before);
    systemd.until("STATUS=A pass: ");
    process.signal("HUP");
    let since = Instant::now();
    let heard = systemd.until("READY=1");
    assert_eq!(turns(&heard).len(), 2, "{heard:#?}");
    assert!(since.elapsed() < Duration::from_secs(20), "a reload does not wait for the pass");
    // A call that lasts longer than systemd would wait is no standstill.
    let mut signs = 0;
    while since.elapsed() < PERIOD * 2 {
        signs += u32::from(systemd.next(PERIOD).expect("a sign of life") == "WATCHDOG=1");
    }
    assert!(signs >= 4, "{signs}");
    process.signal("TERM");
    let heard = systemd.until("STOPPING=1");
    assert_eq!(turns(&heard), ["STOPPING=1"]);
    let ended = process.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn a_loop_that_is_stuck_feeds_the_watchdog_no_more() {
    for failpoint in ["stuck-waiting", "stuck-blocking"] {
        let house = House::sample();
        house.write("links.d/a.toml", format!("[links]\n{AMY}"));
        let (systemd, mut process) = Manager::start(&house, Some(failpoint));
        systemd.until("Next pass at ");
        systemd.until("WATCHDOG=1");
        process.signal("USR1");
        // Half a period may pass until it is noticed.
        let asked = Instant::now();
        let mut last = asked;
        while last.elapsed() < PERIOD {
            if systemd.next(Duration::from_secs(1)).is_some_and(|message| message == "WATCHDOG=1") {
                last = Instant::now();
            }
            assert!(asked.elapsed() < PERIOD * 4, "{failpoint}: the watchdog is fed on");
        }
        assert!(process.runs(), "{failpoint}: it hangs, and looks alive");
        process.signal("ABRT");
        assert_eq!(process.end().code, None);
    }
}

/// A large state is opened for minutes: the manager is told, and signals are
/// taken. This one is opened without end.
#[test]
fn while_the_state_is_opened_signals_are_taken_and_the_start_is_not_given_up() {
    let house = House::sample();
    house.write("links.d/a.toml", format!("[links]\n{AMY}"));
    let (systemd, mut process) = Manager::start(&house, Some("stuck-opening"));
    let heard = systemd.until("EXTEND_TIMEOUT_USEC=");
    assert_eq!(turns(&heard), ["EXTEND_TIMEOUT_USEC=60000000"]);
    for signal in ["HUP", "USR1"] {
        process.signal(signal);
    }
    systemd.until("EXTEND_TIMEOUT_USEC=");
    assert!(process.runs(), "neither of them kills");
    process.signal("TERM");
    let asked = Instant::now();
    systemd.until("STOPPING=1");
    let ended = process.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(asked.elapsed() < Duration::from_secs(15), "{:?}", asked.elapsed());
    // What was cut off is opened as it was.
    assert_eq!(house.run(&["once"]).code, Some(5));
}

#[test]
fn asked_twice_it_ends_at_once_and_the_next_start_finds_what_was_written() {
    let house = House::sample();
    house.write("links.d/a.toml", format!("[links]\n{AMY}{BOLT}"));
    let slow = Rule::next("/v3/company/*/batch", Kind::DelayAnswer { ms: 600_000 }).of(Vendor::QuickBooks);
    house.sandbox.trouble.add(slow);
    let (systemd, process) = Manager::start(&house, None);
    until("it writes", || house.sandbox.trouble.hits() > 0);
    process.signal("TERM");
    systemd.until("STOPPING=1");
    let asked = Instant::now();
    process.signal("TERM");
    let ended = process.end();
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert!(ended.code == Some(1) && ended.err.contains("asked twice"), "{ended:?}");
    let again = house.run(&["once"]);
    assert!(matches!(again.code, Some(0 | 5)), "{again:?}");
    books::of(&house.sandbox);
    assert_eq!(house.status().expect("a report")["entities"][0]["synced"], 2);
}

#[test]
fn a_slow_write_is_awaited_when_the_service_ends() {
    let house = House::sample();
    house.write("links.d/a.toml", format!("[links]\n{AMY}{BOLT}"));
    let slow = Rule::next("/v3/company/*/batch", Kind::Delay { ms: 10_000 }).of(Vendor::QuickBooks);
    house.sandbox.trouble.add(slow);
    let (systemd, process) = Manager::start(&house, None);
    until("it writes", || house.sandbox.trouble.hits() > 0);
    process.signal("TERM");
    let asked = Instant::now();
    systemd.until("STOPPING=1");
    let ended = process.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(asked.elapsed() > Duration::from_secs(8), "the write was cut off: {:?}", asked.elapsed());
    assert!(asked.elapsed() < Duration::from_secs(30), "{:?}", asked.elapsed());
    assert!(!ended.err.contains("did not end in time"), "{ended:?}");
    let written = |line: &&str| line.contains(" written key=customer/10483 action=create");
    let line = ended.err.lines().find(written).expect("a line a write");
    for field in
        ["object=Customer", "id=", "request_id=", "intuit_tid=", "outcome=done", "entity=customer", "pass=1"]
    {
        assert!(line.contains(field), "{field}: {line}");
    }
    assert_eq!(house.status().expect("a report")["last_pass"]["outcome"], "interrupted");
    books::of(&house.sandbox);
    let sent = house.sandbox.quickbooks.calls().batches;
    let ended = house.run(&["once"]);
    assert!(matches!(ended.code, Some(0 | 5)), "{ended:?}");
    books::of(&house.sandbox);
    let status = house.status().expect("a report");
    assert_eq!(status["entities"][0]["synced"], 2);
    assert_eq!(status["tie_out"]["balanced"], true);
    assert!(house.sandbox.quickbooks.calls().batches >= sent);
}
