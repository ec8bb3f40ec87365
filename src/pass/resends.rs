//! Resends: what the files send again, acted on once for each token.

use std::collections::BTreeSet;

use super::reposts::{Deed, Deeds};
use super::{Notice, Pass, Stop};
use crate::entity::ORDER;
use crate::model::{
    Decisions, Entity, Fate, Handled, Key, Link, OnDrift, Part, RecordState, Resend, Resent, Scope, State,
    Verb,
};
use crate::plan::Step;
use crate::report::ResendRow;
use crate::store::{Commit, Register, StoreError, name};

/// What hangs on one record and is sent again with it, at most.
const DEPENDANTS_MAX: usize = 1000;
const NEW_STATE: &str = "not sent again: the state was new when it first saw this token, and what was done about \
                         it before is not known; write another token";

/// What became of the resends that stand in the files.
pub(super) fn resend_rows(register: &Register, decisions: &Decisions) -> Result<Vec<ResendRow>, StoreError> {
    let mut rows = Vec::new();
    for key in decisions.exceptions.resends.keys() {
        rows.extend(register.handled(*key)?.map(|handled| ResendRow {
            key: key.to_string(),
            last_handled: handled.last().to_owned(),
            outcome: handled.outcome,
        }));
    }
    Ok(rows)
}

