//! Work that holds a thread for long: a state is proven value by value when it is
//! opened. Signals are taken meanwhile, and the service manager hears that it
//! goes on.

use std::time::Duration;

use tokio::time::Instant;

use super::Control;

/// Between two signs of life.
const SIGN: Duration = Duration::from_secs(5);
/// What takes longer than this is not believed to come to an end.
const LONGEST: Duration = Duration::from_secs(3_600);

/// Does `work` on a thread of its own; `None` where the daemon is to end first.
/// Nothing is waited for then: work that is cut off is like that of a process
/// that was killed, which the state withstands.
pub(super) async fn apart<T: Send + 'static>(
    control: &Control,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let mut work = tokio::task::spawn_blocking(work);
    let began = Instant::now();
    loop {
        tokio::select! {
            biased;
            () = control.stop.cancelled() => return None,
            done = &mut work => match done {
                Ok(done) => return Some(done),
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => return None,
            },
            () = tokio::time::sleep(SIGN) => {
                if began.elapsed() < LONGEST {
                    control.lives.opening();
                }
            }
        }
    }
}
