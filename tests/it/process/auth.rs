//! `latchd auth`: a login by loopback and by a pasted address, what is refused
//! with nothing stored, how long the connection lasts, and its end.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::Duration;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use serde_json::Value;

use super::house::{Ended, House, Running, until};

const SEED: &str = "refresh_token = \"sandbox-refresh-token\"\n";
const ELSEWHERE: &str = "https://example.com/back";

/// A house whose token comes from a login alone.
fn house(redirect_uri: &str) -> House {
    let house = House::generated(2, 3);
    house.link_all();
    let settings = house.settings().replace(SEED, &format!("redirect_uri = \"{redirect_uri}\"\n"));
    house.write("latchd.toml", settings);
    house
}

fn own_page() -> String {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    format!("http://localhost:{}/callback", free.port())
}

/// Begins a login, and gives the page that it leads to.
fn begin(house: &House) -> (Running, String) {
    let mut command = house.command(&["auth", "login", "-vv"]);
    let mut running = house.start_command({
        command.stdin(Stdio::piped());
        command
    });
    let mut page = String::new();
    until("it names a page or ends", || {
        let out = running.out();
        out.lines().find(|line| line.starts_with("http://")).unwrap_or_default().clone_into(&mut page);
        (!page.is_empty() && out.ends_with('\n')) || !running.runs()
    });
    (running, page)
}

/// Status and head of an answer to a browser.
fn browse(address: &str) -> (u16, String) {
    let rest = address.strip_prefix("http://").expect("plain HTTP");
    let (host, path) = rest.split_at(rest.find('/').expect("a path"));
    let host = host.replace("localhost", "127.0.0.1");
    let mut stream = TcpStream::connect(&host).expect("somebody listens");
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    (answer.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status"), answer)
}

/// Where the administrator's browser is sent to after the page.
fn consented(page: &str) -> String {
    let (status, answer) = browse(page);
    assert_eq!(status, 302, "{answer}");
    let location = answer.lines().find_map(|line| line.strip_prefix("location: "));
    location.expect("it leads back").trim().to_owned()
}

fn pasted(house: &House, change: impl FnOnce(String) -> String) -> Ended {
    let (mut login, page) = begin(house);
    let address = change(consented(&page));
    login.type_in(&address);
    login.end()
}

fn nothing_stored(house: &House, ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for word in words {
        assert!(ended.err.contains(word), "{word}: {ended:?}");
    }
    assert!(!house.path("state/token.json").exists(), "{ended:?}");
    assert!(!house.path("state/token.json.new").exists(), "{ended:?}");
}

fn standing(house: &House) -> (Option<i32>, Value) {
    let ended = house.run(&["auth", "status", "--format", "json"]);
    (ended.code, serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{ended:?}")))
}

#[test]
fn a_login_by_loopback_connects_and_answers_nobody_else() {
    let page = own_page();
    let house = house(&page);
    let (code, told) = standing(&house);
    assert_eq!((code, &told["connected"], &told["schema"]), (Some(5), &false.into(), &1.into()));
    assert!(told["reconnect"].as_str().unwrap().contains("latchd auth login --config /"), "{told}");
    let (login, consent) = begin(&house);
    let back = consented(&consent);
    let canary = "%3Cscript%3Ecanary";
    for (address, status) in [
        (format!("{page}?code={canary}&state={canary}&realmId=1"), 400),
        (format!("{page}?error={canary}"), 400),
        (page.replace("callback", "favicon.ico"), 404),
    ] {
        let (found, answer) = browse(&address);
        assert_eq!(found, status, "{address}");
        assert!(!answer.contains("canary"), "{answer}");
    }
    // A browser that opens a connection and asks nothing holds up nobody.
    let port: u16 = page.split(['/', ':']).nth(4).and_then(|port| port.parse().ok()).expect("a port");
    let _idle = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    let (status, answer) = browse(&back);
    assert_eq!(status, 200);
    assert!(answer.contains("terminal") && !answer.contains("code="), "{answer}");
    let ended = login.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.contains("Connected to `Craig's Design and Landscaping Services`"), "{ended:?}");
    let mode = |name: &str| fs::metadata(house.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("state"), mode("state/token.json")), (0o700, 0o600));
    let text = fs::read_to_string(house.path("state/token.json")).unwrap();
    let kept: Value = serde_json::from_str(&text).unwrap();
    for name in ["access_token", "refresh_token"] {
        let secret = kept[name].as_str().unwrap();
        assert!(!ended.out.contains(secret) && !ended.err.contains(secret), "{name}");
    }
    assert_eq!(house.run(&["once"]).code, Some(0));
    let (code, told) = standing(&house);
    assert_eq!((code, &told["connected"], &told["reconnect"]), (Some(0), &true.into(), &Value::Null));
    assert_eq!((&told["seed"], &told["sealed"]), (&"none".into(), &false.into()));
    for at in ["connected_at", "renewed_at", "access_expires_at", "refresh_expires_at", "hard_expires_at"] {
        assert!(told[at].is_string(), "{at} {told}");
    }
}

