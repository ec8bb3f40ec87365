//! `customers.json`: every customer's state, decision and counterpart, without
//! names: what a plan on another machine compares the files with.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{ObjectId, State};

/// The form's version.
const SCHEMA: u32 = 1;

/// All customers after a pass, or in the middle of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Roster {
    /// The form's version, 1.
    #[schemars(extend("const" = 1))]
    pub schema: u32,
    /// The number of the pass that made it.
    pub pass: u64,
    /// When this was made.
    pub generated_at: Timestamp,
    /// The generation whose decisions these are.
    pub generation: String,
    /// In ascending order of their ids.
    pub customers: Vec<RosterRow>,
}

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RosterRow {
    /// Stax Bill's id.
    pub id: String,
    /// How it stands.
    pub state: State,
    /// `adopt`, `create`, `skip` or `unlink`; `None` without a line.
    pub decision: Option<String>,
    /// Its id in QuickBooks, where it has one.
    pub quickbooks_id: Option<ObjectId>,
}

impl Roster {
    /// A roster of this version of latchd.
    pub fn new(pass: u64, generated_at: Timestamp, generation: &str, customers: Vec<RosterRow>) -> Self {
        Self { schema: SCHEMA, pass, generated_at, generation: generation.to_owned(), customers }
    }

    /// The text of `customers.json`: a line a customer, for those who compare
    /// two of them.
    pub fn to_json(&self) -> String {
        let none = Self::new(self.pass, self.generated_at, &self.generation, Vec::new());
        let head = serde_json::to_string(&none).expect("a roster has text keys only");
        let head = head.strip_suffix("]}").expect("customers are its last field and there are none");
        let rows =
            self.customers.iter().map(|row| serde_json::to_string(row).expect("a row has text keys only"));
        let rows: Vec<String> = rows.collect();
        format!("{head}\n{}\n]}}\n", rows.join(",\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_is_a_line_and_all_of_it_reads_back() {
        let row = |id: &str, state, decision: Option<&str>, object: Option<&str>| RosterRow {
            id: id.to_owned(),
            state,
            decision: decision.map(str::to_owned),
            quickbooks_id: object.map(ObjectId::new),
        };
        let rows = vec![
            row("10482", State::Synced, Some("adopt"), Some("1")),
            row("10483", State::Failed, None, None),
        ];
        let at = "2026-11-22T15:00:00Z".parse().unwrap();
        for customers in [rows, Vec::new()] {
            let roster = Roster::new(12, at, "sha256:0f3a", customers);
            let text = roster.to_json();
            assert_eq!(serde_json::from_str::<Roster>(&text).unwrap(), roster, "{text}");
            assert!(text.ends_with("]}\n"));
        }
        let text = Roster::new(12, at, "x", vec![row("10483", State::NotTried, None, None)]).to_json();
        let line = r#"{"id":"10483","state":"not-tried","decision":null,"quickbooks_id":null}"#;
        assert!(text.lines().any(|found| found == line), "{text}");
    }
}
