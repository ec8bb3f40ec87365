//! Bodies that are no fixed text: slow, endless, far too large.

use std::convert::Infallible;
use std::future::ready;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::response::Response;
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::{iter, once, unfold};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderValue};
use tokio::task::yield_now;
use tokio::time::sleep;

use super::gzip::Bomb;

/// What a filled-up body is filled up with, so much at a time.
static SPACES: [u8; 64 << 10] = [b' '; 64 << 10];

/// How often a dripping answer sends something.
const BEAT: Duration = Duration::from_millis(100);
const BEATS_A_SECOND: u64 = 10;

/// The answer's own body, in one piece.
pub(super) async fn taken(response: Response) -> (http::response::Parts, Bytes) {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    (parts, to_bytes(body, usize::MAX).await.unwrap_or_default())
}

/// The headers promise the whole body, so the loopback server's connection
/// ends early, as a broken one does. A stream hides the half's own length,
/// which would contradict them.
pub(super) async fn half(response: Response) -> Response {
    let (mut parts, whole) = taken(response).await;
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let half = once(ready(Ok::<_, Infallible>(whole.slice(..whole.len() / 2))));
    // The pause lets the server send the half before it notices the end.
    let pause = once(async {
        yield_now().await;
        Ok(Bytes::new())
    });
    Response::from_parts(parts, Body::from_stream(half.chain(pause)))
}

/// The whole body, a few bytes every tenth of a second; at less than ten a
/// second, one at a time.
pub(super) async fn drip(response: Response, bytes_per_second: u64) -> Response {
    let (mut parts, whole) = taken(response).await;
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let rate = bytes_per_second.max(1);
    let (size, wait) = if rate >= BEATS_A_SECOND {
        (usize::try_from(rate / BEATS_A_SECOND).unwrap_or(usize::MAX), BEAT)
    } else {
        (1, Duration::from_millis(1_000 / rate))
    };
    let drops = unfold(whole, move |mut left| async move {
        if left.is_empty() {
            return None;
        }
        sleep(wait).await;
        let next = left.split_to(size.min(left.len()));
        Some((Ok::<_, Infallible>(next), left))
    });
    Response::from_parts(parts, Body::from_stream(drops))
}

/// The whole body, then spaces up to `bytes`, or without end.
pub(super) async fn filled(response: Response, bytes: Option<u64>) -> Response {
    let (mut parts, whole) = taken(response).await;
    let length = u64::try_from(whole.len()).unwrap_or(u64::MAX);
    let missing = bytes.map(|bytes| bytes.saturating_sub(length));
    if let Some(missing) = missing {
        parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(length + missing));
    }
    let piece = SPACES.len();
    let spaces = unfold(missing, move |missing| async move {
        let next = missing.map_or(piece, |left| usize::try_from(left).unwrap_or(piece).min(piece));
        // A reader that is never slow would otherwise never let others run.
        yield_now().await;
        let left = missing.map(|left| left - u64::try_from(next).unwrap_or(left));
        (next > 0).then(|| (Ok::<_, Infallible>(Bytes::from_static(&SPACES[..next])), left))
    });
    let body = once(ready(Ok(whole))).chain(spaces);
    Response::from_parts(parts, Body::from_stream(body))
}

/// Nothing of the answer but its headers, and a gzip stream of spaces.
pub(super) fn bomb(response: Response, bytes: u64) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    let pieces = iter(Bomb::of(bytes)).then(|piece| async move {
        yield_now().await;
        Ok::<_, Infallible>(Bytes::from(piece))
    });
    Response::from_parts(parts, Body::from_stream(pieces))
}
