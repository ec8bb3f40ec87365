//! Planning: what is to be done about each record, as data. Synchronous and
//! pure: no clock, no file, no network.

mod answer;
mod check;
mod decide;
mod facts;
mod guard;
mod scope;
mod show;
mod step;

pub use answer::PlanAnswer;
pub use check::{Contradiction, Operation, Standing, Write, check, check_plan, written};
pub use decide::decide;
pub use facts::{Decision, Facts, Note, Parts};
pub use guard::{Candidate, Caught, customers_held, documents_held, links_held, sums};
pub use scope::{customer_in_scope, document_in_scope};
pub use show::text;
pub use step::{Action, BlockedRow, HeldRow, Plan, Step, Total};
