//! The layer that lets trouble befall a router, and the routes on which rules
//! come and go.

use std::convert::Infallible;
use std::future::ready;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::once;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, HeaderValue};
use tokio::task::yield_now;
use tokio::time::sleep;

use super::{Fate, Kind, Rule, Standing, Trouble, Vendor, answers};

impl Trouble {
    /// `inner` with this trouble before it, and the routes that manage it.
    /// Those are never in trouble themselves.
    pub fn before(&self, inner: Router, vendor: Vendor) -> Router {
        let troubled = inner.layer(from_fn_with_state((self.clone(), vendor), befall));
        let routes = post(add).get(list).delete(clear);
        Router::new().route("/sandbox/trouble", routes).with_state(self.clone()).fallback_service(troubled)
    }
}

async fn add(State(trouble): State<Trouble>, Json(rule): Json<Rule>) -> (StatusCode, Json<Vec<Standing>>) {
    trouble.add(rule);
    (StatusCode::CREATED, Json(trouble.rules()))
}

async fn list(State(trouble): State<Trouble>) -> Json<Vec<Standing>> {
    Json(trouble.rules())
}

async fn clear(State(trouble): State<Trouble>) -> StatusCode {
    trouble.clear();
    StatusCode::NO_CONTENT
}

async fn befall(
    State((trouble, vendor)): State<(Trouble, Vendor)>,
    request: Request,
    next: Next,
) -> Response {
    let fate = trouble.meet(vendor, request.method().as_str(), request.uri().path());
    wait(fate.wait_before_ms).await;
    let response = strike(&fate, vendor, next.run(request)).await;
    wait(fate.wait_after_ms).await;
    response
}

/// A handler that is not awaited has no effect.
async fn strike(fate: &Fate, vendor: Vendor, handler: impl Future<Output = Response>) -> Response {
    match fate.blow {
        None | Some(Kind::Delay { .. } | Kind::DelayAnswer { .. }) => handler.await,
        Some(Kind::Refuse) => answers::cut(),
        Some(Kind::Cut) => {
            handler.await;
            answers::cut()
        }
        Some(Kind::TooMany { retry_after }) => answers::too_many(vendor, retry_after),
        Some(Kind::Status { code, after }) => {
            if after {
                handler.await;
            }
            answers::status(vendor, status(code))
        }
        Some(Kind::Html { code }) => answers::html(status(code)),
        Some(Kind::HalfBody) => half(handler.await).await,
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

/// The headers promise the whole body, so the loopback server's connection
/// ends early, as a broken one does. A stream hides the half's own length,
/// which would contradict them.
async fn half(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let half = once(ready(Ok::<_, Infallible>(whole.slice(..whole.len() / 2))));
    // The pause lets the server send the half before it notices the end.
    let pause = once(async {
        yield_now().await;
        Ok(Bytes::new())
    });
    Response::from_parts(parts, Body::from_stream(half.chain(pause)))
}
