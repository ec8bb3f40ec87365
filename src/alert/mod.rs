//! Alerts: tells people what is new, beside the passes and never in their way.
//!
//! What each receiver was told stands in the state, and is written there once
//! it took the message: nothing is told twice, and what a dead receiver missed
//! is told when it is back. `news` says what is new, `message` how it is said,
//! `send` brings it there.

mod message;
mod news;
mod send;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::clock::Clock;
use crate::config::{Config, Occurrence, Receiver, SecretSources};
use crate::http::Transport;
use crate::model::State;
use crate::report::Status;
use crate::store::{Commit, Register, StoreError, TokenFile};

use message::Message;
use news::{Told, news};

/// Between two looks at the hour, and at what is still to be told.
const TICK: Duration = Duration::from_secs(60);
/// The longest wait before a receiver that failed is tried again.
const LONGEST: Duration = Duration::from_hours(1);

/// Who is told, as the files in force say.
#[derive(Clone, Debug)]
pub struct Audience {
    generation: String,
    receivers: Vec<Receiver>,
    zone: TimeZone,
}

impl Audience {
    /// The receivers of these files.
    pub fn of(config: &Config) -> Self {
        let settings = &config.settings;
        Self {
            generation: config.generation.clone(),
            receivers: settings.receivers.clone(),
            zone: settings.company.time_zone.clone(),
        }
    }

    /// Puts that of `config` in its place, where the files are others.
    pub fn renew(sender: &watch::Sender<Self>, config: &Config) {
        sender.send_if_modified(|audience| {
            let other = audience.generation != config.generation;
            if other {
                *audience = Self::of(config);
            }
            other
        });
    }
}

/// What telling needs.
pub struct Desk {
    /// Where it stands what was told.
    pub register: Register,
    /// The way to webhooks.
    pub transport: Arc<dyn Transport>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where the addresses are, if they are secrets.
    pub secrets: SecretSources,
    /// Whose age may need a person.
    pub token: TokenFile,
}

/// A receiver that is being told.
struct Listener {
    receiver: Receiver,
    zone: TimeZone,
    end: CancellationToken,
}

/// Tells of every report that `reports` brings, each receiver in a task of its
/// own, so that a dead one keeps nobody waiting. Other files concern only those
/// that are others in them, and a message on its way arrives. All end with the
/// handle.
pub fn beside(
    desk: Desk,
    reports: watch::Receiver<Option<Status>>,
    mut audience: watch::Receiver<Audience>,
) -> AbortOnDropHandle<()> {
    let desk = Arc::new(desk);
    AbortOnDropHandle::new(tokio::spawn(async move {
        let (mut tasks, mut present) = (JoinSet::new(), Vec::<Listener>::new());
        // Who is called the same waits for the last message to its predecessor.
        let mut turns = BTreeMap::<String, Arc<Mutex<()>>>::new();
        loop {
            let Audience { receivers, zone, .. } = audience.borrow_and_update().clone();
            while tasks.try_join_next().is_some() {}
            present.retain(|one| {
                let stays = one.zone == zone && receivers.contains(&one.receiver);
                if !stays {
                    one.end.cancel();
                }
                stays
            });
            for receiver in receivers {
                if present.iter().any(|one| one.receiver == receiver) {
                    continue;
                }
                let turn = Arc::clone(turns.entry(receiver.name.clone()).or_default());
                let listener = Listener { receiver, zone: zone.clone(), end: CancellationToken::new() };
                let (end, receiver) = (listener.end.clone(), listener.receiver.clone());
                let listening = listen(Arc::clone(&desk), receiver, zone.clone(), reports.clone(), end);
                tasks.spawn(async move {
                    let _turn = turn.lock().await;
                    listening.await;
                });
                present.push(listener);
            }
            if audience.changed().await.is_err() {
                return;
            }
        }
    }))
}

/// Tells of one report, and waits for it: for a process that ends then.
pub async fn tell(desk: &Desk, config: &Config, status: &Status) {
    if is_whole(status) {
        let Audience { receivers, zone, .. } = Audience::of(config);
        let all = receivers.iter().map(async |receiver| {
            if let Err(why) = desk.tell(receiver, &zone, status).await {
                complain(receiver, &why);
            }
        });
        join_all(all).await;
    }
}

