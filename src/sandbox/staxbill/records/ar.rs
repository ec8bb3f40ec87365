//! Entries of the AR stream, in which every kind of transaction appears.

use jiff::Timestamp;
use rust_decimal::Decimal;

/// What moved a customer's balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the kinds of the vendor's AR balance report, by their names")]
pub enum ArKind {
    Charge,
    Discount,
    Tax,
    Payment,
    Refund,
    Credit,
    Debit,
    ReverseCharge,
    ReverseDiscount,
    ReverseTax,
    WriteOff,
    OpeningBalance,
}

impl ArKind {
    /// All kinds.
    pub const ALL: [Self; 12] = [
        Self::Charge,
        Self::Discount,
        Self::Tax,
        Self::Payment,
        Self::Refund,
        Self::Credit,
        Self::Debit,
        Self::ReverseCharge,
        Self::ReverseDiscount,
        Self::ReverseTax,
        Self::WriteOff,
        Self::OpeningBalance,
    ];

    /// The token of `transactionType`. Only `Charge` is recorded; the others
    /// are ours, and [`super::super::Options::tokens`] replaces any of them.
    pub fn token(self) -> &'static str {
        match self {
            Self::Charge => "Charge",
            Self::Discount => "Discount",
            Self::Tax => "Tax",
            Self::Payment => "Payment",
            Self::Refund => "Refund",
            Self::Credit => "Credit",
            Self::Debit => "ReverseCredit",
            Self::ReverseCharge => "ReverseCharge",
            Self::ReverseDiscount => "ReverseDiscount",
            Self::ReverseTax => "ReverseTax",
            Self::WriteOff => "WriteOff",
            Self::OpeningBalance => "OpeningBalance",
        }
    }

    /// Whether it raises what the customer owes (AR balance report: charges,
    /// refunds, taxes and reversed discounts do). A debit takes a credit back
    /// and so does too.
    pub fn is_debit(self) -> bool {
        match self {
            Self::Charge | Self::Tax | Self::Refund | Self::Debit | Self::ReverseDiscount => true,
            Self::Discount
            | Self::Payment
            | Self::Credit
            | Self::ReverseCharge
            | Self::ReverseTax
            | Self::WriteOff
            | Self::OpeningBalance => false,
        }
    }
}

/// One entry. Its id is that of the transaction it tells of.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct ArEntry {
    pub id: i64,
    pub customer: i64,
    pub kind: ArKind,
    pub effective: Timestamp,
    pub amount: Decimal,
    /// The invoice it is a part of, or took something off.
    pub invoice: Option<i64>,
    /// What it undoes: the charge, discount or tax of a reversal, the payment
    /// of a refund, the credit of a debit.
    pub associated: Option<i64>,
}

impl ArEntry {
    /// What it does to the balance.
    pub fn signed(&self) -> Decimal {
        if self.kind.is_debit() { self.amount } else { -self.amount }
    }
}
