//! Lines on the socket: any bytes are a question or are refused in one line;
//! what is understood is understood again; an answer of any bytes is no panic.

use latchd::model::is_unseen;
use latchd::socket::{Line, Problem, Request, SCHEMA, request};
use serde_json::Value;

use super::mutate::{Draw, cut, json};

const QUESTIONS: &[&str] = &[
    r#"{"schema":1,"command":"explain","key":"invoice/88123"}"#,
    r#"{"schema":1,"command":"plan","files":[["/etc/latchd/latchd.toml","version = 1\n"]]}"#,
    r#"{"schema":1,"command":"pass"}"#,
    r#"{"schema":1,"command":"auth-page","realm_id":"1","redirect_uri":"http://localhost","state":"s"}"#,
    r#"{"schema":1,"command":"auth-login","realm_id":"1","redirect_uri":"u","state":"s","address":"a"}"#,
    r#"{"schema":1,"command":"auth-logout","realm_id":"1","forget":true}"#,
];

const ANSWERS: &[&str] = &[
    r#"{"schema":1,"kind":"result","result":{"a":1.50}}"#,
    r#"{"schema":1,"kind":"error","error":"unknown-command","message":"no"}"#,
    r#"{"schema":1,"kind":"progress","message":"reading"}"#,
];

const BITS: &[&str] =
    &["\"", "{", "}", "[", "]", ",", ":", "\\", "\\ud800", "null", "2", "\n", "schema", "command", "1e9"];

/// The promise.
pub(crate) fn body(bytes: &[u8]) {
    let mut draw = Draw::of(bytes);
    let kind = draw.byte();
    let line = match kind % 4 {
        0 => draw.rest().to_vec(),
        1 => cut(draw.one(QUESTIONS).as_bytes(), BITS, &mut draw),
        _ => json(draw.one(QUESTIONS).as_bytes(), &mut draw),
    };
    match request(&line) {
        Ok(asked) => assert_eq!(request(&written(&asked)).ok(), Some(asked), "asked again, it is another"),
        Err(refusal) => is_polite(&refusal),
    }
    let answer = json(draw.one(ANSWERS).as_bytes(), &mut draw);
    if let Ok(line) = serde_json::from_slice::<Line>(&answer) {
        let again = serde_json::to_string(&line).expect("a line has text keys only");
        serde_json::from_str::<Line>(&again).expect("what was written is read");
    }
    let told = Line::error(Problem::Failed, String::from_utf8_lossy(draw.rest()));
    is_polite(&told);
}

fn written(asked: &Request) -> Vec<u8> {
    let mut value = serde_json::to_value(asked).expect("it has text keys only");
    value["schema"] = SCHEMA.into();
    value.to_string().into_bytes()
}

/// A refusal is one line of JSON with a reason, which names the problem.
fn is_polite(refusal: &Line) {
    let text = serde_json::to_string(refusal).expect("a line has text keys only");
    assert!(text.chars().all(|sign| sign >= ' '), "{text:?}");
    let value: Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!((&value["schema"], &value["kind"]), (&SCHEMA.into(), &"error".into()), "{text}");
    assert!(value["error"].is_string() && value["message"].is_string(), "{text}");
    let obeyed = value["message"]
        .as_str()
        .is_some_and(|words| words.starts_with("a question") && words.chars().any(is_unseen));
    assert!(!obeyed, "the question's own signs come back: {text:?}");
}
