//! A pass: one full look at everything. Observe both sides, decide, write,
//! report. It takes no input: whatever woke it, it looks at all of it again.
//!
//! | file | job |
//! |---|---|
//! | `world` | what a pass works with: clients, state, files, clock |
//! | `preflight`, `own_sync` | is this the right company, may it be posted to, and does Stax Bill's own integration do that too |
//! | `source`, `stream` | what changed in Stax Bill: lists with stamps, the AR stream |
//! | `errands`, `allocations` | what they only hint at: single records, allocations that moved |
//! | `matches`, `matched` | documents that the files say stand already |
//! | `overlap`, `doubles` | documents that people entered by hand, and records that may be the same |
//! | `target`, `recover` | what changed in QuickBooks; objects of ours found again |
//! | `order` | entity by entity: releases, then takes, in waves |
//! | `resends`, `reposts`, `reread`, `content` | what the files send again, and what that is made from |
//! | `looking` | a plan; a pass that writes nothing, for a state that is rebuilt by hand |
//! | `settle`, `anew` | outcomes of writes that were cut off; a state that was begun anew, or restored |
//! | `journal`, `word` | open writes for people; a person's word about one |
//! | `judge` | runs the decision table, makes steps of what it says |
//! | `customers`, `documents`, `funds`, `withdrawals` | the facts for it |
//! | `guards`, `creations`, `frozen` | what is too much at once to be meant, and what releases it |
//! | `details`, `shares` | an invoice's lines and products; how much of one each fund can take |
//! | `drafts`, `verdict` | writes about a record, and what is noted of it |
//! | `again`, `dismissals` | when what failed is tried again; warnings that the files leave alone |
//! | `cause`, `done`, `remember` | what ended a pass, what it did, what it keeps for the next |
//! | `tally`, `roots` | counts, and warnings that are causes, for the report |
//! | `tie_out`, `balances` | whether open amounts agree with what Stax Bill says that customers owe, and why not |

mod activation;
mod adoption;
mod again;
mod allocations;
mod anew;
mod balances;
mod candidates;
mod cause;
mod content;
mod creations;
mod customers;
mod details;
mod dismissals;
mod documents;
mod done;
mod doubles;
mod drafts;
mod errands;
mod frozen;
mod funds;
mod guards;
mod journal;
mod judge;
mod left;
mod looking;
mod matched;
mod matches;
mod named;
mod notices;
mod order;
mod overlap;
mod own_sync;
mod preflight;
mod recover;
mod remember;
mod reposts;
mod reread;
mod resends;
mod roots;
mod settle;
mod shares;
mod source;
mod stream;
mod takes;
mod tally;
mod target;
mod tie_out;
mod unwritten;
mod verdict;
mod withdrawals;
mod word;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use tracing::{Instrument as _, Span};

use crate::entity::Setting;
use crate::model::{Digest, Key, ObjectId, Observed, Part, Resent, Sharing, Targets, Verb};
use crate::plan::Step;
use crate::store::{Calls, Commit, Marks, Register, StoreError};

pub(crate) use activation::Activation;
pub use activation::living;
pub(crate) use adoption::Survivor;
pub(crate) use again::{PARKED, POISONED, next_attempt};
use anew::Anew;
pub use cause::{Cause, Holds, Notice, Stop};
use dismissals::Dismissals;
pub use done::{Done, Outcome};
pub use journal::{Sending, journal_at_rest};
pub(crate) use judge::CustomerView;
use left::Left;
pub use looking::{look, look_till_settled, plan};
use own_sync::OwnSync;
pub(crate) use recover::{recover, see};
pub use settle::next_due;
pub use tally::{Tally, tally};
pub use word::{Word, WordError, take_word};
pub use world::{Memory, Progress, World};

/// Whether a pass writes to QuickBooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It does.
    Write,
    /// It lays everything over the state and throws it away.
    Plan,
    /// It keeps what it sees and judges, and leaves every write to the next one.
    Look,
}

