//! Records: what Stax Bill holds, reduced to what latchd posts.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Currency, Digest, Money};

/// Stax Bill's status of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CustomerStatus {
    /// Not billed yet; never sent.
    Draft,
    /// Billed.
    Active,
    /// Paused by hand.
    Hold,
    /// Paused by Stax Bill after a time in poor standing.
    Suspended,
    /// Not billed any more.
    Cancelled,
}

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The firm at this address.
    pub company: Option<String>,
    /// Street.
    pub line1: Option<String>,
    /// Street, continued.
    pub line2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or province, by name.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country, by name.
    pub country: Option<String>,
}

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Stax Bill's id.
    pub id: u64,
    /// Status.
    pub status: CustomerStatus,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The firm.
    pub company_name: Option<String>,
    /// The operator's own number for it.
    pub reference: Option<String>,
    /// As Stax Bill has it: may hold several addresses separated by `;`.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// The one currency of its documents.
    pub currency: Currency,
    /// QuickBooks' id that Stax Bill's own integration noted.
    pub quickbooks_id: Option<String>,
    /// Read once, before the customer is created in QuickBooks.
    pub billing_address: Option<Address>,
    /// Likewise.
    pub shipping_address: Option<Address>,
}

impl Customer {
    /// How people know it: the firm, else the person, else the id.
    pub fn label(&self) -> String {
        let person = [self.first_name.as_deref(), self.last_name.as_deref()];
        let person = person.into_iter().flatten().collect::<Vec<_>>().join(" ");
        [self.company_name.clone(), Some(person)]
            .into_iter()
            .flatten()
            .map(|name| name.trim().to_owned())
            .find(|name| !name.is_empty())
            .unwrap_or_else(|| self.id.to_string())
    }

    /// Tells whether anything that latchd posts changed.
    pub fn digest(&self) -> Digest {
        Digest::of([format!("{self:?}").as_str()])
    }
}

/// One charge of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// Stax Bill's id, which reversals name.
    #[serde(default)]
    pub id: u64,
    /// Name.
    pub name: String,
    /// Longer text.
    pub description: Option<String>,
    /// How many.
    pub quantity: Decimal,
    /// Price of one.
    pub unit_price: Decimal,
    /// Before discounts.
    pub amount: Money,
    /// What discounts took off, in all.
    pub discount: Money,
    /// Where its product is looked up.
    #[serde(default)]
    pub product_path: Option<String>,
    /// The catalogue's code of its product; empty where Stax Bill tells none.
    pub product_code: Option<String>,
}

/// One tax of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tax {
    /// Name, such as `GST`.
    pub name: String,
    /// Percentage, such as `5`.
    pub percent: Decimal,
    /// Amount.
    pub total: Money,
}

/// A posted invoice as a summary row tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// Stax Bill's id.
    pub id: u64,
    /// The number printed on it.
    pub number: String,
    /// Whose it is.
    pub customer: u64,
    /// Its accounting instant.
    pub effective_at: Timestamp,
    /// The stamp that moves when its payments or balance change.
    pub modified_at: Timestamp,
    /// Currency.
    pub currency: Currency,
    /// Total, tax included.
    pub amount: Money,
    /// Not paid, credited or written off yet.
    pub outstanding: Money,
    /// Allocated from payments.
    pub paid: Money,
    /// The net amounts of its credit notes.
    #[serde(default)]
    pub reversed: Money,
    /// Written off.
    #[serde(default)]
    pub written_off: Money,
    /// QuickBooks' id that Stax Bill's own integration noted.
    pub quickbooks_id: Option<String>,
    /// Read once, before the invoice is created in QuickBooks.
    pub lines: Option<InvoiceLines>,
}

impl Invoice {
    /// Tells whether what was posted changed; balances do not count.
    pub fn digest(&self) -> Digest {
        let Self { id, number, customer, effective_at, modified_at: _, currency, amount, .. } = self;
        let Self { outstanding: _, paid: _, reversed: _, written_off: _, .. } = self;
        let Self { quickbooks_id: _, lines: _, .. } = self;
        Digest::of([format!("{id} {number} {customer} {effective_at} {currency} {amount}").as_str()])
    }
}

/// What only the invoice itself tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLines {
    /// Charges.
    pub charges: Vec<Charge>,
    /// Taxes, of the whole invoice.
    pub taxes: Vec<Tax>,
    /// When the first payment schedule falls due.
    pub due_at: Option<Timestamp>,
    /// The customer's purchase order.
    pub po_number: Option<String>,
    /// Notes printed on it.
    pub notes: Option<String>,
}

impl InvoiceLines {
    /// What may be amended after posting.
    pub fn words(&self) -> Words {
        let digest = |text: &Option<String>| Digest::of([text.as_deref().unwrap_or_default()]);
        Words { order: digest(&self.po_number), notes: digest(&self.notes) }
    }
}

/// What of an invoice may be amended after posting, digested (Stax Bill:
/// amending a posted invoice). Each stands by itself: a note that a bookkeeper
/// worded anew is not written over for the sake of a purchase order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// The purchase order.
    pub order: Digest,
    /// The notes.
    pub notes: Digest,
}

/// A row of Stax Bill's that cannot be read as a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRow {
    /// Stax Bill's id.
    pub id: u64,
    /// Whose it is; its own id for a customer.
    pub customer: u64,
    /// Its accounting instant, for a document.
    pub effective_at: Option<Timestamp>,
    /// What is wrong with it.
    pub reason: String,
}
