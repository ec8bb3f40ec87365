//! Explaining: what the state, the files and the last report know of one
//! record, as one value. It reads and never writes, asks no vendor, and may be
//! done while a pass is under way.
//!
//! | file | job |
//! |---|---|
//! | `waiting` | what a record waits for, and what waits for it |
//! | `next` | what a person does next |
//! | `page` | the object that stands for a record, and its page |
//! | `unknown` | what is said of a key that no record has |

mod next;
mod page;
mod unknown;
mod waiting;

use crate::config::Config;
use crate::model::{
    Code, Counterpart, Entity, Key, Link, Money, ObjectKind, RecordState, Start, State, Verb,
};
use crate::report::{
    AppliedRow, DecisionRow, Explained, ExplainedWarning, NoticePlace, ObjectRow, OpenWrite, RecordRow,
    SCHEMA, SettledRow, Status, WarningRow,
};
use crate::store::{Register, StoreError};

pub use page::page;

/// So often a record is read again that changed while it was looked at.
const TRIES: usize = 3;

/// What is known besides the state.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    /// The files in force.
    pub config: &'a Config,
    /// The last report, where there is one.
    pub last: Option<&'a Status>,
}

/// What is known of a key.
#[derive(Debug)]
pub enum Known {
    /// All of it.
    Record(Box<Explained>),
    /// No record has it; the sentence says so and names what is like it.
    Nothing(String),
}

/// Everything that is known of one record.
///
/// The state is read as it stands, also in the middle of a pass; what changed
/// meanwhile is read again, so that the parts belong together.
pub fn explain(register: &Register, beside: &Beside<'_>, key: Key) -> Result<Known, StoreError> {
    let mut tries = 0;
    loop {
        let Some(record) = register.record(key)? else {
            return Ok(Known::Nothing(unknown::told(register, beside, key)?));
        };
        let explained = Look { register, beside: *beside, key, record: &record }.all()?;
        tries += 1;
        if tries == TRIES || register.record(key)?.as_ref() == Some(&record) {
            return Ok(Known::Record(Box::new(explained)));
        }
    }
}

/// A look at one record.
struct Look<'a> {
    register: &'a Register,
    beside: Beside<'a>,
    key: Key,
    record: &'a RecordState,
}

