//! Frozen sets: what a guard held when it first did, kept in the state until it
//! is released and written, or gone. An approval that names a set releases what
//! is in it and nothing that came later.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Pass;
use crate::model::{
    Code, Currency, Decisions, Digest, Guard, GuardRow, Key, Money, Problem, approval_line, held_digest,
};
use crate::report::{Amount, Blocks, WarningRow};
use crate::store::{Commit, Register, StoreError};

/// Single values of the state: a set by its digest, and a row for each member.
const SETS: &str = "guard-set/";
const ROWS: &str = "guard-row/";
/// Approvals that were used, as long as their lines stand.
const USED: &str = "guard-used/";

/// A set, without its rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct FrozenSet {
    /// Which guard holds it.
    pub(super) guard: Guard,
    /// Its name, which an approval says.
    pub(super) digest: String,
    /// When it was first held.
    since: Timestamp,
    /// Why.
    reason: String,
    /// How many were frozen.
    records: u64,
    /// What they come to.
    amounts: BTreeMap<Currency, Money>,
    /// Whether it was released.
    released: bool,
}

impl FrozenSet {
    /// The warning of each of its members.
    pub(super) fn problem(&self) -> Problem {
        Problem::new(Code::Guard, self.reason.clone()).with_lines(vec![approval_line(&self.digest)])
    }
}

/// What becomes of the candidates that are in sets.
#[derive(Debug, Default)]
pub(super) struct Sifted {
    /// Which are held, and by which of `sets`.
    pub(super) held: BTreeMap<Key, usize>,
    /// Which are released, on whose word.
    pub(super) released: BTreeMap<Key, String>,
    /// The sets that hold.
    pub(super) sets: Vec<FrozenSet>,
}

impl Sifted {
    /// Whether it is in no set.
    pub(super) fn is_free(&self, key: Key) -> bool {
        !self.held.contains_key(&key) && !self.released.contains_key(&key)
    }
}