/// A pass in progress.
pub(crate) struct Pass<'a> {
    pub(crate) world: &'a World,
    pub(crate) register: Register,
    pub(crate) mode: Mode,
    pub(crate) marks: Marks,
    pub(crate) targets: Targets,
    pub(crate) customers: BTreeMap<u64, CustomerView>,
    pub(crate) candidates: BTreeMap<u64, Option<Observed>>,
    /// Documents that the files match, and what is wrong with it.
    pub(crate) matches: BTreeMap<Key, matches::Match>,
    /// Customers by the QuickBooks customer that their link adopts.
    pub(crate) adopts: BTreeMap<ObjectId, Vec<u64>>,
    /// QuickBooks customers that a line adopts in this round of decisions.
    pub(crate) adopting: BTreeSet<ObjectId>,
    /// Links that adopt one customer without the word of all of them.
    pub(crate) sharing: BTreeMap<u64, Sharing<'a>>,
    /// What becomes of customers without a line.
    pub(crate) activations: BTreeMap<u64, Activation>,
    /// Into whom linked customers were merged, as far as that can be told.
    pub(crate) survivors: BTreeMap<u64, Survivor>,
    /// What ids are that links take for customers.
    pub(crate) strangers: BTreeMap<ObjectId, &'static str>,
    /// What guards hold.
    pub(crate) guarded: guards::Guarded,
    /// What the files do not reach any more.
    pub(crate) left: Left,
    /// Which warnings the files leave alone, as the last pass left them.
    pub(crate) dismissals: Dismissals<'a>,
    /// What the files send again, until that is done.
    pub(crate) resent: BTreeMap<Key, Resent>,
    /// The settings' part of every basis, made once.
    pub(crate) settings: Digest,
    pub(crate) waiting: BTreeSet<Key>,
    /// What funds are still to let go of: invoices and entries.
    pub(crate) releasing: BTreeMap<Key, BTreeSet<Key>>,
    /// What funds hold on to that Stax Bill took off, because they do not count
    /// any more: nobody lets go of it.
    pub(crate) staying: BTreeMap<Key, BTreeSet<Key>>,
    /// Signs of Stax Bill's own integration at work.
    pub(crate) own_sync: OwnSync,
    /// What a state that was begun anew still waits for.
    anew: Anew,
    pub(crate) causes: Vec<Cause>,
    pub(crate) notices: Vec<Notice>,
    /// Objects that bear a record's mark under another number than its own.
    pub(crate) strays: BTreeMap<(Key, Part), Observed>,
    /// Records whose object was found by its mark in this pass.
    pub(crate) found: BTreeSet<(Key, Part)>,
    /// Funds that foreign documents leave less room than Stax Bill gave them.
    pub(crate) crowded: Mutex<BTreeMap<Key, String>>,
    pub(crate) steps: Vec<Step>,
    /// Whether a write was refused because its object had moved on (5010).
    stale: bool,
    /// Whether the next steps go out one by one.
    singly: bool,
    full: bool,
    /// Its number in this state, from 1.
    pub(crate) number: u64,
    started_at: Timestamp,
}

/// Runs a pass. `each` is called after every entity and at the end, to publish
/// the report.
pub async fn run(world: &World, each: &mut (dyn FnMut(&Done) + Send)) -> Result<Done, StoreError> {
    let span = span(world)?;
    run_inside(world, Mode::Write, each).instrument(span).await
}

/// What the lines of a pass are told in.
fn span(world: &World) -> Result<Span, StoreError> {
    let number = world.register.marks()?.passes + 1;
    Ok(tracing::info_span!("pass", company = world.settings.company.name, pass = number))
}

async fn run_inside(
    world: &World,
    mode: Mode,
    each: &mut (dyn FnMut(&Done) + Send),
) -> Result<Done, StoreError> {
    let before = world.calls();
    let mut pass = Pass::new(world, world.register.clone(), mode)?;
    let seen = pass.observe().await;
    pass.tell_own_sync();
    pass.tell_settings();
    // Nothing is decided on half a view: what was known stays as it stood.
    if pass.note(seen)? {
        if mode == Mode::Look || !pass.anew.waits {
            pass.write_all(&before, each).await?;
        }
        pass.remember().await?;
    } else {
        pass.count().await?;
    }
    pass.remember_causes().await?;
    let done = pass.done(&before);
    each(&done);
    Ok(done)
}

/// Waits for writes whose outcome is open, settles them, and does what waited
/// for them. For `latchd once`, which has no next pass.
pub async fn finish(world: &World, each: &mut (dyn FnMut(&Done) + Send)) -> Result<Option<Done>, StoreError> {
    let mut last = None;
    while let Some(wait) = next_due(world)? {
        if world.stop.is_cancelled() {
            return Ok(last);
        }
        tracing::info!(
            wait_s = wait.as_secs(),
            "waiting before looking for the outcome of a write that was cut off"
        );
        tokio::select! {
            () = tokio::time::sleep(wait.max(Duration::from_millis(10))) => {}
            () = world.stop.cancelled() => return Ok(last),
        }
        let done = run(world, each).await?;
        let failed = done.outcome != Outcome::Complete;
        last = Some(done);
        if failed {
            break;
        }
    }
    Ok(last)
}

