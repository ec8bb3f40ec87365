//! Secrets: nothing that a process says or writes for others holds one, however
//! loud it is.

use std::fs;

use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use serde_json::Value;

use super::house::{Ended, House, until};
use super::networks::Peer;

/// What the files hold, and what Stax Bill and Intuit are sent for it.
const GIVEN: [&str; 4] = ["MDpzYW5kYm94", "sandbox-secret", "sandbox-refresh-token", "c2FuZGJveC1jbGllbnQ6"];

/// Every secret that is known by now: those of the files, and every text of
/// the token file that nobody could guess.
fn secrets(house: &House) -> Vec<String> {
    let mut all: Vec<String> = GIVEN.map(str::to_owned).into();
    for entry in fs::read_dir(house.path("state")).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.contains("token") && entry.path().is_file() {
            let text = fs::read_to_string(entry.path()).expect("it is JSON");
            collect(&serde_json::from_str(&text).expect("it is JSON"), &mut all);
        }
    }
    all
}

fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) if text.len() >= 20 && text.parse::<jiff::Timestamp>().is_err() => {
            into.push(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, into)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, into)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn silent(house: &House, said: &[Ended]) {
    let secrets = secrets(house);
    assert!(secrets.len() > GIVEN.len(), "the token file holds tokens");
    let mut texts: Vec<(String, String)> = Vec::new();
    for ended in said {
        texts.push(("stdout".to_owned(), ended.out.clone()));
        texts.push(("stderr".to_owned(), ended.err.clone()));
    }
    for entry in fs::read_dir(house.path("reports")).expect("there are reports").flatten() {
        let bytes = fs::read(entry.path()).expect("it can be read");
        texts.push((entry.path().display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
    }
    for (place, text) in &texts {
        for secret in &secrets {
            if let Some(at) = text.find(secret) {
                let from = text[..at].rfind('\n').unwrap_or(0);
                panic!("{place} holds {secret}: {}", &text[from..text.len().min(at + 80)]);
            }
        }
    }
}

#[test]
fn no_secret_is_said_or_reported_at_the_loudest() {
    let house = House::generated(3, 12);
    house.link_all();
    let mut said = vec![house.run(&["plan", "-vv"]), house.run(&["once", "-vv"])];
    assert_eq!(said[1].code, Some(0), "{said:?}");
    house.sandbox.quickbooks.expire_access_tokens();
    said.push(house.run(&["once", "-vv", "--log-format", "json"]));
    let daemon = house.start(&["run", "-vv"]);
    until("it has made a pass", || {
        house.status().is_some_and(|status| status["last_pass"]["triggers"][0] == "start")
    });
    daemon.signal("TERM");
    said.push(daemon.end());
    silent(&house, &said);
}

#[test]
fn no_secret_is_said_when_things_go_wrong() {
    let house = House::generated(3, 12);
    house.link_all();
    let mut said = vec![house.run(&["once"])];
    // Every way to fail that has a request with a secret at hand.
    let ways: [(&str, Vendor, Kind); 4] = [
        ("/oauth2", Vendor::QuickBooks, Kind::Html { code: 400 }),
        ("/v3", Vendor::QuickBooks, Kind::Status { code: 403, after: false }),
        ("/v1", Vendor::StaxBill, Kind::Status { code: 401, after: false }),
        ("/v1", Vendor::StaxBill, Kind::Html { code: 400 }),
    ];
    for (path, vendor, what) in ways {
        house.sandbox.trouble.clear();
        house.sandbox.quickbooks.expire_access_tokens();
        house.sandbox.trouble.add(Rule::next(path, what).of(vendor).every());
        let ended = house.run(&["once", "-vv"]);
        assert_eq!(ended.code, Some(1), "{path} {what:?} {ended:?}");
        said.push(ended);
    }
    house.sandbox.trouble.clear();
    house.sandbox.quickbooks.kill_refresh_tokens();
    house.sandbox.quickbooks.expire_access_tokens();
    let dead = house.run(&["once", "-vv"]);
    assert_eq!(dead.code, Some(1), "{dead:?}");
    assert!(dead.err.contains("reconnect") && dead.err.contains("refresh_token"), "{dead:?}");
    said.push(dead);
    // A mistake in a line that holds a secret.
    house.write("latchd.toml", house.settings().replace("client_secret = \"", "client_secret = 5 \""));
    said.push(house.run(&["check", "-vv"]));
    house.write("latchd.toml", house.settings().replace("api_key", "api_kee"));
    said.push(house.run(&["check", "-vv"]));
    silent(&house, &said);
}

/// A service, or a proxy before it, that repeats the request in its answer.
#[test]
fn an_answer_that_repeats_the_secret_of_its_request_is_told_without_it() {
    let house = House::generated(2, 3);
    house.link_all();
    let mut said = vec![house.run(&["once"])];
    let text = fs::read(house.path("state/token.json")).expect("there is a token");
    let tokens: Value = serde_json::from_slice(&text).expect("it is JSON");
    let access = tokens["access_token"].as_str().expect("it is a text");
    let settings = house.settings();
    for (address, secret) in [(house.staxbill, "Basic MDpzYW5kYm94"), (house.quickbooks, access)] {
        for body in [
            format!("<html>refused: authorization: {secret}</html>"),
            format!(
                r#"{{"Fault":{{"Error":[{{"Message":"no {secret}","Detail":"{secret}","code":"1"}}]}},"Message":"no {secret}"}}"#
            ),
        ] {
            let length = body.len();
            let echo = Peer::answering(format!(
                "HTTP/1.1 400 Bad Request\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            ));
            // The discovery document stays where it is.
            let there = format!("http://{address}\"");
            let there = if address == house.staxbill { format!("http://{address}/v1\"") } else { there };
            let there = there.as_str();
            let here = there.replace(&address.to_string(), &format!("127.0.0.1:{}", echo.port));
            house.write("latchd.toml", settings.replace(there, &here));
            let ended = house.run(&["once", "-vv"]);
            assert!(ended.code == Some(1) && ended.err.contains("[REDACTED]"), "{body} {ended:?}");
            said.push(ended);
            silent(&house, &said);
        }
    }
}
