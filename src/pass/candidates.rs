//! Candidates: the living customers that links mean, read where the change feed
//! did not show them.

use std::collections::BTreeMap;

use super::adoption::Survivor;
use super::recover::see;
use super::{Pass, Stop};
use crate::entity::ORDER;
use crate::model::{Entity, Key, ObjectId, ObjectKind, Observed, Part, RecordState, Verb};
use crate::store::{Commit, StoreError};

/// Ids in one query.
const IDS: usize = 100;

impl Pass<'_> {
    /// A living customer that a link means to adopt: it need not be read again,
    /// and an attempt that was refused is made anew.
    pub(super) fn take_candidate(
        &mut self,
        commit: &mut Commit,
        object: &Observed,
    ) -> Result<(), StoreError> {
        for customer in self.adopts.get(&object.id).cloned().unwrap_or_default() {
            self.candidates.insert(customer, Some(object.clone()));
            let key = Key::customer(customer);
            let Some(before) = self.register.record(key)? else { continue };
            let mut record = before.clone();
            if let Some(fault) = record.fault.as_mut() {
                fault.next_attempt_at = None;
            }
            if record.object.as_ref().is_some_and(|known| known.id == object.id) {
                see(self, &mut record, Part::Whole, object)?;
            }
            if record != before {
                commit.record(key, &record);
            }
        }
        Ok(())
    }

    /// Reads the customers that links mean to adopt and that were not seen.
    pub(super) async fn read_candidates(&mut self) -> Result<(), Stop> {
        let mut wanted = Vec::new();
        for (customer, link) in &self.world.decisions.links {
            let Verb::Adopt { id, .. } = &link.verb else { continue };
            let Some(record) = self.register.record(Key::customer(*customer))? else { continue };
            let parked = self.parked_adoption(*customer, &record);
            let linked = record.object.as_ref().is_some_and(|object| object.id == *id);
            if !linked && !parked && !self.candidates.contains_key(customer) {
                wanted.push((*customer, id.clone()));
            }
        }
        for page in wanted.chunks(IDS) {
            let ids = page.iter().map(|(_, id)| format!("'{id}'")).collect::<Vec<_>>().join(", ");
            let statement = format!(
                "SELECT * FROM Customer WHERE Id IN ({ids}) AND Active IN (true, false) MAXRESULTS 1000"
            );
            let found = self.world.quickbooks.query(&statement).await?.observed().collect::<Vec<_>>();
            let missing = page.iter().map(|(_, id)| id).filter(|id| found.iter().all(|one| one.id != **id));
            self.read_strangers(&missing.map(ObjectId::to_string).collect::<Vec<_>>()).await?;
            for (customer, id) in page {
                self.candidates.insert(*customer, found.iter().find(|object| object.id == *id).cloned());
            }
        }
        Ok(())
    }

    /// An id that is no customer's may be a vendor's or an employee's: a person
    /// copied it from the wrong list.
    async fn read_strangers(&mut self, ids: &[String]) -> Result<(), Stop> {
        if ids.is_empty() {
            return Ok(());
        }
        let list = ids.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(", ");
        for (kind, what) in [("Vendor", "a vendor"), ("Employee", "an employee")] {
            let statement = format!(
                "SELECT * FROM {kind} WHERE Id IN ({list}) AND Active IN (true, false) MAXRESULTS 1000"
            );
            let rows = self.world.quickbooks.query(&statement).await?;
            let found = rows.vendor.iter().chain(&rows.employee).map(|row| (ObjectId::new(&row.id), what));
            self.strangers.extend(found);
        }
        Ok(())
    }

    fn parked_adoption(&self, customer: u64, record: &RecordState) -> bool {
        let key = Key::customer(customer);
        let basis = self.basis(key, record);
        record.fault.as_ref().is_some_and(|fault| fault.basis == basis) && self.rests(key, record)
    }

    /// Customers that adopt an object beside the one that the state knows it by.
    pub(super) fn sharers(&self, kind: ObjectKind, id: &ObjectId) -> Vec<(Key, Part)> {
        let all = self.adopts.get(id).filter(|all| kind == ObjectKind::Customer && all.len() > 1);
        all.into_iter().flatten().map(|customer| (Key::customer(*customer), Part::Whole)).collect()
    }

    /// Where a linked customer is gone or inactive, its documents tell into whom
    /// it was merged (Intuit does not say how a merge shows; the documents name
    /// the survivor).
    pub(super) async fn read_survivors(&mut self) -> Result<(), Stop> {
        for (customer, survivor) in self.merged()? {
            let record = self.register.record(Key::customer(customer))?;
            let told = record.is_some_and(|record| {
                let basis = self.basis(Key::customer(customer), &record);
                let names = format!("adopt = \"{survivor}\"");
                record.fault.is_some_and(|fault| {
                    fault.basis == basis && fault.paste.iter().any(|line| line.contains(&names))
                })
            });
            if told {
                self.survivors.insert(customer, Survivor::Told);
            } else if let Some(found) = self.world.quickbooks.object(ObjectKind::Customer, &survivor).await?
                && !found.dead
            {
                self.survivors.insert(customer, Survivor::Read(Box::new(found)));
            }
        }
        Ok(())
    }

    /// Customers that are gone from QuickBooks, with the one at which most of
    /// their documents stand now.
    fn merged(&self) -> Result<BTreeMap<u64, ObjectId>, StoreError> {
        let mut gone = BTreeMap::<u64, ObjectId>::new();
        self.register.each_record(Entity::Customer, |key, record| {
            let counts = self.world.decisions.links.get(&key.id).is_some_and(crate::model::Link::counts);
            gone.extend(record.object.filter(|object| counts && !object.lives()).map(|one| (key.id, one.id)));
            Ok(())
        })?;
        let mut stand = BTreeMap::<u64, BTreeMap<ObjectId, usize>>::new();
        if gone.is_empty() {
            return Ok(BTreeMap::new());
        }
        for entry in ORDER.iter().filter(|entry| entry.entity != Entity::Customer) {
            self.register.each_record(entry.entity, |_, record| {
                let from = gone.get(&record.customer);
                let to = record.living().and_then(|object| object.customer.as_ref());
                if let (Some(from), Some(to)) = (from, to)
                    && from != to
                {
                    *stand.entry(record.customer).or_default().entry(to.clone()).or_default() += 1;
                }
                Ok(())
            })?;
        }
        let most = |counts: BTreeMap<ObjectId, usize>| counts.into_iter().max_by_key(|(_, count)| *count);
        Ok(stand.into_iter().filter_map(|(customer, counts)| Some((customer, most(counts)?.0))).collect())
    }
}
