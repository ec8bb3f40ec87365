//! What changed in QuickBooks: one change feed for all kinds of objects, or
//! everything in a full scan.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::recover::{is_of, recover, see};
use super::{Notice, Pass, Stop};
use crate::apply::memo_number;
use crate::entity::ORDER;
use crate::model::{DocumentNumbers, Key, Mark, Money, ObjectId, ObjectKind, Observed, Part, RecordState};
use crate::mutation::Mutation;
use crate::quickbooks::{CallError, Changed, Changes, QueryRows};
use crate::store::{Commit, Foreign, StoreError};

/// The feed counts in whole seconds and by QuickBooks' clock; what is seen
/// twice is told by its content.
const OVERLAP: SignedDuration = SignedDuration::from_secs(10);
/// The feed reaches back thirty days (Intuit: change data capture); a little
/// less is trusted.
const FEED_REACH: SignedDuration = SignedDuration::from_hours(29 * 24);

impl Pass<'_> {
    /// Reads what changed since the mark, or everything.
    pub(super) async fn read_target(&mut self) -> Result<(), Stop> {
        let since = self.marks.quickbooks.filter(|mark| {
            let age = self.started_at.duration_since(*mark);
            !self.full && age < FEED_REACH
        });
        match since {
            Some(since) => {
                let mut changes = self.world.quickbooks.changes(since).await?;
                changes.objects.retain(|_| !Mutation::IgnoreFeed.is_planted());
                self.marks.quickbooks =
                    changes.server_time.and_then(|at| at.checked_sub(OVERLAP).ok()).or(Some(since));
                if changes.truncated {
                    // More changed than the feed holds: every kind by pages.
                    let since = since.strftime("%Y-%m-%dT%H:%M:%S-00:00").to_string();
                    let from = format!("MetaData.LastUpdatedTime >= '{since}'");
                    self.read_pages(&from, &mut BTreeSet::new()).await?;
                } else {
                    self.take_changes(changes).await?;
                }
            }
            None => self.scan_target().await?,
        }
        self.take_strays().await?;
        self.read_candidates().await?;
        self.read_survivors().await
    }

    /// Everything: what is ours is compared, what bears our mark and is not
    /// known is ours again, what is known and not there was deleted.
    async fn scan_target(&mut self) -> Result<(), Stop> {
        let began = self.world.quickbooks.changes(self.world.clock.now()).await?.server_time;
        self.full = true;
        let mut seen = BTreeSet::new();
        self.read_pages("", &mut seen).await?;
        let mut gone = Vec::new();
        for entry in ORDER {
            self.register.each_record(entry.entity, |key, record| {
                let whole = record.object.iter().map(|object| (entry.object, object));
                let parts = record.applications.values().map(|object| (ObjectKind::Payment, object));
                let known = whole.chain(parts).filter(|(_, object)| !object.deleted);
                let missing = known.filter(|(kind, object)| !seen.contains(&(*kind, object.id.clone())));
                gone.extend(missing.map(|(kind, object)| (key, kind, object.id.clone())));
                Ok(())
            })?;
        }
        for (key, kind, id) in gone {
            // A row that moved between two pages is not a deletion: ask for it.
            let mut changes = Changes::default();
            changes.objects.push(match self.world.quickbooks.object(kind, &id).await? {
                Some(object) => Changed::Stands(Box::new(object)),
                None => Changed::Deleted(kind, id),
            });
            tracing::debug!(%key, "an object was not in the full scan and was asked for");
            self.take_changes(changes).await?;
        }
        self.know_documents(&seen).await?;
        self.marks.quickbooks = began.and_then(|at| at.checked_sub(OVERLAP).ok());
        Ok(())
    }

    async fn read_pages(
        &mut self,
        filter: &str,
        seen: &mut BTreeSet<(ObjectKind, ObjectId)>,
    ) -> Result<(), Stop> {
        let quickbooks = &self.world.quickbooks;
        for kind in ObjectKind::ALL {
            let all = if kind == ObjectKind::Customer { "Active IN (true, false)" } else { "" };
            let terms =
                [all, filter].into_iter().filter(|term| !term.is_empty()).collect::<Vec<_>>().join(" AND ");
            let from = if terms.is_empty() { kind.to_string() } else { format!("{kind} WHERE {terms}") };
            let mut failed = None;
            let pages = quickbooks.each_page(&from, async |rows: QueryRows| {
                seen.extend(rows.observed().map(|object| (object.kind, object.id)));
                let mut changes = Changes::default();
                changes.take(&rows);
                let stored = self.take_changes(changes).await;
                failed = stored.err();
                if failed.is_some() {
                    Err(CallError::Unreadable("the state failed".to_owned()))
                } else {
                    Ok(())
                }
            });
            let read = pages.await;
            match failed {
                Some(error) => return Err(error.into()),
                None => read?,
            }
        }
        Ok(())
    }

    /// Takes over changed objects: payments last, because what they are applied
    /// to is told by invoices that are known.
    async fn take_changes(&mut self, changes: Changes) -> Result<(), StoreError> {
        let payment = |change: &Changed| match change {
            Changed::Stands(object) => object.kind == ObjectKind::Payment,
            Changed::Deleted(kind, _) => *kind == ObjectKind::Payment,
        };
        let (payments, others): (Vec<_>, Vec<_>) = changes.objects.into_iter().partition(payment);
        self.take_objects(others).await?;
        self.take_objects(payments).await?;
        let named = |id: &String| {
            let targets = &self.targets;
            let ids = targets.items.values().chain(targets.accounts.values());
            ids.map(ObjectId::as_str).any(|known| known == id.as_str())
        };
        let posting = &self.world.settings.posting;
        let missing = self.targets.items.len() < posting.item_names().len()
            || self.targets.accounts.len() < posting.account_names().len();
        if !changes.targets.is_empty() && (missing || changes.targets.iter().any(named)) {
            // An item or account that the files name may be another one now.
            self.marks.preflight = None;
        }
        Ok(())
    }

    async fn take_objects(&mut self, mut changes: Vec<Changed>) -> Result<(), StoreError> {
        let (mut commit, mut strangers) = (Commit::new(), Commit::new());
        // The older of two that look the same comes first.
        changes.sort_by_key(|change| match change {
            Changed::Stands(object) => object.id.as_str().parse::<u64>().unwrap_or(u64::MAX),
            Changed::Deleted(..) => 0,
        });
        for change in changes {
            match change {
                // Nothing of it touches a record, so that a page is one commit.
                Changed::Stands(object) if self.is_strange(&object)? => {
                    self.take_foreign(&mut strangers, &object)?;
                }
                Changed::Stands(object) => {
                    self.register.commit(std::mem::take(&mut commit)).await?;
                    self.take_object(&object).await?;
                }
                Changed::Deleted(kind, id) => {
                    self.forget_foreign(&mut commit, kind, &id)?;
                    let owner = self.register.record_of(kind, &id)?;
                    for (key, part) in owner.into_iter().chain(self.sharers(kind, &id)) {
                        // Two parts of one record may go at once.
                        self.register.commit(std::mem::take(&mut commit)).await?;
                        self.change(&mut commit, key, |record| {
                            if record.part(part).is_some_and(|object| object.id == id) {
                                record.lose_part(part);
                            }
                        })?;
                    }
                }
            }
        }
        self.register.commit(strangers).await?;
        self.register.commit(commit).await
    }

    /// Whether an object is a document that bears no mark and that nobody knows.
    fn is_strange(&self, object: &Observed) -> Result<bool, StoreError> {
        let unmarked = object.kind != ObjectKind::Customer && object.mark.is_none();
        Ok(unmarked && self.register.record_of(object.kind, &object.id)?.is_none())
    }

    /// Takes over one object. Each is committed by itself: two of them may be
    /// parts of one record.
    pub(super) async fn take_object(&mut self, object: &Observed) -> Result<(), StoreError> {
        let mut commit = Commit::new();
        if object.kind == ObjectKind::Customer {
            self.take_candidate(&mut commit, object)?;
            self.register.commit(std::mem::take(&mut commit)).await?;
        }
        if let Some((key, part)) = self.register.record_of(object.kind, &object.id)? {
            let Some(before) = self.register.record(key)? else { return self.register.commit(commit).await };
            let mut record = before.clone();
            if record.part(part).is_some_and(|known| known.id == object.id) {
                see(self, &mut record, part, object)?;
            }
            if record != before {
                commit.record(key, &record);
            }
            return self.register.commit(commit).await;
        }
        if !self.take_marked(&mut commit, object)? {
            self.take_foreign(&mut commit, object)?;
        }
        self.register.commit(commit).await
    }

    /// An object that the state does not know and that bears our mark; tells
    /// whether it is ours.
    fn take_marked(&mut self, commit: &mut Commit, object: &Observed) -> Result<bool, StoreError> {
        let Some(Mark { key, part }) = object.mark.filter(|mark| is_of(*mark, object.kind)) else {
            return Ok(false);
        };
        let Some(record) = self.register.record(key)? else { return Ok(false) };
        // A payment that was refunded in full is voided, and stands so once.
        let voided = object.kind == ObjectKind::Payment && part == Part::Whole && comes_to_nothing(&record);
        if object.dead && !voided || Mutation::ForgetMarks.is_planted() {
            return Ok(false);
        }
        let known = record.part(part).is_some_and(|known| known.id != object.id);
        let numbered = self.world.settings.posting.document_numbers == DocumentNumbers::Staxbill;
        let number = match (object.kind, part) {
            (ObjectKind::Customer, _) => None,
            (ObjectKind::Invoice | ObjectKind::CreditMemo | ObjectKind::JournalEntry, _) if !numbered => None,
            (ObjectKind::Invoice, _) => Some(record.label.clone()),
            (ObjectKind::CreditMemo | ObjectKind::JournalEntry | ObjectKind::Payment, _) => {
                Some(memo_number(key, &record))
            }
        };
        let fits = number.is_none_or(|number| object.number.as_deref() == Some(number.as_str()));
        if known || !fits || !self.found.insert((key, part)) {
            // QuickBooks' "Copy" takes the mark along. The one that the state
            // knows is ours, else the one whose number fits, else the older.
            let number = |object: &Observed| object.id.as_str().parse::<u64>().unwrap_or(u64::MAX);
            let older = self.strays.get(&(key, part)).is_none_or(|other| number(object) < number(other));
            if older {
                self.strays.insert((key, part), object.clone());
            }
            return Ok(false);
        }
        self.find_again(commit, (key, part), record, object)?;
        Ok(true)
    }

    fn find_again(
        &self,
        commit: &mut Commit,
        (key, part): (Key, Part),
        mut record: RecordState,
        object: &Observed,
    ) -> Result<(), StoreError> {
        tracing::info!(%key, id = %object.id, "found an object of ours that the state did not know");
        recover(self, &mut record, part, object)?;
        self.forget_foreign(commit, object.kind, &object.id)?;
        commit.record(key, &record);
        commit.object(object.kind, &object.id, (key, part));
        Ok(())
    }

    /// What a payment that is not ours takes of objects that are.
    fn take_foreign(&self, commit: &mut Commit, object: &Observed) -> Result<(), StoreError> {
        self.take_by_hand(commit, object)?;
        if object.kind != ObjectKind::Payment {
            return Ok(());
        }
        let before = self.register.foreign(&object.id)?;
        let mut now = Vec::<(Key, Foreign)>::new();
        for row in &object.applied {
            if let Some((key, Part::Whole)) = self.register.record_of(row.kind, &row.id)? {
                let (payment, amount) = (object.id.clone(), row.amount);
                now.push((key, Foreign { payment, amount, total: object.total, date: object.date }));
            }
        }
        if !before.is_empty() || !now.is_empty() {
            commit.foreign(&object.id, &before, &now);
        }
        Ok(())
    }

    /// What is gone, or ours after all, is not foreign.
    pub(crate) fn forget_foreign(
        &self,
        commit: &mut Commit,
        kind: ObjectKind,
        id: &ObjectId,
    ) -> Result<(), StoreError> {
        self.forget_by_hand(commit, kind, id)?;
        if kind == ObjectKind::Payment {
            let before = self.register.foreign(id)?;
            if !before.is_empty() {
                commit.foreign(id, &before, &[]);
            }
        }
        Ok(())
    }

    /// Objects that bear a record's mark under another number: the record's
    /// own where it has none, else a stranger's that is left alone.
    async fn take_strays(&mut self) -> Result<(), StoreError> {
        let mut commit = Commit::new();
        for ((key, part), object) in std::mem::take(&mut self.strays) {
            let Some(record) = self.register.record(key)? else { continue };
            if record.part(part).is_none() {
                self.find_again(&mut commit, (key, part), record, &object)?;
                self.register.commit(std::mem::take(&mut commit)).await?;
                continue;
            }
            let text = format!(
                "{key}: QuickBooks' {} {} bears its mark too, and is not the one latchd wrote; it is left alone",
                object.kind, object.id
            );
            self.notices.push(Notice { code: "possible-duplicate", text, at: None });
        }
        self.register.commit(commit).await
    }

    pub(super) fn change(
        &self,
        commit: &mut Commit,
        key: Key,
        change: impl FnOnce(&mut RecordState),
    ) -> Result<(), StoreError> {
        let Some(before) = self.register.record(key)? else { return Ok(()) };
        let mut record = before.clone();
        change(&mut record);
        if record != before {
            commit.record(key, &record);
        }
        Ok(())
    }
}

/// Whether all of a payment was given back.
fn comes_to_nothing(record: &RecordState) -> bool {
    let back: Money = record.withdrawals.iter().map(|one| one.amount).sum();
    !record.withdrawals.is_empty() && back == record.amount
}
