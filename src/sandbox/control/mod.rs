//! The control page: what both vendors hold, what was called, what goes wrong
//! and what time it is, for people in a browser and as JSON beside it.
//!
//! `data` gathers, `page` shows; what may be done is here. It needs no script
//! and nothing from elsewhere.

mod data;
mod door;
mod page;
#[cfg(test)]
mod tests;

use axum::extract::{Form, Path, State};
use axum::middleware::{from_fn, map_response};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::header::{CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode};
use serde::Deserialize;

pub(crate) use door::guard;

use super::Sandbox;
use super::scenario::Scenario;

/// Everything the page needs is in it; nothing else is loaded, and nobody puts
/// it in a frame.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Every answer bears these, refusals too.
const SECURITY: [(HeaderName, HeaderValue); 3] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
];

impl Sandbox {
    /// The control page and its JSON twins. Only programs and pages of this
    /// machine may use it: a call that bears another host's name, or comes from
    /// another site's page, is refused.
    pub fn control_router(&self) -> Router {
        Router::new()
            .route("/", get(overview))
            .route("/{view}", get(view))
            .route("/clock/turn", post(turn))
            .route("/trouble/clear", post(clear))
            .route("/scenario", post(play))
            .with_state(self.clone())
            .layer(from_fn(guard))
            .layer(map_response(async |answer: Response| (SECURITY, answer)))
    }
}

async fn overview(State(sandbox): State<Sandbox>) -> Response {
    shown(&sandbox, data::View::Overview)
}

/// `/books` for people, `/books.json` for programs.
async fn view(State(sandbox): State<Sandbox>, Path(name): Path<String>) -> Response {
    let (name, json) = name.strip_suffix(".json").map_or((name.as_str(), false), |name| (name, true));
    match data::View::named(name) {
        Some(view) if json => Json(data::of(&sandbox, view)).into_response(),
        Some(view) => shown(&sandbox, view),
        None => (StatusCode::NOT_FOUND, "there is no such view\n").into_response(),
    }
}

fn shown(sandbox: &Sandbox, view: data::View) -> Response {
    Html(page::html(view, &data::of(sandbox, view))).into_response()
}

/// The hands of the clock, in the words of a scenario file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hands {
    #[serde(default)]
    set: String,
    #[serde(default)]
    advance: String,
    #[serde(default)]
    speed: String,
}

async fn turn(State(sandbox): State<Sandbox>, Form(hands): Form<Hands>) -> Response {
    let quoted = |value: &str| serde_json::Value::from(value).to_string();
    // What is no number is quoted, so that nothing but a value can stand there.
    let digits = !hands.speed.is_empty() && hands.speed.bytes().all(|byte| byte.is_ascii_digit());
    let speed = if digits { hands.speed.clone() } else { quoted(&hands.speed) };
    let lines = [
        ("set", &hands.set, quoted(&hands.set)),
        ("advance", &hands.advance, quoted(&hands.advance)),
        ("speed", &hands.speed, speed),
    ];
    let lines = lines.iter().filter(|(_, sent, _)| !sent.is_empty());
    let lines: Vec<String> = lines.map(|(key, _, value)| format!("{key} = {value}")).collect();
    let text = format!("[clock]\n{}\n", lines.join("\n"));
    played(&sandbox, "clock", &text)
}

async fn clear(State(sandbox): State<Sandbox>) -> Redirect {
    sandbox.trouble.clear();
    Redirect::to("/")
}

/// Plays a scenario that is sent as the body.
async fn play(State(sandbox): State<Sandbox>, text: String) -> Response {
    played(&sandbox, "scenario", &text)
}

fn played(sandbox: &Sandbox, name: &str, text: &str) -> Response {
    match Scenario::parse(name, text) {
        Ok(scenario) => {
            sandbox.play(scenario);
            Redirect::to("/").into_response()
        }
        Err(errors) => (StatusCode::UNPROCESSABLE_ENTITY, format!("{errors}\n")).into_response(),
    }
}
