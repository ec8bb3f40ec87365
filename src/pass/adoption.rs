//! Adoptions: is the living customer in QuickBooks the one that a line means,
//! and what would the line have to say if not.

use std::collections::BTreeSet;

use super::Pass;
use crate::entity::customer;
use crate::model::{Code, Key, Link, ObjectId, ObjectKind, Observed, Problem, RecordState, Sharing, Verb};
use crate::store::StoreError;

/// How an adoption stands.
pub(super) enum Adoption {
    /// The link is carried out, and all is well.
    Sound,
    /// The living customer is the expected one.
    Possible,
    /// The living customer was not read in this pass.
    Unread,
    /// Another customer that shares it is linked before.
    Next,
    /// What was found out before still stands, and is not asked for again.
    Known,
    Wrong(Problem),
    Held(Problem),
}

/// Into whom a linked customer was merged, as its documents tell.
pub(crate) enum Survivor {
    /// As it was read.
    Read(Box<Observed>),
    /// The warning names it already.
    Told,
}

impl Pass<'_> {
    /// `link` adopts `id`.
    pub(super) fn judge_adoption(
        &self,
        key: Key,
        record: &RecordState,
        (id, link): (&ObjectId, &Link),
    ) -> Result<Adoption, StoreError> {
        if let Some(problem) = self.shared(key, id, link)? {
            return Ok(Adoption::Wrong(problem));
        }
        let moves = record.object.as_ref().filter(|object| object.id != *id);
        if let Some(object) = moves.filter(|object| link.relinked_from() != Some(&object.id)) {
            return Ok(Adoption::Held(moved(key.id, &object.id, link)));
        }
        let standing = record.object.as_ref().filter(|_| moves.is_none());
        let (name, dead, deleted) = match (standing, self.candidates.get(&key.id)) {
            (Some(object), _) => (object.name.clone(), object.dead, object.deleted),
            (None, None) => return Ok(Adoption::Unread),
            (None, Some(None)) => (None, false, true),
            (None, Some(Some(found))) => (found.number.clone(), found.dead, false),
        };
        let name = name.unwrap_or_default();
        if dead || deleted {
            return Ok(self.gone(key.id, link, (&name, deleted)));
        }
        let wrong =
            self.another(record, (&name, link), self.candidates.get(&key.id).and_then(Option::as_ref));
        Ok(match wrong {
            Some(problem) => Adoption::Wrong(problem),
            None if standing.is_some() => Adoption::Sound,
            None if let Some(problem) = never_was(record, link) => Adoption::Held(problem),
            // Each writes its mark into the notes as the other left them.
            None if self.adopting.contains(id) => Adoption::Next,
            None => Adoption::Possible,
        })
    }

    /// Whether somebody else has the same customer, without the word of all.
    fn shared(&self, key: Key, id: &ObjectId, link: &Link) -> Result<Option<Problem>, StoreError> {
        if let Some(Sharing { at, other, other_at, .. }) = self.sharing.get(&key.id) {
            let reason = format!(
                "QuickBooks' customer {id} is customer/{other}'s too ({at} and {other_at}); correct the line that is \
                 wrong, or write shared = true into both"
            );
            return Ok(Some(Problem::new(Code::LinkShared, reason)));
        }
        let Some((other, _)) = self.register.record_of(ObjectKind::Customer, id)? else { return Ok(None) };
        let agreed = link.shared && self.adopts.get(id).is_some_and(|all| all.contains(&other.id));
        let holds = self
            .register
            .record(other)?
            .and_then(|record| record.object)
            .is_some_and(|object| object.id == *id);
        if other == key || agreed || !holds || self.gives_up(other.id, id) {
            return Ok(None);
        }
        let reason = format!("QuickBooks' customer {id} is {other}'s too ({})", link.at);
        Ok(Some(Problem::new(Code::LinkShared, reason)))
    }

    /// Whether a record's line gives its QuickBooks customer `id` to others: it
    /// is skipped, unlinked, or moves to another.
    fn gives_up(&self, customer: u64, id: &ObjectId) -> bool {
        self.link(customer).is_some_and(|link| match &link.verb {
            Verb::Skip { .. } | Verb::Unlink { .. } => true,
            Verb::Adopt { id: other, from, .. } => other != id && from.as_ref() == Some(id),
            Verb::Create { .. } => false,
        })
    }

    /// The linked customer is not there, or not active any more.
    pub(super) fn gone(&self, customer: u64, link: &Link, (name, deleted): (&str, bool)) -> Adoption {
        let linked = self.linked_id(customer, link);
        let id = linked.as_ref().map(ObjectId::as_str).unwrap_or_default();
        let at = &link.at;
        let (code, mut reason) = if deleted {
            (Code::LinkNotFound, format!("QuickBooks has no customer {id} ({at})"))
        } else {
            (Code::LinkInactive, format!("QuickBooks' customer {id} `{name}` is inactive ({at})"))
        };
        if let Some(what) = linked.as_ref().and_then(|id| self.strangers.get(id)) {
            reason = format!("{reason}: {id} is {what}");
        }
        let mut paste = Vec::new();
        match (self.survivors.get(&customer), linked) {
            (Some(Survivor::Told), _) => return Adoption::Known,
            (Some(Survivor::Read(survivor)), Some(from)) => {
                let name = survivor.number.clone().unwrap_or_default();
                let (to, theirs) = (&survivor.id, self.sharers_lines(customer, survivor));
                let right = relinked(customer, link, (&from, survivor), !theirs.is_empty());
                let offer = match &theirs[..] {
                    [] => "If that is the one, the line to paste is given",
                    _ => "It has a line already. If both are one, the lines to paste are given",
                };
                paste = std::iter::once(right).chain(theirs).collect();
                reason = format!(
                    "{reason}; its documents stand at QuickBooks' customer {to} `{name}`, as after a merge. {offer}"
                );
            }
            (Some(Survivor::Read(_)) | None, _) => {}
        }
        Adoption::Wrong(Problem::new(code, reason).with_lines(paste))
    }

    /// The lines of others that have the survivor of a merge, each with the word
    /// that it is shared: without it the line after the merge makes all of them
    /// wrong.
    fn sharers_lines(&self, customer: u64, survivor: &Observed) -> Vec<String> {
        let id = &survivor.id;
        let adopting = self.adopts.get(id).into_iter().flatten().copied();
        let holder = self.register.record_of(ObjectKind::Customer, id).ok().flatten();
        let others: BTreeSet<u64> = adopting.chain(holder.map(|(key, _)| key.id)).collect();
        let line = |other: u64| {
            let mut right = self.link(other)?.clone();
            match (&right.verb, right.start()) {
                (Verb::Create { .. }, Some(start)) => {
                    let expect = survivor.number.clone().unwrap_or_default();
                    right.verb = Verb::Adopt { id: id.clone(), expect, start, from: None };
                }
                (Verb::Adopt { id: theirs, .. }, _) if theirs == id => {}
                (Verb::Create { .. } | Verb::Adopt { .. } | Verb::Skip { .. } | Verb::Unlink { .. }, _) => {
                    return None;
                }
            }
            right.shared = true;
            Some(right.line(other))
        };
        others.into_iter().filter(|other| *other != customer).filter_map(line).collect()
    }

    /// The QuickBooks customer that stands for a customer, by the state, else
    /// by the line.
    fn linked_id(&self, customer: u64, link: &Link) -> Option<ObjectId> {
        let record = self.register.record(Key::customer(customer)).ok().flatten();
        let adopted = link.adopted().cloned();
        let standing = record.and_then(|record| record.object).map(|object| object.id);
        adopted.or(standing)
    }

    /// Whether the living customer is another than the line means: by its name
    /// or its currency.
    fn another(
        &self,
        record: &RecordState,
        (name, link): (&str, &Link),
        found: Option<&Observed>,
    ) -> Option<Problem> {
        let Verb::Adopt { id, expect, .. } = &link.verb else { return None };
        if customer::likeness(expect, name) < customer::LIKENESS_MIN {
            let mut right = link.clone();
            if let Verb::Adopt { expect, .. } = &mut right.verb {
                name.clone_into(expect);
            }
            let reason = format!(
                "QuickBooks' customer {id} is `{name}`, and the line expects `{expect}` ({}). If that is the one, the \
                 line to paste is given",
                link.at
            );
            let lines = vec![right.line(record.customer)];
            return Some(Problem::new(Code::IdentityMismatch, reason).with_lines(lines));
        }
        let differs = |what: String| Some(Problem::new(Code::CurrencyMismatch, what));
        let billed = record.currency;
        if let Some(said) = link.currency.filter(|said| *said != billed) {
            return differs(format!("it is billed in {billed}, and the line says {said} ({})", link.at));
        }
        let theirs = found.and_then(|found| found.currency.as_deref()).filter(|_| self.targets.multicurrency);
        let home = self.targets.home_currency.map(|home| home.to_string());
        let theirs = theirs
            .map(ToOwned::to_owned)
            .or(home)
            .filter(|_| record.object.as_ref().is_none_or(|object| object.id != *id));
        let theirs = theirs.filter(|theirs| theirs != billed.as_str())?;
        differs(format!("it is billed in {billed}, and QuickBooks' customer {id} is in {theirs}"))
    }
}

