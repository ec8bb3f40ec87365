//! Rounds: passes until the end, and what wakes them. Between two passes the
//! files are looked at, and plans are made for who asks.

use std::path::Path;
use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::SignedDuration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::desk::DaemonDesk;
use super::files::{Files, LONGEST};
use super::folders::Watch;
use super::planning::{PlanAsked, Plans};
use super::resolving::WordAsked;
use super::waits::{by_chance, due_after, until_retry, wait_after};
use super::{Control, DaemonError};
use crate::alert::{self, Audience};
use crate::config::SecretSources;
use crate::engine::Engine;
use crate::pass::{Done, Outcome};
use crate::publish::Occasion;
use crate::report::Status;
use crate::store::StoreError;

/// What goes round.
pub(super) struct Rounds<'a> {
    pub(super) engine: &'a mut Engine,
    pub(super) files: &'a mut Files,
    pub(super) control: &'a Control,
    pub(super) reports: &'a watch::Sender<Option<Status>>,
    desk: &'a DaemonDesk,
    plans: Plans,
    words: mpsc::Receiver<WordAsked>,
    pub(super) changed: mpsc::Receiver<()>,
    pub(super) watch: Watch,
    /// What the next pass is made for.
    pub(super) triggers: Vec<String>,
    audience: watch::Sender<Audience>,
    _alerts: AbortOnDropHandle<()>,
}

impl<'a> Rounds<'a> {
    pub(super) fn new(
        path: &Path,
        (engine, files): (&'a mut Engine, &'a mut Files),
        (control, reports): (&'a Control, &'a watch::Sender<Option<Status>>),
        (desk, asked, words): (&'a DaemonDesk, mpsc::Receiver<PlanAsked>, mpsc::Receiver<WordAsked>),
    ) -> Self {
        let (sender, changed) = mpsc::channel::<()>(1);
        let watch = Watch::over(path, &sender);
        let audience = watch::Sender::new(Audience::of(&files.config));
        let alerts = alert::beside(engine.desk(&files.config), reports.subscribe(), audience.subscribe());
        let (plans, triggers) = (Plans::new(asked), vec!["start".to_owned()]);
        Self {
            engine,
            files,
            control,
            reports,
            desk,
            plans,
            words,
            changed,
            watch,
            triggers,
            audience,
            _alerts: alerts,
        }
    }

    /// Goes round until the daemon is to end.
    pub(super) async fn run(mut self) -> Result<(), DaemonError> {
        let mut failures = 0;
        while !self.control.stop.is_cancelled() {
            Audience::renew(&self.audience, &self.files.config);
            // A secret may have a new value behind the same reference.
            if let Err(error) = self.engine.reconnect(&self.files.config, &SecretSources::of_process()) {
                tracing::warn!("going on with the secrets read before: {error}");
            }
            self.desk.put(&self.files.config, self.engine.clients());
            self.plans.overtaken();
            let open = self.pass().await?;
            let open = open.into_iter().chain(until_retry(self.engine, self.reports)).min();
            let failed = self.files.last_done().outcome == Outcome::Failed;
            failures = if failed { failures + 1 } else { 0 };
            let interval = self.files.config.settings.schedule.interval;
            let wait = wait_after(failures, interval, open, by_chance());
            self.files.news |= wait != interval;
            self.rest(wait).await?;
        }
        self.plans.ended();
        Ok(())
    }

    /// Waits for what wakes the next pass.
    async fn rest(&mut self, wait: Duration) -> Result<(), DaemonError> {
        let due = Instant::now() + wait;
        let due_at = due_after(self.engine, wait);
        let control = self.control;
        loop {
            tokio::select! {
                () = self.engine.keep_alive() => {}
                () = control.stop.cancelled() => return Ok(()),
            }
            // Also what was read while the pass ran.
            let Some(newer) = self.look().await? else { return Ok(()) };
            if newer {
                self.asked_by("files");
            }
            self.desk.put(&self.files.config, self.engine.clients());
            control.lives.reloaded();
            // The clock may be further than the timer, which slept with the machine.
            if self.triggers.is_empty() && self.engine.clock.now() >= due_at {
                self.asked_by("timer");
            }
            if !self.triggers.is_empty() {
                // Who asked meanwhile is served by the same pass.
                if control.wake.notified().now_or_never().is_some() {
                    self.asked_by("signal");
                }
                return Ok(());
            }
            if std::mem::take(&mut self.files.news) {
                publish((self.engine, self.files), self.reports, &self.files.last_done(), Vec::new(), due)?;
            }
            let poll = control.failpoint.poll();
            let _rest = control.pulse.wait(poll);
            tokio::select! {
                biased;
                () = control.stop.cancelled() => return Ok(()),
                () = control.reload.notified() => {
                    control.lives.reloading();
                    self.asked_by("signal");
                }
                () = control.wake.notified() => self.asked_by("signal"),
                Some(()) = self.changed.recv() => self.watch.renew(),
                Some(word) = self.words.recv() => word.answer(self.engine, &self.files.config, &control.stop).await,
                () = tokio::time::sleep_until(due) => self.asked_by("timer"),
                () = tokio::time::sleep(poll) => {}
                // As long as it takes, beside all of that.
                () = self.plans.work(self.engine, &self.files.config) => {}
            }
        }
    }

    /// The next pass is made for this too.
    pub(super) fn asked_by(&mut self, trigger: &str) {
        if !self.triggers.iter().any(|known| known == trigger) {
            self.triggers.push(trigger.to_owned());
        }
    }

    /// Puts newer files into force; tells whether anything changed by them, and
    /// `None` where the daemon is to end.
    async fn look(&mut self) -> Result<Option<bool>, DaemonError> {
        let _looking = self.control.pulse.wait(3 * LONGEST);
        let reading = tokio::select! {
            reading = self.files.reading() => reading,
            () = self.control.stop.cancelled() => return Ok(None),
        };
        if reading.is_some() {
            // Also where the watch missed it: a folder may be another.
            self.watch.renew();
        }
        self.files.take(reading);
        self.files.refresh(self.engine).await.map(Some)
    }
}

pub(super) fn publish(
    (engine, files): (&Engine, &Files),
    reports: &watch::Sender<Option<Status>>,
    done: &Done,
    triggers: Vec<String>,
    due: Instant,
) -> Result<(), StoreError> {
    let now = engine.clock.now();
    let left = SignedDuration::try_from(due.saturating_duration_since(Instant::now())).unwrap_or_default();
    let occasion = Occasion {
        config: &files.config,
        rejected: files.rejected.clone(),
        observed: files.observed.clone(),
        triggers,
        next_pass_at: now.checked_add(left).ok(),
    };
    let status = engine.publisher.publish(&engine.register, &occasion, done, now)?;
    reports.send_replace(Some(status));
    Ok(())
}
