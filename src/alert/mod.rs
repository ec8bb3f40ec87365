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
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use crate::clock::Clock;
use crate::config::{Config, Occurrence, Receiver, SecretSources};
use crate::http::Transport;
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

/// Who one listener tells, as the files in force say.
type Own = (Receiver, TimeZone);

/// Tells of every report that `reports` brings, each receiver in a task of its
/// own, so that a dead one keeps nobody waiting. All end with the handle. Other
/// files reach a listener between two messages and cut none off.
pub fn beside(
    desk: Desk,
    reports: watch::Receiver<Option<Status>>,
    mut audience: watch::Receiver<Audience>,
) -> AbortOnDropHandle<()> {
    let desk = Arc::new(desk);
    AbortOnDropHandle::new(tokio::spawn(async move {
        let mut listeners = BTreeMap::<String, watch::Sender<Own>>::new();
        let mut tasks = JoinSet::new();
        loop {
            let Audience { receivers, zone, .. } = audience.borrow_and_update().clone();
            listeners.retain(|name, _| receivers.iter().any(|receiver| receiver.name == *name));
            for receiver in receivers {
                let name = receiver.name.clone();
                let own = (receiver, zone.clone());
                if let Some(listener) = listeners.get(&name) {
                    listener.send_replace(own);
                } else {
                    let (listener, own) = watch::channel(own);
                    tasks.spawn(listen(Arc::clone(&desk), own, reports.clone()));
                    listeners.insert(name, listener);
                }
            }
            while tasks.try_join_next().is_some() {}
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
    mut own: watch::Receiver<Own>,
    mut reports: watch::Receiver<Option<Status>>,
) {
    let (mut last, mut wait) = (None::<Status>, None::<Duration>);
    reports.mark_changed();
    loop {
        let until = tokio::time::Instant::now() + wait.unwrap_or(TICK);
        let before = format!("{:?}", own.borrow_and_update());
        loop {
            tokio::select! {
                // One that failed is not asked sooner because there is news.
                changed = reports.changed(), if wait.is_none() => if changed.is_err() { return } else { break },
                changed = own.changed() => if changed.is_err() {
                    return;
                } else if format!("{:?}", own.borrow_and_update()) != before {
                    wait = None;
                    break;
                },
                () = tokio::time::sleep_until(until) => break,
            }
        }
        if let Some(status) = reports.borrow_and_update().as_ref().filter(|status| is_whole(status)) {
            last = Some(status.clone());
        }
        let Some(status) = &last else { continue };
        let (receiver, zone) = own.borrow().clone();
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
        let before = told.unwrap_or_else(|| Told::nothing(period));
        let (events, mut after) = news(status, &before, self.token_ends(), now);
        let events: Vec<_> =
            events.into_iter().filter(|event| receiver.on.contains(&event.occurrence())).collect();
        // Each is noted by itself: one that arrived is not sent again because
        // another did not.
        if !events.is_empty() {
            let message = Message::news(status, events, (before.number, now));
            send::send(self, receiver, &message.to_json()).await?;
            after.number += 1;
        }
        self.note(&mark, &before, &after).await?;
        if before.digest < period {
            let told = after.clone().digested(period);
            if receiver.on.contains(&Occurrence::Digest) {
                let message = Message::digest(status, (after.number, now));
                send::send(self, receiver, &message.to_json()).await?;
            }
            self.note(&mark, &after, &told).await?;
        }
        Ok(())
    }

    async fn note(&self, mark: &str, before: &Told, after: &Told) -> Result<(), String> {
        if before == after {
            return Ok(());
        }
        let mut commit = Commit::new();
        commit.mark(mark, after);
        self.register.commit(commit).await.map_err(|error| error.to_string())
    }

    fn token_ends(&self) -> Option<Timestamp> {
        let tokens = self.token.read().ok().flatten();
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
