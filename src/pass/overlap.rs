//! The overlap guard: documents that people entered by hand for a customer that
//! a link adopts, and records that may be the same.
//!
//! They are looked for once a customer, kind and start, before the first of
//! that kind is posted for it; a full scan sees them anyway, and the change feed
//! keeps what is known true.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::ToSpan;
use jiff::civil::Date;

use super::doubles::{Candidate, Double, doubles};
use super::takes::SAME_DAYS;
use super::verdict::Verdict;
use super::{Pass, Stop};
use crate::apply::memo_number;
use crate::entity::object_of;
use crate::model::{
    Code, DocumentNumbers, Entity, Key, Link, Money, ObjectId, ObjectKind, Observed, Part, Problem,
    RecordState, Start, State, date_in,
};
use crate::plan::{Action, Decision, Note, Step};
use crate::quickbooks::{CallError, QueryRows};
use crate::store::{ByHand, Commit, IntentItem, Looked, StoreError};

/// What people may have entered that a record becomes.
const KINDS: [ObjectKind; 3] = [ObjectKind::Invoice, ObjectKind::CreditMemo, ObjectKind::Payment];
/// Customers that are looked into side by side; the pace is the limit.
const LANES: usize = 8;

impl Pass<'_> {
    /// Steps without those whose document people seem to have entered already:
    /// their records wait for a person.
    pub(super) async fn hold_doubles(&mut self, steps: Vec<Step>) -> Result<Vec<Step>, Stop> {
        let mut wanted = BTreeMap::<(ObjectId, ObjectKind), Vec<(Candidate, RecordState)>>::new();
        for step in steps.iter().filter(|step| is_document(step)) {
            let Some(record) = self.register.record(step.key)? else { continue };
            let link = self.world.decisions.links.get(&record.customer);
            let adopted = link.and_then(Link::adopted);
            if let Some(customer) = adopted.filter(|_| !self.accepts(step.key, record.customer)) {
                let one = self.candidate((step.key, step.total), &record);
                wanted.entry((customer.clone(), step.object)).or_default().push((one, record));
            }
        }
        if wanted.is_empty() {
            return Ok(steps);
        }
        self.look_for_documents(wanted.keys()).await?;
        let (mut held, mut commit) = (BTreeSet::new(), Commit::new());
        for ((customer, kind), rows) in wanted {
            let documents = self.register.by_hand(&customer, kind)?;
            let (candidates, records): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
            for double in doubles(&candidates, &documents) {
                let (key, record) = (candidates[double.candidate].key, &records[double.candidate]);
                let problem = self.double(key, record, (&double, &documents[double.document]));
                let verdict = Verdict::rest(Decision::Rest(State::Failed, Note::Is(problem)));
                self.note_verdict(&mut commit, (key, record.clone()), verdict, false);
                held.insert(key);
            }
        }
        self.register.commit(commit).await?;
        Ok(steps.into_iter().filter(|step| !held.contains(&step.key)).collect())
    }

    /// Whether a person seems to have entered what a write that was cut off
    /// would create.
    pub(super) fn is_entered(&self, item: &IntentItem, record: &RecordState) -> Result<bool, StoreError> {
        let link = self.world.decisions.links.get(&record.customer);
        let Some(customer) =
            link.and_then(Link::adopted).filter(|_| !self.accepts(item.key, record.customer))
        else {
            return Ok(false);
        };
        let one = self.candidate((item.key, item.total), record);
        Ok(!doubles(&[one], &self.register.by_hand(customer, item.object)?).is_empty())
    }

    fn candidate(&self, (key, total): (Key, Money), record: &RecordState) -> Candidate {
        // A payment's number is a cheque's there, and ours by chance; where
        // QuickBooks counts, all numbers are its own.
        let ours = self.world.settings.posting.document_numbers == DocumentNumbers::Staxbill;
        Candidate {
            key,
            number: memo_number(key, record),
            telling: ours && key.entity != Entity::Payment,
            date: record.date,
            amounts: [record.amount, total],
        }
    }

    /// What stands in the way, and what settles it.
    fn double(&self, key: Key, record: &RecordState, (double, document): (&Double, &ByHand)) -> Problem {
        let ByHand { kind, id, number, date, total, .. } = document;
        let number = number.as_ref().map(|number| format!(" \"{number}\"")).unwrap_or_default();
        let date = date.map(|date| format!(" of {date}")).unwrap_or_default();
        let like = if double.by_number { "bears the same number" } else { "looks the same" };
        let settles = self.settled_by(key, record.customer, id);
        let reason = format!(
            "QuickBooks' {kind} {id}{number}{date} over {total} {like}, and latchd did not write it{settles}"
        );
        Problem::new(Code::PossibleDuplicate, reason)
    }

    /// What whose line gets to settle that a record may be an object.
    pub(super) fn settled_by(&self, key: Key, customer: u64, id: &ObjectId) -> String {
        let Some(link) = self.world.decisions.links.get(&customer) else { return String::new() };
        let (same, other) = (format!("\"{key}\" = \"{id}\""), format!("\"{key}\""));
        let same =
            if link.matches.is_empty() { format!("match = {{ {same} }}") } else { same + " in its match" };
        let other =
            if link.accept.is_empty() { format!("accept = [{other}]") } else { other + " in its accept" };
        format!("; if it is the same, customer {customer}'s line ({}) gets {same}; if not, {other}", link.at)
    }

    /// From which day on documents of a QuickBooks customer may be the same as
    /// records; [`Date::MIN`]: all of them.
    fn window(&self, customer: &ObjectId) -> Result<Date, StoreError> {
        let today = date_in(self.started_at, &self.world.settings.company.time_zone);
        let mut first = today;
        for id in self.adopts.get(customer).into_iter().flatten() {
            match self.world.decisions.links.get(id).and_then(Link::start) {
                None => {}
                Some(Start::Beginning) => return Ok(Date::MIN),
                Some(Start::On(day)) => first = first.min(day),
                Some(Start::Now) => first = first.min(self.register.start(*id)?.unwrap_or(today)),
            }
        }
        Ok(first.saturating_sub(SAME_DAYS.days()))
    }

    /// Looks once for what people entered for customers, where that is not
    /// known yet.
    async fn look_for_documents(
        &self,
        wanted: impl Iterator<Item = &(ObjectId, ObjectKind)>,
    ) -> Result<(), Stop> {
        let mut unknown = Vec::new();
        for (customer, kind) in wanted {
            let from = self.window(customer)?;
            if self.register.looked(customer)?.since(*kind).is_none_or(|known| known > from) {
                unknown.push((customer, *kind, from));
            }
        }
        let (total, mut done) = (unknown.len() as u64, 0);
        let looks = unknown.into_iter().map(|(customer, kind, from)| self.look_into(customer, kind, from));
        let mut looks = stream::iter(looks).buffer_unordered(LANES);
        while let Some(()) = looks.try_next().await? {
            done += 1;
            self.world.progress("looking for what was entered by hand", done, total);
        }
        Ok(())
    }

    async fn look_into(&self, customer: &ObjectId, kind: ObjectKind, from: Date) -> Result<(), Stop> {
        let mut commit = Commit::new();
        for document in self.read_documents(customer, kind, from).await? {
            if self.register.record_of(kind, &document.id)?.is_none() {
                commit.by_hand(&document);
            }
        }
        let mut looked = self.register.looked(customer)?;
        looked.note(kind, from);
        commit.looked(&looked);
        self.register.commit(commit).await?;
        Ok(())
    }

    async fn read_documents(
        &self,
        customer: &ObjectId,
        kind: ObjectKind,
        from: Date,
    ) -> Result<Vec<ByHand>, CallError> {
        let since = if from == Date::MIN { String::new() } else { format!(" AND TxnDate >= '{from}'") };
        let from_where = format!("{kind} WHERE CustomerRef = '{customer}'{since}");
        let mut documents = Vec::new();
        let read = self.world.quickbooks.each_page(&from_where, async |rows: QueryRows| {
            documents.extend(rows.observed().filter_map(|object| by_hand(&object, from)));
            Ok(())
        });
        read.await?;
        Ok(documents)
    }

    /// A document that is nobody's record, as the change feed or a scan shows
    /// it.
    pub(super) fn take_by_hand(&self, commit: &mut Commit, object: &Observed) -> Result<(), StoreError> {
        if !KINDS.contains(&object.kind) {
            return Ok(());
        }
        let known = self.known_since(commit, object)?;
        let now = known.and_then(|from| by_hand(object, from));
        let before = self.register.entered(object.kind, &object.id)?;
        if now != before {
            if let Some(before) = before {
                commit.not_by_hand(&before);
            }
            if let Some(now) = now {
                commit.by_hand(&now);
            }
        }
        Ok(())
    }

    /// Since when it is known what people entered for an object's customer, if
    /// it is.
    fn known_since(&self, commit: &mut Commit, object: &Observed) -> Result<Option<Date>, StoreError> {
        let Some(customer) = &object.customer else { return Ok(None) };
        let adopted = self.adopts.contains_key(customer);
        if self.full && adopted {
            // A scan shows everything.
            return Ok(Some(self.window(customer)?));
        }
        let since = self.register.looked(customer)?.since(object.kind);
        if since.is_some() && !adopted {
            // The line may come back.
            commit.not_looked(customer);
        }
        Ok(since.filter(|_| adopted))
    }

    /// What is gone, or a record's after all.
    pub(super) fn forget_by_hand(
        &self,
        commit: &mut Commit,
        kind: ObjectKind,
        id: &ObjectId,
    ) -> Result<(), StoreError> {
        if let Some(document) = self.register.entered(kind, id)? {
            commit.not_by_hand(&document);
        }
        Ok(())
    }

    /// After a scan it is known what people entered for every customer that a
    /// link adopts, and of nobody else.
    pub(super) async fn know_documents(
        &self,
        seen: &BTreeSet<(ObjectKind, ObjectId)>,
    ) -> Result<(), StoreError> {
        let mut commit = Commit::new();
        self.register.each_looked(|looked| {
            if !self.adopts.contains_key(&looked.customer) {
                commit.not_looked(&looked.customer);
            }
        })?;
        self.register.each_by_hand(|document| {
            let stands = seen.contains(&(document.kind, document.id.clone()));
            if !stands || !self.adopts.contains_key(&document.customer) {
                commit.not_by_hand(&document);
            }
        })?;
        for customer in self.adopts.keys() {
            let (from, mut looked) = (self.window(customer)?, Looked::nowhere(customer));
            for kind in KINDS {
                looked.note(kind, from);
            }
            if self.register.looked(customer)? != looked {
                commit.looked(&looked);
            }
        }
        self.register.commit(commit).await
    }
}

/// Whether a step makes a document that people may have entered too.
fn is_document(step: &Step) -> bool {
    step.part == Part::Whole
        && step.action == Action::Create
        && step.object == object_of(step.entity)
        && KINDS.contains(&step.object)
}

/// An object as what people may have entered for a record from a day on.
fn by_hand(object: &Observed, from: Date) -> Option<ByHand> {
    let late = object.date.is_none_or(|date| date >= from);
    let Observed { kind, id, number, date, total, .. } = object;
    let customer = object.customer.clone()?;
    let document =
        ByHand { kind: *kind, id: id.clone(), customer, number: number.clone(), date: *date, total: *total };
    (late && object.mark.is_none() && !object.dead && !total.is_zero()).then_some(document)
}
