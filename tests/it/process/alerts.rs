//! Alerts: who is told, what, and how often, by the program as it runs.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::house::{House, until};

const AMY: &str = "10482 = { adopt = \"1\", expect = \"Amy's Bird Sanctuary\", start = \"beginning\" }\n";

/// A receiver that appends each message to a file, as a line.
fn note(house: &House) -> String {
    let script = format!("cat >> {0} && echo >> {0}", house.path("told").display());
    format!("[[notify]]\nname = \"note\"\ncommand = [\"/bin/sh\", \"-c\", \"{script}\"]\n")
}

fn messages(house: &House) -> Vec<Value> {
    let text = fs::read_to_string(house.path("told")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("a message is a line of JSON")).collect()
}

/// Every event of the messages, as `warning customer/10483`.
fn events(messages: &[Value]) -> Vec<String> {
    let events =
        messages.iter().flat_map(|message| message["events"].as_array().expect("every message holds events"));
    events.map(|event| format!("{} {}", event["event"], event["key"]).replace('"', "")).collect()
}

#[test]
fn each_cause_is_told_once_and_its_end() {
    let house = House::sample();
    house.write("notify.toml", note(&house));
    house.write(
        "links.d/a.toml",
        format!("[links]\n{AMY}{}", fs::read_to_string(house.path("notify.toml")).unwrap()),
    );
    house.run(&["once"]);
    let first = events(&messages(&house));
    assert!(first.contains(&"warning customer/10483".to_owned()), "{first:?}");
    assert!(!first.contains(&"warning customer/10482".to_owned()), "{first:?}");
    house.run(&["once"]);
    assert_eq!(events(&messages(&house)), first, "nothing is told twice");
    let skip = "10483 = { skip = \"test account\" }\n";
    house.write("links.d/a.toml", format!("[links]\n{AMY}{skip}{}", note(&house)));
    house.run(&["once"]);
    let told = events(&messages(&house));
    assert_eq!(told[first.len()..], ["recovery customer/10483".to_owned()]);
    let message = &messages(&house)[0];
    assert_eq!((&message["schema"], &message["kind"]), (&Value::from(1), &Value::from("news")));
    assert!(message["text"].as_str().unwrap().starts_with("craigs: "), "{message}");
}

/// A webhook that fails is tried again by the next run; its address, which
/// lets one in, is in no log.
#[test]
fn a_receiver_that_was_away_is_told_later() {
    let house = House::sample();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answers = Arc::new(Mutex::new(vec!["500 Oh", "204 No Content"]));
    let bodies = Arc::new(Mutex::new(Vec::<Value>::new()));
    let (told, replies) = (Arc::clone(&bodies), Arc::clone(&answers));
    let server = std::thread::spawn(move || {
        while !replies.lock().unwrap().is_empty() {
            let (mut stream, _) = listener.accept().unwrap();
            let mut bytes = Vec::new();
            let body = loop {
                let mut part = [0; 4096];
                let length = stream.read(&mut part).unwrap();
                bytes.extend_from_slice(&part[..length]);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let wanted = head
                    .to_lowercase()
                    .lines()
                    .find_map(|line| Some(line.strip_prefix("content-length: ")?.parse::<usize>().unwrap()));
                if body.len() >= wanted.unwrap() {
                    break body.to_owned();
                }
            };
            told.lock().unwrap().push(serde_json::from_str(&body).unwrap());
            let answer = replies.lock().unwrap().remove(0);
            let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    let webhook = format!("[[notify]]\nname = \"chat\"\nurl = \"http://{address}/hook/canary\"\n");
    house.write("links.d/a.toml", format!("[links]\n{AMY}{webhook}"));
    let ended = house.run(&["once"]);
    assert_eq!(ended.code, Some(5), "{ended:?}");
    assert!(ended.err.contains("chat") && ended.err.contains("500"), "{}", ended.err);
    let again = house.run(&["-v", "once"]);
    server.join().unwrap();
    let bodies = bodies.lock().unwrap().clone();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0]["events"], bodies[1]["events"]);
    // It took the message, and nothing is new: nobody listens any more.
    let third = house.run(&["once"]);
    assert!(!third.err.contains("chat"), "{}", third.err);
    for said in [ended, again, third] {
        assert!(!format!("{said:?}").contains("canary"), "{said:?}");
    }
    assert!(!house.status().unwrap().to_string().contains("canary"));
}

/// The daemon tells of refused files while a receiver that does not answer
/// keeps nobody waiting.
#[test]
fn refused_files_are_told_beside_a_dead_receiver() {
    let house = House::sample();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let dead = format!("[[notify]]\nname = \"dead\"\nurl = \"http://{address}/\"\n");
    house.write("links.d/a.toml", format!("[links]\n{AMY}"));
    house.write("links.d/notify.toml", dead + &note(&house));
    let process = house.start(&["run"]);
    until("the first causes are told", || !messages(&house).is_empty());
    house.write("links.d/a.toml", "[links]\nbroken");
    until("the refusal is told", || {
        events(&messages(&house)).iter().any(|event| event.starts_with("reload-failed"))
    });
    house.write("links.d/a.toml", format!("[links]\n{AMY}10483 = {{ skip = \"test\" }}\n"));
    until("the files are in force again", || {
        let told = events(&messages(&house));
        told.iter().any(|event| event.starts_with("reload-recovered"))
            && told.contains(&"recovery customer/10483".to_owned())
    });
    process.signal("TERM");
    assert_eq!(process.end().code, Some(0));
}
