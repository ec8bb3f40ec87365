//! What Stax Bill's lists tell of a transaction before its record is read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{CreditNote, Currency, Money, Reversal};

/// A credit note as Stax Bill shows it, before its reversals are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditNoteHead {
    /// Stax Bill's id.
    pub id: u64,
    /// The number printed on it.
    pub number: String,
    /// Whose it is.
    pub customer: u64,
    /// The invoice whose charges were reversed.
    pub invoice: u64,
    /// Currency.
    pub currency: Currency,
    /// Charge less discount plus tax.
    pub amount: Money,
    /// What it reverses; empty in a list.
    pub lines: Vec<CreditNoteLine>,
}

impl CreditNoteHead {
    /// Whether its rows name a charge that none of `reversals` takes back.
    pub fn reverses_more(&self, reversals: &[Reversal]) -> bool {
        let charges = self.lines.iter().filter_map(|line| line.charge);
        charges.into_iter().any(|charge| reversals.iter().all(|one| one.charge != charge))
    }

    /// The whole note, with the reversals that it documents and their instant.
    pub fn note(&self, effective_at: Timestamp, reversals: Vec<Reversal>) -> CreditNote {
        CreditNote {
            id: self.id,
            number: self.number.clone(),
            customer: self.customer,
            invoice: self.invoice,
            effective_at,
            currency: self.currency,
            amount: self.amount,
            reversals,
            quickbooks_id: self.lines.iter().find_map(|line| line.quickbooks_id.clone()),
        }
    }
}

/// A row of a credit note. Stax Bill's page on it breaks off, so that either id
/// may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditNoteLine {
    /// The reversal.
    pub reversal: Option<u64>,
    /// The charge it takes back.
    pub charge: Option<u64>,
    /// The charge's part, before discount and tax.
    pub amount: Option<Money>,
    /// QuickBooks' id that Stax Bill's own integration noted.
    pub quickbooks_id: Option<String>,
}

/// What an AR activity tells of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActivityKind {
    /// A credit given by hand.
    Credit,
    /// What a customer had in hand when the account began.
    OpeningCredit,
    /// A credit taken back.
    Debit,
    /// A charge taken back.
    ChargeReversal,
    /// An invoice given up.
    WriteOff,
    /// Known, and told by other lists: charges, discounts, taxes, payments,
    /// refunds, and what is reversed with a charge.
    Other,
    /// A token that the table does not know.
    Unknown(String),
}

/// An entry of the AR stream, the one list in which every kind of transaction
/// appears (Stax Bill: transactions).
///
/// It names no currency for certain; amounts become money with the customer's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArActivity {
    /// The transaction's id.
    pub id: u64,
    /// Whose it is.
    pub customer: u64,
    /// What it is.
    pub kind: ActivityKind,
    /// Its accounting instant.
    pub effective_at: Timestamp,
    /// What it takes off the balance; one that adds to it is below zero.
    pub amount: Decimal,
    /// What it undoes: the charge of a reversal, the credit of a debit.
    pub associated: Option<u64>,
    /// Invoice and amount.
    pub allocations: Vec<(u64, Decimal)>,
    /// The user's own words.
    pub reference: Option<String>,
}

/// Stax Bill's words for kinds of transactions, and what latchd takes them
/// for. The vendor publishes only `Charge`, so the table is open: the files add
/// to it, and what it does not know is told and left alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransactionTypes(BTreeMap<String, ActivityKind>);

