//! What systemd is told: when the daemon is up, what it does, and that it gets
//! on (`Type=notify`, `sd_notify(3)`). Without systemd nobody is told.
//!
//! The watchdog is fed while the daemon's [`Pulse`] is felt, and by no timer
//! alone: a daemon that stands still is killed and started again.

use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::daemon::{Life, Pulse};
use crate::pass::Progress;
use crate::report::{Status, verdict};

/// STATUS= changes no more often.
const STATUS_GAP: Duration = Duration::from_secs(1);

/// How much longer a start may take, from each message on that says so.
const MORE_TIME: Duration = Duration::from_secs(60);

/// A message to the service manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// The start takes longer: it must not be given up.
    MoreTime,
    /// The daemon is up, or has read its files again.
    Ready,
    /// It reads its files again.
    Reloading,
    /// A sentence for `systemctl status`.
    Status(String),
    /// It gets on.
    Watchdog,
    /// It ends.
    Stopping,
}

/// Sends a message to systemd, where systemd listens.
pub fn notify(message: &Message) {
    let sent = match message {
        Message::MoreTime => {
            let more = u32::try_from(MORE_TIME.as_micros()).unwrap_or(u32::MAX);
            sd_notify::notify(&[NotifyState::ExtendTimeoutUsec(more)])
        }
        Message::Ready => sd_notify::notify(&[NotifyState::Ready]),
        Message::Reloading => NotifyState::monotonic_usec_now()
            .and_then(|now| sd_notify::notify(&[NotifyState::Reloading, now])),
        Message::Status(sentence) => sd_notify::notify(&[NotifyState::Status(sentence)]),
        Message::Watchdog => sd_notify::notify(&[NotifyState::Watchdog]),
        Message::Stopping => sd_notify::notify(&[NotifyState::Stopping]),
    };
    if let Err(error) = sent {
        tracing::debug!(?message, "systemd could not be told: {error}");
    }
}

/// How long systemd waits for a sign of life, where it does (`WatchdogSec=`).
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().filter(|period| !period.is_zero())
}

/// What is followed.
pub struct Sources {
    /// Turns in the daemon's life; the end of them ends the following.
    pub lives: mpsc::UnboundedReceiver<Life>,
    /// Every report.
    pub reports: watch::Receiver<Option<Status>>,
    /// Whether it gets on.
    pub pulse: Arc<Pulse>,
    /// How long the manager waits for a sign of life.
    pub watchdog: Option<Duration>,
}

/// Tells what happens until there are no more turns.
///
/// A sign of life goes out four times in the manager's period, as long as the
/// daemon was silent for less than half of it.
pub async fn follow(mut from: Sources, mut tell: impl FnMut(&Message)) {
    let mut talk = Talk::default();
    let mut progress: Option<watch::Receiver<Progress>> = None;
    let mut beat_at = Instant::now();
    let mut status_at = Instant::now();
    loop {
        tokio::select! {
            biased;
            life = from.lives.recv() => {
                let Some(life) = life else { return };
                tell(&talk.turn(&life));
                if let Life::Opened(receiver) = life {
                    progress = Some(receiver);
                }
            }
            period = sign_of_life(beat_at, from.watchdog), if progress.is_some() => {
                beat_at = Instant::now() + period / 4;
                if from.pulse.is_felt(period / 2) {
                    tell(&Message::Watchdog);
                }
            }
            () = tokio::time::sleep_until(status_at), if talk.has_news() => {
                status_at = Instant::now() + STATUS_GAP;
                tell(&Message::Status(talk.say()));
            }
            doing = next(progress.as_mut()) => {
                from.pulse.beat();
                talk.does(&doing);
            }
            Ok(()) = from.reports.changed() => {
                if let Some(status) = from.reports.borrow_and_update().as_ref() {
                    talk.reported(status);
                }
            }
        }
    }
}

async fn sign_of_life(at: Instant, period: Option<Duration>) -> Duration {
    let Some(period) = period else { return std::future::pending().await };
    tokio::time::sleep_until(at).await;
    period
}

/// The next progress; never where there is none to come.
async fn next(progress: Option<&mut watch::Receiver<Progress>>) -> Progress {
    if let Some(progress) = progress
        && progress.changed().await.is_ok()
    {
        return progress.borrow_and_update().clone();
    }
    std::future::pending().await
}

/// What STATUS= says.
#[derive(Debug, Default)]
struct Talk {
    sentence: String,
    said: String,
    stopping: bool,
}

impl Talk {
    fn turn(&mut self, life: &Life) -> Message {
        match life {
            Life::Opening => {
                "Opening the state".clone_into(&mut self.sentence);
                Message::MoreTime
            }
            Life::Opened(_) => {
                "The first pass begins".clone_into(&mut self.sentence);
                Message::Ready
            }
            Life::Reloading => Message::Reloading,
            Life::Reloaded => Message::Ready,
            Life::Stopping => {
                "Ending after the step in flight".clone_into(&mut self.sentence);
                self.stopping = true;
                Message::Stopping
            }
        }
    }

    fn does(&mut self, doing: &Progress) {
        let Progress { phase, done, total } = doing;
        self.sentence_is(match total {
            0 => format!("A pass: {phase}"),
            _ => format!("A pass: {phase}, {done} of {total}"),
        });
    }

    fn reported(&mut self, status: &Status) {
        // Its progress says more than a report in the middle of a pass.
        if status.last_pass.outcome == "running" {
            return;
        }
        let mut sentence = verdict(status);
        if status.generation.rejected.is_some() {
            sentence.push_str(" The files as they stand are refused.");
        }
        if let Some(next) = status.next_pass_at {
            sentence = format!("{sentence} Next pass at {next:.0}");
        }
        self.sentence_is(sentence);
    }

