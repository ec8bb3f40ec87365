//! The daemon: files that change under it, signals, the timer.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use serde_json::Value;
use tokio::time::Instant;

use super::books;
use super::house::{House, Running, until};

const AMY: &str = "10482 = { adopt = \"1\", expect = \"Amy's Bird Sanctuary\", start = \"beginning\" }\n";
const BOLT: &str = "10483 = { create = \"Bolt Bakery\", start = \"beginning\" }\n";
const COG: &str = "10485 = { create = \"Cog & Co\", start = \"beginning\" }\n";

fn links(lines: &[&str]) -> String {
    format!("[links]\n{}", lines.concat())
}

/// A daemon whose first pass is over; one customer is linked.
fn daemon() -> (House, Running) {
    let house = House::sample();
    house.write("links.d/a.toml", links(&[AMY]));
    let process = house.start(&["run"]);
    settled(&house, 1);
    (house, process)
}

/// Waits until so many customers are synced, and nothing is on its way.
fn settled(house: &House, customers: u64) {
    until(&format!("{customers} customers are synced"), || {
        house.status().is_some_and(|status| {
            status["last_pass"]["outcome"] == "complete"
                && status["entities"][0]["synced"] == customers
                && status["entities"][2]["not_tried"] == 0
        })
    });
}

fn rejected(house: &House) -> Option<String> {
    let status = house.status()?;
    let rejected = &status["generation"]["rejected"];
    (!rejected.is_null()).then(|| rejected["errors"].to_string())
}

fn terminated(process: Running) {
    process.signal("TERM");
    let asked = Instant::now();
    let ended = process.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(asked.elapsed() < Duration::from_secs(30), "{:?}", asked.elapsed());
}

#[test]
fn a_file_is_picked_up_however_it_appears() {
    let (house, process) = daemon();
    // By rename, as editors and configuration management do.
    house.write("links.d/.new", links(&[BOLT]));
    fs::rename(house.path("links.d/.new"), house.path("links.d/b.toml")).unwrap();
    settled(&house, 2);
    // In place.
    house.write("links.d/b.toml", links(&[BOLT, COG]));
    settled(&house, 3);
    // By swapping a link to the file, as a mounted configuration does.
    fs::create_dir(house.path("versions")).unwrap();
    for (name, lines) in [("old", &[BOLT, COG][..]), ("new", &[BOLT, COG, LUMEN][..])] {
        house.write(&format!("versions/{name}.toml"), links(lines));
    }
    let swap = |to: &str| {
        symlink(house.path(&format!("versions/{to}.toml")), house.path("links.d/.swap")).unwrap();
        fs::rename(house.path("links.d/.swap"), house.path("links.d/b.toml")).unwrap();
    };
    swap("old");
    swap("new");
    settled(&house, 4);
    assert_eq!(house.status().unwrap()["last_pass"]["triggers"], serde_json::json!(["files"]));
    terminated(process);
}

const LUMEN: &str = "10484 = { create = true, start = \"beginning\" }\n";

#[test]
fn a_broken_file_changes_nothing_and_going_back_clears_it() {
    let (house, process) = daemon();
    let good = house.status().unwrap()["generation"]["applied"].clone();
    house.write("links.d/b.toml", "[links]\n10483 = { creat = \"Bolt Bakery\" }\n");
    until("the file is refused", || rejected(&house).is_some());
    let errors = rejected(&house).unwrap();
    assert!(errors.contains("links.d/b.toml:2") && errors.contains("creat"), "{errors}");
    let generation = house.status().unwrap()["generation"].clone();
    assert_eq!(generation["applied"], good);
    assert_ne!(generation["observed"], good);
    // The last good one goes on: a pass is made under it.
    let pass = |status: &Value| status["last_pass"]["number"].as_u64();
    let before = pass(&house.status().unwrap());
    process.signal("HUP");
    until("a pass is made", || house.status().is_some_and(|status| pass(&status) > before));
    assert!(rejected(&house).is_some());
    fs::remove_file(house.path("links.d/b.toml")).unwrap();
    until("it is cleared", || rejected(&house).is_none());
    assert_eq!(house.status().unwrap()["generation"]["observed"], good);
    // Broken at the next start: the last good one is used, and it is said.
    terminated(process);
    house.write("links.d/b.toml", "[links\n");
    let process = house.start(&["run"]);
    until("the file is refused", || rejected(&house).is_some());
    settled(&house, 1);
    assert_eq!(house.status().unwrap()["generation"]["applied"], good);
    for command in ["once", "plan", "check"] {
        assert_eq!(house.run(&[command]).code, Some(78), "{command}");
    }
    house.write("links.d/b.toml", links(&[BOLT]));
    settled(&house, 2);
    assert!(rejected(&house).is_none());
    terminated(process);
}

