//! `status.json`: how things stand. Its form is a contract with whoever reads
//! it: while [`SCHEMA`] stays, fields are added and never renamed.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::harmless;
use super::past::{Budget, RecentPass};
use super::row::{Blocks, EntityRow};
use super::tie_out::TieOut;
use crate::model::{Code, Entity, RealmId, State, VendorFault};

/// The form's version.
const SCHEMA: u32 = 1;

/// How things stand after a pass, or after an entity of a pass under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    /// The form's version, 1.
    #[schemars(extend("const" = 1))]
    pub schema: u32,
    /// Whose books.
    pub company: CompanyRow,
    /// latchd's version.
    pub version: String,
    /// When this was made.
    pub generated_at: Timestamp,
    /// Which decisions it rests on.
    pub generation: GenerationRow,
    /// The pass that made it.
    pub last_pass: PassRow,
    /// The end of the last pass that no cause of the whole company kept from
    /// its work; `None` before the first.
    pub last_sync_at: Option<Timestamp>,
    /// When the next pass begins at the latest; `None` where nobody waits.
    pub next_pass_at: Option<Timestamp>,
    /// All seven kinds, in order.
    pub entities: Vec<EntityRow>,
    /// Whether open amounts agree.
    pub tie_out: TieOut,
    /// Root causes: of the whole company first, then in entity order.
    pub warnings: Vec<WarningRow>,
    /// Requests to send records again, and what became of them.
    #[serde(default)]
    pub resends: Vec<ResendRow>,
    /// What is worth knowing and is no warning.
    #[serde(default)]
    pub notices: Vec<Notice>,
    /// The last passes that ended, up to 30, oldest first.
    #[serde(default)]
    pub recent_passes: Vec<RecentPass>,
    /// What was asked of the vendors this month.
    #[serde(default)]
    pub budget: Option<Budget>,
    /// The token for QuickBooks, where there is one.
    #[serde(default)]
    pub token: Option<TokenRow>,
    /// Pages of objects in QuickBooks, by the key of the record: of what a
    /// warning, a resend or the tie-out names and what has an object.
    #[serde(default)]
    pub pages: BTreeMap<String, String>,
}

/// One Stax Bill account paired with one QuickBooks company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CompanyRow {
    /// The label from the files.
    pub name: String,
    /// QuickBooks' id of the company.
    pub realm_id: RealmId,
}

/// Which decisions are in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GenerationRow {
    /// The generation that the last pass carried out.
    pub applied: String,
    /// The last good one that was read.
    pub observed: String,
    /// Files that were read later and refused; they change nothing.
    pub rejected: Option<Rejected>,
    /// The commit that the files came from, where known.
    pub commit: Option<String>,
}

/// Files that were refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rejected {
    /// Their generation, where they could be parsed that far.
    pub generation: Option<String>,
    /// Every error, with its place.
    pub errors: Vec<String>,
    /// Since when.
    pub since: Timestamp,
}

/// A pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PassRow {
    /// Its number, from 1, over the life of the state.
    pub number: u64,
    /// What woke it: for people only.
    pub triggers: Vec<String>,
    /// Its beginning.
    pub started_at: Timestamp,
    /// Its end, or the moment of this report while it goes on.
    pub finished_at: Timestamp,
    /// `complete`, `interrupted`, `failed`, or `running` while it goes on.
    pub outcome: String,
    /// Requests it made.
    pub calls: Calls,
}

/// Requests made, by what the vendors meter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Calls {
    /// To Stax Bill.
    pub staxbill: u64,
    /// Reads from QuickBooks, metered by the month.
    pub quickbooks_reads: u64,
    /// Single writes to QuickBooks.
    pub quickbooks_writes: u64,
    /// Batches to QuickBooks, of up to 30 writes.
    pub quickbooks_batches: u64,
}

