//! What happens in a soak, hour by hour, and how it ends.

use std::fs;
use std::sync::atomic::Ordering;
use std::time::Duration;

use latchd::sandbox::trouble::{Kind, Rule};
use proptest::prelude::Strategy;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use super::super::acts::{Act, Pick};
use super::super::{chances, oracle, told};
use super::flat::Reading;
use super::house::House;
use crate::company::warnings;

/// Customers at the start, most of them linked.
const CUSTOMERS: u8 = 30;
/// What happened before the start.
const BEFORE: usize = 400;
/// So often an hour something happens.
const TURNS: u64 = 4;
const MINUTES: u64 = 60;
/// The vendors' paths, without those of tokens, and that of tokens.
const CALLS: [&str; 2] = ["/v1", "/v3/company"];
const TOKENS: &str = "/oauth2/v1/tokens/bearer";
/// Every call takes so long while a kill is on its way.
const SLOW_MS: u64 = 20;

/// How often what happened.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) acts: u64,
    pub(super) edits: u64,
    pub(super) by_hand: u64,
    pub(super) tokens: u64,
    pub(super) restarts: u64,
    pub(super) kills: u64,
    pub(super) asked: u64,
    pub(super) passes: u64,
    pub(super) renewals: u64,
    pub(super) alerts: u64,
}

/// A company's life.
pub(super) struct Life {
    pub(super) house: House,
    pub(super) done: Done,
    chance: TestRunner,
    restless: bool,
    /// The files as they were written last.
    written: (String, String),
}

