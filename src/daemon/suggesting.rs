//! Proposals of who might be who, asked for beside the passes: both sides are read
//! over the daemon's own connections, within its budgets and with its token.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::planning::fits;
use crate::config::{self, Config};
use crate::propose::{Asked, Vendors, propose};
use crate::quickbooks::QuickBooks;
use crate::socket::{Answer, FileTexts, Line, Problem};
use crate::staxbill::StaxBill;

/// The daemon's connections.
pub(super) type Clients = (Arc<StaxBill>, Arc<QuickBooks>);

/// Whoever makes proposals, one at a time.
pub(super) struct Suggesting {
    clients: Mutex<Clients>,
    turn: Arc<Semaphore>,
    stop: CancellationToken,
}

impl Suggesting {
    pub(super) fn new(clients: Clients) -> Self {
        Self {
            clients: Mutex::new(clients),
            turn: Arc::new(Semaphore::new(1)),
            stop: CancellationToken::new(),
        }
    }

    /// The connections from now on.
    pub(super) fn put(&self, clients: Clients) {
        *self.clients.lock().unwrap_or_else(PoisonError::into_inner) = clients;
    }

    /// Ends what is under way: it can be asked for again.
    pub(super) fn end(&self) {
        self.stop.cancel();
    }

    /// Begins it; the answer comes where it is over. It ends early where nobody
    /// waits for it any more.
    pub(super) fn begin(&self, present: &Arc<Config>, files: FileTexts, asked: Asked) -> Answer {
        let Ok(turn) = Arc::clone(&self.turn).try_acquire_owned() else {
            let words = "another suggestion is being made; ask again in a moment";
            return Answer::Now(Line::error(Problem::Busy, words));
        };
        let (lines, answer) = mpsc::channel(1);
        let (staxbill, quickbooks) = self.clients.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (present, stop, handle) = (Arc::clone(present), self.stop.clone(), Handle::current());
        // All customers are compared with one another, which holds a thread.
        drop(tokio::task::spawn_blocking(move || {
            let _turn = turn;
            handle.block_on(async {
                let line = tokio::select! {
                    line = line(&present, (staxbill, quickbooks), &files, &asked) => line,
                    () = lines.closed() => return,
                    () = stop.cancelled() => {
                        Line::error(Problem::Failed, "the daemon ends; ask again when it is back")
                    }
                };
                // Who hung up does not want it.
                let _ = lines.send(line).await;
            });
        }));
        Answer::Lines(answer)
    }
}

async fn line(
    present: &Config,
    (staxbill, quickbooks): Clients,
    FileTexts(files): &FileTexts,
    asked: &Asked,
) -> Line {
    let refused = |words: String| Line::error(Problem::BadRequest, words);
    let Some((main, _)) = files.first() else { return refused("a suggestion needs files".to_owned()) };
    let config = match config::load_from(main, files) {
        Ok(config) => config,
        Err(errors) => return refused(errors.to_string()),
    };
    if let Err(words) = fits(&config, present) {
        return refused(words);
    }
    let staxbill = Arc::new(staxbill.understanding(&config.settings.transaction_types));
    let vendors = Vendors { staxbill, quickbooks, borrowed: false };
    match propose(&config, &vendors, asked).await {
        Ok(text) => Line::result(&text),
        Err(error) => Line::error(Problem::Failed, error.to_string()),
    }
}