#[test]
fn an_address_is_pasted_where_intuit_sends_the_browser_elsewhere() {
    let house = house(ELSEWHERE);
    let other_state = |address: String| address.replacen("state=", "state=a", 1);
    nothing_stored(&house, &pasted(&house, other_state), &["another login"]);
    let other_realm = |address: String| address.replace("9130350000000000", "77");
    nothing_stored(&house, &pasted(&house, other_realm), &["company 77", "realm_id says 9130350000000000"]);
    let half = |address: String| address.split("&state").next().unwrap().to_owned();
    nothing_stored(&house, &pasted(&house, half), &["holds no state"]);
    let later = |address: String| {
        house.sandbox.clock.advance(Duration::from_mins(11));
        address
    };
    nothing_stored(&house, &pasted(&house, later), &["no longer accepts the code", "run it again"]);
    house.sandbox.quickbooks.set_consent(false);
    nothing_stored(&house, &pasted(&house, |address| address), &["access_denied", "administrator"]);
    house.sandbox.quickbooks.set_consent(true);
    house.sandbox.quickbooks.set_company_name("Other Ltd");
    nothing_stored(&house, &pasted(&house, |address| address), &["`Other Ltd`", "expect says `Craig's"]);
    house.sandbox.quickbooks.set_company_name("Craig's Design and Landscaping Services");
    let nobody = house.run(&["auth", "login"]);
    assert!(nobody.code == Some(1) && nobody.err.contains("no address was pasted"), "{nobody:?}");
    let ended = pasted(&house, |address| {
        assert!(address.starts_with("https://example.com/back?"), "{address}");
        format!("  {address}")
    });
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.err.contains("Address: "), "nobody is prompted through a pipe: {ended:?}");
    assert_eq!(house.run(&["once"]).code, Some(0));
}

#[test]
fn a_daemon_without_a_token_takes_one_from_a_login_and_lets_it_go() {
    let house = house(ELSEWHERE);
    let mut daemon = house.start(&["run", "--log-format", "json", "-vv"]);
    let stands = |code: &str| {
        house.status().is_some_and(|status| {
            let warnings = status["warnings"].as_array().cloned().unwrap_or_default();
            warnings.iter().any(|one| one["code"] == code)
        })
    };
    until("it reports what is missing", || stands("reconnect"));
    // Whoever logs in needs none of the secrets: the daemon has them.
    let settings = fs::read_to_string(house.path("latchd.toml")).unwrap();
    let without = settings.replace("\"sandbox-secret\"", "\"${file:nowhere}\"");
    assert_ne!(settings, without);
    house.write(
        "login.toml",
        without.replace("state = \"state\"", &format!("state = {:?}", house.path("state"))),
    );
    let login = |change: &dyn Fn(String) -> String| {
        let mut command = house.command(&["auth", "login", "--config", "login.toml"]);
        let mut running = house.start_command({
            command.stdin(Stdio::piped());
            command
        });
        until("it names a page", || running.out().contains("http://") && running.out().ends_with('\n'));
        let page = running.out().lines().find(|line| line.starts_with("http://")).unwrap().to_owned();
        running.type_in(&change(consented(&page)));
        running.end()
    };
    let refused = login(&|address| address.replacen("state=", "state=a", 1));
    nothing_stored(&house, &refused, &["another login"]);
    house.sandbox.quickbooks.set_company_name("Other Ltd");
    nothing_stored(&house, &login(&|address| address), &["`Other Ltd`", "expect says `Craig's"]);
    house.sandbox.quickbooks.set_company_name("Craig's Design and Landscaping Services");
    let ended = login(&|address| address);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    assert!(ended.out.contains("Connected to `Craig's Design"), "{ended:?}");
    // Nobody waits an hour for what was missing.
    until("it goes on at once", || {
        house.status().is_some_and(|status| status["last_pass"]["outcome"] == "complete")
    });
    assert!(!stands("reconnect"));
    let text = fs::read_to_string(house.path("state/token.json")).unwrap();
    let kept: Value = serde_json::from_str(&text).unwrap();
    for name in ["access_token", "refresh_token"] {
        assert!(!daemon.err().contains(kept[name].as_str().unwrap()), "{name}");
    }
    assert!(!daemon.err().contains("code="), "{}", daemon.err());
    let ended = house.run(&["auth", "logout"]);
    assert!(ended.code == Some(0) && ended.out.contains("Intuit ended the connection"), "{ended:?}");
    assert!(!house.path("state/token.json").exists());
    assert_eq!(house.run(&["auth", "logout"]).out, "There is no token to remove.\n");
    assert_eq!(login(&|address| address).code, Some(0), "and once more");
    assert!(daemon.runs());
    daemon.signal("TERM");
    assert_eq!(daemon.end().code, Some(0));
    assert_eq!(house.run(&["once"]).code, Some(0), "the token outlives the daemon");
}

