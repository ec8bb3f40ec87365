//! The vocabulary: what a customer, an amount, a link, a warning is. It
//! imports nothing of latchd, and everything else imports it.

mod activity;
mod attempt;
mod counterpart;
mod day;
mod desired;
mod exceptions;
mod fault;
mod funds;
mod guard;
mod id;
mod link;
mod money;
mod object;
mod posting;
mod record;
mod schema;
mod shown;
mod state;
mod toml_text;
mod warning;

pub use activity::{ActivityKind, ArActivity, CreditNoteHead, CreditNoteLine, TransactionTypes};
pub use attempt::{Attempt, AttemptOutcome};
pub use counterpart::{Counterpart, Edit, Frame};
pub use day::{date_in, noon_of, parse_vendor_timestamp};
pub use desired::{Applied, Desired, Problem, Reference, fill};
pub use exceptions::{
    COMPANY_CODES, DismissRule, Dismissal, Exceptions, Fate, Handled, Resend, Resent, Scope,
};
pub use fault::{Fault, VendorFault};
pub use funds::{Allocation, Credit, CreditNote, Payment, Reversal, Taken, WriteOff};
pub use guard::{Approval, Backfill, Guard, GuardRow, Guards, approval_line, held_digest};
pub use id::{Digest, Entity, Key, KeyError, ObjectId, Part, RealmId};
pub use link::{Decisions, Link, Place, Policy, Sharing, Start, Verb, matched_kind};
pub use money::{Currency, CurrencyError, Money, MoneyError};
pub use object::{Linked, Mark, ObjectKind, Observed};
pub use posting::{
    ClosedPeriod, Discounts, DocumentNumbers, NamePart, OnDrift, Posting, RefundAs, Targets, TaxMode,
    UnmappedProduct,
};
pub use record::{Address, Charge, Customer, CustomerStatus, InvalidRow, Invoice, InvoiceLines, Tax, Words};
#[cfg(test)]
pub(crate) use shown::SHOWN;
pub use shown::{shown_json, shown_line};
pub use state::{RecordState, State, Withdrawal};
pub use toml_text::{is_unseen, toml_text};
pub use warning::{Code, Remedy, Retry, Who};
