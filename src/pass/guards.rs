//! Guards: what a pass would do is held where it is too much at once to be
//! meant. What one holds is frozen (`frozen`) and the rest goes on.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::frozen::{FrozenSet, Sifted};
use super::judge::CustomerView;
use super::verdict::Verdict;
use super::{Cause, Mode, Pass};
use crate::entity::ORDER;
use crate::model::{Digest, Guard, GuardRow, Key, Link, Place, Problem, RecordState, Start, State, Verb};
use crate::plan::{Facts, decide, links_held};
use crate::store::{Commit, StoreError};

/// Single values of the state.
const GUARDS: &str = "guards";
const LINK: &str = "guard-link/";
const UNLINK: &str = "guard-unlink/";

/// Since when guards hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Standing {
    /// Whether latchd began with an empty state.
    first: bool,
    /// When the first sync had come to its end.
    since: Option<Timestamp>,
    /// The generation whose links were all accepted, and nothing of which is new
    /// any more: nothing is compared under it.
    seen: Option<String>,
}

/// A link that was not held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Accepted {
    digest: Digest,
    /// From when its documents count; `None`: all of them.
    start: Option<Date>,
    /// Whether it is new or changed, and not all of it was posted yet.
    changed: bool,
    /// Whether it brings in documents that did not count before.
    back: bool,
}

/// A line that vanished, and whose end was approved with many others.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Unlinked {
    why: String,
    by: String,
    file: String,
    line: u32,
}

/// What guards hold in this pass.
#[derive(Debug, Default)]
pub(crate) struct Guarded {
    /// Nothing is judged: the first sync is under way.
    pub(super) free: bool,
    links: Sifted,
    pub(super) documents: Sifted,
    /// Customers whose line is new, changed, or brings documents in.
    pub(super) fresh: BTreeMap<u64, (bool, bool)>,
    /// Lines whose end was approved.
    unlinked: BTreeMap<u64, Link>,
}

impl Guarded {
    /// What stands for the line of a customer that vanished with others.
    pub(super) fn unlinked(&self, customer: u64) -> Option<&Link> {
        self.unlinked.get(&customer)
    }

    /// Why a document is not created.
    pub(super) fn document(&self, key: Key) -> Option<Problem> {
        let at = self.documents.held.get(&key)?;
        self.documents.sets.get(*at).map(FrozenSet::problem)
    }

    /// Why nothing is done by a customer's line.
    pub(super) fn link(&self, customer: u64) -> Option<Problem> {
        let at = self.links.held.get(&Key::customer(customer))?;
        self.links.sets.get(*at).map(FrozenSet::problem)
    }
}

