//! Logs: one line an event on stderr, as text or JSON, with what it happened
//! in: company, pass, entity and record.
//!
//! | file | job |
//! |---|---|
//! | `filter` | which events are told: `RUST_LOG`, else `-v` and `-q` |
//! | `fields` | what an event and its spans hold, as names and values |
//! | `line` | one event as one line that nobody can forge |
//! | `place` | where lines go: a terminal, the journal, a file |
//! | `layer` | from tracing to the above |

mod fields;
mod filter;
mod layer;
mod line;
mod place;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use layer::Lines;
use line::Dress;
pub use line::tame;
use place::Place;

/// The form of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// A JSON object a line.
    Json,
}

/// How loud a process is without `RUST_LOG`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loudness {
    /// `-q`: errors alone.
    pub quiet: bool,
    /// How often `-v` was given.
    pub verbose: u8,
    /// Whether it tells what it does though nobody asked: a daemon.
    pub talkative: bool,
}

/// Looks up an environment variable.
pub type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Starts logging for this process. A second start finds the first one's
/// subscriber, which is as good.
pub fn start(form: Form, loudness: Loudness, variable: Variable<'_>) {
    let place = Place::of_stderr(variable);
    let filter = filter::chosen(variable("RUST_LOG").as_deref(), loudness);
    if let Some(wrong) = &filter.wrong {
        // It is told whatever may be told else: nobody would look for it.
        place.tell(tracing::Level::WARN, &format!("warning: {wrong}"));
    }
    let dress = Dress { form, colour: place.colour, dated: !place.journal, ranked: place.journal };
    let lines = Lines::new(dress, Box::new(place::write));
    let _ = tracing_subscriber::registry().with(filter.filter).with(lines).try_init();
}

/// Tells why a process ends: its last words, a text of any number of lines.
/// The journal ranks them as an error.
pub fn last_words(text: &str, variable: Variable<'_>) {
    Place::of_stderr(variable).tell(tracing::Level::ERROR, text);
}

/// A panic is a mistake of latchd: it is told as one line, and as an error.
pub fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let said = panic.payload();
        let words = said.downcast_ref::<&str>().copied();
        let words = words.or_else(|| said.downcast_ref::<String>().map(String::as_str)).unwrap_or_default();
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        let words = tame(words);
        let variable = |name: &str| std::env::var_os(name).and_then(|value| value.into_string().ok());
        let place = Place::of_stderr(&variable);
        let trace = std::backtrace::Backtrace::capture();
        let asked = trace.status() == std::backtrace::BacktraceStatus::Captured;
        let trace = if asked { format!("\n{trace}") } else { String::new() };
        let told = format!("error: latchd panicked at {at}: {words}; please report it{trace}");
        place.tell(tracing::Level::ERROR, &told);
    }));
}
