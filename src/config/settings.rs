//! Settings: what the program uses of the files, beside the decisions.

use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::{Receiver, Reference};
use crate::model::{Guards, NamePart, Posting, RealmId, Start, TransactionTypes};

/// Everything that is set, checked and with its defaults.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `[company]`
    pub company: CompanySettings,
    /// `[staxbill]`
    pub staxbill: StaxbillSettings,
    /// `[quickbooks]`
    pub quickbooks: QuickbooksSettings,
    /// `[schedule]`
    pub schedule: Schedule,
    /// `[paths]`
    pub paths: Paths,
    /// `[customers]`
    pub customers: CustomerSettings,
    /// `[posting]`, `[items]` and `[deposit_accounts]`
    pub posting: Posting,
    /// `[transaction_types]`
    pub transaction_types: TransactionTypes,
    /// `[limits]`
    pub limits: Limits,
    /// `[guard]`
    pub guards: Guards,
    /// `[[notify]]`, in the order of the files.
    pub receivers: Vec<Receiver>,
}

/// Which company this is.
#[derive(Clone, Debug)]
pub struct CompanySettings {
    /// Its label in reports, metrics and logs.
    pub name: String,
    /// QuickBooks' id of it; a token for another one is refused.
    pub realm_id: RealmId,
    /// What QuickBooks' `CompanyName` must be.
    pub expect: String,
    /// Decides which day an instant belongs to.
    pub time_zone: TimeZone,
}

/// How Stax Bill is reached.
#[derive(Clone, Debug)]
pub struct StaxbillSettings {
    /// What stands before `/Customers`, without a slash at its end.
    pub base_url: String,
    /// The key.
    pub api_key: Reference,
}

/// Which of Intuit's two worlds is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Real books.
    Production,
    /// Intuit's sandbox companies.
    Sandbox,
}

/// How QuickBooks is reached.
#[derive(Clone, Debug)]
pub struct QuickbooksSettings {
    /// Which world.
    pub environment: Environment,
    /// What stands before `/v3/company`, without a slash at its end.
    pub api_url: String,
    /// Intuit's OAuth discovery document.
    pub discovery_url: String,
    /// The app's id.
    pub client_id: Reference,
    /// The app's secret.
    pub client_secret: Reference,
    /// Seeds the state where nobody can log in.
    pub refresh_token: Option<Reference>,
    /// The registered page that Intuit sends the browser back to at a login.
    pub redirect_uri: Option<String>,
    /// The key that the token is sealed with on the disk.
    pub token_key: Option<Reference>,
}

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// A pass at least this often.
    pub interval: Duration,
    /// Everything looked at again at least this often.
    pub full_scan: Duration,
}

/// Where latchd keeps things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The state: store, token, anchor.
    pub state: PathBuf,
    /// The reports.
    pub reports: PathBuf,
}

/// What is done about customers without a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnActivation {
    /// They are shown as not connected.
    Leave,
    /// They are created, unless QuickBooks has one that it may be.
    Create {
        /// From when on their financials count; never [`Start::Beginning`].
        /// [`Start::Now`] is the day of activation.
        start: Start,
    },
}

/// When the contact data of customers are sent: addresses, e-mail, telephone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// As they are created in QuickBooks; from then on they are the
    /// bookkeepers'.
    AtBirth,
    /// Whenever they change in Stax Bill.
    Follow,
}

/// `[customers]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerSettings {
    /// Customers without a line.
    pub on_activation: OnActivation,
    /// The template of created names, in this order.
    pub display_name: Vec<NamePart>,
    /// When contact data are sent.
    pub contact: Contact,
    /// From when on the documents of customers without a line are counted;
    /// never [`Start::Now`].
    pub count_from: Start,
}

/// How much is asked of the vendors at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests to QuickBooks a minute.
    pub quickbooks_requests_minute: u32,
    /// Requests to QuickBooks a second.
    pub quickbooks_requests_second: u32,
    /// Batches to QuickBooks a minute.
    pub quickbooks_batches_minute: u32,
    /// Requests to Stax Bill a minute.
    pub staxbill_requests_minute: u32,
    /// How long after sending an unknown outcome is looked into.
    pub unknown_wait: Duration,
}

impl Default for Limits {
    /// The published limits; Intuit works up to 120 seconds on a request.
    fn default() -> Self {
        Self {
            quickbooks_requests_minute: 500,
            quickbooks_requests_second: 10,
            quickbooks_batches_minute: 40,
            staxbill_requests_minute: 1_000,
            unknown_wait: Duration::from_secs(130),
        }
    }
}
