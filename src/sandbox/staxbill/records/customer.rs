//! Customers: what a person enters, and what the account keeps.

use jiff::Timestamp;
use rust_decimal::Decimal;

/// Where a customer stands in its life; only `Draft` is unknown to billing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the vendor's words, which are the documentation")]
pub enum CustomerStatus {
    Draft,
    #[default]
    Active,
    Hold,
    Suspended,
    Cancelled,
}

impl CustomerStatus {
    /// The vendor's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Active => "Active",
            Self::Hold => "Hold",
            Self::Suspended => "Suspended",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the parts of an address")]
pub struct Address {
    pub line1: String,
    pub city: String,
    pub state: String,
    pub postal_zip: String,
    pub country: String,
}

/// What a person enters about a customer, at first and in later edits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct NewCustomer {
    pub company_name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// Several addresses may stand here, with `; ` between them.
    pub primary_email: Option<String>,
    pub primary_phone: Option<String>,
    /// The "Customer ID" of the screens; not unique.
    pub reference: Option<String>,
    pub status: CustomerStatus,
    /// ISO 4217; none is USD.
    pub currency: Option<String>,
    pub parent: Option<i64>,
    pub billing_address: Option<Address>,
    /// None where it is the billing address.
    pub shipping_address: Option<Address>,
}

/// A customer.
#[derive(Clone, Debug)]
pub struct Customer {
    /// The "Stax Bill ID".
    pub id: i64,
    /// What was entered.
    pub fields: NewCustomer,
    /// What Stax Bill's own synchronisation would have written here.
    pub quickbooks_id: Option<i64>,
    /// What it owes less what it has in hand, kept in step with every act.
    pub balance: Decimal,
    /// When it was entered.
    pub created: Timestamp,
    /// When it was last edited; billing does not move it.
    pub modified: Timestamp,
}

impl Customer {
    /// ISO 4217.
    pub fn currency(&self) -> &str {
        self.fields.currency.as_deref().unwrap_or("USD")
    }
}