/// A code is good once: what it was exchanged for is kept, though the daemon
/// ends and nobody waits any more.
#[test]
fn a_login_under_way_outlives_who_asked_for_it_and_a_sigterm() {
    let house = house(ELSEWHERE);
    let daemon = house.start(&["run"]);
    until("it reports", || house.status().is_some());
    let slow = Rule::next("/v3/company/*/companyinfo/*", Kind::Delay { ms: 1_500 }).of(Vendor::QuickBooks);
    house.sandbox.trouble.add(slow);
    let (mut login, page) = begin(&house);
    login.type_in(&consented(&page));
    until("the code is spent", || house.sandbox.trouble.hits() > 0);
    assert!(!house.path("state/token.json").exists());
    login.kill();
    daemon.signal("TERM");
    assert_eq!(daemon.end().code, Some(0));
    assert!(house.path("state/token.json").exists());
    assert_eq!(house.run(&["once"]).code, Some(0));
}

#[test]
fn a_login_for_another_company_is_not_the_daemons() {
    let house = house(ELSEWHERE);
    let _daemon = house.start(&["run"]);
    until("it reports", || house.status().is_some());
    let settings = fs::read_to_string(house.path("latchd.toml")).unwrap();
    let state = format!("state = {:?}", house.path("state"));
    let other = settings.replace("realm_id = \"9130350000000000\"", "realm_id = \"77\"");
    house.write("other.toml", other.replace("state = \"state\"", &state));
    for command in ["login", "logout"] {
        let ended = house.run(&["auth", command, "--config", "other.toml"]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(
            ended.err.contains("company 77") && ended.err.contains("keeps 9130350000000000"),
            "{ended:?}"
        );
    }
}

#[test]
fn a_login_beside_a_pass_that_answers_nobody_ends_with_75() {
    let house = house(ELSEWHERE);
    assert_eq!(pasted(&house, |address| address).code, Some(0));
    let stuck = Rule::next("/v3/company/*", Kind::Delay { ms: 600_000 }).of(Vendor::QuickBooks);
    house.sandbox.trouble.add(stuck.every());
    let _first = house.start(&["once"]);
    until("the first one asks", || house.sandbox.trouble.hits() > 0);
    let kept = fs::read(house.path("state/token.json")).unwrap();
    for command in ["login", "logout"] {
        let ended = house.run(&["auth", command]);
        assert_eq!(ended.code, Some(75), "{ended:?}");
        assert!(ended.err.contains("run this again when it is done"), "{ended:?}");
    }
    assert_eq!(house.run(&["auth", "status"]).code, Some(0), "it opens nothing");
    assert_eq!(fs::read(house.path("state/token.json")).unwrap(), kept);
}

/// Only root can give a folder away, which is how people come to log in as the
/// wrong user.
#[test]
fn a_user_who_does_not_own_the_state_is_refused() {
    let house = house(ELSEWHERE);
    fs::create_dir(house.path("state")).unwrap();
    let given = std::process::Command::new("chown").arg("12345").arg(house.path("state")).output();
    if !given.is_ok_and(|given| given.status.success()) {
        // Who is not root can give nothing away.
        return;
    }
    for command in ["login", "logout"] {
        let ended = house.run(&["auth", command]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.err.contains("uid 12345") && ended.err.contains("sudo -u latchd"), "{ended:?}");
    }
    assert_eq!(
        fs::read_dir(house.path("state")).unwrap().count(),
        0,
        "nothing is left that it could not open"
    );
}

#[test]
fn a_logout_tells_intuit_before_it_forgets() {
    let house = house(ELSEWHERE);
    assert_eq!(pasted(&house, |address| address).code, Some(0));
    let silent = Rule::next("/v2/oauth2", Kind::Refuse).of(Vendor::QuickBooks);
    house.sandbox.trouble.add(silent.every());
    let ended = house.run(&["auth", "logout"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("--forget") && house.path("state/token.json").exists(), "{ended:?}");
    house.sandbox.trouble.clear();
    let ended = house.run(&["auth", "logout"]);
    assert!(ended.code == Some(0) && ended.out.contains("Intuit ended the connection"), "{ended:?}");
    assert!(!house.path("state/token.json").exists());
    let ended = house.run(&["auth", "logout"]);
    assert!(ended.code == Some(0) && ended.out.contains("no token"), "{ended:?}");
    let ended = house.run(&["once"]);
    assert!(ended.code == Some(1) && ended.err.contains("latchd auth login --config /"), "{ended:?}");
    assert_eq!(pasted(&house, |address| address).code, Some(0));
    let silent = Rule::next("/v2/oauth2", Kind::Status { code: 500, after: false }).of(Vendor::QuickBooks);
    house.sandbox.trouble.add(silent.every());
    let ended = house.run(&["auth", "logout", "--forget"]);
    assert!(ended.code == Some(0) && ended.out.contains("was not told"), "{ended:?}");
    assert!(!house.path("state/token.json").exists());
}

#[test]
fn a_sealed_token_opens_with_its_key_alone() {
    let house = house(ELSEWHERE);
    assert_eq!(pasted(&house, |address| address).code, Some(0));
    let plain = fs::read_to_string(house.path("state/token.json")).unwrap();
    let settings = fs::read_to_string(house.path("latchd.toml")).unwrap();
    let with = |key: &str| {
        let line = format!("redirect_uri = \"{ELSEWHERE}\"\ntoken_key = \"${{file:{key}}}\"\n");
        house.write("latchd.toml", settings.replace(&format!("redirect_uri = \"{ELSEWHERE}\"\n"), &line));
    };
    house.write("right", format!("{}\n", "7".repeat(64)));
    house.write("wrong", "8".repeat(64));
    house.write("short", "canary");
    with("right");
    house.sandbox.quickbooks.expire_access_tokens();
    assert_eq!(house.run(&["once"]).code, Some(0));
    let sealed = fs::read_to_string(house.path("state/token.json")).unwrap();
    for name in ["access_token", "refresh_token"] {
        let before: Value = serde_json::from_str(&plain).unwrap();
        assert!(!sealed.contains(before[name].as_str().unwrap()), "{name}");
    }
    assert_eq!(standing(&house).1["sealed"], true);
    with("wrong");
    let ended = house.run(&["once"]);
    assert!(ended.code == Some(1) && ended.err.contains("another key than token_key"), "{ended:?}");
    assert!(ended.err.contains("No new login is needed"), "{ended:?}");
    with("short");
    let ended = house.run(&["once"]);
    assert!(ended.code == Some(78) && ended.err.contains("openssl rand"), "{ended:?}");
    assert!(!ended.err.contains("canary"), "{ended:?}");
    house.write("latchd.toml", &settings);
    let ended = house.run(&["once"]);
    assert!(ended.code == Some(1) && ended.err.contains("names no token_key"), "{ended:?}");
    assert_eq!(fs::read_to_string(house.path("state/token.json")).unwrap(), sealed, "it is left as it is");
    with("right");
    assert_eq!(house.run(&["once"]).code, Some(0));
}

/// The kernel refuses files beyond a size, as a full disk does.
#[test]
fn without_room_for_a_new_token_none_is_asked_for() {
    let house = House::generated(2, 3);
    house.link_all();
    assert_eq!(house.run(&["once"]).code, Some(0));
    house.sandbox.quickbooks.expire_access_tokens();
    let kept = fs::read(house.path("state/token.json")).unwrap();
    let before = house.sandbox.quickbooks.calls().token_refreshes;
    let mut cramped = std::process::Command::new("bash");
    let line = format!("trap '' XFSZ; ulimit -f 8; exec '{}' suggest", env!("CARGO_BIN_EXE_latchd"));
    cramped.args(["-c", &line]).env("LATCHD_CONFIG", house.path("latchd.toml"));
    let ended = house.start_command(cramped).end();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("cannot be written") && ended.err.contains("stays good"), "{ended:?}");
    assert_eq!(house.sandbox.quickbooks.calls().token_refreshes, before);
    assert_eq!(fs::read(house.path("state/token.json")).unwrap(), kept);
    assert_eq!(house.run(&["suggest"]).code, Some(0), "with room it goes on");
}