impl Pass<'_> {
    /// Acts on every token that was not acted on before. Where the state is new,
    /// as after it was lost, all of them count as handled: nothing is sent again
    /// in a mass.
    pub(super) async fn resend(&mut self) -> Result<(), Stop> {
        let world = self.world;
        let settled = self.register.mark::<bool>(name::RESENDS)?.unwrap_or_default();
        let unknown = self.marks.last_sync_at.is_none() || self.anew.forgot_resends();
        let new = !settled && unknown;
        for (key, resend) in &world.decisions.exceptions.resends {
            let before = self.register.handled(*key)?;
            if !before.as_ref().is_some_and(|before| before.knows(&resend.token)) {
                if !new {
                    // Whose it is may be what could not be read.
                    self.read_again(&[*key]).await?;
                }
                let mut commit = Commit::new();
                let told = match self.refusal(*key)? {
                    _ if new => (NEW_STATE.to_owned(), Fate::Refused),
                    Some(why) => (format!("not sent again: {why}"), Fate::Refused),
                    None => self.send_again(&mut commit, *key, resend).await?,
                };
                tracing::info!(%key, token = resend.token, "{}", told.0);
                commit.handled(*key, &Handled::after(before, &resend.token, told));
                self.register.commit(commit).await?;
            }
            self.tell_refused(*key, resend)?;
        }
        if !settled {
            let mut commit = Commit::new();
            commit.mark(name::RESENDS, &true);
            self.register.commit(commit).await?;
        }
        self.resent = self.register.resent()?;
        if self.resent.keys().any(|key| key.entity == Entity::Customer) {
            // A link that was parked is looked up now.
            self.read_candidates().await?;
        }
        Ok(())
    }

    /// Says aloud what was refused, as long as the line stands.
    fn tell_refused(&mut self, key: Key, resend: &Resend) -> Result<(), StoreError> {
        let handled = self.register.handled(key)?;
        let refused = handled.filter(|one| one.fate == Fate::Refused && one.last() == resend.token);
        self.notices.extend(refused.map(|one| Notice {
            code: "refused-resend",
            text: format!("{key} was {} (token {})", one.outcome, resend.token),
            at: Some(resend.at.clone()),
        }));
        Ok(())
    }

    /// Why a record is not sent again.
    fn refusal(&self, key: Key) -> Result<Option<String>, StoreError> {
        let Some(record) = self.register.record(key)? else {
            return Ok(Some(format!("Stax Bill has no {key}")));
        };
        Ok(self.stays_out(key, &record))
    }

    fn stays_out(&self, key: Key, record: &RecordState) -> Option<String> {
        let customer = record.customer;
        let link = self.link(customer).map(|link| (&link.verb, link));
        let left_out = match link {
            None => Some(format!("customer {customer} has no line in the files")),
            Some((Verb::Skip { .. }, link)) => Some(format!("customer {customer} is skipped ({})", link.at)),
            Some((Verb::Unlink { .. }, link)) => {
                Some(format!("customer {customer} is unlinked ({})", link.at))
            }
            Some((Verb::Adopt { .. } | Verb::Create { .. }, link)) => {
                let observed = Link::observes(link);
                observed.then(|| format!("the line of customer {customer} only looks on ({})", link.at))
            }
        };
        let reason = record.fault.as_ref().map(|fault| fault.reason.as_str()).unwrap_or_default();
        let stands = match record.state {
            State::Held => Some(format!("it is held: {reason}")),
            State::OutOfScope => Some("it is out of scope".to_owned()),
            State::Synced | State::NotTried | State::Failed | State::Blocked | State::Drifted => None,
        };
        let waits = self.waiting.contains(&key).then(|| "the outcome of a write about it is open".to_owned());
        let left_alone = self.dismissed_by(key, record).filter(|_| record.state != State::Synced);
        let left_alone =
            left_alone.map(|by| format!("its warning is left alone by {}; take that out first", by.at));
        left_out.or(waits).or(stands).or(left_alone)
    }

    async fn send_again(
        &self,
        commit: &mut Commit,
        key: Key,
        resend: &Resend,
    ) -> Result<(String, Fate), Stop> {
        let mut keys = vec![key];
        // What is netted in a payment or a credit has no object of its own.
        let whole = self.register.record(key)?.and_then(|record| {
            let netted = matches!(key.entity, Entity::Refund | Entity::Credit) && record.object.is_none();
            record.of.filter(|_| netted)
        });
        if let Some(whole) = whole.filter(|of| of.entity != Entity::Invoice) {
            let record = self.register.record(whole)?;
            keys.extend(record.filter(|record| self.stays_out(whole, record).is_none()).map(|_| whole));
        }
        let own = keys.len();
        let (mut left, mut beyond) = (0, 0);
        if resend.scope == Scope::WithDependants {
            let hanging = self.hanging(key, &keys)?;
            left = hanging.iter().filter(|one| one.stays_out).count();
            let mark = format!("resent-up-to/{key}");
            let after = self.register.mark::<Option<Key>>(&mark)?.flatten();
            let (taken, last) = in_turn(hanging, after, DEPENDANTS_MAX);
            beyond = taken.1;
            keys.extend(taken.0);
            if last != after {
                commit.mark(&mark, &last);
            }
        }
        self.read_again(&keys[1..]).await?;
        let deeds = self.look_and_send(commit, &keys).await?;
        let (own, others) = deeds.split_at(own);
        let Some(first) = own.iter().max().or(own.first()) else {
            return Ok(("not sent again: it is not there".to_owned(), Fate::Refused));
        };
        let (mut told, mut fate) = first.told();
        // What it waits for stands in the same files, or was sent before.
        if let Deed::Waits(by) = first
            && self.register.resent()?.contains_key(by)
        {
            (told, fate) = (format!("it waits for {by}, which is sent again too"), Fate::Told);
        }
        if resend.scope == Scope::WithDependants {
            told = format!("{told}; of what hangs on it {}", Deeds { others, left, beyond });
        }
        Ok((told, fate))
    }

    /// What hangs on a record and is not among `keys`, and how it stands.
    fn hanging(&self, key: Key, keys: &[Key]) -> Result<Vec<Hanging>, StoreError> {
        let mut hanging = Vec::new();
        for key in self.dependants(key)? {
            let record = self.register.record(key)?.filter(|_| !keys.contains(&key));
            hanging.extend(record.map(|record| Hanging {
                key,
                sound: record.state == State::Synced,
                stays_out: self.stays_out(key, &record).is_some(),
            }));
        }
        Ok(hanging)
    }

    /// What hangs on a record.
    fn dependants(&self, key: Key) -> Result<BTreeSet<Key>, StoreError> {
        let mut found = BTreeSet::new();
        match key.entity {
            Entity::Customer => {
                for entry in ORDER.iter().filter(|entry| entry.entity != Entity::Customer) {
                    self.register.each_record(entry.entity, |other, record| {
                        found.extend((record.customer == key.id).then_some(other));
                        Ok(())
                    })?;
                }
            }
            Entity::Invoice => {
                for (fund, _) in self.register.funds_of(key.id)? {
                    found.insert(fund);
                    found.extend(self.taken_back_of(fund)?);
                }
            }
            Entity::Payment | Entity::Credit => found.extend(self.taken_back_of(key)?),
            Entity::Refund | Entity::ChargeReversal | Entity::WriteOff => {}
        }
        found.remove(&key);
        Ok(found)
    }

    fn taken_back_of(&self, fund: Key) -> Result<Vec<Key>, StoreError> {
        let record = self.register.record(fund)?;
        Ok(record.iter().flat_map(|record| &record.withdrawals).map(|one| one.key).collect())
    }

    /// Closes what was tried: what it led to is told, and nothing of it is left
    /// for later. What waits for another record goes on waiting.
    pub(super) async fn close_resends(&self) -> Result<(), StoreError> {
        let mut commit = Commit::new();
        for key in self.resent.keys() {
            let Some(record) = self.register.record(*key)? else { continue };
            let code = record.fault.as_ref().map(|fault| fault.code.name()).unwrap_or_default();
            let end = match record.state {
                State::Blocked | State::NotTried => continue,
                State::Held if self.waiting.contains(key) => continue,
                State::Synced => "it is in balance now".to_owned(),
                State::OutOfScope => "it is out of scope now".to_owned(),
                State::Held => format!("it is held by `{code}`"),
                State::Failed | State::Drifted => format!("its warning is `{code}`"),
            };
            commit.resent_done(*key);
            if let Some(handled) = self.register.handled(*key)?.filter(|one| one.fate == Fate::Open) {
                commit.handled(*key, &handled.told(&end));
            }
        }
        self.register.commit(commit).await
    }

    /// Whether the files send a record again, and its document was not written
    /// for it yet.
    pub(super) fn is_resent(&self, key: Key) -> bool {
        let written = || self.steps.iter().any(|step| step.key == key && step.part == Part::Whole);
        self.resent.contains_key(&key) && !written()
    }

    /// Whether all of a record's document was last made under other settings than
    /// the present ones, or is not known to have been made by latchd. Payments
    /// are amended in what they are applied to alone.
    pub(super) fn is_made_otherwise(&self, key: Key, record: &RecordState) -> Result<bool, StoreError> {
        let made = match key.entity {
            Entity::Invoice | Entity::Credit | Entity::ChargeReversal | Entity::WriteOff => true,
            Entity::Customer | Entity::Payment | Entity::Refund => false,
        };
        let Some(object) = record.living().filter(|_| made && !record.matched) else { return Ok(false) };
        // What a link left behind stays where it is, and a moved day is its own.
        let customer = self.register.record(Key::customer(record.customer))?;
        let ours = customer.as_ref().and_then(RecordState::living).map(|customer| &customer.id);
        let stays = object.customer.as_ref() == ours && object.date == record.date;
        Ok(stays && object.settings.as_ref() != Some(&self.settings))
    }

    /// What is done about an object that someone changed: what is sent again is
    /// mended whatever the settings say.
    pub(super) fn on_drift(&self, key: Key) -> OnDrift {
        if self.resent.contains_key(&key) { OnDrift::Restore } else { self.world.settings.posting.on_drift }
    }

    /// Whether a record takes the place of a voided object of its own, which
    /// still holds the number.
    pub(crate) fn replaces_voided(&self, key: Key) -> bool {
        self.resent.get(&key) == Some(&Resent::Anew)
    }

    /// A step says that it is made because of a resend.
    pub(super) fn told_why(&self, step: Step) -> Step {
        if self.resent.contains_key(&step.key) {
            let reason = format!("the files send it again: {}", step.reason);
            return Step { reason, ..step };
        }
        step
    }
}

