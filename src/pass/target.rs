//! What changed in QuickBooks: one change feed for all kinds of objects, or
//! everything in a full scan.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::{Notice, Pass, Stop};
use crate::model::{
    Applied, Counterpart, Digest, Entity, Key, ObjectId, ObjectKind, Observed, RecordState, Verb,
};
use crate::quickbooks::{CallError, Changed, Changes, QueryRows};
use crate::store::{Commit, Register, StoreError};

/// The feed counts in whole seconds and by QuickBooks' clock; what is seen
/// twice is told by its content.
const OVERLAP: SignedDuration = SignedDuration::from_secs(10);
/// The feed reaches back thirty days (Intuit: change data capture); a little
/// less is trusted.
const FEED_REACH: SignedDuration = SignedDuration::from_hours(29 * 24);
/// Ids in one query.
const IDS: usize = 100;

impl Pass<'_> {
    /// Reads what changed since the mark, or everything.
    pub(super) async fn read_target(&mut self) -> Result<(), Stop> {
        let since = self.marks.quickbooks.filter(|mark| {
            let age = self.started_at.duration_since(*mark);
            !self.full && age < FEED_REACH
        });
        match since {
            Some(since) => {
                let changes = self.world.quickbooks.changes(since).await?;
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
        self.read_candidates().await
    }

    /// Everything: what is ours is compared, what bears our mark and is not
    /// known is ours again, what is known and not there was deleted.
    async fn scan_target(&mut self) -> Result<(), Stop> {
        let began = self.world.quickbooks.changes(self.world.clock.now()).await?.server_time;
        self.full = true;
        let mut seen = BTreeSet::new();
        self.read_pages("", &mut seen).await?;
        let mut gone = Vec::new();
        for kind in ObjectKind::ALL {
            self.register.each_record(entity_of(kind), |key, record| {
                let known = record.object.filter(|object| !object.deleted);
                gone.extend(
                    known
                        .filter(|object| !seen.contains(&(kind, object.id.clone())))
                        .map(|object| (key, kind, object.id)),
                );
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
        let mut commit = Commit::new();
        // The older of two that look the same comes first.
        changes.sort_by_key(|change| match change {
            Changed::Stands(object) => object.id.as_str().parse::<u64>().unwrap_or(u64::MAX),
            Changed::Deleted(..) => 0,
        });
        for change in changes {
            match change {
                Changed::Stands(object) => self.take_object(&mut commit, &object)?,
                Changed::Deleted(kind, id) => {
                    if let Some(key) = self.register.record_of(kind, &id)? {
                        self.change(&mut commit, key, |record| {
                            if let Some(object) = record.object.as_mut().filter(|object| object.id == id) {
                                object.deleted = true;
                                record.applied.clear();
                            }
                        })?;
                    }
                }
            }
        }
        self.register.commit(commit).await
    }

    fn take_object(&mut self, commit: &mut Commit, object: &Observed) -> Result<(), StoreError> {
        if object.kind == ObjectKind::Customer {
            self.take_candidate(commit, object)?;
        }
        if let Some(key) = self.register.record_of(object.kind, &object.id)? {
            let Some(before) = self.register.record(key)? else { return Ok(()) };
            let mut record = before.clone();
            if record.object.as_ref().is_some_and(|known| known.id == object.id) {
                see(&self.register, &mut record, object)?;
            }
            if record != before {
                commit.record(key, &record);
            }
            return Ok(());
        }
        let mark = object.mark.filter(|_| !object.dead);
        let Some(key) = mark.map(|mark| mark.key).filter(|key| entity_of(object.kind) == key.entity) else {
            return Ok(());
        };
        let Some(record) = self.register.record(key)? else { return Ok(()) };
        let known = record.object.as_ref().is_some_and(|known| known.id != object.id);
        let fits = match object.kind {
            ObjectKind::Customer => true,
            ObjectKind::Invoice => object.number.as_deref() == Some(record.label.as_str()),
            ObjectKind::Payment | ObjectKind::CreditMemo | ObjectKind::JournalEntry => {
                object.number.as_deref() == Some(key.id.to_string().as_str())
            }
        };
        if known || !fits || !self.found.insert(key) {
            // QuickBooks' "Copy" takes the mark along. The one that the state
            // knows is ours, else the one whose number fits, else the older.
            let number = |object: &Observed| object.id.as_str().parse::<u64>().unwrap_or(u64::MAX);
            let older = self.strays.get(&key).is_none_or(|other| number(object) < number(other));
            if older {
                self.strays.insert(key, object.clone());
            }
            return Ok(());
        }
        self.find_again(commit, key, record, object)
    }

    fn find_again(
        &self,
        commit: &mut Commit,
        key: Key,
        mut record: RecordState,
        object: &Observed,
    ) -> Result<(), StoreError> {
        tracing::info!(%key, id = %object.id, "found an object of ours that the state did not know");
        recover(&self.register, &mut record, object)?;
        commit.record(key, &record);
        commit.object(object.kind, &object.id, key);
        Ok(())
    }

    /// Objects that bear a record's mark under another number: the record's
    /// own where it has none, else a stranger's that is left alone.
    async fn take_strays(&mut self) -> Result<(), StoreError> {
        let mut commit = Commit::new();
        for (key, object) in std::mem::take(&mut self.strays) {
            let Some(record) = self.register.record(key)? else { continue };
            if record.object.is_none() {
                self.find_again(&mut commit, key, record, &object)?;
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

    fn change(
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

    /// A living customer that a link means to adopt: it need not be read again,
    /// and an attempt that was refused is made anew.
    fn take_candidate(&mut self, commit: &mut Commit, object: &Observed) -> Result<(), StoreError> {
        for customer in self.adopts.get(&object.id).cloned().unwrap_or_default() {
            self.candidates.insert(customer, Some(object.clone()));
            self.change(commit, Key::customer(customer), |record| {
                if let Some(fault) = record.fault.as_mut() {
                    fault.next_attempt_at = None;
                }
            })?;
        }
        Ok(())
    }

    /// Reads the customers that links mean to adopt and that were not seen.
    async fn read_candidates(&mut self) -> Result<(), Stop> {
        let mut wanted = Vec::new();
        for (customer, link) in &self.world.decisions.links {
            let Verb::Adopt { id, .. } = &link.verb else { continue };
            let Some(record) = self.register.record(Key::customer(*customer))? else { continue };
            let parked = self.parked_adoption(*customer, &record);
            if record.object.is_none() && !parked && !self.candidates.contains_key(customer) {
                wanted.push((*customer, id.clone()));
            }
        }
        for page in wanted.chunks(IDS) {
            let ids = page.iter().map(|(_, id)| format!("'{id}'")).collect::<Vec<_>>().join(", ");
            let statement = format!(
                "SELECT * FROM Customer WHERE Id IN ({ids}) AND Active IN (true, false) MAXRESULTS 1000"
            );
            let found = self.world.quickbooks.query(&statement).await?.observed().collect::<Vec<_>>();
            for (customer, id) in page {
                self.candidates.insert(*customer, found.iter().find(|object| object.id == *id).cloned());
            }
        }
        Ok(())
    }

    fn parked_adoption(&self, customer: u64, record: &RecordState) -> bool {
        let basis = self.basis(Key::customer(customer), record);
        record.fault.as_ref().is_some_and(|fault| {
            fault.basis == basis && fault.next_attempt_at.is_some_and(|at| self.started_at < at)
        })
    }
}

/// Makes an object that bears a record's mark its counterpart again, as found:
/// what differs in amounts or allocations is amended afterwards.
pub(crate) fn recover(
    register: &Register,
    record: &mut RecordState,
    object: &Observed,
) -> Result<(), StoreError> {
    record.applied = applied_to(register, object)?;
    let same = super::judge::wanted(record) == record.applied && record.amount == object.total;
    let as_it_should = object.kind != ObjectKind::Payment || same;
    let posted = if as_it_should { record.source.clone() } else { Digest::of(["found"]) };
    record.object = Some(Counterpart::written(object, posted));
    record.fault = None;
    Ok(())
}

/// Takes over how a record's object stands in QuickBooks now. Where it changed,
/// what it is applied to may be something else too.
///
/// A change that makes of it just what it was about to be amended to is no
/// drift: latchd wrote it, and the state is an older one, or a person was
/// quicker.
pub(crate) fn see(
    register: &Register,
    record: &mut RecordState,
    object: &Observed,
) -> Result<(), StoreError> {
    let as_wanted = |record: &RecordState| {
        let total = record.object.as_ref().map(|known| known.total);
        record.applied == super::judge::wanted(record) && total == Some(record.amount)
    };
    let pending = !as_wanted(record);
    let Some(known) = record.object.as_mut() else { return Ok(()) };
    let (moved, drifted) = (known.content != object.content, known.content != known.written);
    known.see(object);
    if moved {
        record.applied = applied_to(register, object)?;
        if pending && !drifted && object.kind == ObjectKind::Payment && as_wanted(record) {
            record.object = Some(Counterpart::written(object, record.source.clone()));
        }
    }
    Ok(())
}

/// A payment's applications, by Stax Bill's invoices; those to documents that
/// are not ours are not told.
pub(crate) fn applied_to(register: &Register, object: &Observed) -> Result<Vec<Applied>, StoreError> {
    let mut applied = Vec::new();
    for row in &object.applied {
        if let Some(key) = register.record_of(row.kind, &row.id)? {
            applied.push(Applied { to: key, amount: row.amount });
        }
    }
    applied.sort();
    Ok(applied)
}

pub(crate) fn entity_of(kind: ObjectKind) -> Entity {
    match kind {
        ObjectKind::Customer => Entity::Customer,
        ObjectKind::Invoice => Entity::Invoice,
        ObjectKind::Payment => Entity::Payment,
        ObjectKind::CreditMemo => Entity::Credit,
        ObjectKind::JournalEntry => Entity::Refund,
    }
}
