//! What a scenario file may say.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::account;
use super::words::{Amount, Day, Fields, Instant, Record, Span, Which};
use crate::sandbox::quickbooks::Refusal;
use crate::sandbox::trouble::{Kind, Rule, Vendor};

/// One step: when, and one act.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// Where it stands in its file.
    pub(super) line: usize,
    pub(super) title: String,
    pub(super) when: When,
    pub(super) act: Act,
}

/// When a step is played.
#[derive(Clone, Debug)]
pub(super) enum When {
    /// So long after the scenario began, and again every so often; `None`
    /// means for ever.
    Hour { at: Duration, every: Option<Duration>, times: Option<u64> },
    /// Just before calls that fit take effect. What the rule does is nothing.
    Call(Box<Rule>),
}

/// What a step does.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Trouble { rule: Box<Rule>, lasts: Option<Duration> },
    ClearTrouble,
    Bookkeeper(BookkeeperAct),
    QuickBooks(QuickBooksAct),
    Biller(BillerAct),
    Clock(ClockFile),
}

/// The keys of a `[[step]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct StepFile {
    name: Option<String>,
    at: Option<Span>,
    every: Option<Span>,
    times: Option<u64>,
    call: Option<CallFile>,
    /// How long a trouble rule stands.
    lasts: Option<Span>,
    trouble: Option<Rule>,
    #[serde(default)]
    clear_trouble: bool,
    bookkeeper: Option<BookkeeperAct>,
    quickbooks: Option<QuickBooksAct>,
    biller: Option<BillerAct>,
    clock: Option<ClockFile>,
}

/// Which calls a step waits for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CallFile {
    vendor: Option<Vendor>,
    method: Option<String>,
    #[serde(default)]
    path: String,
    contains: Option<String>,
    nth: Option<u64>,
    #[serde(default)]
    every: bool,
}

/// The hands of the clock.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ClockFile {
    pub(super) set: Option<Instant>,
    pub(super) advance: Option<Span>,
    pub(super) speed: Option<u32>,
}

impl ClockFile {
    fn is_empty(&self) -> bool {
        self.set.is_none() && self.advance.is_none() && self.speed.is_none()
    }
}

/// A person at QuickBooks' own screens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum BookkeeperAct {
    Create { entity: String, fields: Fields },
    Edit { object: Which, set: Fields },
    Rename { object: Which, to: String },
    Void(Which),
    Delete(Which),
    Inactivate(Which),
    Reactivate(Which),
    Deposit(Which),
    Merge { from: Which, into: Which },
    CloseBooks(Day),
    ReopenBooks,
    Preferences(BTreeMap<String, Value>),
    CompanyName(String),
}

/// What happens to the connection, or to the company as a whole.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum QuickBooksAct {
    ExpireTokens,
    EndConnections,
    ForgetRequestIds,
    Refuse(Refusal),
    Accept(Refusal),
}

/// A person at Stax Bill's own screens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub(super) enum BillerAct {
    AddCustomer {
        name: String,
        email: Option<String>,
        currency: Option<String>,
    },
    RenameCustomer {
        customer: Record,
        to: String,
    },
    SetStatus {
        customer: Record,
        status: String,
    },
    PostInvoice {
        customer: Record,
        amount: Amount,
        product: Option<String>,
        #[serde(alias = "due_days")]
        due_days: Option<i64>,
    },
    Pay {
        customer: Record,
        amount: Amount,
        invoice: Option<Record>,
        method: Option<String>,
    },
    FailedPayment {
        customer: Record,
        amount: Amount,
    },
    Allocate {
        payment: Record,
        invoice: Record,
        amount: Amount,
    },
    Deallocate {
        payment: Record,
        invoice: Record,
        amount: Amount,
    },
    MoveAllocation {
        payment: Record,
        from: Record,
        to: Record,
        amount: Amount,
    },
    HoldBack {
        payment: Record,
    },
    Refund {
        payment: Record,
        amount: Amount,
        invoice: Option<Record>,
    },
    Bounce {
        payment: Record,
    },
    GiveCredit {
        customer: Record,
        amount: Amount,
        invoice: Option<Record>,
    },
    AllocateCredit {
        credit: Record,
        invoice: Record,
        amount: Amount,
    },
    DeallocateCredit {
        credit: Record,
        invoice: Record,
        amount: Amount,
    },
    Debit {
        credit: Record,
        amount: Amount,
        invoice: Option<Record>,
    },
    WriteOff {
        invoice: Record,
        amount: Amount,
    },
    AmendInvoice {
        invoice: Record,
        #[serde(alias = "po_number")]
        po_number: Option<String>,
        notes: Option<String>,
    },
    Settle {
        payment: Record,
        status: String,
    },
    OwnSynchronisation(bool),
    Reverse {
        invoice: Record,
    },
    Synchronise {
        customer: Record,
        #[serde(alias = "first_id")]
        first_id: i64,
    },
}

