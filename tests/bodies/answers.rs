//! A network that answers what it is told to, before clients of both vendors.
//! What the sandbox answers to each call, and what was recorded of the real
//! QuickBooks where `LATCHD_FIXTURES` names it, is what the odd answers are made of.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use latchd::clock::TokioClock;
use latchd::http::{Request, Response, RouterTransport, Transport, TransportError};
use latchd::model::{RealmId, TransactionTypes};
use latchd::quickbooks::{Credentials, QuickBooks, QuickBooksSettings, Session};
use latchd::sandbox::{Cut, Sandbox, SandboxOptions};
use latchd::staxbill::StaxBill;
use latchd::store::TokenFile;
use secrecy::SecretString;
use tokio::runtime::Runtime;

/// An answer: its status, headers and body.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    /// The status.
    pub(crate) status: u16,
    /// A header that steers the client, as bytes.
    pub(crate) header: Option<(&'static str, Vec<u8>)>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// Passes calls on to the sandbox and keeps the last answer, until it is told
/// what to answer.
#[derive(Clone)]
pub(crate) struct Network {
    sandbox: RouterTransport,
    told: Arc<Mutex<Option<Answered>>>,
    last: Arc<Mutex<Bytes>>,
}

impl Network {
    /// From now on every call but those for tokens is answered so.
    pub(crate) fn answer(&self, with: Answered) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(with);
    }

    /// What the sandbox answered last.
    pub(crate) fn last(&self) -> Vec<u8> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).to_vec()
    }

    fn told(&self, request: &Request) -> Option<Response> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let path = request.uri().path();
        if !path.starts_with("/v3/") && !path.starts_with("/v1/") {
            return None;
        }
        let mut answer = http::Response::builder().status(told.status).header("X-Count", "1");
        if let Some((name, value)) = told.header {
            // A header's bytes are bounded by HTTP itself.
            answer = match http::HeaderValue::from_bytes(&value) {
                Ok(value) => answer.header(name, value),
                Err(_) => answer,
            };
        }
        Some(answer.body(Bytes::from(told.body)).expect("the status is one"))
    }
}

impl Transport for Network {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        async move {
            if let Some(told) = self.told(&request) {
                return Ok(told);
            }
            let answer = self.sandbox.send(request).await?;
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = answer.body().clone();
            Ok(answer)
        }
        .boxed()
    }
}

/// Both clients on paused time, and the sandbox behind them.
pub(crate) struct Clients {
    /// The client of Stax Bill.
    pub(crate) staxbill: StaxBill,
    /// The client of QuickBooks.
    pub(crate) quickbooks: QuickBooks,
    /// What lies between.
    pub(crate) network: Network,
    /// Both vendors.
    pub(crate) sandbox: Sandbox,
    /// Where calls run.
    pub(crate) runtime: Runtime,
    _tokens: tempfile::TempDir,
}

thread_local! {
    static CLIENTS: RefCell<Option<Clients>> = const { RefCell::new(None) };
}

/// Lends this thread's clients, with the network passing calls on.
pub(crate) fn with_clients<T>(then: impl FnOnce(&Clients) -> T) -> T {
    CLIENTS.with_borrow_mut(|kept| {
        // Taken out, so that a panic inside leaves none behind.
        let clients = kept.take().unwrap_or_else(Clients::new);
        *clients.network.told.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let result = then(&clients);
        *kept = Some(clients);
        result
    })
}

impl Clients {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let runtime = runtime.expect("a runtime");
        let inside = runtime.enter();
        let sandbox = Sandbox::sample(SandboxOptions { throttled: false, ..SandboxOptions::default() });
        let routers = vec![(8090, sandbox.quickbooks_router()), (8091, sandbox.staxbill_router())];
        let network = Network {
            sandbox: RouterTransport::new(routers, |extensions| extensions.get::<Cut>().is_some()),
            told: Arc::default(),
            last: Arc::default(),
        };
        let transport: Arc<dyn Transport> = Arc::new(network.clone());
        let tokens = tempfile::tempdir().expect("a folder for tokens");
        let secret = |text: &str| SecretString::from(text.to_owned());
        let credentials = Credentials {
            client_id: secret("sandbox-client"),
            client_secret: secret("sandbox-secret"),
            refresh_token: Some(secret("sandbox-refresh-token")),
            discovery_url: "http://127.0.0.1:8090/.well-known/openid_configuration".to_owned(),
            login: "latchd auth login".to_owned(),
        };
        let clock = TokioClock::starting_at(sandbox.clock.now());
        let file = TokenFile::new(tokens.path());
        let session = Session::new(Arc::clone(&transport), Arc::new(clock), credentials, file);
        let settings = QuickBooksSettings {
            api_url: "http://127.0.0.1:8090".to_owned(),
            realm_id: RealmId::new("9130350000000000"),
            per_minute: 60_000,
            per_second: 1000,
            batches_per_minute: 6000,
        };
        let quickbooks = QuickBooks::new(Arc::clone(&transport), session, &settings);
        let base = "http://127.0.0.1:8091/v1";
        let types = TransactionTypes::default();
        let staxbill = StaxBill::new(transport, base, secret("MDpzYW5kYm94"), 60_000, types);
        drop(inside);
        Self { staxbill, quickbooks, network, sandbox, runtime, _tokens: tokens }
    }
}

/// A failure has words, and whoever cannot read an answer says where.
pub(crate) fn is_told(why: &str, unreadable: bool) {
    assert!(!why.trim().is_empty(), "refused without a reason");
    let place = [" line ", "column", ": ", "answer"];
    assert!(!unreadable || place.iter().any(|word| why.contains(word)), "it does not say where: {why}");
}