/// Where the main file is so broken that it does not tell where the state is,
/// the service manager does; and a state that another one holds is left alone.
#[test]
fn the_last_good_files_are_found_where_systemd_says_and_under_the_lock() {
    let (house, process) = daemon();
    let good = house.settings();
    house.write("latchd.toml", "version = 1\n[pat");
    let state = house.path("state").display().to_string();
    let start = |place: Option<&str>| {
        let mut command = house.command(&["run"]);
        command.envs(place.map(|place| ("STATE_DIRECTORY", place)));
        house.start_command(command)
    };
    let second = start(Some(&state)).end();
    assert_eq!(second.code, Some(75), "{second:?}");
    assert!(second.err.contains("another latchd holds the state"), "{second:?}");
    terminated(process);
    let nowhere = start(None).end();
    assert_eq!(nowhere.code, Some(78), "{nowhere:?}");
    let process = start(Some(&format!("/nowhere:{state}")));
    until("the file is refused", || rejected(&house).is_some());
    settled(&house, 1);
    house.write("latchd.toml", good);
    until("it is cleared", || rejected(&house).is_none());
    terminated(process);
}

/// A pass that newer files end is not what was asked for: the next one is.
#[test]
fn a_pass_that_newer_files_end_is_made_up_for_by_the_next() {
    let (house, process) = daemon();
    let slow = || Rule::next("/v3/company/*/cdc", Kind::Delay { ms: 4_000 }).of(Vendor::QuickBooks);
    for (signal, customers, lines) in [("USR1", 2, &[BOLT][..]), ("HUP", 3, &[BOLT, COG])] {
        house.sandbox.trouble.clear();
        house.sandbox.trouble.add(slow());
        process.signal(signal);
        until("a pass is under way", || house.sandbox.trouble.hits() > 0);
        house.write("links.d/b.toml", links(lines));
        settled(&house, customers);
        let triggers = house.status().expect("a report")["last_pass"]["triggers"].clone();
        assert_eq!(triggers, serde_json::json!(["signal", "files"]), "{signal}");
    }
    terminated(process);
}

#[test]
fn an_emptied_set_of_links_is_refused_until_it_is_meant() {
    let (house, process) = daemon();
    fs::remove_file(house.path("links.d/a.toml")).unwrap();
    until("it is refused", || rejected(&house).is_some());
    assert!(rejected(&house).unwrap().contains("allow_empty = true"));
    settled(&house, 1);
    terminated(process);
    for command in ["once", "plan"] {
        let ended = house.run(&[command]);
        assert_eq!(ended.code, Some(78), "{ended:?}");
        assert!(ended.err.contains("allow_empty = true"), "{ended:?}");
    }
    // A daemon that is started with them goes on with the last good ones.
    fs::remove_file(house.path("reports/status.json")).unwrap();
    let process = house.start(&["run"]);
    until("it is refused", || rejected(&house).is_some());
    settled(&house, 1);
    house.write("latchd.toml", house.settings().replace("version = 1", "version = 1\nallow_empty = true"));
    until("the link is held", || {
        house.status().is_some_and(|status| status.to_string().contains("link-removed"))
    });
    terminated(process);
}

#[test]
fn sigterm_in_the_middle_of_a_slow_write_ends_cleanly_and_nothing_is_posted_twice() {
    for what in [Kind::Delay { ms: 60_000 }, Kind::DelayAnswer { ms: 60_000 }, Kind::Delay { ms: 500 }] {
        let house = House::sample();
        house.write("links.d/a.toml", links(&[AMY, BOLT]));
        house.sandbox.trouble.add(Rule::next("/v3/company/*/batch", what).of(Vendor::QuickBooks));
        let process = house.start(&["run"]);
        until("it writes", || house.sandbox.trouble.hits() > 0);
        terminated(process);
        house.sandbox.trouble.clear();
        books::of(&house.sandbox);
        let ended = house.run(&["once"]);
        assert!(matches!(ended.code, Some(0 | 5)), "{what:?} {ended:?}");
        books::of(&house.sandbox);
        let status = house.status().unwrap();
        assert_eq!(status["entities"][0]["synced"], 2, "{what:?}");
        assert_eq!(status["tie_out"]["balanced"], true, "{what:?}");
    }
}

#[test]
fn the_timer_makes_passes_by_itself() {
    let house = House::sample();
    house.write("latchd.toml", format!("{}\n[schedule]\ninterval = \"1s\"\n", house.settings()));
    house.write("links.d/a.toml", links(&[AMY]));
    let process = house.start(&["run"]);
    until("the timer has made three passes", || {
        house.status().is_some_and(|status| {
            status["last_pass"]["number"].as_u64() >= Some(4)
                && status["last_pass"]["triggers"] == serde_json::json!(["timer"])
        })
    });
    terminated(process);
}

/// A pass that is under way for some seconds, and a condition that must hold
/// before the files would be looked at anyway.
fn meanwhile(house: &House, process: &Running, act: impl FnOnce(), what: &str, held: impl Fn() -> bool) {
    let slow = Rule::next("/v3/company/*/cdc", Kind::Delay { ms: 4_000 }).of(Vendor::QuickBooks);
    house.sandbox.trouble.add(slow);
    let before = house.sandbox.trouble.hits();
    process.signal("HUP");
    until("a pass is under way", || house.sandbox.trouble.hits() > before);
    act();
    let since = Instant::now();
    until(what, held);
    assert!(since.elapsed() < Duration::from_secs(20), "{what}: only after {:?}", since.elapsed());
}