impl<'a> Pass<'a> {
    fn new(world: &'a World, register: Register, mode: Mode) -> Result<Self, StoreError> {
        let started_at = world.clock.now();
        let marks = register.marks()?;
        let number = marks.passes + 1;
        let age = marks.full_scan_at.map(|at| started_at.duration_since(at));
        let full_scan = jiff::SignedDuration::try_from(world.settings.schedule.full_scan).unwrap_or_default();
        let anew = Anew::load(world, &register)?;
        let full = age.is_none_or(|age| age >= full_scan) || anew.looks_at_all(&marks);
        let mut adopts = BTreeMap::<ObjectId, Vec<u64>>::new();
        for (customer, link) in &world.decisions.links {
            if let Verb::Adopt { id, .. } = &link.verb {
                adopts.entry(id.clone()).or_default().push(*customer);
            }
        }
        let sharing = world.decisions.shared_without_word();
        let dismissals = Dismissals::of(&register, &world.decisions, world.today())?;
        let resent = register.resent()?;
        let own_sync = OwnSync::load(&register, &marks, started_at)?;
        Ok(Self {
            world,
            register,
            mode,
            marks,
            targets: Targets::default(),
            customers: BTreeMap::new(),
            candidates: BTreeMap::new(),
            matches: BTreeMap::new(),
            adopts,
            adopting: BTreeSet::new(),
            sharing: sharing.into_iter().map(|one| (one.customer, one)).collect(),
            activations: BTreeMap::new(),
            survivors: BTreeMap::new(),
            strangers: BTreeMap::new(),
            guarded: guards::Guarded::default(),
            left: Left::default(),
            dismissals,
            resent,
            settings: Digest::of([]),
            waiting: BTreeSet::new(),
            releasing: BTreeMap::new(),
            staying: BTreeMap::new(),
            own_sync,
            anew,
            causes: Vec::new(),
            notices: Vec::new(),
            strays: BTreeMap::new(),
            found: BTreeSet::new(),
            crowded: Mutex::default(),
            steps: Vec::new(),
            stale: false,
            singly: false,
            full,
            number,
            started_at,
        })
    }

    /// What translating needs besides the record.
    pub(crate) fn setting(&self) -> Setting<'_> {
        let settings = &self.world.settings;
        Setting { posting: &settings.posting, targets: &self.targets, zone: &settings.company.time_zone }
    }

    /// Looks at both sides. QuickBooks first: the company must be the right
    /// one before anything else matters, and its changes must be known before
    /// the first create.
    async fn observe(&mut self) -> Result<(), Stop> {
        self.world.progress("checking the company", 0, 0);
        self.preflight().await?;
        let posting = self.world.settings.posting.digest();
        self.settings = Digest::of([posting.as_str(), self.targets.digest().as_str()]);
        self.world.progress("reading Stax Bill", 0, 0);
        self.load_activations()?;
        self.waiting = self.open_writes()?;
        self.read_source().await?;
        self.world.progress("reading QuickBooks", 0, 0);
        self.read_target().await?;
        self.read_activations().await?;
        if self.full {
            self.marks.full_scan_at = Some(self.started_at);
            let mut commit = Commit::new();
            commit.mark(tie_out::DIFFERS, &tie_out::compare(&self.register)?);
            self.register.commit(commit).await?;
        }
        if self.mode == Mode::Write {
            self.settle().await?;
        }
        self.waiting = self.open_writes()?;
        self.resend().await?;
        self.match_documents().await
    }

    /// Takes note of why observing ended early; tells whether writing may go
    /// on.
    fn note(&mut self, seen: Result<(), Stop>) -> Result<bool, StoreError> {
        match seen {
            Ok(()) => Ok(true),
            Err(Stop::Cause(cause)) => {
                tracing::warn!(code = cause.code.name(), why = cause.reason, "the pass ends early");
                self.causes.push(*cause);
                Ok(false)
            }
            Err(Stop::Store(error)) => Err(error),
        }
    }

    fn done(&self, before: &Calls) -> Done {
        let now = self.world.calls();
        let calls = Calls {
            staxbill: now.staxbill - before.staxbill,
            quickbooks_reads: now.quickbooks_reads - before.quickbooks_reads,
            quickbooks_writes: now.quickbooks_writes - before.quickbooks_writes,
            quickbooks_batches: now.quickbooks_batches - before.quickbooks_batches,
        };
        let outcome = match (self.causes.iter().any(Cause::stops), self.world.stop.is_cancelled()) {
            (true, _) => Outcome::Failed,
            (false, true) => Outcome::Interrupted,
            (false, false) => Outcome::Complete,
        };
        Done {
            number: self.number,
            outcome,
            causes: self.causes.clone(),
            early: self.early(),
            calls,
            steps: self.steps.clone(),
            notices: self.all_notices(),
            started_at: self.started_at,
            finished_at: self.world.clock.now(),
        }
    }
}