/// A record that hangs on one that is sent again.
#[derive(Clone, Copy, Debug)]
struct Hanging {
    key: Key,
    sound: bool,
    stays_out: bool,
}

/// The records that are sent now, at most `max`, and how many are not: first
/// what is not right, then what is only verified, going on after the last that
/// was with the token before. Gives that last one too, `None` where all were
/// reached.
fn in_turn(hanging: Vec<Hanging>, after: Option<Key>, max: usize) -> ((Vec<Key>, usize), Option<Key>) {
    let mut sent: Vec<Hanging> = hanging.into_iter().filter(|one| !one.stays_out).collect();
    let had = |key: Key| after.is_some_and(|after| key <= after);
    sent.sort_by_key(|one| (one.sound, one.sound && had(one.key), one.key));
    let beyond = sent.len().saturating_sub(max);
    sent.truncate(max);
    let last = sent.iter().rev().find(|one| one.sound).map(|one| one.key);
    ((sent.into_iter().map(|one| one.key).collect(), beyond), last.or(after).filter(|_| beyond > 0))
}

impl Deed {
    /// What was done about the record itself.
    fn told(&self) -> (String, Fate) {
        match self {
            Self::Sound => ("verified: it stands in QuickBooks as it should".to_owned(), Fate::Told),
            Self::NotYet => ("it was not tried yet, and goes out by itself".to_owned(), Fate::Told),
            Self::Waits(by) => (format!("not sent again: it waits for {by}; send that again"), Fate::Refused),
            Self::Retried => ("tried again".to_owned(), Fate::Open),
            Self::Renewed => {
                ("verified: it was posted under other settings, and is amended".to_owned(), Fate::Open)
            }
            Self::Mended => ("verified: it differs in QuickBooks and is mended".to_owned(), Fate::Open),
            Self::Anew(id) => {
                (format!("posted again in place of QuickBooks' {id}, which is gone"), Fate::Open)
            }
            Self::Cannot(why) => (format!("not sent again: {why}"), Fate::Refused),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_are_sent_at_once_take_turns_and_what_is_wrong_comes_first() {
        let all = |wrong: &[u64]| -> Vec<Hanging> {
            let one =
                |id: u64| Hanging { key: Key::invoice(id), sound: !wrong.contains(&id), stays_out: id == 6 };
            (1..=7).map(one).collect()
        };
        let ids = |keys: &[Key]| keys.iter().map(|key| key.id).collect::<Vec<_>>();
        let mut after = None;
        for (wrong, expected, beyond) in [
            (&[][..], [1, 2, 3], 3),
            (&[7], [7, 4, 5], 3),
            (&[], [7, 1, 2], 3),
            (&[4, 5, 7], [4, 5, 7], 3),
            (&[], [3, 4, 5], 3),
        ] {
            let ((keys, left), last) = in_turn(all(wrong), after, 3);
            assert_eq!((ids(&keys).as_slice(), left), (&expected[..], beyond), "{wrong:?} after {after:?}");
            after = last;
        }
        let ((keys, left), last) = in_turn(all(&[]), after, 10);
        assert_eq!((keys.len(), left, last), (6, 0, None));
    }
}
