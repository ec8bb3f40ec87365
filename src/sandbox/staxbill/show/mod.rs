//! Records as Stax Bill's JSON shows them: camelCase, with the documented
//! fields and no other, unset ones as null or as an empty string.

mod address;
mod ar;
mod credit;
mod customer;
mod invoice;
mod payment;
mod product;

pub(super) use address::countries;
pub(super) use invoice::{Detail, schedule_status};
pub(super) use payment::source;

use jiff::Timestamp;
use serde_json::Value;

use super::options::Options;
use super::state::State;

/// What a record is shown with: the account, the hour, and the address that
/// the client used, of which each `uri` is made.
pub(super) struct View<'a> {
    pub(super) state: &'a State,
    pub(super) options: &'a Options,
    pub(super) now: Timestamp,
    pub(super) base: &'a str,
}

impl View<'_> {
    fn uri(&self, kind: &str, id: i64) -> Value {
        Value::String(format!("{}/v1/{kind}/{id}", self.base))
    }
}
