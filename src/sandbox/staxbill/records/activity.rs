//! Attempts at a payment method, with or without money behind them.

use jiff::Timestamp;
use rust_decimal::Decimal;

/// How an attempt that brought no money went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Attempt {
    /// A collection that was refused.
    #[default]
    Failed,
    /// A collection of which the gateway never told the outcome.
    Unknown,
    /// A look at the card, which succeeds and moves nothing.
    Validation,
}

/// An attempt that brought no money.
#[derive(Clone, Debug, Default)]
pub struct NewAttempt {
    /// From whom.
    pub customer: i64,
    /// How much was tried; a validation shows zero.
    pub amount: Decimal,
    /// When.
    pub effective: Timestamp,
    /// As in [`super::NewPayment`].
    pub method: String,
    /// How it went.
    pub outcome: Attempt,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the vendor's words, which are the documentation")]
pub enum ActivityStatus {
    Successful,
    Failed,
    Unknown,
}

impl ActivityStatus {
    /// The vendor's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Successful => "Successful",
            Self::Failed => "Failed",
            Self::Unknown => "Unknown",
        }
    }
}

/// What was attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the vendor's words, which are the documentation")]
pub enum ActivityType {
    Validate,
    Collect,
    Refund,
    Nsf,
}

impl ActivityType {
    /// The vendor's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Validate => "Validate",
            Self::Collect => "Collect",
            Self::Refund => "Refund",
            Self::Nsf => "NSF",
        }
    }
}

/// One attempt at a payment method, successful or not.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct Activity {
    pub id: i64,
    pub customer: i64,
    pub kind: ActivityType,
    pub status: ActivityStatus,
    /// The method's type, as filters name it.
    pub method: String,
    pub amount: Decimal,
    pub effective: Timestamp,
    pub created: Timestamp,
    /// Moved neither by an allocation nor by a refund, which is an activity
    /// of its own.
    pub modified: Timestamp,
    /// The parent whose method paid, where it was not the customer's own.
    pub parent: Option<i64>,
    /// The payment, if money came in.
    pub payment: Option<i64>,
    /// The refund, if money went back.
    pub refund: Option<i64>,
}
