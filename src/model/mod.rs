//! The vocabulary: what a customer, an amount, a link, a warning is. It
//! imports nothing of latchd, and everything else imports it.

mod day;
mod desired;
mod id;
mod link;
mod money;
mod object;
mod posting;
mod record;
mod state;
mod warning;

pub use day::{date_in, parse_vendor_timestamp};
pub use desired::{Desired, Problem, Reference, fill};
pub use id::{Digest, Entity, Key, KeyError, ObjectId, RealmId};
pub use link::{Decisions, Link, Place, Start, Verb};
pub use money::{Currency, CurrencyError, Money, MoneyError};
pub use object::{Mark, ObjectKind, Observed};
pub use posting::{NamePart, OnDrift, Posting, Targets, TaxMode, UnmappedProduct};
pub use record::{
    Address, Allocation, Charge, Customer, CustomerStatus, InvalidRow, Invoice, InvoiceLines, Payment, Tax,
};
pub use state::{Counterpart, Fault, RecordState, State, VendorFault};
pub use warning::{Code, Remedy};