async fn listen(
    desk: Arc<Desk>,
    receiver: Receiver,
    zone: TimeZone,
    mut reports: watch::Receiver<Option<Status>>,
    end: CancellationToken,
) {
    let (mut last, mut wait) = (None::<Status>, None::<Duration>);
    reports.mark_changed();
    loop {
        // One that failed is not asked sooner because there is news.
        tokio::select! {
            biased;
            () = end.cancelled() => return,
            changed = reports.changed(), if wait.is_none() => if changed.is_err() { return },
            () = tokio::time::sleep(wait.unwrap_or(TICK)) => {}
        }
        if let Some(status) = reports.borrow_and_update().as_ref().filter(|status| is_whole(status)) {
            last = Some(status.clone());
        }
        let Some(status) = &last else { continue };
        match desk.tell(&receiver, &zone, status).await {
            Ok(()) => wait = None,
            Err(why) => {
                if wait.is_none() {
                    complain(&receiver, &why);
                }
                wait = Some(wait.map_or(TICK, |wait| (wait * 2).min(LONGEST)));
            }
        }
    }
}

fn complain(receiver: &Receiver, why: &str) {
    tracing::error!(receiver = receiver.name, "an alert did not arrive, and is told again later: {why}");
}

/// In the middle of a pass causes come and go that its end does not know.
fn is_whole(status: &Status) -> bool {
    ["complete", "failed"].contains(&status.last_pass.outcome.as_str())
}

impl Desk {
    /// Tells a receiver what it was not told yet; the error says why it does
    /// not know it.
    async fn tell(&self, receiver: &Receiver, zone: &TimeZone, status: &Status) -> Result<(), String> {
        let state = |error: StoreError| error.to_string();
        let mark = format!("told/{}", receiver.name);
        let told: Option<Told> = self.register.mark(&mark).map_err(state)?;
        let now = self.clock.now();
        let period = period(&now.to_zoned(zone.clone()), receiver.digest_at);
        let noted = told.is_some();
        let before = told.unwrap_or_else(|| Told::nothing(period));
        let waits = |key: &str| self.waits(key);
        let (events, mut after) = news(status, &before, self.token_ends(), now, &waits);
        let events: Vec<_> =
            events.into_iter().filter(|event| receiver.on.contains(&event.occurrence())).collect();
        if !events.is_empty() {
            let message = Message::news(status, events, before.messages, now);
            send::send(self, receiver, &message.to_json()).await?;
            after.messages += 1;
        }
        // Each message is noted before the next: one that fails repeats no other.
        if !noted || before != after {
            self.note(&mark, &after).await.map_err(state)?;
        }
        if before.digest < period {
            if receiver.on.contains(&Occurrence::Digest) {
                let message = Message::digest(status, period, now);
                send::send(self, receiver, &message.to_json()).await?;
            }
            after.digest = period;
            self.note(&mark, &after).await.map_err(state)?;
        }
        Ok(())
    }

    async fn note(&self, mark: &str, told: &Told) -> Result<(), StoreError> {
        let mut commit = Commit::new();
        commit.mark(mark, told);
        self.register.commit(commit).await
    }

    /// Whether a record is not sound though no warning is its own.
    fn waits(&self, key: &str) -> bool {
        let record = key.parse().ok().and_then(|key| self.register.record(key).ok().flatten());
        record.is_some_and(|record| [State::Blocked, State::Held, State::NotTried].contains(&record.state))
    }

    /// A sealed file tells its times too.
    fn token_ends(&self) -> Option<Timestamp> {
        let tokens = self.token.peek().ok().flatten();
        tokens.map(|tokens| tokens.ends_at())
    }
}

/// The day of the last digest that was due by `now`.
fn period(now: &Zoned, at: Time) -> Date {
    let today = now.date();
    if now.time() >= at { today } else { today.yesterday().unwrap_or(today) }
}

#[cfg(test)]
mod tests;