#[test]
fn what_happens_to_the_files_during_a_pass_is_not_forgotten() {
    let (house, process) = daemon();
    let break_it = || house.write("links.d/b.toml", "[links]\n10483 = 5\n");
    meanwhile(&house, &process, break_it, "it is refused", || rejected(&house).is_some());
    let mend_it = || fs::remove_file(house.path("links.d/b.toml")).unwrap();
    meanwhile(&house, &process, mend_it, "it is cleared", || rejected(&house).is_none());
    let add = || house.write("links.d/b.toml", links(&[BOLT]));
    meanwhile(&house, &process, add, "the customer is synced", || {
        house.status().is_some_and(|status| status["entities"][0]["synced"] == 2)
    });
    terminated(process);
}

#[test]
fn a_folder_that_is_replaced_or_new_is_watched_on() {
    let (house, process) = daemon();
    // As configuration management does that swaps whole folders.
    fs::create_dir(house.path("next.d")).unwrap();
    house.write("next.d/a.toml", links(&[AMY, BOLT]));
    fs::rename(house.path("links.d"), house.path("last.d")).unwrap();
    fs::rename(house.path("next.d"), house.path("links.d")).unwrap();
    let since = Instant::now();
    settled(&house, 2);
    house.write("links.d/b.toml", links(&[COG]));
    settled(&house, 3);
    let include = house.settings().replace("[\"links.d/*.toml\"]", "[\"links.d/*.toml\", \"more.d/*.toml\"]");
    house.write("latchd.toml", include);
    fs::create_dir(house.path("more.d")).unwrap();
    house.write("more.d/c.toml", links(&[LUMEN]));
    settled(&house, 4);
    house.write("more.d/c.toml", format!("{}# A comment.\n", links(&[LUMEN])));
    assert!(since.elapsed() < Duration::from_secs(25), "{:?}", since.elapsed());
    // Mistakes without end do not fill the report.
    let lines: Vec<String> = (20_000..22_000).map(|id| format!("{id} = 5\n")).collect();
    house.write("more.d/c.toml", links(&[&lines.concat()]));
    until("it is refused", || rejected(&house).is_some());
    let errors = house.status().unwrap()["generation"]["rejected"]["errors"].clone();
    assert_eq!(errors.as_array().unwrap().len(), 101);
    assert!(errors[100].as_str().unwrap().contains("1900 more"), "{}", errors[100]);
    // Paths are for a start.
    house.write("more.d/c.toml", links(&[LUMEN]));
    house.write("latchd.toml", house.settings().replace("\"reports\"", "\"elsewhere\""));
    until("it is refused", || rejected(&house).is_some_and(|errors| errors.contains("restart latchd")));
    assert!(!house.path("elsewhere").exists());
    terminated(process);
}

#[test]
fn once_ends_within_seconds_when_asked_and_the_next_run_does_the_rest() {
    for (what, word) in [
        (Kind::Delay { ms: 60_000 }, "in the middle"),
        (Kind::DelayAnswer { ms: 60_000 }, "in the middle"),
        (Kind::Delay { ms: 1_000 }, "after the step in flight"),
    ] {
        let house = House::sample();
        house.write("links.d/a.toml", links(&[AMY, BOLT]));
        house.sandbox.trouble.add(Rule::next("/v3/company/*/batch", what).of(Vendor::QuickBooks));
        let process = house.start(&["once"]);
        until("it writes", || house.sandbox.trouble.hits() > 0);
        process.signal("TERM");
        let asked = Instant::now();
        let ended = process.end();
        assert_eq!(ended.code, Some(1), "{what:?} {ended:?}");
        assert!(ended.err.contains(word) && ended.err.contains("run it again"), "{what:?} {ended:?}");
        assert!(asked.elapsed() < Duration::from_secs(10), "{what:?} {:?}", asked.elapsed());
        house.sandbox.trouble.clear();
        assert_eq!(house.run(&["once"]).code, Some(5), "{what:?}");
        assert_eq!(house.status().unwrap()["entities"][0]["synced"], 2, "{what:?}");
        books::of(&house.sandbox);
    }
}

#[test]
fn a_storm_of_signals_makes_few_passes_and_ends_well() {
    let (house, process) = daemon();
    let number = || house.status().and_then(|status| status["last_pass"]["number"].as_u64());
    let before = number().expect("a pass was made");
    for _ in 0..30 {
        process.signal("HUP");
    }
    until("a pass is made", || number() > Some(before));
    house.write("links.d/b.toml", links(&[BOLT]));
    settled(&house, 2);
    let passes = number().expect("a pass was made") - before;
    assert!(passes <= 31, "{passes} passes for 30 wake-ups");
    process.signal("HUP");
    terminated(process);
    books::of(&house.sandbox);
}