impl Pass<'_> {
    /// Sorts `candidates` by the sets of `guards`: members that are as they were
    /// stay in them, others leave; a set without members is forgotten.
    pub(super) fn sift_sets(
        &self,
        commit: &mut Commit,
        guards: &[Guard],
        candidates: &BTreeMap<Key, Digest>,
    ) -> Result<Sifted, StoreError> {
        let mut sifted = Sifted::default();
        for mut set in all(&self.register)?.into_iter().filter(|set| guards.contains(&set.guard)) {
            let approved = set.released || self.world.decisions.approvals.contains_key(&set.digest);
            let mut members = Vec::new();
            self.register.each_mark(&format!("{ROWS}{}/", set.digest), |name, digest: Digest| {
                let key = name.parse::<Key>().ok();
                match key.filter(|key| candidates.get(key) == Some(&digest) && sifted.is_free(*key)) {
                    Some(key) => members.push(key),
                    None => commit.unmark(&format!("{ROWS}{}/{name}", set.digest)),
                }
                Ok(())
            })?;
            if members.is_empty() {
                commit.unmark(&format!("{SETS}{}", set.digest));
                if approved {
                    commit.mark(&format!("{USED}{}", set.digest), &());
                }
            } else if approved {
                if !set.released {
                    tracing::info!(digest = set.digest, records = members.len(), "a guard's set is released");
                    set.released = true;
                    commit.mark(&format!("{SETS}{}", set.digest), &set);
                }
                sifted.released.extend(members.into_iter().map(|key| (key, set.digest.clone())));
            } else {
                let at = sifted.sets.len();
                sifted.held.extend(members.into_iter().map(|key| (key, at)));
                sifted.sets.push(set);
            }
        }
        Ok(sifted)
    }

    /// Freezes what a guard holds now. Where the files approve it already, it is
    /// released at once.
    pub(super) fn freeze(
        &self,
        commit: &mut Commit,
        (guard, reason): (Guard, String),
        (rows, amounts): (&[GuardRow], BTreeMap<Currency, Money>),
        sifted: &mut Sifted,
    ) -> Result<(), StoreError> {
        let (mut turn, mut digest) = (0, held_digest(guard, 0, rows));
        while self.register.mark::<()>(&format!("{USED}{digest}"))?.is_some() {
            turn += 1;
            digest = held_digest(guard, turn, rows);
        }
        let released = self.world.decisions.approvals.contains_key(&digest);
        tracing::warn!(
            guard = guard.name(),
            digest,
            records = rows.len(),
            released,
            "a guard holds: {reason}"
        );
        let since = self.started_at;
        let records = rows.len() as u64;
        let set = FrozenSet { guard, digest, since, reason, records, amounts, released };
        commit.mark(&format!("{SETS}{}", set.digest), &set);
        for row in rows {
            commit.mark(&format!("{ROWS}{}/{}", set.digest, row.key), &row.digest);
        }
        if released {
            sifted.released.extend(rows.iter().map(|row| (row.key, set.digest.clone())));
        } else {
            let at = sifted.sets.len();
            sifted.held.extend(rows.iter().map(|row| (row.key, at)));
            sifted.sets.push(set);
        }
        Ok(())
    }

    /// Says which lines of `[approve]` do nothing, and forgets what was used by
    /// lines that are gone.
    pub(super) async fn note_approvals(&mut self) -> Result<(), StoreError> {
        let approvals = &self.world.decisions.approvals;
        let (mut used, mut commit) = (Vec::new(), Commit::new());
        self.register.each_mark(USED, |digest, (): ()| {
            if approvals.contains_key(digest) {
                used.push(digest.to_owned());
            } else {
                commit.unmark(&format!("{USED}{digest}"));
            }
            Ok(())
        })?;
        if approvals.is_empty() && commit.is_empty() {
            return Ok(());
        }
        let sets = all(&self.register)?;
        for (digest, approval) in approvals {
            let (code, text) = if used.contains(digest) {
                ("used-approval", "was used and does nothing any more; take the line out")
            } else if sets.iter().any(|set| set.digest == *digest) {
                continue;
            } else {
                let text = "names nothing that a guard holds: what it was about changed, or was never held; \
                            take the line out, or copy the one that the report gives now";
                ("unknown-approval", text)
            };
            let text = format!("the approval {digest} {text}");
            self.notices.push(super::Notice { code, text, at: Some(approval.at.clone()) });
        }
        self.register.commit(commit).await
    }
}

/// All sets, oldest first.
fn all(register: &Register) -> Result<Vec<FrozenSet>, StoreError> {
    let mut sets = Vec::new();
    register.each_mark(SETS, |_, set: FrozenSet| {
        sets.push(set);
        Ok(())
    })?;
    sets.sort_by(|one, other| (one.since, &one.digest).cmp(&(other.since, &other.digest)));
    Ok(sets)
}

/// One warning for each set that holds, with the line that releases it.
pub(super) fn guard_rows(register: &Register, decisions: &Decisions) -> Result<Vec<WarningRow>, StoreError> {
    let holds = |set: &FrozenSet| !set.released && !decisions.approvals.contains_key(&set.digest);
    let row = |set: FrozenSet| {
        let short = set.digest.strip_prefix("sha256:").unwrap_or_default();
        let id = format!("guard-{}", &short[..short.len().min(12)]);
        let amounts = set.amounts.iter().filter(|(_, amount)| !amount.is_zero());
        let amounts = amounts.map(|(currency, amount)| Amount { currency: *currency, amount: *amount });
        WarningRow {
            key: format!("company/{id}"),
            entity: None,
            label: set.guard.name().to_owned(),
            id,
            state: None,
            code: Code::Guard,
            reason: set.reason.clone(),
            remedy:
                "If it is meant, put the line under [approve], with why and by: it releases exactly this. \
                     If it is a slip, mend the files."
                    .to_owned(),
            paste: vec![approval_line(&set.digest)],
            quickbooks: None,
            since: set.since,
            attempts: 0,
            next_attempt_at: None,
            blocks: Blocks { records: set.records, amounts: amounts.collect() },
            dismissed: None,
        }
    };
    Ok(all(register)?.into_iter().filter(holds).map(row).collect())
}
