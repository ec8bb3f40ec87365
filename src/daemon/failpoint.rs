//! Failpoints: places where a test makes the daemon fail. A release build has
//! none.

use std::time::Duration;

/// The guarantee behind the watch, which some file systems do not keep.
const POLL: Duration = Duration::from_secs(30);

/// How the daemon is to fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Failpoint {
    /// Not at all.
    #[default]
    Off,
    /// The loop waits for what never comes, from the next asked-for pass on.
    StuckWaiting,
    /// The loop holds its thread for ever, from the next asked-for pass on.
    StuckBlocking,
    /// The state is opened without end.
    StuckOpening,
    /// The files are looked at every second, not only where the watch tells of a
    /// change.
    QuickPoll,
}

impl Failpoint {
    /// The failpoint of this name; none in a release build.
    pub fn named(name: &str) -> Self {
        match name {
            "stuck-waiting" if cfg!(debug_assertions) => Self::StuckWaiting,
            "quick-poll" if cfg!(debug_assertions) => Self::QuickPoll,
            "stuck-opening" if cfg!(debug_assertions) => Self::StuckOpening,
            "stuck-blocking" if cfg!(debug_assertions) => Self::StuckBlocking,
            _ => Self::Off,
        }
    }

    /// Between two looks at the files that nothing asked for.
    pub(super) fn poll(self) -> Duration {
        match self {
            Self::QuickPoll => Duration::from_secs(1),
            Self::Off | Self::StuckWaiting | Self::StuckBlocking | Self::StuckOpening => POLL,
        }
    }

    /// The thread that opens the state passes here.
    pub(super) fn at_the_opening(self) {
        if self == Self::StuckOpening {
            loop {
                std::thread::park();
            }
        }
    }

    /// The loop passes here when a pass was asked for.
    pub(super) async fn at_an_asked_for_pass(self) {
        match self {
            Self::Off | Self::QuickPoll | Self::StuckOpening => {}
            Self::StuckWaiting => std::future::pending().await,
            Self::StuckBlocking => loop {
                std::thread::park();
            },
        }
    }
}
