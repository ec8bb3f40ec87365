//! Failpoints: places where a test makes the daemon fail. A release build has
//! none.

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
}

impl Failpoint {
    /// The failpoint of this name; none in a release build.
    pub fn named(name: &str) -> Self {
        match name {
            "stuck-waiting" if cfg!(debug_assertions) => Self::StuckWaiting,
            "stuck-blocking" if cfg!(debug_assertions) => Self::StuckBlocking,
            _ => Self::Off,
        }
    }

    /// The loop passes here when a pass was asked for.
    pub(super) async fn at_an_asked_for_pass(self) {
        match self {
            Self::Off => {}
            Self::StuckWaiting => std::future::pending().await,
            Self::StuckBlocking => loop {
                std::thread::park();
            },
        }
    }
}
