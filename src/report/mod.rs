//! The report: how things stand, as a value and as views of it. Pure: no
//! clock, no file, no network.
//!
//! | file | job |
//! |---|---|
//! | `status` | `status.json`: the contract every other form is a view of |
//! | `row` | its rows that count: records of a kind, what a warning blocks |
//! | `tie_out` | its rows of open amounts that differ, and why |
//! | `overview`, `overview_tie_out` | `overview.md`, for a repository or a chat |
//! | `prometheus` | `latchd.prom`, for `node_exporter` |
//! | `terminal` | what `latchd status` prints |
//! | `history` | `history.ndjson`: what was written to QuickBooks |
//! | `phrase` | the words that the views share |
//! | `harmless` | vendors' words made safe to show |

pub mod harmless;
mod history;
mod overview;
mod overview_tie_out;
mod phrase;
mod prometheus;
mod row;
#[cfg(test)]
mod sample;
mod status;
mod terminal;
mod tie_out;

pub use history::HistoryLine;
pub use overview::markdown;
pub use phrase::verdict;
pub use prometheus::prometheus;
pub use row::{Amount, Blocks, EntityRow};
#[cfg(test)]
pub(crate) use sample::sample;
pub use status::{
    Calls, CompanyRow, GenerationRow, Notice, NoticePlace, PassRow, Rejected, Status, StatusError, WarningRow,
};
pub use terminal::{terminal, terminal_overview};
pub use tie_out::{ExplainedRow, OtherRow, StaxbillRow, TieOut, TieOutRow};
