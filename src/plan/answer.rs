//! A plan as it is told to whoever asked for it, by a daemon or by itself.

use serde::{Deserialize, Serialize};

use super::{HeldRow, Plan, text};
use crate::model::{Code, shown_json};

/// A plan in both of its forms, and what it comes to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlanAnswer {
    /// For people.
    pub text: String,
    /// For programs: the contract's form, indented.
    pub json: String,
    /// Something would be written.
    pub changes: bool,
    /// Objects were changed by hand, and nothing is done about them.
    pub drifted: bool,
    /// A guard holds something.
    #[serde(default)]
    pub guarded: bool,
}

impl PlanAnswer {
    /// The answer that tells `plan`.
    pub fn of(plan: &Plan) -> Self {
        Self {
            text: text(plan),
            json: shown_json(&serde_json::to_string_pretty(plan).expect("a plan has text keys only")) + "\n",
            changes: !plan.steps.is_empty(),
            drifted: plan.held.iter().any(|held| held.code == Code::Drifted),
            guarded: plan.held.iter().any(HeldRow::is_guarded),
        }
    }
}
