//! The engine: what lives as long as the process does: the state's lock, the
//! clients with their pace, the token. A pass gets its world from here.

mod secrets;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::alert::Desk;
use crate::clock::Clock;
use crate::config::{Config, ResolveError, SecretSources};
use crate::fsx;
use crate::http::Transport;
use crate::model::Digest;
use crate::pass::{Memory, Progress, Sending, World};
use crate::publish::{Publisher, last_pass};
use crate::quickbooks::{Credentials, QuickBooks, QuickBooksSettings, Session, TokenLine};
use crate::staxbill::StaxBill;
use crate::store::{
    BegunAnew, OwnerLock, OwnerLockError, Register, Store, StoreError, TokenFile, begin_anew, open_state,
    open_to_look,
};
use secrets::{QuickBooksSecrets, Secrets};

/// Everything that a process needs to make passes.
pub struct Engine {
    _lock: Option<OwnerLock>,
    /// The state.
    pub register: Register,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where reports go.
    pub publisher: Arc<Publisher>,
    transport: Arc<dyn Transport>,
    alerts: Arc<dyn Transport>,
    memory: Arc<Memory>,
    clients: (Arc<StaxBill>, Arc<QuickBooks>),
    tokens: Arc<TokenLine>,
    connection: Digest,
    progress: watch::Sender<Progress>,
}

/// The engine cannot start.
#[derive(Debug, Error)]
pub enum EngineError {
    /// Another latchd owns the state, or nobody can.
    #[error(transparent)]
    Owner(#[from] OwnerLockError),
    /// The state cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A secret is not where the files say.
    #[error(transparent)]
    Secret(#[from] ResolveError),
    /// The folder of reports cannot be used.
    #[error(
        "cannot use the folder of reports {place}: {why}; \
         make it a folder that the user that runs latchd may write to, or name another in [paths] reports"
    )]
    Reports {
        /// The folder.
        place: String,
        /// Why.
        why: std::io::Error,
    },
}

/// The edges of a process: what a test brings its own of.
pub struct Edges {
    /// The network, for both vendors.
    pub transport: Arc<dyn Transport>,
    /// The network, for alerts: a webhook that hangs keeps no call to a vendor
    /// waiting, and the reverse.
    pub alerts: Arc<dyn Transport>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where secrets are.
    pub secrets: SecretSources,
    /// Drawn anew for every process.
    pub epoch: Uuid,
}

impl Engine {
    /// Owns the state and connects, as the files say.
    ///
    /// Secrets first, then the state's lock, then the folder of reports:
    /// nothing is left on the disk by a process that cannot work.
    pub fn open(config: &Config, edges: Edges) -> Result<Self, EngineError> {
        let (now, known_of) = (edges.clock.now(), passes_told(config));
        Self::open_by(config, edges, |folder| open_state(folder, now, known_of))
    }

    /// An engine for a command that only looks: a state that is not sound is
    /// refused and left as it is.
    pub fn open_to_look(config: &Config, edges: Edges) -> Result<Self, EngineError> {
        let known_of = passes_told(config);
        Self::open_by(config, edges, |folder| open_to_look(folder, known_of))
    }

    /// An engine over a state that is begun anew, whatever was there, which is set
    /// aside.
    pub fn open_anew(config: &Config, edges: Edges) -> Result<(Self, Option<PathBuf>, String), EngineError> {
        let (now, realm_id) = (edges.clock.now(), config.settings.company.realm_id.as_str());
        let (mut aside, mut before) = (None, String::new());
        let engine = Self::open_by(config, edges, |folder| {
            let begun: BegunAnew = begin_anew(folder, now, realm_id)?;
            (aside, before) = (begun.aside, begun.before);
            Ok(begun.store)
        })?;
        Ok((engine, aside, before))
    }

    fn open_by(
        config: &Config,
        edges: Edges,
        open: impl FnOnce(&Path) -> Result<Arc<dyn Store>, StoreError>,
    ) -> Result<Self, EngineError> {
        let secrets = Secrets::resolve(config, &edges.secrets)?;
        let paths = &config.settings.paths;
        let is_new = !paths.state.exists();
        let lock = OwnerLock::take(&paths.state)?;
        if let Err(why) = usable(&paths.reports) {
            drop(lock);
            if is_new {
                // Nothing but the lock is in it, and nobody's remains are wanted.
                let _ = std::fs::remove_file(paths.state.join("lock"));
                let _ = std::fs::remove_dir(&paths.state);
            }
            return Err(EngineError::Reports { place: paths.reports.display().to_string(), why });
        }
        let store = open(&paths.state)?;
        Self::over(config, edges, store, Some(lock), secrets)
    }

