//! QuickBooks Online's accounting API: typed answers, tokens, faults, batches
//! and the change feed.

mod auth;
mod batch;
mod changes;
mod client;
mod company;
mod connect;
mod consent;
mod contact;
mod fault;
mod filter;
mod keeper;
mod meaning;
mod oauth;
mod objects;
mod observe;

pub use auth::{Session, WARN_AHEAD};
pub use batch::{BATCH_ITEMS_MAX, ItemAnswer, batch_body};
pub use changes::{Changed, Changes};
pub use client::{QuickBooks, QuickBooksSettings, Written};
pub use company::{CompanyInfo, Preferences};
pub use connect::{ConnectError, Connected, Disconnected};
pub use consent::{Consent, NoConsent};
pub use contact::{Contact, PostalAddress};
pub use fault::{CallError, Faults};
pub use filter::{among, same};
pub use keeper::{TokenLine, seed_digest};
pub use meaning::{code_of, company_code, retry_of};
pub use oauth::Credentials;
pub use objects::{Account, Answer, Customer, Invoice, Item, Name, Named, Payment, QueryRows, TaxCode};