/// The words that stand for each kind, as [`TransactionTypes::plain`] writes
/// them. Charges,
/// discounts, taxes, payments and refunds are told by other lists.
const KNOWN: [(&str, ActivityKind); 31] = [
    ("charge", ActivityKind::Other),
    ("discount", ActivityKind::Other),
    ("tax", ActivityKind::Other),
    ("payment", ActivityKind::Other),
    ("collect", ActivityKind::Other),
    ("refund", ActivityKind::Other),
    ("fullrefund", ActivityKind::Other),
    ("partialrefund", ActivityKind::Other),
    ("nsf", ActivityKind::Other),
    ("reversediscount", ActivityKind::Other),
    ("reverseddiscount", ActivityKind::Other),
    ("discountreversal", ActivityKind::Other),
    ("reversetax", ActivityKind::Other),
    ("reversedtax", ActivityKind::Other),
    ("taxreversal", ActivityKind::Other),
    ("credit", ActivityKind::Credit),
    ("manualcredit", ActivityKind::Credit),
    ("accountcredit", ActivityKind::Credit),
    ("openingbalance", ActivityKind::OpeningCredit),
    ("openingbalancecredit", ActivityKind::OpeningCredit),
    ("openingcredit", ActivityKind::OpeningCredit),
    ("debit", ActivityKind::Debit),
    ("manualdebit", ActivityKind::Debit),
    ("reversecredit", ActivityKind::Debit),
    ("reversedcredit", ActivityKind::Debit),
    ("creditreversal", ActivityKind::Debit),
    ("reversecharge", ActivityKind::ChargeReversal),
    ("reversedcharge", ActivityKind::ChargeReversal),
    ("chargereversal", ActivityKind::ChargeReversal),
    ("writeoff", ActivityKind::WriteOff),
    ("invoicewriteoff", ActivityKind::WriteOff),
];

impl TransactionTypes {
    /// The known words, and those that the files add or give another meaning.
    pub fn with(more: impl IntoIterator<Item = (String, ActivityKind)>) -> Self {
        Self(more.into_iter().map(|(token, kind)| (Self::plain(&token), kind)).collect())
    }

    /// What a token stands for; `amount` is what the transaction takes off the
    /// balance. An opening balance that is owed is an invoice's matter in QuickBooks,
    /// booked there by hand: Stax Bill does not send it either.
    pub fn kind_of(&self, token: &str, amount: Decimal) -> ActivityKind {
        let word = Self::plain(token);
        let known = || KNOWN.iter().find(|(known, _)| *known == word).map(|(_, kind)| kind.clone());
        match self.0.get(&word).cloned().or_else(known) {
            Some(ActivityKind::OpeningCredit) if amount <= Decimal::ZERO => ActivityKind::Other,
            Some(kind) => kind,
            None => ActivityKind::Unknown(token.to_owned()),
        }
    }

    /// A token without what means nothing: case, and all but letters and digits.
    pub fn plain(token: &str) -> String {
        token.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_known_however_they_are_written() {
        let types = TransactionTypes::with([("Goodwill".to_owned(), ActivityKind::Credit)]);
        let cases = [
            ("Write-Off", 1, ActivityKind::WriteOff),
            ("reverse charge", 1, ActivityKind::ChargeReversal),
            ("ReverseCredit", -1, ActivityKind::Debit),
            ("OpeningBalance", 1, ActivityKind::OpeningCredit),
            ("OpeningBalance", -1, ActivityKind::Other),
            ("good_will", 1, ActivityKind::Credit),
            ("Charge", -1, ActivityKind::Other),
            ("Chargeback", -1, ActivityKind::Unknown("Chargeback".to_owned())),
        ];
        for (token, amount, expected) in cases {
            assert_eq!(types.kind_of(token, Decimal::from(amount)), expected, "{token} {amount}");
        }
        let own = TransactionTypes::with([("WRITE-OFF".to_owned(), ActivityKind::Other)]);
        assert_eq!(own.kind_of("WriteOff", Decimal::ONE), ActivityKind::Other, "the files go before");
    }

    #[test]
    fn no_word_means_two_kinds_or_is_out_of_reach() {
        let distinct: std::collections::BTreeSet<&str> = KNOWN.iter().map(|(word, _)| *word).collect();
        assert_eq!(distinct.len(), KNOWN.len());
        for (word, _) in &KNOWN {
            assert_eq!(TransactionTypes::plain(word), *word);
        }
    }
}