impl Life {
    /// A company with a past, most of it linked, and its daemon, whose first
    /// pass is over.
    pub(super) fn begin(seed: u64, restless: bool) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut chance = TestRunner::new_with_rng(Config::default(), random);
        let house = House::new(drawn(&mut chance, &chances::variant()));
        let written = (String::new(), String::new());
        let mut life = Self { house, done: Done::default(), chance, restless, written };
        for place in 0..CUSTOMERS {
            life.house.player.outside(&Act::Enter);
            let (customer, adopt) = (Pick::new(place), place % 2 == 0);
            life.house.player.outside(&Act::Connect { customer, adopt, days_back: None });
        }
        for _ in 0..BEFORE {
            let act = drawn(&mut life.chance, &chances::act());
            if !matches!(act, Act::Trouble { .. } | Act::CloseBooks { .. }) {
                life.happen(&act);
            }
        }
        life.edit();
        life.house.start();
        life.house.go(MINUTES / 2);
        life
    }

    /// One hour.
    pub(super) fn hour(&mut self) {
        for _ in 0..TURNS {
            let act = drawn(&mut self.chance, &chances::act());
            self.happen(&act);
            self.edit();
            match self.below(12) {
                0 => self.by_hand(),
                1 => self.token_trouble(),
                2 => self.ask(),
                3 if self.restless => self.restart(),
                4 if self.restless => self.kill(),
                5 => drop(self.house.process().order("reload")),
                _ => {}
            }
            self.house.go(MINUTES / TURNS);
        }
    }

    fn below(&mut self, bound: u64) -> u64 {
        drawn(&mut self.chance, &(0..bound))
    }

    /// Something happens to the company; what concerns the process happens to
    /// the one that runs.
    fn happen(&mut self, act: &Act) {
        self.done.acts += 1;
        // Only the invoice's stamp tells of it, which is as old as its clock is
        // fine.
        if matches!(act, Act::Amend { .. }) {
            self.house.sandbox().clock.advance(Duration::from_secs(1));
        }
        if !self.house.player.outside(act) && self.house.runs() {
            self.house.process().order("wake");
        }
    }

    /// The operator's files become what they are to say, in one of the ways in
    /// which people and programs write files.
    fn edit(&mut self) {
        let files = self.house.files();
        if files == self.written {
            return;
        }
        self.done.edits += 1;
        let (main, links) = files.clone();
        if main != self.written.0 {
            self.house.write("latchd.toml", &main);
        }
        let (whole, old) = (self.house.path("links.d/a.toml"), self.house.path("links.d/a.toml~"));
        match self.below(5) {
            0 => self.house.write("links.d/a.toml", &links),
            1 => {
                self.house.write("links.d/.new", &links);
                fs::rename(self.house.path("links.d/.new"), &whole).expect("one folder");
            }
            2 if whole.exists() => {
                // As editors do that keep what was.
                fs::rename(&whole, &old).expect("one folder");
                self.house.write("links.d/a.toml", &links);
                fs::remove_file(&old).expect("it was made");
            }
            3 if self.house.runs() => {
                // Half a file lies there for a while.
                self.house.write("links.d/a.toml", &links[..links.len() / 2]);
                House::let_the_watch_see();
                self.house.go(1);
                self.house.write("links.d/a.toml", &links);
            }
            _ => {
                // As a checkout does: every file is another.
                let _ = fs::remove_file(&whole);
                self.house.write("links.d/a.toml", &links);
            }
        }
        if self.below(3) == 0 {
            House::let_the_watch_see();
        }
        self.written = files;
    }

    /// A bookkeeper changes what is ours in QuickBooks, unless the books are
    /// closed.
    fn by_hand(&mut self) {
        let (kind, patch) = match self.below(5) {
            0 => ("Invoice", json!({ "TxnDate": "2026-03-20" })),
            1 => ("Invoice", json!({ "DocNumber": format!("X-{}", self.done.by_hand) })),
            2 => ("Payment", json!({ "TxnDate": "2026-03-20" })),
            3 => ("CreditMemo", json!({ "TxnDate": "2026-03-20" })),
            _ => ("Invoice", json!({ "PrivateNote": "seen by Ann" })),
        };
        // A voided payment says nothing any more.
        let ours = |one: &Value| one["PrivateNote"].as_str().is_some_and(|note| note.starts_with("[latchd "));
        let mut all = self.house.quickbooks().objects(kind);
        all.retain(ours);
        if all.is_empty() {
            return;
        }
        let place = self.below(u64::try_from(all.len()).expect("few documents"));
        let one = &all[usize::try_from(place).expect("few documents")];
        let id = one["Id"].as_str().expect("an object has an id");
        self.done.by_hand += 1;
        if let Err(refused) = self.house.quickbooks().bookkeeper().edit(kind, id, patch) {
            let words = format!("{refused:?}");
            assert!(words.contains("6210") || words.contains("6200"), "{words}");
        }
    }

    /// The connection: its tokens end early, or Intuit is away.
    fn token_trouble(&mut self) {
        self.done.tokens += 1;
        let kind = match self.below(4) {
            0 => Kind::Refuse,
            1 => Kind::Status { code: 503, after: false },
            // The answer with the new token is lost.
            2 => Kind::Cut,
            _ => return self.house.quickbooks().expire_access_tokens(),
        };
        self.house.sandbox().trouble.add(Rule::next(TOKENS, kind));
    }

    /// Somebody asks the daemon.
    fn ask(&mut self) {
        self.done.asked += 1;
        let customer = self.house.sandbox().staxbill.customers()[0].id;
        let answered = self.house.ask(&["explain", &format!("customer/{customer}")]);
        assert!(answered.status.success(), "{answered:?}");
    }

    pub(super) fn restart(&mut self) {
        self.done.restarts += 1;
        self.house.stop();
        let minutes = self.below(5);
        self.house.go(minutes);
        self.house.start();
    }

    /// Killed in the middle of a pass.
    fn kill(&mut self) {
        self.done.kills += 1;
        for path in CALLS {
            self.house.sandbox().trouble.add(Rule::next(path, Kind::Delay { ms: SLOW_MS }).every());
        }
        self.house.process().tell("wake");
        self.house.process().tell("60");
        let moment = Duration::from_millis(self.below(40) * SLOW_MS / 2);
        std::thread::sleep(moment);
        self.house.kill();
        self.house.sandbox().trouble.clear();
        let minutes = self.below(5);
        self.house.go(minutes);
        self.house.start();
    }

    /// Trouble is over, the books are open, everything is looked at again once a
    /// day, and a fresh process does the rest: what it holds of the machine at
    /// that age.
    pub(super) fn settle(&mut self, hours: usize) -> Reading {
        self.house.player.close_books(None);
        self.house.player.outside(&Act::LookAgain { hours: 24 });
        self.house.sandbox().trouble.clear();
        self.edit();
        self.restart();
        self.house.go(MINUTES * u64::try_from(hours).expect("few hours"));
        self.house.reading(0)
    }

    /// Two days later: whether everything stands as it should, and there is
    /// nothing left to do.
    pub(super) fn end(&mut self) -> Result<(), String> {
        self.house.go(50 * MINUTES);
        let status = self.house.status();
        self.done.passes = status.last_pass.number;
        oracle::agree(self.house.played())
            .map_err(|wrong| format!("{wrong}\nreported: {:#?}", warnings(&status)))?;
        told(self.house.played(), &status, &[])?;
        let calls = self.house.quickbooks().calls();
        self.house.go(3 * MINUTES);
        let later = self.house.quickbooks().calls();
        self.done.renewals = later.token_refreshes;
        self.done.alerts = self.house.alerts.load(Ordering::Relaxed);
        self.house.stop();
        if (calls.writes, calls.batches) != (later.writes, later.batches) {
            return Err("a pass wrote though nothing changed".to_owned());
        }
        Ok(())
    }
}

/// One of what may be.
fn drawn<S: Strategy>(chance: &mut TestRunner, strategy: &S) -> S::Value {
    strategy.new_tree(chance).expect("there is always something").current()
}
