//! A second opinion: looks for contradictions in steps, and in what is about
//! to be sent for them. It knows nothing of how they came about: neither the
//! decision table nor an entity is asked.
//!
//! | file | job |
//! |---|---|
//! | `order` | what must not go out before, or together with, something else |
//! | `step` | what a single step must not say |
//! | `body` | what is sent: one write a step, and lines that make the total |
//! | `standing` | what stands before a step |

mod body;
mod order;
mod standing;
mod step;
#[cfg(test)]
mod tests;

pub use body::{Operation, Write, written};
pub use order::{check, check_plan};
pub use standing::Standing;

use crate::model::Key;

/// Something that no sound plan holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The record.
    pub key: Key,
    /// What is wrong.
    pub what: String,
}
