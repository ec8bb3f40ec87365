//! Facts: everything that decides about one record, and what may be decided.

use jiff::Timestamp;

use super::step::Action;
use crate::model::{Digest, Fault, Key, Money, ObjectId, OnDrift, Problem, RecordState, State};

/// Everything that decides about a record.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and the table reads them by name"
)]
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// What is remembered of it.
    pub record: &'a RecordState,
    /// Whether it counts at all.
    pub in_scope: bool,
    /// Whether a write about it is open: its outcome is not known yet.
    pub waiting: bool,
    /// Something that holds it whatever else is true.
    pub held: Option<Problem>,
    /// Something that is wrong with it as it stands.
    pub problem: Option<Problem>,
    /// The root cause why it must wait for another record.
    pub blocked_by: Option<Key>,
    /// Something that holds every write about it.
    pub writes_held: Option<Problem>,
    /// Something that holds its creation, and nothing else.
    pub creation_held: Option<Problem>,
    /// A part of it lies beyond the customer's start.
    pub crossing: Option<Problem>,
    /// Whether its object is one that already lives.
    pub adopt: bool,
    /// Whether another one that lives takes the place of its object.
    pub relink: bool,
    /// Whether the files say that it is posted though something looks like it.
    pub accepted: bool,
    /// Whether the object that stands for it says something else than the
    /// record does now.
    pub changed: bool,
    /// Whether QuickBooks made another total of it.
    pub mismatch: bool,
    /// What its object should come to.
    pub total: Money,
    /// Whether an object that should come to nothing is voided: payments alone
    /// can be (QuickBooks: operations).
    pub voidable: bool,
    /// How the objects stand that apply it to others.
    pub parts: Parts,
    /// Another customer of QuickBooks' that someone gave its object to, and the
    /// one that it is of.
    pub moved: Option<(ObjectId, ObjectId)>,
    /// The refusal that an attempt would repeat.
    pub fault: Option<&'a Fault>,
    /// What an attempt would be made from; asked for only where one was
    /// refused before.
    pub basis: Option<&'a Digest>,
    /// The present instant, for what waits for a time.
    pub now: Timestamp,
    /// Whether the files leave the warning alone that a refusal left: it is not
    /// asked for again because time went by.
    pub dismissed: bool,
    /// Whether the files send it again.
    pub resent: bool,
    /// Whether it is sent again and was posted under other settings.
    pub renewed: bool,
    /// What the files say about objects that someone changed.
    pub on_drift: OnDrift,
}

/// How the objects stand that apply a memo to others: the first that is not as
/// we wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Parts {
    /// As written.
    #[default]
    Sound,
    /// One is gone or voided though it should stand.
    Gone(ObjectId),
    /// Someone changed one.
    Changed(ObjectId),
}

/// What becomes of the warning that a record has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// There is none any more.
    Clear,
    /// It stands as it was.
    Keep,
    /// It is this one.
    Is(Problem),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: it stands like this.
    Rest(State, Note),
    /// Nothing yet: it waits for this record.
    Blocked(Key),
    /// A write, and why.
    Act(Action, &'static str),
}
