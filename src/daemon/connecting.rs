//! Logins and logouts that are asked for beside the passes. They wait for no
//! pass: where there is no token, none comes to its end.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc, watch};
use tokio_util::task::TaskTracker;

use crate::config::CompanySettings;
use crate::quickbooks::{Consent, QuickBooks};
use crate::socket::{AnswerAddress, Line, Problem};

/// Whoever makes or ends the connection.
pub(super) struct Connecting {
    quickbooks: watch::Sender<Arc<QuickBooks>>,
    wake: Arc<Notify>,
    tasks: TaskTracker,
}

/// One question.
pub(super) enum AuthAsked {
    /// The page of a login.
    Page {
        /// Where Intuit's answer goes.
        redirect_uri: String,
        /// What it must bear.
        state: String,
    },
    /// The login itself.
    Login {
        /// As the page was asked for.
        redirect_uri: String,
        /// The same.
        state: String,
        /// The answer.
        address: AnswerAddress,
    },
    /// The end of the connection.
    Logout {
        /// Also where Intuit cannot be told.
        forget: bool,
    },
}

impl Connecting {
    pub(super) fn new(quickbooks: Arc<QuickBooks>, wake: Arc<Notify>) -> Self {
        Self { quickbooks: watch::Sender::new(quickbooks), wake, tasks: TaskTracker::new() }
    }

    /// The client from now on.
    pub(super) fn put(&self, quickbooks: Arc<QuickBooks>) {
        self.quickbooks.send_replace(quickbooks);
    }

    /// Waits for what is under way.
    pub(super) async fn over(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Begins it; the answer comes where it is over. It ends also where nobody
    /// waits for it any more: a code that is spent must not be lost.
    pub(super) fn begin(&self, company: CompanySettings, asked: AuthAsked) -> mpsc::Receiver<Line> {
        let quickbooks = Arc::clone(&self.quickbooks.borrow());
        let wake = Arc::clone(&self.wake);
        let (lines, answer) = mpsc::channel(1);
        self.tasks.spawn(async move {
            let line = match asked {
                AuthAsked::Page { redirect_uri, state } => {
                    match quickbooks.consent_url(&redirect_uri, &state).await {
                        Ok(page) => Line::result(&page),
                        Err(error) => {
                            let todo = "nothing was stored; run it again when that is mended";
                            failed(format!("{error}; {todo}"))
                        }
                    }
                }
                AuthAsked::Login { redirect_uri, state, address } => {
                    login(&quickbooks, &company, (&redirect_uri, &state), &address, &wake).await
                }
                AuthAsked::Logout { forget } => match quickbooks.disconnect(forget).await {
                    Ok(told) => Line::result(&told),
                    Err(error) => failed(format!("Intuit did not end the connection: {error}")),
                },
            };
            // Who hung up does not want it.
            let _ = lines.send(line).await;
        });
        answer
    }
}

async fn login(
    quickbooks: &Arc<QuickBooks>,
    company: &CompanySettings,
    (redirect_uri, state): (&str, &str),
    AnswerAddress(address): &AnswerAddress,
    wake: &Notify,
) -> Line {
    let consent = match Consent::judge(address, state, &company.realm_id) {
        Ok(consent) => consent,
        Err(wrong) => return failed(format!("{wrong}; nothing was stored")),
    };
    match quickbooks.connect(&consent, redirect_uri, (&company.realm_id, &company.expect)).await {
        Ok(connected) => {
            tracing::info!("connected to QuickBooks by a login");
            // What waited for it goes on at once.
            wake.notify_one();
            Line::result(&connected)
        }
        Err(error) => failed(error.told()),
    }
}

fn failed(words: String) -> Line {
    Line::error(Problem::Failed, words)
}