    /// An engine over a store that is already open; for tests.
    pub fn with_store(config: &Config, edges: Edges, store: Arc<dyn Store>) -> Result<Self, EngineError> {
        let secrets = Secrets::resolve(config, &edges.secrets)?;
        Self::over(config, edges, store, None, secrets)
    }

    fn over(
        config: &Config,
        edges: Edges,
        store: Arc<dyn Store>,
        lock: Option<OwnerLock>,
        secrets: Secrets,
    ) -> Result<Self, EngineError> {
        let register = Register::new(store);
        let memory = Arc::new(Memory::new(&register, edges.epoch)?);
        let publisher = Arc::new(Publisher::new(&config.settings.paths.reports));
        let connection = secrets.connection(config);
        let tokens = Arc::default();
        let clients = clients(config, (&edges.transport, &edges.clock), secrets, Tokens::Own(&tokens));
        Ok(Self {
            _lock: lock,
            register,
            clock: edges.clock,
            publisher,
            transport: edges.transport,
            alerts: edges.alerts,
            memory,
            clients,
            tokens,
            connection,
            progress: watch::Sender::default(),
        })
    }

    /// Connects anew where the files name other addresses or secrets; the
    /// clients keep their pace otherwise.
    pub fn reconnect(&mut self, config: &Config, secrets: &SecretSources) -> Result<(), EngineError> {
        let secrets = Secrets::resolve(config, secrets)?;
        let connection = secrets.connection(config);
        if self.connection != connection {
            // Somebody may have put another token file there.
            self.tokens.forget();
            let tokens = Tokens::Own(&self.tokens);
            self.clients = clients(config, (&self.transport, &self.clock), secrets, tokens);
            self.connection = connection;
        }
        Ok(())
    }

    /// The world of one pass under `config`.
    pub fn world(&self, config: &Config, stop: CancellationToken) -> World {
        let publisher = Arc::clone(&self.publisher);
        World {
            register: self.register.clone(),
            staxbill: Arc::clone(&self.clients.0),
            quickbooks: Arc::clone(&self.clients.1),
            clock: Arc::clone(&self.clock),
            settings: config.settings.clone(),
            decisions: config.decisions.clone(),
            generation: config.generation.clone(),
            memory: Arc::clone(&self.memory),
            stop,
            progress: self.progress.clone(),
            history: Arc::new(move |line| publisher.history(line)),
        }
    }

    /// What telling people of reports needs.
    pub fn desk(&self, config: &Config) -> Desk {
        Desk {
            register: self.register.clone(),
            transport: Arc::clone(&self.alerts),
            clock: Arc::clone(&self.clock),
            secrets: SecretSources::of_process(),
            token: TokenFile::new(&config.settings.paths.state),
        }
    }

    /// What this process knows of its writes.
    pub fn sending(&self) -> Sending {
        Sending::new(Arc::clone(&self.memory), Arc::clone(&self.clock))
    }

    /// Both vendors, for who asks them beside the passes.
    pub fn clients(&self) -> (Arc<StaxBill>, Arc<QuickBooks>) {
        self.clients.clone()
    }

    /// Keeps the token alive where no pass does: to be called now and then.
    pub async fn keep_alive(&self) {
        self.clients.1.keep_alive().await;
    }

    /// Waits for a change of the tokens that is under way: one that is cut in
    /// the middle may lose them.
    pub async fn settled(&self) {
        self.tokens.settled().await;
    }

    /// Follows the progress of passes.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }
}

/// Both vendors' clients alone, for a command that reads and keeps no state.
pub struct Connection {
    /// Stax Bill.
    pub staxbill: Arc<StaxBill>,
    /// QuickBooks.
    pub quickbooks: Arc<QuickBooks>,
    /// Whether another latchd holds the state: its token is used then, and
    /// never renewed.
    pub beside: bool,
    _lock: Option<OwnerLock>,
}