/// A root cause why records are not right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WarningRow {
    /// The record's key, or `company/<code>`.
    pub key: String,
    /// The record's kind; `None` where the whole company is concerned.
    pub entity: Option<Entity>,
    /// Stax Bill's id, or the code where the whole company is concerned.
    pub id: String,
    /// A name or number for people.
    pub label: String,
    /// How the record stands.
    pub state: Option<State>,
    /// The kind of cause.
    pub code: Code,
    /// What is wrong, in a sentence.
    pub reason: String,
    /// What a person does next.
    pub remedy: String,
    /// Lines for the files that would mend it, ready to paste: each is one line
    /// of TOML, whole.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub paste: Vec<String>,
    /// QuickBooks' own words, where it spoke.
    pub quickbooks: Option<VendorFault>,
    /// Since when.
    pub since: Timestamp,
    /// How often QuickBooks was asked.
    pub attempts: u32,
    /// When it is asked again though nothing changed.
    pub next_attempt_at: Option<Timestamp>,
    /// What waits for it.
    pub blocks: Blocks,
    /// Why it is left alone, where it is.
    pub dismissed: Option<String>,
}

/// The token that latchd connects to QuickBooks with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenRow {
    /// When QuickBooks takes it no more, unless it is renewed before; every
    /// renewal moves it.
    pub refresh_expires_at: Timestamp,
    /// When the connection really ends: the earlier of that and of the day up to
    /// which renewing helps. Absent in the reports of older versions.
    #[serde(default)]
    pub ends_at: Option<Timestamp>,
}

impl TokenRow {
    /// When the connection ends, as far as the report knows.
    pub fn until(self) -> Timestamp {
        self.ends_at.unwrap_or(self.refresh_expires_at)
    }
}

/// A request to send a record again, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResendRow {
    /// The record's key.
    pub key: String,
    /// The token that was acted on last.
    pub last_handled: String,
    /// What became of it, in a few words.
    pub outcome: String,
}

/// What is worth knowing and is no warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// A kebab-case word.
    pub code: String,
    /// A sentence.
    pub text: String,
    /// Where in the operator's files.
    pub at: Option<NoticePlace>,
}

/// A place in the operator's files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoticePlace {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

/// Why a text is not a report.
#[derive(Debug, Error)]
pub enum StatusError {
    /// Another form than this latchd knows.
    #[error("the report has the form {0}; this latchd reads form {SCHEMA}")]
    Schema(u64),
    /// Not a report.
    #[error("the report cannot be read")]
    Unreadable(#[source] serde_json::Error),
}

impl Status {
    /// A report of this version of latchd with all seven kinds in order,
    /// whichever `rows` there are; the rest is still to be filled in.
    pub fn new(
        company: CompanyRow,
        generation: GenerationRow,
        last_pass: PassRow,
        generated_at: Timestamp,
        rows: impl IntoIterator<Item = EntityRow>,
    ) -> Self {
        let mut rows: BTreeMap<Entity, EntityRow> = rows.into_iter().map(|row| (row.entity, row)).collect();
        let row = |entity| rows.remove(&entity).unwrap_or_else(|| EntityRow::empty(entity));
        Self {
            schema: SCHEMA,
            company,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            generated_at,
            generation,
            last_pass,
            last_sync_at: None,
            next_pass_at: None,
            entities: Entity::ALL.map(row).into(),
            tie_out: TieOut::none(),
            warnings: Vec::new(),
            resends: Vec::new(),
            notices: Vec::new(),
            recent_passes: Vec::new(),
            budget: None,
            token: None,
            pages: BTreeMap::new(),
        }
    }

    /// The text of `status.json`.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("a report has text keys only");
        harmless::json(&text) + "\n"
    }

    /// Reads `status.json` back; fields that this version does not know are
    /// passed over.
    ///
    /// # Errors
    ///
    /// Fails for another form, and for a text that is not a report.
    pub fn read(text: &str) -> Result<Self, StatusError> {
        #[derive(Deserialize)]
        struct Form {
            schema: u64,
        }
        let form: Form = serde_json::from_str(text).map_err(StatusError::Unreadable)?;
        if form.schema != u64::from(SCHEMA) {
            return Err(StatusError::Schema(form.schema));
        }
        serde_json::from_str(text).map_err(StatusError::Unreadable)
    }

    /// Whether all seven kinds are there in order and their counts add up;
    /// `Err` says what does not.
    pub fn is_consistent(&self) -> Result<(), String> {
        if !self.entities.iter().map(|row| row.entity).eq(Entity::ALL) {
            return Err("not all seven entities in order".to_owned());
        }
        self.entities.iter().try_for_each(EntityRow::adds_up)
    }

    /// Whether a guard holds something until it is approved.
    pub fn is_guarded(&self) -> bool {
        let holds = |warning: &WarningRow| warning.entity.is_none() && warning.code == Code::Guard;
        self.warnings.iter().any(|warning| holds(warning) && !warning.paste.is_empty())
    }

