//! A call that was stopped on its way: run as it came, in part, or as another
//! one.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{StatusCode, Uri};
use serde_json::{Value, json};

use super::bodies::taken;
use super::rows::{self, Window};
use super::{Ground, ItemFate, PageFault, Trouble, Vendor, items};

/// A call, and the rest of its way.
pub(super) struct Errand {
    pub(super) trouble: Trouble,
    pub(super) ground: Ground,
    pub(super) parts: Parts,
    pub(super) body: Bytes,
    pub(super) next: Next,
}

impl Errand {
    /// The call as it came. If its batch was given up half-way before, only
    /// the rest of it is carried out, as a service does that keeps outcomes by
    /// request id and item.
    pub(super) async fn run(&self) -> Response {
        let before = items::request_id(&self.parts.uri).and_then(|id| self.trouble.half_done(&id));
        let (Some(before), Some(items)) = (before, items::of(&self.body)) else {
            return self.send(self.request(), self.body.clone()).await;
        };
        let rest = items.get(before.len()..).unwrap_or_default();
        let response = self.send(self.request(), items::body(rest)).await;
        items::completed(response, before).await
    }

    /// The first `count` items of a batch, remembered for [`Errand::run`]; of
    /// any other call nothing. Those that were carried out under the same
    /// request id before are not again. That the rest is not carried out, and
    /// that a repetition does not repeat the first items, is ours: neither is
    /// recorded.
    pub(super) async fn run_half(&self, count: usize) {
        let id = items::request_id(&self.parts.uri);
        let mut before = id.as_deref().and_then(|id| self.trouble.half_done(id)).unwrap_or_default();
        let Some(items) = items::of(&self.body) else { return };
        let rest = items.get(before.len()..count.min(items.len())).unwrap_or_default();
        if rest.is_empty() || self.answered(id.as_deref()) {
            return;
        }
        let mut request = self.request();
        // The answer to the whole batch is yet to be kept under its id.
        *request.uri_mut() = without_request_id(&self.parts.uri);
        before.extend(items::answers(self.send(request, items::body(rest)).await).await);
        if let Some(id) = id {
            self.trouble.keep_half(id, before);
        }
    }

    /// Whether the whole call was answered under its id before, so that the
    /// service would replay it.
    fn answered(&self, id: Option<&str>) -> bool {
        let company = self.ground.company.as_ref();
        id.zip(company).is_some_and(|(id, company)| company.has_answered(id))
    }

    /// A batch of which one item fares badly.
    pub(super) async fn run_items(&self, (nth, fate, code): (usize, ItemFate, Option<u32>)) -> Response {
        let Some(mut items) = items::of(&self.body) else { return self.run().await };
        let left_out = items::before(&mut items, nth, fate);
        let response = self.send(self.request(), items::body(&items)).await;
        items::after(response, (nth, fate, code), left_out).await
    }

    /// The call as it came; then what it wrote is deleted, or made inactive
    /// where it cannot be deleted.
    pub(super) async fn run_and_bury(&self) -> Response {
        let (parts, whole) = taken(self.run().await).await;
        let body: Value = serde_json::from_slice(&whole).unwrap_or_default();
        let batch = body["BatchItemResponse"].as_array().map_or(&[][..], Vec::as_slice);
        if let Some(company) = &self.ground.company {
            for (entity, object) in batch.iter().chain([&body]).filter_map(Value::as_object).flatten() {
                let Some(id) = object["Id"].as_str() else { continue };
                let hand = company.bookkeeper();
                // What can be neither is left alone: a company's card, say.
                let _ = hand.delete(entity, id).or_else(|_| hand.inactivate(entity, id));
            }
        }
        Response::from_parts(parts, Body::from(whole))
    }

    /// A change feed that is full.
    pub(super) async fn run_full(&self) -> Response {
        let response = self.run().await;
        let asked = rows::feed_entities(&self.parts.uri).into_iter().enumerate();
        let spare = self.ground.company.as_ref().and_then(|company| {
            let mut kept =
                asked.filter_map(|(place, name)| Some((place, company.objects(&name).pop()?, name)));
            kept.next().map(|(place, object, name)| (place, name, object))
        });
        rows::full_feed(response, spare).await
    }

    /// Other rows than those the call asks for, told as if they were those.
    pub(super) async fn run_elsewhere(&self, how: PageFault) -> Response {
        let asked = rows::window(&self.parts.uri, &self.body);
        let wanted = asked.shifted(how);
        match self.ground.vendor {
            Vendor::QuickBooks => {
                let (request, body) = rows::moved(self.request(), &self.body, wanted);
                let (parts, whole) = taken(self.send(request, body).await).await;
                let Ok(mut body) = serde_json::from_slice::<Value>(&whole) else {
                    return Response::from_parts(parts, Body::from(whole));
                };
                if let Some(start) = body.pointer_mut("/QueryResponse/startPosition") {
                    *start = json!(asked.start());
                }
                Response::from_parts(parts, Body::from(body.to_string()))
            }
            Vendor::StaxBill => self.run_stitched(asked, wanted, how == PageFault::Endless).await,
        }
    }

    async fn run_stitched(&self, asked: Window, wanted: Window, endless: bool) -> Response {
        let (number, skip) = wanted.pages();
        let page = |number| async move {
            let request = rows::with_page(self.request(), number);
            let (parts, whole) = taken(self.send(request, self.body.clone()).await).await;
            (parts, serde_json::from_slice::<Value>(&whole).unwrap_or_default())
        };
        let (mut parts, first) = page(number).await;
        if parts.status != StatusCode::OK || !first.is_array() {
            return Response::from_parts(parts, Body::from(first.to_string()));
        }
        let mut pages = vec![first];
        if skip > 0 {
            pages.push(page(number.saturating_add(1)).await.1);
        }
        rows::tell_place(&mut parts.headers, asked.pages().0, endless);
        rows::stitched(parts, &pages, wanted)
    }

    fn request(&self) -> Request {
        Request::from_parts(self.parts.clone(), Body::empty())
    }

    async fn send(&self, request: Request, body: Bytes) -> Response {
        let (mut parts, _) = request.into_parts();
        parts.headers.remove(http::header::CONTENT_LENGTH);
        self.next.clone().run(Request::from_parts(parts, Body::from(body))).await
    }
}

fn without_request_id(uri: &Uri) -> Uri {
    let kept = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.starts_with("requestid="));
    let query = kept.collect::<Vec<_>>().join("&");
    format!("{}?{query}", uri.path()).parse().unwrap_or_else(|_| uri.clone())
}
