//! A bad world: vendors that cannot be reached, that lie, or that are not the
//! ones that were meant.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use latchd::sandbox::trouble::{Damage, Kind, Rule, Vendor};

use super::books;
use super::house::{House, until};

/// A case: its name, what is done to the house, and what must be said.
type Case = (&'static str, fn(&House), &'static [&'static str]);

const CASES: [Case; 18] = [
    ("Stax Bill answers []", |house| lie(house, Vendor::StaxBill, "[]"), &["staxbill-unreachable"]),
    (
        "QuickBooks is down",
        |house| aim(house, Vendor::QuickBooks, closed_port()),
        &["QuickBooks cannot be reached", "quickbooks-unreachable", "network"],
    ),
    (
        "Stax Bill is down",
        |house| aim(house, Vendor::StaxBill, closed_port()),
        &["Stax Bill does not answer", "staxbill-unreachable", "base_url"],
    ),
    (
        "QuickBooks answers HTML",
        |house| html(house, "/v3", Vendor::QuickBooks),
        &["quickbooks-unreachable", "not documented"],
    ),
    (
        "Stax Bill answers HTML",
        |house| html(house, "/v1", Vendor::StaxBill),
        &["staxbill-unreachable", "not documented"],
    ),
    ("QuickBooks answers nothing", |house| lie(house, Vendor::QuickBooks, ""), &["quickbooks-unreachable"]),
    ("QuickBooks answers {}", |house| lie(house, Vendor::QuickBooks, "{}"), &["quickbooks-unreachable"]),
    (
        "QuickBooks answers half",
        |house| lie(house, Vendor::QuickBooks, "{\"CompanyInfo\": {\"Comp"),
        &["quickbooks-unreachable"],
    ),
    ("Stax Bill answers nothing", |house| lie(house, Vendor::StaxBill, ""), &["staxbill-unreachable"]),
    (
        "Stax Bill answers an object",
        |house| lie(house, Vendor::StaxBill, "{\"a\": 1}"),
        &["staxbill-unreachable"],
    ),
    (
        "Stax Bill answers half",
        |house| lie(house, Vendor::StaxBill, "[{\"id\": 10"),
        &["staxbill-unreachable"],
    ),
    ("QuickBooks answers without end", |house| floods(house, Kind::Endless), TOO_LARGE),
    ("QuickBooks answers a gigabyte", |house| floods(house, Kind::Oversize { bytes: 1 << 30 }), TOO_LARGE),
    (
        "QuickBooks answers a gigabyte in a megabyte",
        |house| floods(house, Kind::GzipBomb { bytes: 1 << 30 }),
        TOO_LARGE,
    ),
    (
        "QuickBooks answers with damage",
        |house| floods(house, Kind::Mutilate { how: Damage::MissingFields, seed: 7 }),
        &["quickbooks-unreachable"],
    ),
    ("QuickBooks answers []", |house| lie(house, Vendor::QuickBooks, "[]"), &["quickbooks-unreachable"]),
    (
        "another company",
        |house| house.sandbox.quickbooks.set_company_name("Other Ltd"),
        &["identity-mismatch", "Other Ltd", "expect"],
    ),
    (
        "another realm",
        |house| set(house, "9130350000000000", "9130350000000001"),
        &["realm_id", "reconnect", "refresh_token"],
    ),
];

const TOO_LARGE: &[&str] = &["quickbooks-unreachable", "larger than 67108864 bytes"];

/// Answers to everything that QuickBooks is asked.
fn floods(house: &House, what: Kind) {
    house.sandbox.trouble.add(Rule::next("/v3", what).of(Vendor::QuickBooks).every());
}

/// Puts `to` in the place of `from` in latchd.toml.
fn set(house: &House, from: &str, to: &str) {
    let settings = house.settings();
    assert!(settings.contains(from), "{from}");
    house.write("latchd.toml", settings.replace(from, to));
}

fn aim(house: &House, vendor: Vendor, at: SocketAddr) {
    match vendor {
        Vendor::QuickBooks => set(
            house,
            &format!("api_url = \"http://{}\"", house.quickbooks),
            &format!("api_url = \"http://{at}\""),
        ),
        Vendor::StaxBill => set(house, &house.staxbill.to_string(), &at.to_string()),
    }
}

/// A port on which nobody listens: it was free a moment ago.
fn closed_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port")
}

fn html(house: &House, path: &str, vendor: Vendor) {
    house.sandbox.trouble.add(Rule::next(path, Kind::Html { code: 200 }).of(vendor).every());
}

/// A server that gives every request the same answer of kind 200.
fn lie(house: &House, vendor: Vendor, body: &'static str) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    aim(house, vendor, listener.local_addr().expect("it is bound"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            // The requests of these tests fit one packet and have no body that matters.
            let _ = stream.read(&mut [0; 16_384]);
            let head =
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ";
            let _ = write!(stream, "{head}{}\r\n\r\n{body}", body.len());
        }
    });
}

fn check((name, spoil, words): Case) {
    let house = House::sample();
    house.link_all();
    spoil(&house);
    let before = books::untouched(&house.sandbox);
    let [once, plan] = [["once"], ["plan"]].map(|args| house.run(&args));
    for ended in [&once, &plan] {
        assert_eq!(ended.code, Some(1), "{name}: {ended:?}");
        for word in words {
            assert!(ended.err.contains(word), "{name} does not say `{word}`: {ended:?}");
        }
        assert!(ended.err.starts_with("error: ") && ended.err.contains("To do: "), "{name}: {ended:?}");
        assert_eq!(ended.err.lines().count(), 2, "{name}: {ended:?}");
    }
    let status = house.run(&["status"]);
    assert_eq!(status.code, Some(1), "{name}: {status:?}");
    let code = house.status().expect("a failed pass reports, too")["warnings"][0]["code"].clone();
    assert!(once.err.contains(code.as_str().expect("a code is a text")), "{name}: {code}");
    // The daemon lives on, says it, and ends when asked.
    std::fs::remove_file(house.path("reports/status.json")).expect("it is there");
    let daemon = house.start(&["run"]);
    until("the daemon says so", || {
        house.status().is_some_and(|status| status["warnings"][0]["code"] == code)
    });
    daemon.signal("TERM");
    assert_eq!(daemon.end().code, Some(0), "{name}");
    assert_eq!(books::untouched(&house.sandbox), before, "{name}");
    assert_eq!(house.sandbox.staxbill.refused_writes(), 0, "{name}");
}

#[test]
fn what_the_vendors_do_wrong_is_said_with_what_to_do_and_changes_nothing() {
    // Together, because most of the time is spent waiting between attempts.
    let cases = CASES.map(|case| thread::spawn(move || check(case)));
    let ended = cases.map(thread::JoinHandle::join);
    for (ended, (name, ..)) in ended.into_iter().zip(CASES) {
        assert!(ended.is_ok(), "{name}");
    }
}