    fn sentence_is(&mut self, sentence: String) {
        if !self.stopping {
            self.sentence = sentence;
        }
    }

    fn has_news(&self) -> bool {
        self.sentence != self.said
    }

    fn say(&mut self) -> String {
        self.said.clone_from(&self.sentence);
        self.said.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::report::sample;

    const PERIOD: Duration = Duration::from_secs(240);

    /// Someone who is told, and what tells.
    struct Stage {
        heard: Arc<Mutex<Vec<Message>>>,
        lives: mpsc::UnboundedSender<Life>,
        reports: watch::Sender<Option<Status>>,
        progress: watch::Sender<Progress>,
        pulse: Arc<Pulse>,
    }

    impl Stage {
        async fn with(watchdog: Option<Duration>) -> Self {
            let (lives, turns) = mpsc::unbounded_channel();
            let (reports, follower) = watch::channel(None);
            let pulse = Arc::new(Pulse::default());
            let heard = Arc::new(Mutex::new(Vec::new()));
            let log = Arc::clone(&heard);
            let from = Sources { lives: turns, reports: follower, pulse: Arc::clone(&pulse), watchdog };
            tokio::spawn(follow(from, move |message| log.lock().unwrap().push(message.clone())));
            let progress = watch::Sender::new(Progress::default());
            lives.send(Life::Opened(progress.subscribe())).unwrap();
            let stage = Self { heard, lives, reports, progress, pulse };
            stage.seconds(0).await;
            stage
        }

        /// Lets time pass, and everyone act in it.
        async fn seconds(&self, seconds: u64) {
            tokio::time::sleep(Duration::from_secs(seconds) + Duration::from_millis(1)).await;
        }

        fn heard(&self) -> Vec<Message> {
            std::mem::take(&mut *self.heard.lock().unwrap())
        }

        async fn does(&self, phase: &str, done: u64, total: u64) {
            self.progress.send_replace(Progress { phase: phase.to_owned(), done, total });
            self.seconds(1).await;
        }
    }

    fn status(sentence: &str) -> Message {
        Message::Status(sentence.to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn turns_are_told_in_order_and_sentences_beside_them() {
        let stage = Stage::with(None).await;
        assert_eq!(stage.heard(), [Message::Ready, status("The first pass begins")]);
        stage.does("reading Stax Bill", 0, 0).await;
        stage.does("writing invoices", 30, 120).await;
        let told = ["A pass: reading Stax Bill", "A pass: writing invoices, 30 of 120"];
        assert_eq!(stage.heard(), told.map(status));
        let mut report = sample();
        report.last_pass.outcome = "running".to_owned();
        stage.reports.send_replace(Some(report.clone()));
        stage.seconds(1).await;
        assert_eq!(stage.heard(), []);
        report.last_pass.outcome = "complete".to_owned();
        report.next_pass_at = Some("2026-11-22T16:00:00.123Z".parse().unwrap());
        stage.reports.send_replace(Some(report.clone()));
        stage.seconds(1).await;
        let sentence = format!("{} Next pass at 2026-11-22T16:00:00Z", verdict(&report));
        assert_eq!(stage.heard(), [status(&sentence)]);
        stage.lives.send(Life::Reloading).unwrap();
        stage.lives.send(Life::Reloaded).unwrap();
        stage.seconds(1).await;
        assert_eq!(stage.heard(), [Message::Reloading, Message::Ready]);
        stage.lives.send(Life::Stopping).unwrap();
        stage.does("writing invoices", 60, 120).await;
        assert_eq!(stage.heard(), [Message::Stopping, status("Ending after the step in flight")]);
    }

    #[tokio::test(start_paused = true)]
    async fn refused_files_are_told_and_much_progress_is_one_sentence_a_second() {
        let stage = Stage::with(None).await;
        let mut report = sample();
        report.generation.rejected = Some(crate::report::Rejected {
            generation: None,
            errors: vec!["x".to_owned()],
            since: report.generated_at,
        });
        stage.reports.send_replace(Some(report));
        stage.seconds(1).await;
        let told = stage.heard();
        assert!(format!("{told:?}").contains("The files as they stand are refused."), "{told:?}");
        for done in 0..1000 {
            stage.progress.send_replace(Progress { phase: "writing".to_owned(), done, total: 1000 });
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let told = stage.heard();
        assert!((4..=6).contains(&told.len()), "{told:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_watchdog_is_fed_while_the_daemon_gets_on_and_no_longer() {
        let stage = Stage::with(Some(PERIOD)).await;
        let signs = |heard: Vec<Message>| heard.iter().filter(|one| **one == Message::Watchdog).count();
        stage.heard();
        // A wait of ten minutes that is known to end.
        let wait = stage.pulse.wait(Duration::from_secs(600));
        stage.seconds(600).await;
        assert_eq!(signs(stage.heard()), 10);
        drop(wait);
        // Progress is a beat.
        for done in 0..20 {
            stage.does("reading", done, 0).await;
            stage.seconds(59).await;
        }
        assert!(signs(stage.heard()) >= 18);
        // Then nothing moves: half a period passes, and no sign goes out again.
        stage.seconds(120).await;
        stage.heard();
        stage.seconds(3600).await;
        assert_eq!(signs(stage.heard()), 0);
        // What gets on again is told again.
        stage.pulse.beat();
        stage.seconds(60).await;
        assert_eq!(signs(stage.heard()), 1);
        let unwatched = Stage::with(None).await;
        unwatched.seconds(3600).await;
        assert_eq!(signs(unwatched.heard()), 0);
    }
}