    /// Warnings that nobody dismissed, those of the whole company first, then
    /// in entity order; in each kind what holds up most comes first.
    pub fn standing(&self) -> Vec<&WarningRow> {
        self.in_order(|warning| warning.dismissed.is_none())
    }

    /// Warnings that someone dismissed, in the same order.
    pub fn dismissed(&self) -> Vec<&WarningRow> {
        self.in_order(|warning| warning.dismissed.is_some())
    }

    fn in_order(&self, wanted: impl Fn(&WarningRow) -> bool) -> Vec<&WarningRow> {
        let mut rows: Vec<_> = self.warnings.iter().filter(|warning| wanted(warning)).collect();
        rows.sort_by_key(|warning| (warning.entity, Reverse(warning.blocks.records)));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{hostile, sample};
    use super::*;

    #[test]
    fn a_report_reads_back_and_keeps_the_order_of_its_keys() {
        for status in [sample(), hostile()] {
            assert_eq!(Status::read(&status.to_json()).unwrap(), status);
        }
        insta::assert_snapshot!(sample().to_json());
    }

    #[test]
    fn what_a_later_version_adds_is_passed_over_and_what_an_earlier_one_lacks_is_none() {
        let mut fields: serde_json::Map<_, _> = serde_json::from_str(&sample().to_json()).unwrap();
        fields.insert("mood".to_owned(), serde_json::json!({ "now": 1.5 }));
        let read = |fields: &serde_json::Map<_, _>| Status::read(&serde_json::to_string(fields).unwrap());
        assert_eq!(read(&fields).unwrap(), sample());
        for late in ["resends", "notices", "recent_passes", "budget", "token", "pages"] {
            assert!(fields.remove(late).is_some(), "{late}");
        }
        assert_eq!(read(&fields).unwrap().recent_passes, []);
        fields.insert("schema".to_owned(), 2.into());
        assert!(matches!(read(&fields), Err(StatusError::Schema(2))));
        assert!(matches!(Status::read("{}"), Err(StatusError::Unreadable(_))));
    }

    #[test]
    fn all_seven_kinds_are_there_in_order_whatever_was_counted() {
        let mut payments = EntityRow::empty(Entity::Payment);
        payments.count(State::Synced, true);
        let whole = sample();
        let rows = [payments.clone(), EntityRow::empty(Entity::Customer)];
        let status = Status::new(
            whole.company.clone(),
            whole.generation.clone(),
            whole.last_pass.clone(),
            whole.generated_at,
            rows,
        );
        assert_eq!(status.entities.len(), 7);
        assert_eq!(status.entities[2], payments);
        status.is_consistent().unwrap();
    }

    #[test]
    fn counts_that_do_not_add_up_are_noticed() {
        type Spoil = fn(&mut Status);
        let spoilt: [(&str, Spoil); 5] = [
            ("in scope", |status| status.entities[0].synced += 1),
            ("in scope", |status| status.entities[1].in_scope -= 1),
            ("in Stax Bill", |status| status.entities[2].staxbill += 1),
            ("in Stax Bill", |status| status.entities[6].out_of_scope += 1),
            ("seven", |status| status.entities.truncate(6)),
        ];
        sample().is_consistent().unwrap();
        for (expected, spoil) in spoilt {
            let mut status = sample();
            spoil(&mut status);
            let wrong = status.is_consistent().unwrap_err();
            assert!(wrong.contains(expected), "{wrong}");
        }
    }

    #[test]
    fn causes_of_the_whole_company_come_first_and_dismissed_ones_apart() {
        let mut status = sample();
        status.warnings.reverse();
        status.warnings[0].dismissed = Some("booked by hand".to_owned());
        let keys: Vec<_> = status.standing().iter().map(|warning| warning.key.as_str()).collect();
        assert_eq!(keys, ["company/throttled", "customer/20771"]);
        let mut heavier = status.warnings[1].clone();
        heavier.key = "customer/20772".to_owned();
        heavier.blocks.records += 1;
        status.warnings.push(heavier);
        let keys: Vec<_> = status.standing().iter().map(|warning| warning.key.as_str()).collect();
        assert_eq!(keys, ["company/throttled", "customer/20772", "customer/20771"]);
        assert_eq!(status.dismissed().len(), 1);
    }
}