/// The line names another customer than the link was carried out with, and not
/// as one that takes its place.
fn moved(customer: u64, linked: &ObjectId, link: &Link) -> Problem {
    let says = match link.relinked_from() {
        Some(from) => format!("the line says that it was {from}"),
        None => "the line does not say where it comes from".to_owned(),
    };
    let mut right = link.clone();
    if let Verb::Adopt { from, .. } = &mut right.verb {
        *from = Some(linked.clone());
    }
    let id = link.adopted().map(ObjectId::as_str).unwrap_or_default();
    let reason = format!(
        "it is linked with QuickBooks' customer {linked}, and {says} before it is {id} ({}). If it is to be moved, \
         the line to paste is given",
        link.at
    );
    Problem::new(Code::IdentityMismatch, reason).with_lines(vec![right.line(customer)])
}

/// The line says that it was another QuickBooks customer until now, and
/// neither latchd nor Stax Bill's own sync ever linked it with that one: the
/// line may have been meant for another customer.
fn never_was(record: &RecordState, link: &Link) -> Option<Problem> {
    let from = link.relinked_from().filter(|_| record.object.is_none())?;
    if record.staxbill_quickbooks_id.as_deref() == Some(from.as_str()) {
        return None;
    }
    let mut right = link.clone();
    if let Verb::Adopt { from, .. } = &mut right.verb {
        *from = None;
    }
    let reason = format!(
        "the line says that it was QuickBooks' customer {from} until now, and it never was ({}). See whether the \
         line is another customer's; if not, the one to paste is given",
        link.at
    );
    Some(Problem::new(Code::IdentityMismatch, reason).with_lines(vec![right.line(record.customer)]))
}

/// The line that follows a merge.
fn relinked(customer: u64, link: &Link, (gone, survivor): (&ObjectId, &Observed), shared: bool) -> String {
    let mut right = link.clone();
    right.shared |= shared;
    if let Some(start) = link.start() {
        let expect = survivor.number.clone().unwrap_or_default();
        right.verb = Verb::Adopt { id: survivor.id.clone(), expect, start, from: Some(gone.clone()) };
    }
    right.line(customer)
}
