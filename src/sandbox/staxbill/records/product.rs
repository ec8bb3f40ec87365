//! Products, and the types that decide how a charge leads to one.

use jiff::Timestamp;

/// What a product is; it decides how a charge leads to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProductType {
    /// Charged through a subscription product.
    #[default]
    RecurringService,
    /// Charged through a purchase.
    PhysicalGood,
    /// Charged through a purchase.
    OneTimeCharge,
}

impl ProductType {
    /// The vendor's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RecurringService => "RecurringService",
            Self::PhysicalGood => "PhysicalGood",
            Self::OneTimeCharge => "OneTimeCharge",
        }
    }
}

/// A product to be offered.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct NewProduct {
    pub code: String,
    pub name: String,
    pub product_type: ProductType,
    pub gl_code: String,
}

/// A product.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct Product {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub product_type: ProductType,
    pub gl_code: String,
    pub created: Timestamp,
    pub modified: Timestamp,
}
