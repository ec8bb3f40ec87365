//! The layer that lets trouble befall a router, and the routes on which rules
//! come and go.

use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use jiff::SignedDuration;
use tokio::time::sleep;

use super::errand::Errand;
use super::rule::Seen;
use super::{Fate, Kind, PageFault, Rule, Standing, Trouble, Vendor, answers, bodies, damage, rows};
use crate::sandbox::clock::SandboxClock;
use crate::sandbox::control::guard;
use crate::sandbox::quickbooks::Company;

/// The most a request may weigh on its way into trouble.
const BODY_MAX: usize = 64 << 20;

/// Where trouble happens: before which vendor, by which clock, and with which
/// company at hand for those kinds that reach into one.
#[derive(Clone, Debug)]
pub struct Ground {
    /// Whose words the bad answers are in.
    pub vendor: Vendor,
    /// For time windows and late effects.
    pub clock: SandboxClock,
    /// Whose tokens expire and whose objects are buried; without one, these
    /// kinds let a call pass.
    pub company: Option<Arc<Company>>,
}

impl Trouble {
    /// `inner` with this trouble before it, and the routes that manage it.
    /// Those are never in trouble themselves.
    pub fn before(&self, inner: Router, ground: Ground) -> Router {
        let troubled = inner.layer(from_fn_with_state((self.clone(), ground), befall));
        let routes = post(add).get(list).delete(clear);
        let routes = Router::new().route("/sandbox/trouble", routes).layer(from_fn(guard));
        routes.with_state(self.clone()).fallback_service(troubled)
    }
}

async fn add(State(trouble): State<Trouble>, Json(rule): Json<Rule>) -> Response {
    if let Err((wrong, remedy)) = rule.check() {
        return (StatusCode::UNPROCESSABLE_ENTITY, format!("{wrong}; {remedy}\n")).into_response();
    }
    trouble.add(rule);
    (StatusCode::CREATED, Json(trouble.rules())).into_response()
}

async fn list(State(trouble): State<Trouble>) -> Json<Vec<Standing>> {
    Json(trouble.rules())
}

async fn clear(State(trouble): State<Trouble>) -> StatusCode {
    trouble.clear();
    StatusCode::NO_CONTENT
}

async fn befall(
    State((trouble, ground)): State<(Trouble, Ground)>,
    request: Request,
    next: Next,
) -> Response {
    if trouble.rests() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_MAX).await else {
        return answers::status(ground.vendor, StatusCode::PAYLOAD_TOO_LARGE);
    };
    let seen = Seen {
        vendor: ground.vendor,
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        body: &body,
        now: ground.clock.now(),
    };
    for act in trouble.cued(&seen) {
        act();
    }
    let fate = trouble.meet(&Seen { now: ground.clock.now(), ..seen });
    let Fate { wait_before_ms, wait_after_ms, blow } = fate;
    wait(wait_before_ms).await;
    let errand = Errand { trouble, ground, parts, body, next };
    let response = match blow {
        None => errand.run().await,
        Some(what) => strike(what, errand).await,
    };
    wait(wait_after_ms).await;
    response
}

/// An errand that is not run has no effect.
async fn strike(what: Kind, errand: Errand) -> Response {
    let (vendor, now) = (errand.ground.vendor, errand.ground.clock.now());
    match what {
        Kind::Refuse => answers::cut(),
        Kind::Cut => {
            errand.run().await;
            answers::cut()
        }
        Kind::LateEffect { seconds } => {
            late(errand, seconds);
            answers::cut()
        }
        Kind::Delay { .. } | Kind::DelayAnswer { .. } => errand.run().await,
        Kind::Drip { bytes_per_second } => bodies::drip(errand.run().await, bytes_per_second).await,
        Kind::Endless => bodies::filled(errand.run().await, None).await,
        Kind::Oversize { bytes } => bodies::filled(errand.run().await, Some(bytes)).await,
        Kind::GzipBomb { bytes } => bodies::bomb(errand.run().await, bytes),
        Kind::HalfBody => bodies::half(errand.run().await).await,
        Kind::Mutilate { how, seed } => damage::damaged(errand.run().await, how, seed).await,
        Kind::TooMany { retry_after } => answers::too_many(vendor, retry_after),
        Kind::TooManyOld => answers::too_many_old(vendor),
        Kind::Status { code, after } => {
            if after {
                errand.run().await;
            }
            answers::status(vendor, status(code))
        }
        Kind::Html { code } => answers::html(status(code)),
        Kind::Unauthorized { after_items } => {
            errand.run_half(after_items).await;
            answers::unauthorized(vendor, now)
        }
        Kind::Fault { code } => answers::refusal(vendor, code, now),
        Kind::ExpireTokens | Kind::KillTokens | Kind::ForgetRequestIds => {
            reach_in(what, &errand.ground);
            errand.run().await
        }
        Kind::BatchItem { nth, fate, code } => errand.run_items((nth, fate, code)).await,
        Kind::Bury => errand.run_and_bury().await,
        Kind::Page { how: how @ (PageFault::RowTwice | PageFault::Short) } => {
            rows::ragged(errand.run().await, how).await
        }
        Kind::Page { how } => errand.run_elsewhere(how).await,
        Kind::FullFeed => errand.run_full().await,
        Kind::TimeBack { seconds } => rows::time_back(errand.run().await, (now, seconds)).await,
    }
}

/// The sandbox carries the call out by itself when its hour has come.
fn late(errand: Errand, seconds: u64) {
    let clock = errand.ground.clock.clone();
    let wait = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    let at = clock.now().saturating_add(wait).unwrap_or(jiff::Timestamp::MAX);
    tokio::spawn(async move {
        clock.reached(at).await;
        errand.run().await;
    });
}

fn reach_in(what: Kind, ground: &Ground) {
    let Some(company) = &ground.company else { return };
    if what == Kind::ExpireTokens {
        company.expire_access_tokens();
    } else if what == Kind::KillTokens {
        company.kill_refresh_tokens();
    } else {
        company.forget_request_ids();
    }
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

async fn wait(ms: u64) {
    if ms > 0 {
        sleep(Duration::from_millis(ms)).await;
    }
}
