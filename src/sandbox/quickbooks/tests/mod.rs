//! The simulator driven through its router, as a client would drive it.

mod auto_apply;
mod batches;
mod currencies;
mod documents;
mod exchange;
mod extremes;
mod faults;
mod feed;
mod forms;
mod guards;
mod items;
mod joins;
mod limits;
mod lists;
mod misreadings;
mod money;
mod mutations;
mod names;
mod oauth;
mod preferences;
mod queries;
mod refusals;
mod reports;
mod session;
mod shapes;
mod switches;
mod taxes;
mod transport;
mod updates;
mod uploads;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::super::clock::SandboxClock;
use super::{Company, Options, router};

/// A company, its clock, and a client with a token.
pub(super) struct World {
    pub(super) company: Arc<Company>,
    pub(super) clock: SandboxClock,
    app: Router,
    pub(super) token: String,
}

pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Null where the answer is no JSON.
    pub(super) body: Value,
    pub(super) bytes: Bytes,
}

impl Reply {
    /// The code and detail of a refusal.
    pub(super) fn fault(&self) -> (&str, &str) {
        fault_in(&self.body)
    }
}

pub(super) fn fault_in(body: &Value) -> (&str, &str) {
    let error = &body["Fault"]["Error"][0];
    (error["code"].as_str().unwrap_or("none"), error["Detail"].as_str().unwrap_or_default())
}

pub(super) const REALM: &str = "9130350000000000";

impl World {
    /// A company without limits, on Tuesday 5 May 2026, with a fresh token.
    pub(super) async fn new() -> Self {
        Self::with(Options { throttled: false, ..Options::default() }).await
    }

    pub(super) async fn with(options: Options) -> Self {
        let clock = SandboxClock::starting_at("2026-05-05T09:00:00Z".parse().unwrap());
        let company = Company::demo(options, clock.clone());
        let app = router(Arc::clone(&company));
        let mut world = Self { company, clock, app, token: String::new() };
        world.token =
            world.refreshed("sandbox-refresh-token").await.body["access_token"].as_str().unwrap().into();
        world
    }

    pub(super) async fn refreshed(&self, token: &str) -> Reply {
        self.form("/oauth2/v1/tokens/bearer", &format!("grant_type=refresh_token&refresh_token={token}"))
            .await
    }

    /// Posts a form as the app, which names itself in the header.
    pub(super) async fn form(&self, path: &str, fields: &str) -> Reply {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, "Basic c2FuZGJveC1jbGllbnQ6c2FuZGJveC1zZWNyZXQ=")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(fields.to_owned()));
        self.send(request.unwrap()).await
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Reply { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default(), bytes }
    }

    pub(super) async fn call(&self, method: Method, path: &str, (kind, body): (&str, String)) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(format!("/v3/company/{REALM}/{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body));
        self.send(request.unwrap()).await
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, ("application/json", String::new())).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Reply {
        self.call(Method::POST, path, ("application/json", body.to_string())).await
    }

    pub(super) async fn query(&self, statement: &str) -> Reply {
        self.call(Method::POST, "query", ("application/text", statement.to_owned())).await
    }

    /// Writes something that must be taken, and returns the object.
    pub(super) async fn put(&self, path: &str, body: Value) -> Value {
        let reply = self.post(path, body).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.body);
        let object = reply.body.as_object().unwrap().iter().find(|(key, _)| *key != "time").unwrap();
        object.1.clone()
    }

    /// An object as it is now.
    pub(super) async fn read(&self, path: &str) -> Value {
        let reply = self.get(path).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.body);
        let object = reply.body.as_object().unwrap().iter().find(|(key, _)| *key != "time").unwrap();
        object.1.clone()
    }

    /// A write that must be refused; returns the code. The books stand as before.
    pub(super) async fn refused(&self, path: &str, body: Value) -> String {
        let reply = self.post(path, body.clone()).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path} {body}: {}", reply.body);
        self.sound();
        reply.fault().0.to_owned()
    }

    /// Holds the books against themselves.
    pub(super) fn sound(&self) {
        assert_eq!(self.company.audit(), Vec::<String>::new());
    }

    /// The balance of an account as it is shown.
    pub(super) async fn account(&self, id: &str) -> String {
        self.read(&format!("account/{id}")).await["CurrentBalance"].to_string()
    }

    /// An object as it is now, by entity and its own id.
    pub(super) async fn again(&self, entity: &str, object: &Value) -> Value {
        self.read(&format!("{entity}/{}", object["Id"].as_str().unwrap())).await
    }

    /// A credit memo of `amount` to `customer`.
    pub(super) async fn credit(&self, customer: &str, amount: &str) -> Value {
        self.put("creditmemo", invoice(customer, amount)).await
    }

    /// An invoice of `amount` to `customer`.
    pub(super) async fn invoice(&self, customer: &str, amount: &str) -> Value {
        self.put("invoice", invoice(customer, amount)).await
    }
}

pub(super) fn invoice(customer: &str, amount: &str) -> Value {
    json!({ "CustomerRef": { "value": customer }, "Line": [sale(amount)] })
}

pub(super) fn sale(amount: &str) -> Value {
    json!({
        "Amount": amount, "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": { "ItemRef": { "value": "19" }, "TaxCodeRef": { "value": "NON" } },
    })
}

/// A line that applies `amount` to the invoice `id`.
pub(super) fn pays(id: &Value, amount: &str) -> Value {
    names("Invoice", id, amount)
}

/// A payment's line that names a document of that kind.
pub(super) fn names(kind: &str, id: &Value, amount: &str) -> Value {
    json!({ "Amount": amount, "LinkedTxn": [{ "TxnId": id, "TxnType": kind }] })
}

/// A line of a journal entry, with the customer it is about.
pub(super) fn posts(side: &str, account: &str, amount: &str, customer: Option<&str>) -> Value {
    let mut detail = json!({ "PostingType": side, "AccountRef": { "value": account } });
    if let Some(customer) = customer {
        detail["Entity"] = json!({ "Type": "Customer", "EntityRef": { "value": customer } });
    }
    json!({ "Amount": amount, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail })
}

/// An amount as an answer prints it.
pub(super) fn printed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The values of one property over a list of objects.
pub(super) fn column(list: &Value, key: &str) -> Vec<String> {
    let rows = list.as_array().map_or(&[][..], Vec::as_slice);
    rows.iter().map(|row| row[key].as_str().unwrap_or_default().to_owned()).collect()
}
