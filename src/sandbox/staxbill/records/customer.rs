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
        self.fields.currency()
    }

    /// How its record in QuickBooks came about, once it has one: Stax Bill's
    /// own synchronisation makes new ones here.
    pub fn latch_type(&self) -> Option<LatchType> {
        self.quickbooks_id.map(|_| LatchType::CreateNew)
    }
}

impl NewCustomer {
    /// ISO 4217.
    pub fn currency(&self) -> &str {
        self.currency.as_deref().unwrap_or("USD")
    }
}

/// `quickBooksLatchType`: where a customer's record in QuickBooks comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the vendor's words, which are the documentation")]
pub enum LatchType {
    CreateNew,
    LatchExisting,
    DoNothing,
}

impl LatchType {
    /// The vendor's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateNew => "CreateNew",
            Self::LatchExisting => "LatchExisting",
            Self::DoNothing => "DoNothing",
        }
    }

    /// What the filter `quickBooksLatchTypeId` takes: a place in the vendor's
    /// list of words (not recorded; ours).
    pub fn id(self) -> i64 {
        match self {
            Self::CreateNew => 1,
            Self::LatchExisting => 2,
            Self::DoNothing => 3,
        }
    }
}

/// What the filter `currencyId` takes. The vendor's own numbers are not
/// recorded: these are ISO 4217's, and currencies that are not here have none.
pub(in super::super) fn currency_id(code: &str) -> Option<i64> {
    const IDS: [(&str, i64); 9] = [
        ("AUD", 36),
        ("CAD", 124),
        ("CZK", 203),
        ("EUR", 978),
        ("GBP", 826),
        ("JPY", 392),
        ("KRW", 410),
        ("MXN", 484),
        ("USD", 840),
    ];
    IDS.iter().find(|known| known.0 == code).map(|known| known.1)
}
