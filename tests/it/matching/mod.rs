//! Matching against pairs whose truth is known: made ones, labelled before
//! there was a matcher, and people whose records were damaged on purpose.

mod cases;
mod labelled;
mod people;

use std::io::Write as _;

/// Prints figures also of a test that passes: the harness hides `println!`, not
/// what is written to the standard error past it.
fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