impl Look<'_> {
    fn all(&self) -> Result<Explained, StoreError> {
        let (key, record) = (self.key, self.record);
        let start = self.start()?;
        let waits_for = self.waits_for()?;
        let mut attempts = self.register.attempts(key)?;
        attempts.reverse();
        let last = self.beside.last;
        let customer = Key::customer(record.customer);
        Ok(Explained {
            schema: SCHEMA,
            key,
            label: record.label.clone(),
            state: record.state,
            customer: if key == customer { None } else { Some(self.row(customer)?) },
            of: record.of.map(|of| self.row(of)).transpose()?,
            date: record.date,
            currency: record.currency,
            amount: record.amount,
            open: record.open,
            next: self.next(&waits_for, start),
            warning: self.warning(),
            decision: self.link().map(|link| decision(record.customer, link)),
            start,
            quickbooks: self.object()?,
            applied: self.applied()?,
            settled_by: self.settled_by()?,
            holds_up: self.holds_up()?,
            waits_for,
            open_writes: self.open_writes()?,
            attempts,
            last_sync_at: self.register.marks()?.last_sync_at,
            next_pass_at: last.and_then(|status| status.next_pass_at),
        })
    }

    fn link(&self) -> Option<&Link> {
        self.beside.config.decisions.links.get(&self.record.customer)
    }

    /// The warning's row in the last report, as long as it is the same one.
    fn reported(&self, key: Key, code: Code) -> Option<&WarningRow> {
        let key = key.to_string();
        self.beside.last?.warnings.iter().find(|row| row.key == key && row.code == code)
    }

    fn warning(&self) -> Option<ExplainedWarning> {
        let stands = match self.record.state {
            State::Failed | State::Held | State::Drifted => true,
            State::Synced | State::NotTried | State::Blocked | State::OutOfScope => false,
        };
        let fault = self.record.fault.as_ref().filter(|_| stands)?;
        let reported = self.reported(self.key, fault.code);
        Some(ExplainedWarning {
            code: fault.code,
            reason: fault.reason.clone(),
            paste: fault.paste.clone(),
            quickbooks: fault.quickbooks.clone(),
            since: fault.since,
            attempts: fault.attempts,
            next_attempt_at: fault.next_attempt_at,
            who: fault.code.remedy().who.name().to_owned(),
            dismissed: reported.and_then(|row| row.dismissed.clone()),
        })
    }

    fn start(&self) -> Result<Option<jiff::civil::Date>, StoreError> {
        match self.link().and_then(Link::start) {
            Some(Start::On(day)) => Ok(Some(day)),
            Some(Start::Now) => self.register.start(self.record.customer),
            Some(Start::Beginning) | None => Ok(None),
        }
    }

    fn object(&self) -> Result<Option<ObjectRow>, StoreError> {
        let object = page::object(self.register, self.key, self.record)?;
        Ok(object.map(|(kind, object, matched)| self.object_row(kind, &object, matched)))
    }

    fn object_row(&self, kind: ObjectKind, object: &Counterpart, matched: bool) -> ObjectRow {
        let standing = match (object.deleted, object.dead) {
            (true, _) => "deleted",
            (false, true) => "dead",
            (false, false) => "living",
        };
        ObjectRow {
            kind,
            id: object.id.clone(),
            link: page::page_in(self.beside.config, kind, &object.id),
            standing: standing.to_owned(),
            sync_token: object.sync_token.clone(),
            total: object.total,
            open: object.open,
            name: object.name.clone(),
            matched,
        }
    }

    fn applied(&self) -> Result<Vec<AppliedRow>, StoreError> {
        let row = |to: Key, amount: Money| {
            let by = self.record.applications.get(&to);
            Ok(AppliedRow {
                to,
                label: self.register.record(to)?.map(|record| record.label).unwrap_or_default(),
                amount,
                by: by.map(|object| self.object_row(ObjectKind::Payment, object, false)),
            })
        };
        self.record.applied.iter().map(|applied| row(applied.to, applied.amount)).collect()
    }

    fn settled_by(&self) -> Result<Vec<SettledRow>, StoreError> {
        if self.key.entity != Entity::Invoice {
            return Ok(Vec::new());
        }
        let funds = self.register.funds_of(self.key.id)?;
        funds.into_iter().map(|(fund, amount)| Ok(SettledRow { by: self.row(fund)?, amount })).collect()
    }

    fn open_writes(&self) -> Result<Vec<OpenWrite>, StoreError> {
        let mut open = Vec::new();
        for intent in self.register.intents()? {
            let ours = intent.items.iter().filter(|item| item.key == self.key);
            open.extend(ours.map(|item| OpenWrite {
                action: item.action.clone(),
                object: item.object,
                request_id: intent.request_id.clone(),
                begun_at: intent.begun_at,
            }));
        }
        Ok(open)
    }

    fn row(&self, key: Key) -> Result<RecordRow, StoreError> {
        let record = self.register.record(key)?;
        Ok(RecordRow {
            key,
            state: record.as_ref().map(|record| record.state),
            label: record.map(|record| record.label).unwrap_or_default(),
        })
    }
}

fn decision(customer: u64, link: &Link) -> DecisionRow {
    let verb = match &link.verb {
        Verb::Adopt { .. } => "adopt",
        Verb::Create { .. } => "create",
        Verb::Skip { .. } => "skip",
        Verb::Unlink { .. } => "unlink",
    };
    DecisionRow {
        verb: verb.to_owned(),
        line: link.line(customer),
        at: NoticePlace { file: link.at.file.to_string(), line: link.at.line },
    }
}
