//! The objects of one entity: by id, by change, and by the properties people
//! look them up with, so that no lookup has to walk all of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::entity::Entity;
use super::json::{Object, reference, text};

/// An object and when it changed.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) object: Object,
    /// Whole seconds, because that is all the service keeps.
    pub(super) updated: i64,
    /// Rises with every change in the company; orders changes within a second.
    pub(super) revision: u64,
}

/// A deleted transaction, which the change feed still tells about.
#[derive(Debug)]
pub(super) struct Gone {
    pub(super) id: u64,
    pub(super) updated: i64,
}

/// The objects of one entity.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    living: BTreeMap<u64, Kept>,
    by_revision: BTreeMap<u64, u64>,
    gone: BTreeMap<u64, Gone>,
    by_key: HashMap<(&'static str, String), BTreeSet<u64>>,
    /// The time of the last change, and whether one ever came with an earlier
    /// time than that before it, as after the clock was set back.
    newest: i64,
    turned_back: bool,
    /// Names in the order of a list; empty for transactions.
    by_place: BTreeSet<(String, u64)>,
}

impl Shelf {
    pub(super) fn get(&self, id: u64) -> Option<&Kept> {
        self.living.get(&id)
    }

    /// For changes that count as none; see [`Books::amend`](super::books::Books::amend).
    pub(super) fn get_mut(&mut self, id: u64) -> Option<&mut Kept> {
        self.living.get_mut(&id)
    }

    /// How many objects are living.
    pub(super) fn len(&self) -> usize {
        self.living.len()
    }

    pub(super) fn by_id(&self) -> impl Iterator<Item = (u64, &Kept)> {
        self.living.iter().map(|(id, kept)| (*id, kept))
    }

    /// Living names in the order of a list without ORDERBY: by alphabet, a
    /// sub-account or a job right after its parent (recorded).
    pub(super) fn by_place(&self) -> impl Iterator<Item = (u64, &Kept)> {
        self.by_place.iter().map(|(_, id)| (*id, &self.living[id]))
    }

    /// Living objects, the last changed first.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = (u64, &Kept)> {
        self.by_revision.values().rev().map(|id| (*id, &self.living[id]))
    }

    /// Living objects that changed at or after `since`, the last changed first.
    pub(super) fn changed_since(&self, since: i64) -> impl Iterator<Item = (u64, &Kept)> {
        let all = self.turned_back;
        let young = self.newest_first().take_while(move |(_, kept)| all || kept.updated >= since);
        young.filter(move |(_, kept)| kept.updated >= since)
    }

    /// Deletions at or after `since` by revision, the last first.
    pub(super) fn gone_since(&self, since: i64) -> impl Iterator<Item = (u64, &Gone)> {
        let all = self.turned_back;
        let young = self.gone().take_while(move |(_, gone)| all || gone.updated >= since);
        young.filter(move |(_, gone)| gone.updated >= since)
    }

    fn heed(&mut self, time: i64) {
        self.turned_back |= time < self.newest;
        self.newest = self.newest.max(time);
    }

    /// Deletions by revision, the last first.
    fn gone(&self) -> impl Iterator<Item = (u64, &Gone)> {
        self.gone.iter().rev().map(|(revision, gone)| (*revision, gone))
    }

    /// Ids of the objects whose indexed `property` reads `value`, ignoring case.
    pub(super) fn with(&self, property: &'static str, value: &str) -> impl Iterator<Item = u64> {
        self.by_key.get(&(property, fold(value))).into_iter().flatten().copied()
    }

    pub(super) fn put(&mut self, entity: &Entity, id: u64, kept: Kept) {
        self.take(entity, id);
        self.heed(kept.updated);
        for key in entity.keys {
            if let Some(value) = indexed(&kept.object, key) {
                self.by_key.entry((key, value)).or_default().insert(id);
            }
        }
        if let Some(place) = place(entity, &kept.object) {
            self.by_place.insert((place, id));
        }
        self.by_revision.insert(kept.revision, id);
        self.living.insert(id, kept);
    }

    /// Removes an object; `gone` leaves a trace for the change feed.
    pub(super) fn remove(&mut self, entity: &Entity, id: u64, gone: (u64, i64)) {
        self.take(entity, id);
        self.heed(gone.1);
        self.gone.insert(gone.0, Gone { id, updated: gone.1 });
    }

    fn take(&mut self, entity: &Entity, id: u64) {
        let Some(old) = self.living.remove(&id) else { return };
        self.by_revision.remove(&old.revision);
        if let Some(place) = place(entity, &old.object) {
            self.by_place.remove(&(place, id));
        }
        for key in entity.keys {
            let Some(value) = indexed(&old.object, key) else { continue };
            let entry = (*key, value);
            if let Some(ids) = self.by_key.get_mut(&entry) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.by_key.remove(&entry);
                }
            }
        }
    }
}

/// Where a name stands in a list. Vendors and employees, who have no full name,
/// come with capital letters first (recorded).
pub(super) fn place(entity: &Entity, object: &Object) -> Option<String> {
    let name = entity.name_property?;
    let full = text(object, "FullyQualifiedName").map(fold);
    Some(full.unwrap_or_else(|| text(object, name).unwrap_or_default().to_owned()))
}

/// Comparison of names and text ignores case, as the service's does.
pub(super) fn fold(text: &str) -> String {
    text.to_lowercase()
}

fn indexed(object: &Object, key: &str) -> Option<String> {
    text(object, key).or_else(|| reference(object, key)).map(fold)
}
