//! Batches that fare badly: an item that is not carried out, answers that are
//! missing, doubled, reordered or strange, and a token that expires half-way.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::Uri;
use serde_json::{Value, json};

use super::answers;
use super::bodies::taken;
use super::kind::ItemFate;
use crate::sandbox::pattern;

const ITEMS: &str = "BatchItemRequest";
const ANSWERS: &str = "BatchItemResponse";

/// The items of a batch; nothing if the call is none.
pub(super) fn of(body: &[u8]) -> Option<Vec<Value>> {
    let Ok(Value::Object(mut body)) = serde_json::from_slice(body) else { return None };
    let Some(Value::Array(items)) = body.remove(ITEMS) else { return None };
    Some(items)
}

/// The body of a batch with these items.
pub(super) fn body(items: &[Value]) -> Bytes {
    json!({ ITEMS: items }).to_string().into()
}

/// Takes an item out of a batch that is not to be carried out.
pub(super) fn before(items: &mut Vec<Value>, nth: usize, fate: ItemFate) -> Option<Value> {
    match fate {
        ItemFate::Failed | ItemFate::Dropped if (1..=items.len()).contains(&nth) => {
            Some(items.remove(nth - 1))
        }
        ItemFate::Failed
        | ItemFate::Dropped
        | ItemFate::Missing
        | ItemFate::Twice
        | ItemFate::Reordered
        | ItemFate::UnknownId => None,
    }
}

/// What becomes of the answers; `left_out` is what [`before`] took away.
pub(super) async fn after(
    response: Response,
    (nth, fate, code): (usize, ItemFate, Option<u32>),
    left_out: Option<Value>,
) -> Response {
    changed(response, |answers| {
        let place = nth.saturating_sub(1);
        match (fate, answers.get(place).cloned()) {
            (ItemFate::Failed, _) => {
                if let Some(item) = left_out {
                    let mut failed = code.map_or_else(answers::throttle_fault, answers::item_fault);
                    failed["bId"] = item["bId"].clone();
                    answers.insert(place.min(answers.len()), failed);
                }
            }
            (ItemFate::Missing, Some(_)) => drop(answers.remove(place)),
            (ItemFate::Twice, Some(answer)) => answers.push(answer),
            (ItemFate::UnknownId, Some(_)) => answers[place]["bId"] = json!("nobody-sent-this"),
            (ItemFate::Reordered, _) => answers.reverse(),
            (ItemFate::Dropped, _) | (ItemFate::Missing | ItemFate::Twice | ItemFate::UnknownId, None) => {}
        }
    })
    .await
}

/// The response to the rest of a batch, with the answers that its first items
/// had before.
pub(super) async fn completed(response: Response, before: Vec<Value>) -> Response {
    changed(response, |answers| {
        answers.splice(0..0, before);
    })
    .await
}

/// The answers in a response.
pub(super) async fn answers(response: Response) -> Vec<Value> {
    let (_, whole) = taken(response).await;
    let mut body: Value = serde_json::from_slice(&whole).unwrap_or_default();
    body[ANSWERS].as_array_mut().map(std::mem::take).unwrap_or_default()
}

async fn changed(response: Response, change: impl FnOnce(&mut Vec<Value>)) -> Response {
    let (parts, whole) = taken(response).await;
    let mut body: Value = serde_json::from_slice(&whole).unwrap_or_default();
    let Some(answers) = body.get_mut(ANSWERS).and_then(Value::as_array_mut) else {
        return Response::from_parts(parts, Body::from(whole));
    };
    change(answers);
    Response::from_parts(parts, Body::from(body.to_string()))
}

/// The id under which a client would repeat this call.
pub(super) fn request_id(uri: &Uri) -> Option<String> {
    let query = uri.query()?;
    let value = query.split('&').find_map(|pair| pair.strip_prefix("requestid="))?;
    Some(pattern::decoded(value))
}