impl StepFile {
    /// One time and one act, or what is wrong and what to do.
    ///
    /// A rule that lasts hits all calls meanwhile, unless its own `times` is
    /// `counted`.
    pub(super) fn into_step(self, line: usize, counted: bool) -> Result<Step, (String, &'static str)> {
        let when = self.when()?;
        if let Some(rule) = &self.trouble {
            rule.check()?;
        }
        if self.clock.as_ref().is_some_and(ClockFile::is_empty) {
            return Err(("this clock is not touched".into(), "give it one of set, advance, speed"));
        }
        if let Some(BillerAct::SetStatus { status, .. }) = &self.biller
            && account::status(status).is_none()
        {
            let remedy = "write Draft, Active, Hold, Suspended or Cancelled";
            return Err((format!("no customer has the status \"{status}\""), remedy));
        }
        if self.lasts.is_some() && self.trouble.is_none() {
            return Err(("`lasts` is for trouble alone".into(), "take it away"));
        }
        let lasts = self.lasts.map(|span| span.0);
        let trouble = self.trouble.map(|rule| {
            let every = rule.every || (lasts.is_some() && !counted);
            Act::Trouble { rule: Box::new(Rule { every, ..rule }), lasts }
        });
        let acts = [
            ("trouble", trouble),
            ("clear-trouble", self.clear_trouble.then_some(Act::ClearTrouble)),
            ("bookkeeper", self.bookkeeper.map(Act::Bookkeeper)),
            ("quickbooks", self.quickbooks.map(Act::QuickBooks)),
            ("biller", self.biller.map(Act::Biller)),
            ("clock", self.clock.map(Act::Clock)),
        ];
        let mut acts: Vec<(&str, Act)> =
            acts.into_iter().filter_map(|(key, act)| Some((key, act?))).collect();
        match (acts.pop(), acts.is_empty()) {
            (Some((key, act)), true) => Ok(Step { line, title: self.name.unwrap_or(key.into()), when, act }),
            (None, _) => Err((
                "this step does nothing".into(),
                "give it one of trouble, clear-trouble, bookkeeper, quickbooks, biller, clock",
            )),
            (Some((last, _)), false) => {
                let keys: Vec<&str> = acts.iter().map(|(key, _)| *key).chain([last]).collect();
                Err((format!("this step does several things: {}", keys.join(", ")), "write a step for each"))
            }
        }
    }

    fn when(&self) -> Result<When, (String, &'static str)> {
        if self.times == Some(0) {
            return Err(("a step with `times` 0 is never played".into(), "write 1 or more"));
        }
        if let Some(call) = &self.call {
            if self.at.is_some() || self.every.is_some() {
                let message = "a step waits for an hour or for a call, not for both";
                return Err((message.into(), "take `at` and `every` away, or `call`"));
            }
            if call.nth == Some(0) {
                return Err(("calls are counted from one".into(), "write nth = 1 for the first"));
            }
            let nothing = Kind::Delay { ms: 0 };
            return Ok(When::Call(Box::new(Rule {
                vendor: call.vendor,
                method: call.method.clone(),
                contains: call.contains.clone(),
                skip: call.nth.unwrap_or(1).saturating_sub(1),
                times: self.times.unwrap_or(1),
                every: call.every && self.times.is_none(),
                ..Rule::next(&call.path, nothing)
            })));
        }
        let every = self.every.map(|span| span.0);
        if every.is_some_and(|every| every.is_zero()) {
            return Err(("`every` is a span above zero".into(), "write \"1h\", say"));
        }
        if self.times.is_some() && every.is_none() {
            return Err((
                "`times` says how often a step with `every` or `call` is played".into(),
                "add one of them",
            ));
        }
        let Some(at) = self.at.map(|span| span.0).or(every) else {
            let message = "this step is never played";
            return Err((message.into(), "say when: at = \"10m\", every = \"1h\", or call = { … }"));
        };
        Ok(When::Hour { at, every, times: self.times })
    }
}