impl Connection {
    /// Connects as the files say, also beside a latchd that holds the state.
    pub fn open(config: &Config, edges: &Edges) -> Result<Self, EngineError> {
        let secrets = Secrets::resolve(config, &edges.secrets)?;
        let lock = match OwnerLock::take(&config.settings.paths.state) {
            Ok(lock) => Some(lock),
            Err(OwnerLockError::Held(_)) => None,
            Err(error @ OwnerLockError::Folder { .. }) => return Err(error.into()),
        };
        let beside = lock.is_none();
        let line = Arc::default();
        let tokens = if beside { Tokens::Borrowed } else { Tokens::Own(&line) };
        let (staxbill, quickbooks) = clients(config, (&edges.transport, &edges.clock), secrets, tokens);
        Ok(Self { staxbill, quickbooks, beside, _lock: lock })
    }
}

/// QuickBooks alone, for a command that makes or ends a connection: nobody else
/// holds the state as long as this lives.
pub struct Authority {
    /// QuickBooks.
    pub quickbooks: Arc<QuickBooks>,
    _lock: OwnerLock,
}

impl Authority {
    /// Owns the state, which is made where there is none.
    pub fn open(config: &Config, edges: &Edges) -> Result<Self, EngineError> {
        let secrets = QuickBooksSecrets::resolve(config, &edges.secrets)?;
        let lock = OwnerLock::take(&config.settings.paths.state)?;
        let edges = (&edges.transport, &edges.clock);
        let quickbooks = quickbooks(config, edges, secrets, Tokens::Own(&Arc::default()));
        Ok(Self { quickbooks: Arc::new(quickbooks), _lock: lock })
    }
}

/// Whose tokens a client uses.
#[derive(Clone, Copy)]
enum Tokens<'a> {
    /// Those of this process, which renews them.
    Own(&'a Arc<TokenLine>),
    /// Those of the process that holds the state.
    Borrowed,
}

fn clients(
    config: &Config,
    (transport, clock): (&Arc<dyn Transport>, &Arc<dyn Clock>),
    secrets: Secrets,
    tokens: Tokens<'_>,
) -> (Arc<StaxBill>, Arc<QuickBooks>) {
    let settings = &config.settings;
    let limits = &settings.limits;
    let per_minute = limits.staxbill_requests_minute;
    let staxbill = StaxBill::new(
        Arc::clone(transport),
        &settings.staxbill.base_url,
        secrets.api_key,
        per_minute,
        settings.transaction_types.clone(),
    );
    let quickbooks = quickbooks(config, (transport, clock), secrets.quickbooks, tokens);
    (Arc::new(staxbill), Arc::new(quickbooks))
}

fn quickbooks(
    config: &Config,
    (transport, clock): (&Arc<dyn Transport>, &Arc<dyn Clock>),
    secrets: QuickBooksSecrets,
    tokens: Tokens<'_>,
) -> QuickBooks {
    let settings = &config.settings;
    let limits = &settings.limits;
    let credentials = Credentials {
        client_id: secrets.client_id,
        client_secret: secrets.client_secret,
        refresh_token: secrets.refresh_token,
        discovery_url: settings.quickbooks.discovery_url.clone(),
        login: login_command(config),
    };
    let key = secrets.token_key.map(|(_, key)| key);
    let file = TokenFile::new(&settings.paths.state).sealed_with(key);
    let session = Session::new(Arc::clone(transport), Arc::clone(clock), credentials, file);
    let session = match tokens {
        Tokens::Own(line) => session.of_line(line),
        Tokens::Borrowed => session.borrowed(),
    };
    let company = QuickBooksSettings {
        api_url: settings.quickbooks.api_url.clone(),
        realm_id: settings.company.realm_id.clone(),
        per_minute: limits.quickbooks_requests_minute,
        per_second: limits.quickbooks_requests_second,
        batches_per_minute: limits.quickbooks_batches_minute,
    };
    QuickBooks::new(Arc::clone(transport), session, &company)
}

/// The command with which a person connects anew, to be pasted into a shell.
pub fn login_command(config: &Config) -> String {
    let main = config.files.first().map(|(path, _)| path.clone()).unwrap_or_default();
    let path = std::path::absolute(&main).unwrap_or(main).display().to_string();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-@".contains(&byte);
    let quoted = if path.bytes().all(plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) };
    format!("latchd auth login --config {quoted}")
}

/// How it is known from the last report that there was a state, where there is
/// none now.
fn passes_told(config: &Config) -> Option<String> {
    let settings = &config.settings;
    let number =
        last_pass(&settings.paths.reports, &settings.company.realm_id).filter(|number| *number > 0)?;
    Some(format!("the state folder is empty, and the last report tells of pass {number}"))
}

fn usable(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let probe = folder.join(".latchd-probe");
    fsx::write_atomic(&probe, b"", 0o640)?;
    std::fs::remove_file(probe)
}
