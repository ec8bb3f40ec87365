//! The report: how things stand, as a value and as views of it. Pure: no
//! clock, no file, no network.
//!
//! | file | job |
//! |---|---|
//! | `status` | `status.json`: the contract every other form is a view of |
//! | `row` | its rows that count: records of a kind, what a warning blocks |
//! | `tie_out` | its rows of open amounts that differ, and why |
//! | `past` | what it carries over from the reports before it |
//! | `roster` | `customers.json`: customers without their names |
//! | `overview`, `overview_tie_out` | `overview.md`, for a repository or a chat |
//! | `html` | `index.html`: the Overview page, whole in one file |
//! | `prometheus` | `latchd.prom`, for `node_exporter` |
//! | `terminal` | what `latchd status` prints |
//! | `explained`, `explain_text` | what is known of one record, as a value and as text |
//! | `catalogue` | every code of a warning, for a reader |
//! | `page_of` | where a person looks at an object in QuickBooks |
//! | `page` | wrapping and colour |
//! | `history` | `history.ndjson`: what was written to QuickBooks |
//! | `journal` | `latchd journal`: writes whose outcome is open |
//! | `phrase` | the words that the views share |
//! | `explain_cause` | a cause of the whole company, explained |
//! | `held_up` | what one cause holds up: records and money |
//! | `harmless` | vendors' words made safe to show |

mod catalogue;
mod explain_cause;
#[cfg(test)]
mod explain_sample;
mod explain_text;
mod explained;
pub mod harmless;
mod held_up;
mod history;
mod html;
mod journal;
mod overview;
mod overview_tie_out;
mod page;
mod page_of;
mod past;
mod phrase;
mod prometheus;
mod roster;
mod row;
#[cfg(test)]
pub(crate) mod sample;
mod status;
mod terminal;
mod tie_out;

pub use catalogue::{catalogue, catalogue_json};
pub use explain_cause::ExplainedCause;
pub use explain_text::explain_text;
pub use explained::{
    AppliedRow, DecisionRow, Explained, ExplainedWarning, HoldsUp, ObjectRow, OpenWrite, RecordRow, SCHEMA,
    SettledRow, WaitRow,
};
pub(crate) use held_up::HeldUp;
pub use history::{HistoryLine, Resolved};
pub use html::html;
pub use journal::{Journal, JournalRow, OpenOutcome};
pub use overview::markdown;
pub use page_of::page_of;
pub use past::{Budget, Past, RecentPass};
pub use phrase::{is_in_balance, verdict};
pub use prometheus::prometheus;
pub use roster::{Roster, RosterRow};
pub use row::{Amount, Blocks, EntityRow};
#[cfg(test)]
pub(crate) use sample::sample;
pub use status::{
    Calls, CompanyRow, GenerationRow, Notice, NoticePlace, PassRow, Rejected, ResendRow, Status, StatusError,
    TokenRow, WarningRow,
};
pub use terminal::{terminal, terminal_overview};
pub use tie_out::{ExplainedRow, OtherRow, StaxbillRow, TieOut, TieOutRow};
