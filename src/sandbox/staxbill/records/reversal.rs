//! Reversals of charges, and the credit notes that document them.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::OwnSync;

/// Charges of one invoice to be reversed.
#[derive(Clone, Debug, Default)]
pub struct NewReversal {
    /// The invoice.
    pub invoice: i64,
    /// Charge and how much of it before discount; none is all that is left.
    /// No charge at all means all charges in full.
    pub charges: Vec<(i64, Option<Decimal>)>,
    /// The accounting date.
    pub effective: Timestamp,
    /// The reason.
    pub reference: Option<String>,
}

/// One charge reversed, in full or in part.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct Reversal {
    pub id: i64,
    pub charge: i64,
    pub invoice: i64,
    pub customer: i64,
    /// The credit note that lists it.
    pub note: i64,
    /// The charge's part, before discount.
    pub amount: Decimal,
    /// The part of each of the charge's discounts.
    pub discounts: Vec<Decimal>,
    /// The part of each of the invoice's taxes.
    pub taxes: Vec<Decimal>,
    pub effective: Timestamp,
    pub reference: Option<String>,
    pub own_sync: OwnSync,
}

impl Reversal {
    /// What the customer owes less: charge - discount + tax.
    pub fn net(&self) -> Decimal {
        self.amount - self.discounts.iter().sum::<Decimal>() + self.taxes.iter().sum::<Decimal>()
    }
}

/// The document of one or more reversals.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct CreditNote {
    pub id: i64,
    /// `360-CR-02`.
    pub number: String,
    pub invoice: i64,
    pub customer: i64,
    /// By id.
    pub reversals: Vec<i64>,
    /// With discount and tax.
    pub net: Decimal,
    pub reference: Option<String>,
}
