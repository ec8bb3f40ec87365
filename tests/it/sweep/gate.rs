//! The gate that every step goes through: what a process asks of the disk and
//! of the network, counted, and one of them disturbed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use latchd::http::{Phase, Request, Response, Transport, TransportError};
use latchd::store::{Change, Register, Row, Store, StoreError};
use tokio::sync::Notify;

/// What befalls a process at its step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// It is gone: nothing that it does from here on has an effect.
    Crash,
    /// The disk or the network fails this once.
    Error,
}

impl Kind {
    pub(super) const ALL: [Self; 2] = [Self::Crash, Self::Error];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Error => "error",
        }
    }
}

/// Counts steps, and disturbs one of them.
pub(super) struct Gate {
    at: Option<(Kind, u64)>,
    passed: AtomicU64,
    dead: AtomicBool,
    died: Notify,
}

impl Gate {
    /// A gate that disturbs the nth step, or none.
    pub(super) fn new(at: Option<(Kind, u64)>) -> Arc<Self> {
        let (passed, dead, died) = (AtomicU64::new(0), AtomicBool::new(false), Notify::new());
        Arc::new(Self { at, passed, dead, died })
    }

    /// A step, and what befalls the process there; the dead stay dead.
    pub(super) fn step(&self) -> Option<Kind> {
        if self.is_dead() {
            return Some(Kind::Crash);
        }
        let nth = self.passed.fetch_add(1, Ordering::SeqCst) + 1;
        let (kind, _) = self.at.filter(|(_, at)| *at == nth)?;
        if kind == Kind::Crash {
            self.dead.store(true, Ordering::SeqCst);
            self.died.notify_one();
        }
        Some(kind)
    }

    pub(super) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// How many steps there were.
    pub(super) fn steps(&self) -> u64 {
        self.passed.load(Ordering::SeqCst)
    }

    /// Resolves when the process is dead.
    pub(super) async fn died(&self) {
        self.died.notified().await;
    }
}

/// A store behind the gate: a commit begins, and is durable. A process can be
/// gone before either; a disk that fails may have kept the commit or not.
pub(super) struct GatedStore {
    pub(super) durable: Arc<dyn Store>,
    pub(super) gate: Arc<Gate>,
}

impl Store for GatedStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.durable.get(key)
    }

    fn scan(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.durable.scan(prefix, after, limit)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        if self.gate.step().is_some() {
            return Err(failed());
        }
        self.durable.commit(changes)?;
        if self.gate.step().is_some() { Err(failed()) } else { Ok(()) }
    }
}

fn failed() -> StoreError {
    StoreError::Disk { place: "the sweep's state".to_owned(), source: std::io::ErrorKind::StorageFull.into() }
}

/// All that went over the wire, of all processes of a company.
#[derive(Default)]
pub(super) struct Wire {
    /// The body that each `requestid` went out with.
    bodies: Mutex<BTreeMap<String, Vec<u8>>>,
    wrong: Mutex<Vec<String>>,
}

impl Wire {
    /// What must never be seen, and was.
    pub(super) fn wrong(&self) -> Vec<String> {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many different writes went out.
    pub(super) fn writes(&self) -> usize {
        self.bodies.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn see(&self, request: &Request, durable: &Arc<dyn Store>) {
        let path = request.uri().path();
        // A query is posted too, and changes nothing.
        if request.method() != "POST" || !path.starts_with("/v3/company/") || path.ends_with("/query") {
            return;
        }
        let address = request.uri().path_and_query().map_or("", |whole| whole.as_str());
        let mut wrong = Vec::new();
        let id = address.split(['?', '&']).find_map(|part| part.strip_prefix("requestid="));
        if let Some(id) = id {
            let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
            let first = bodies.entry(id.to_owned()).or_insert_with(|| request.body().to_vec());
            if first.as_slice() != request.body().as_ref() {
                wrong.push(format!("{id} went out with two bodies"));
            }
        }
        let intents = Register::new(Arc::clone(durable)).intents().expect("the durable image is sound");
        let written = intents.iter().any(|intent| {
            address.ends_with(&intent.path) && intent.body.as_bytes() == request.body().as_ref()
        });
        if id.is_none() || !written {
            wrong.push(format!("no durable intent says what goes out to {address}"));
        }
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).extend(wrong);
    }
}

/// The network behind the gate: a request leaves, and its answer comes.
pub(super) struct GatedNetwork {
    pub(super) inner: Arc<dyn Transport>,
    pub(super) durable: Arc<dyn Store>,
    pub(super) gate: Arc<Gate>,
    pub(super) wire: Arc<Wire>,
}

impl Transport for GatedNetwork {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        async move {
            match self.gate.step() {
                Some(Kind::Crash) => std::future::pending().await,
                Some(Kind::Error) => {
                    let reason = "connection refused".to_owned();
                    return Err(TransportError { phase: Phase::BeforeSend, reason });
                }
                None => {}
            }
            self.wire.see(&request, &self.durable);
            let answer = self.inner.send(request).await;
            match self.gate.step() {
                Some(Kind::Crash) => std::future::pending().await,
                Some(Kind::Error) => {
                    Err(TransportError { phase: Phase::Unknown, reason: "connection reset".to_owned() })
                }
                None => answer,
            }
        }
        .boxed()
    }
}