impl Pass<'_> {
    /// Judges the links before anything is decided by them.
    pub(super) async fn guard_links(&mut self) -> Result<(), StoreError> {
        if self.mode == Mode::Look {
            return Ok(());
        }
        let mut commit = Commit::new();
        let known: Option<Standing> = self.register.mark(GUARDS)?;
        let begins = known.is_none();
        let standing = match known {
            Some(standing) => standing,
            None => Standing { first: !self.has_objects()?, ..Standing::default() },
        };
        self.guarded.free =
            standing.first && standing.since.is_none() && !self.world.settings.guards.first_sync;
        self.load_unlinked(&mut commit)?;
        if standing.seen.as_deref() != Some(self.world.generation.as_str()) {
            let told = begins || self.guarded.free;
            self.compare_links(&mut commit, told)?;
        }
        if begins {
            commit.mark(GUARDS, &standing);
        }
        self.register.commit(commit).await
    }

    /// Lines whose end was approved, but for those that are back.
    fn load_unlinked(&mut self, commit: &mut Commit) -> Result<(), StoreError> {
        let mut unlinked = BTreeMap::new();
        self.register.each_mark(UNLINK, |name, one: Unlinked| {
            let Ok(customer) = name.parse::<u64>() else { return Ok(()) };
            if self.world.decisions.links.contains_key(&customer) {
                commit.unmark(&format!("{UNLINK}{name}"));
            } else {
                let at = Place { file: one.file.into(), line: one.line };
                let link = Link { by: Some(one.by), ..Link::new(Verb::Unlink { why: one.why }, at) };
                unlinked.insert(customer, link);
            }
            Ok(())
        })?;
        self.guarded.unlinked = unlinked;
        Ok(())
    }

    /// Compares the links with those that were accepted; `known`: whatever they
    /// say, they are.
    fn compare_links(&mut self, commit: &mut Commit, known: bool) -> Result<(), StoreError> {
        let mut accepted = BTreeMap::new();
        self.register.each_mark(LINK, |name, one: Accepted| {
            accepted.extend(name.parse::<u64>().ok().map(|customer| (customer, one)));
            Ok(())
        })?;
        let mut rows = BTreeMap::new();
        for (customer, before) in &accepted {
            let row = match self.world.decisions.links.get(customer) {
                Some(link) => Some(link_digest(link)).filter(|now| *now != before.digest),
                None => Some(Digest::of(["removed", before.digest.as_str()])),
            };
            rows.extend(row.map(|row| (Key::customer(*customer), row)));
        }
        if !known {
            let mut sifted = self.sift_sets(commit, &[Guard::Links], &rows)?;
            let new: Vec<GuardRow> = rows
                .iter()
                .filter(|(key, _)| sifted.is_free(**key))
                .map(|(key, digest)| GuardRow { key: *key, digest: digest.clone() })
                .collect();
            let here = |row: &&GuardRow| self.world.decisions.links.contains_key(&row.key.id);
            let changed = new.iter().filter(here).count();
            let counts = (changed, new.len() - changed, accepted.len());
            if let Some(reason) = links_held(&self.world.settings.guards, counts) {
                self.freeze(commit, (Guard::Links, reason), (&new, BTreeMap::new()), &mut sifted)?;
            }
            self.guarded.links = sifted;
        }
        for customer in rows.keys().map(|key| key.id) {
            if !self.world.decisions.links.contains_key(&customer) {
                self.let_go(commit, customer);
            }
        }
        self.accept_links(commit, &accepted, known)
    }

    /// A line that vanished and is not held: nothing is compared with it any
    /// more. Where it vanished with many and that was approved, it counts as
    /// `unlink`.
    fn let_go(&mut self, commit: &mut Commit, customer: u64) {
        let key = Key::customer(customer);
        if self.guarded.links.held.contains_key(&key) {
            return;
        }
        commit.unmark(&format!("{LINK}{customer:020}"));
        let released = self.guarded.links.released.get(&key);
        if let Some(one) = released.and_then(|digest| self.world.decisions.approvals.get(digest)) {
            let (why, by) = (one.why.clone(), one.by.clone());
            let verb = Verb::Unlink { why: why.clone() };
            let link = Link { by: Some(by.clone()), ..Link::new(verb, one.at.clone()) };
            self.guarded.unlinked.insert(customer, link);
            let kept = Unlinked { why, by, file: one.at.file.to_string(), line: one.at.line };
            commit.mark(&format!("{UNLINK}{customer:020}"), &kept);
        }
    }

    /// Remembers what the links say that are not held.
    fn accept_links(
        &mut self,
        commit: &mut Commit,
        accepted: &BTreeMap<u64, Accepted>,
        known: bool,
    ) -> Result<(), StoreError> {
        for (customer, link) in &self.world.decisions.links {
            if self.guarded.links.held.contains_key(&Key::customer(*customer)) {
                continue;
            }
            let before = accepted.get(customer);
            let digest = link_digest(link);
            let same = before.is_some_and(|before| before.digest == digest);
            let start = self.counts_from(*customer, link)?;
            let moved = before.is_none_or(|before| start < before.start);
            let (changed, back) = before.map_or((false, false), |before| (before.changed, before.back));
            let (changed, back) = if known { (false, false) } else { (changed || !same, back || moved) };
            if changed || back {
                self.guarded.fresh.insert(*customer, (changed, back));
            }
            let now = Accepted { digest, start, changed, back };
            if before != Some(&now) {
                commit.mark(&format!("{LINK}{customer:020}"), &now);
            }
        }
        Ok(())
    }

    /// From when a link's documents count, as far as it is known; a customer that
    /// is left alone begins with nothing.
    fn counts_from(&self, customer: u64, link: &Link) -> Result<Option<Date>, StoreError> {
        Ok(match link.start() {
            None => Some(Date::MAX),
            Some(Start::Beginning) => None,
            Some(Start::On(day)) => Some(day),
            Some(Start::Now) => Some(self.register.start(customer)?.unwrap_or_else(|| self.world.today())),
        })
    }

    /// About a customer whose changed line is held: nothing is written about it,
    /// and what the line brings in waits under it.
    pub(super) fn guarded_customer(
        &mut self,
        key: Key,
        record: &RecordState,
    ) -> Result<Option<Verdict>, StoreError> {
        // A line that vanished is held as ever.
        let there = self.world.decisions.links.contains_key(&key.id);
        let Some(problem) = self.guarded.link(key.id).filter(|_| there) else { return Ok(None) };
        let basis = self.asked_basis(key, record);
        let facts = Facts { held: Some(problem), ..self.facts(key, record, basis.as_ref()) };
        let decision = decide(&facts);
        let start = match self.world.decisions.links.get(&key.id) {
            Some(link) if link.counts() => self.counts_from(key.id, link)?,
            Some(_) | None => {
                let before: Option<Accepted> = self.register.mark(&format!("{LINK}{:020}", key.id))?;
                before.and_then(|before| before.start)
            }
        };
        let quickbooks_id = record.object.as_ref().map(|object| object.id.clone());
        let view = CustomerView { in_scope: true, start, root: Some(key), quickbooks_id, before: None };
        self.customers.insert(key.id, view);
        Ok(Some(Verdict::rest(decision)))
    }

    /// At the end of a pass that tried all: what was new is so no longer, and
    /// the first sync may be over.
    pub(super) async fn close_guards(&mut self) -> Result<(), StoreError> {
        self.note_approvals().await?;
        if self.mode != Mode::Write || self.world.stop.is_cancelled() || self.causes.iter().any(Cause::stops)
        {
            return Ok(());
        }
        let mut commit = Commit::new();
        let links = &self.guarded.links;
        let mut open = !links.held.is_empty() || !links.released.is_empty();
        for customer in self.guarded.fresh.keys() {
            let waits = self.customers.get(customer).is_none_or(|view| view.in_scope && view.root.is_some());
            open |= waits;
            let name = format!("{LINK}{customer:020}");
            if let Some(one) = self.register.mark::<Accepted>(&name)?.filter(|_| !waits) {
                commit.mark(&name, &Accepted { changed: false, back: false, ..one });
            }
        }
        let before: Standing = self.register.mark(GUARDS)?.unwrap_or_default();
        let mut standing = before.clone();
        standing.seen = Some(self.world.generation.clone()).filter(|_| !open);
        if standing.first && standing.since.is_none() && self.has_objects()? && !self.has_untried()? {
            standing.since = Some(self.world.clock.now());
        }
        if standing != before {
            commit.mark(GUARDS, &standing);
        }
        self.register.commit(commit).await
    }

    fn has_objects(&self) -> Result<bool, StoreError> {
        self.any_record(|record| record.object.is_some())
    }

    fn has_untried(&self) -> Result<bool, StoreError> {
        self.any_record(|record| record.state == State::NotTried)
    }

    fn any_record(&self, is: impl Fn(&RecordState) -> bool) -> Result<bool, StoreError> {
        let mut any = false;
        for entry in ORDER {
            self.register.each_record(entry.entity, |_, record| {
                any |= is(&record);
                Ok(())
            })?;
            if any {
                break;
            }
        }
        Ok(any)
    }
}

/// What a change of a link is judged by: not who decided, nor what it says of
/// single documents, nor the name that it expects.
pub(super) fn link_digest(link: &Link) -> Digest {
    let verb = match &link.verb {
        Verb::Adopt { id, start, .. } => format!("adopt {id} {start:?}"),
        Verb::Create { start, .. } => format!("create {start:?}"),
        Verb::Skip { .. } => "skip".to_owned(),
        Verb::Unlink { .. } => "unlink".to_owned(),
    };
    let rest = format!("{:?} {} {:?}", link.currency, link.shared, link.policy);
    Digest::of([verb.as_str(), rest.as_str()])
}
