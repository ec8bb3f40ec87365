//! What a pass did.

use jiff::Timestamp;

use super::{Cause, Notice};
use crate::plan::Step;
use crate::store::Calls;

/// How a pass ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It goes on; a report in its middle.
    Running,
    /// Everything was looked at, and everything decided was tried.
    Complete,
    /// It was ended by a newer generation or a signal after the step in flight.
    Interrupted,
    /// A cause of the whole company kept it from its work.
    Failed,
}

impl Outcome {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }
}

/// What a pass did.
#[derive(Clone, Debug)]
pub struct Done {
    /// Its number in this state, from 1.
    pub number: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Causes of the whole company.
    pub causes: Vec<Cause>,
    /// What will be one before long and holds nothing up yet.
    pub early: Vec<Cause>,
    /// Requests made.
    pub calls: Calls,
    /// Writes decided.
    pub steps: Vec<Step>,
    /// What is worth saying though it is no warning.
    pub notices: Vec<Notice>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended, or when this was told.
    pub finished_at: Timestamp,
}

impl Done {
    /// No pass yet.
    pub fn none(started_at: Timestamp) -> Self {
        Self {
            number: 0,
            outcome: Outcome::Interrupted,
            causes: Vec::new(),
            early: Vec::new(),
            calls: Calls::default(),
            steps: Vec::new(),
            notices: Vec::new(),
            started_at,
            finished_at: started_at,
        }
    }
}
