//! latchd keeps QuickBooks Online true to Stax Bill, from reviewed TOML.
//!
//! Stax Bill is the source: customers, invoices, payments, refunds, credits,
//! charge reversals, write-offs. QuickBooks Online (QBO) is the target. Operators declare which customer is which, and from
//! which day on its financials count; latchd does the rest, in entity order,
//! and tells on disk how things stand.
//!
//! # The architecture in one page
//!
//! A [`pass`] is one full look at everything. It takes no input: whatever woke
//! it, it observes both sides, decides about every record, writes, and
//! reports. Data moves from left to right, once a pass:
//!
//! ```text
//!  latchd.toml, links.d … ─► config ─► Settings + Decisions ────────┐
//!  Stax Bill ─► staxbill ─► records ─► entity::translate ───────────┤
//!  QBO ───────► quickbooks ─► objects (one change feed a pass) ─────┼─► plan ─► check ─► apply ─► report
//!  sled ──────► store ─► records' states, journal, watermarks ──────┘
//! ```
//!
//! | module | job | knows of |
//! |---|---|---|
//! | [`model`] | the vocabulary: keys, money, links, records, states, warnings | nothing |
//! | [`config`] | what the TOML says → what the program uses | files |
//! | [`staxbill`] | Stax Bill's API, GET alone | the network, through [`http`] |
//! | [`quickbooks`] | QuickBooks' API: tokens, faults, batches, the change feed | the network, through [`http`] |
//! | [`store`] | the state: records, journal, watermarks; the token's own file | the disk |
//! | [`entity`] | one file an entity: a record in, what it should be in QuickBooks out | nothing: pure |
//! | [`suggest`] | which QuickBooks customer a Stax Bill customer might be, with the evidence | nothing: pure |
//! | [`plan`] | one decision table for all entities; the plan as a value; a second opinion on it | nothing: pure |
//! | [`pass`] | the order of things: observe, judge, write, tally | all of the above |
//! | [`apply`] | carries steps out through the journal; makes no decisions | store and quickbooks |
//! | [`report`] | `status.json` and the views of it | nothing: pure |
//! | [`publish`] | the report onto the disk | the disk |
//! | [`alert`] | tells people what is new in it | store and the network |
//! | [`explain`] | what is known of one record, as one value | the state, the files |
//! | [`propose`] | who might be who, read from both sides, as lines to paste | both vendors |
//! | [`socket`] | questions to a running daemon, answered beside its passes | a Unix socket |
//! | [`engine`] | what lives as long as the process: lock, clients, token | the edges |
//! | [`daemon`] | wake-ups in, passes out; answers on its socket | files, timers |
//! | [`systemd`] | what the service manager is told of it | systemd's socket |
//! | [`trial`] | scenarios of a company's own, played against the sandbox and judged | all of the above |
//! | [`cli`] | one file a command; exit codes | everything |
//! | [`log`] | a line an event, which nobody can forge | stderr |
//! | [`mutation`] | deliberate bugs, in no build but that which proves the tests | nothing |
//! | [`http`], [`clock`], [`fsx`] | the edges behind small traits: network, time, files | |
//! | [`sandbox`] | both vendors on loopback; shares no types with the clients | nothing of the rest |
//!
//! Imports go one way, downwards in data-flow order; `tests/it/architecture.rs`
//! keeps the map. `model`, `entity`, `suggest`, `plan` and `report` are
//! synchronous and know no clock, file or network.
//!
//! # What always holds
//!
//! - **Every write has an intent.** It is journaled and flushed before it is
//!   sent, and removed in the commit that stores its outcome
//!   ([`store::Intent`]). A crash between any two of these leaves an open
//!   intent, never a lost or a second document.
//! - **Every object bears its mark** (`[latchd invoice/88123]`) from the call
//!   that creates it, and a number that it can be found by.
//! - **An unknown outcome is looked for** before anything is sent again, no
//!   sooner than Intuit may still be working on it; the same bytes then go out
//!   under the same `requestid`, or a new decision under a new one.
//! - **An update carries the `SyncToken`** it was computed from; a stale one
//!   leads to a new reading and a new decision, once.
//! - **Releases before takes.** What frees an invoice is written, in reverse
//!   order of entities, and answered, before anything else takes it: lines of
//!   payments lowered, applications of memos voided, then the memos lowered.
//! - **The state proves itself.** A checksum in every value, a count and a digest
//!   over all of them in every commit, an anchor beside the database; what is not
//!   sound is set aside and begun anew from QuickBooks' marks
//!   (`store::opening`, `pass::anew`).
//! - **Watermarks move** only after everything read under them is stored, and
//!   by the vendors' clocks.
//! - **A failure blocks its own dependants** and nobody else's; what concerns
//!   the whole company is one cause, told first.
//! - **Money is exact decimal**; the total that QuickBooks answers equals Stax
//!   Bill's to the cent, or the record says so.
//! - **Nothing is deleted**, and nothing that latchd did not create or adopt
//!   is touched; of a document that the files match, only what it is applied
//!   to. Stax Bill is only ever read.
//!
//! # What is deliberately absent
//!
//! No retry inside the planner (the next pass is the retry); no hints in
//! wake-ups; no global lock on an entity; no floats; no clock in the core; no
//! way to express a write to Stax Bill.
//!
//! # Funds
//!
//! Payments, credits, credit notes and write-offs settle invoices. A payment
//! carries its applications as lines; the others are a CreditMemo and one
//! zero-amount Payment for each thing they settle ([`model::Part`]). Refunds and
//! debits have no object of their own: they lower what they take back, and are
//! synced once it is `netted` there; with `refund_as = "journal-entry"` a refund
//! is an entry, which later payments settle after the invoice that it reopened.
//! `pass::funds` says what a fund should be, `pass::shares` divides an invoice
//! among all that claim it, `pass::drafts` makes the writes.
//!
//! # Two walks through the code
//!
//! *A line is added to `links.d`.* [`daemon`] sees the content change, reads
//! the files ([`config::load`]) and makes a pass. `pass::customers` judges the
//! link against the living customer; [`plan::decide`] says adopt;
//! `apply::prepare` makes the bytes, [`store::Intent`] is committed,
//! [`quickbooks::QuickBooks::write`] sends it, `apply::outcome` commits the
//! answer. Then `pass::details` reads the customer's invoices, they are judged
//! and written, then the payments, and [`publish`] tells.
//!
//! *The connection breaks in the middle of a batch.* The intent stays in the
//! journal and its records are held with `unknown-outcome`. A later pass, no
//! sooner than `unknown_wait` after it was sent, looks for each record's mark
//! (`pass::settle`): nothing there, the same bytes are sent again; something
//! there, it is adopted and the rest is decided anew.

pub mod model;

pub mod clock;
pub mod fsx;
pub mod http;
pub mod log;
pub mod mutation;

pub mod config;
pub mod quickbooks;
pub mod staxbill;
pub mod store;

pub mod entity;
pub mod plan;
pub mod suggest;

pub mod apply;
pub mod pass;

pub mod explain;
pub mod propose;
pub mod publish;
pub mod report;
pub mod socket;

pub mod alert;

pub mod cli;
pub mod daemon;
pub mod engine;
pub mod systemd;
pub mod trial;

pub mod sandbox;
