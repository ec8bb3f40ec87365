//! One pass of the daemon, and what happens meanwhile: newer files, signals, the
//! end.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::DaemonError;
use super::files::{Files, Reading};
use super::rounds::{Rounds, publish};
use crate::pass::{self, Done};

impl Rounds<'_> {
    /// Makes one pass under the files in force; a newer generation ends it after
    /// the step in flight. Gives the time until a write whose outcome is open may
    /// be looked for.
    ///
    /// What the pass was made for is still to be done where it was ended so: the
    /// next one is made for that too.
    pub(super) async fn pass(&mut self) -> Result<Option<Duration>, DaemonError> {
        let triggers = std::mem::take(&mut self.triggers);
        let stop = self.control.stop.child_token();
        let (done, asked) = self.made(&triggers, &stop).await?;
        let newer = stop.is_cancelled() && !self.control.stop.is_cancelled();
        if newer {
            self.triggers = triggers;
        }
        if asked {
            self.asked_by("signal");
        }
        let Some(done) = done else { return Ok(None) };
        tracing::info!(
            pass = done.number,
            outcome = done.outcome.name(),
            writes = done.steps.len(),
            "pass ended"
        );
        self.files.done = Some(done);
        let world = self.engine.world(&self.files.config, stop);
        let open = pass::next_due(&world)?;
        Ok(if newer { Some(Duration::ZERO) } else { open })
    }

    /// What the pass did, where it came to its end, and whether another one was
    /// asked for meanwhile.
    async fn made(
        &mut self,
        triggers: &[String],
        stop: &CancellationToken,
    ) -> Result<(Option<Done>, bool), DaemonError> {
        let Self { engine, files, control, reports, changed, watch, .. } = self;
        if triggers.iter().any(|trigger| trigger == "signal") {
            control.failpoint.at_an_asked_for_pass().await;
        }
        let due = Instant::now() + files.config.settings.schedule.interval;
        let world = engine.world(&files.config, stop.clone());
        let current = files.clone();
        let mut each = |done: &Done| {
            if let Err(error) = publish((engine, &current), reports, done, triggers.to_vec(), due) {
                tracing::error!("cannot make the report: {error}");
            }
        };
        let pass = pass::run(&world, &mut each);
        tokio::pin!(pass);
        let out_of_grace = control.out_of_grace();
        tokio::pin!(out_of_grace);
        let (mut reading, mut asked) = (None, false);
        let mut poll = tokio::time::interval(control.failpoint.poll());
        loop {
            tokio::select! {
                biased;
                done = &mut pass => return Ok((Some(done?), asked)),
                () = &mut out_of_grace => {
                    tracing::warn!("the pass did not end in time; the next start looks for what it was writing");
                    return Ok((None, asked));
                }
                // The pass goes on while the files come to rest.
                read = taken(&mut reading) => {
                    files.take(read);
                    end_if_changed(files, stop);
                    if asked && !files.would_change() {
                        control.lives.reloaded();
                    }
                }
                Some(()) = changed.recv() => {
                    watch.renew();
                    reading.get_or_insert_with(|| Box::pin(files.reading()));
                }
                // Its first turn comes at once: what changed before the watch was up.
                _ = poll.tick(), if reading.is_none() => {
                    reading.get_or_insert_with(|| Box::pin(files.reading()));
                }
                () = control.reload.notified() => {
                    control.lives.reloading();
                    asked = true;
                    reading.get_or_insert_with(|| Box::pin(files.reading()));
                }
            }
        }
    }
}

/// What a reading under way gives; never, where none is.
async fn taken<F: Future<Output = Option<Reading>>>(reading: &mut Option<Pin<Box<F>>>) -> Option<Reading> {
    let Some(under_way) = reading else { return std::future::pending().await };
    let read = under_way.await;
    *reading = None;
    read
}

/// Newer files end the pass under way.
fn end_if_changed(files: &Files, stop: &CancellationToken) {
    if files.would_change() && !stop.is_cancelled() {
        tracing::info!("the files changed; the pass ends after the step in flight");
        stop.cancel();
    }
}
