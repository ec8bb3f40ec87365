//! What Stax Bill's lists tell of a transaction before its record is read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Currency, Money};

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
    /// refunds, and what is reversed with a charge. Also what a customer owed
    /// when the account began: Stax Bill does not send opening balances to
    /// QuickBooks (Stax Bill: creating an opening balance), and only one in the
    /// customer's favour is money that invoices are paid with.
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

/// Which kind each token of `transactionType` means.
///
/// Stax Bill's page on the tokens breaks off, so the table is open: it knows
/// the likely spellings, and the operator's own entries go before them. Case,
/// spaces, hyphens and underscores do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransactionTypes {
    own: BTreeMap<String, ActivityKind>,
}

/// Tokens as [`TransactionTypes::plain`] writes them.
const KNOWN: &[(ActivityKind, &[&str])] = &[
    (ActivityKind::Credit, &["credit", "manualcredit", "accountcredit"]),
    (ActivityKind::OpeningCredit, &["openingbalance", "openingbalancecredit", "openingcredit"]),
    (ActivityKind::Debit, &["debit", "reversecredit", "reversedcredit", "creditreversal"]),
    (ActivityKind::ChargeReversal, &["reversecharge", "reversedcharge", "chargereversal"]),
    (ActivityKind::WriteOff, &["writeoff", "invoicewriteoff"]),
    (
        ActivityKind::Other,
        &[
            "charge",
            "discount",
            "tax",
            "payment",
            "collect",
            "refund",
            "paymentrefund",
            "nsf",
            "reversediscount",
            "reverseddiscount",
            "discountreversal",
            "reversetax",
            "reversedtax",
            "taxreversal",
        ],
    ),
];

impl TransactionTypes {
    /// The table with the operator's own entries, whose tokens are written in
    /// any way.
    pub fn new(own: impl IntoIterator<Item = (String, ActivityKind)>) -> Self {
        Self { own: own.into_iter().map(|(token, kind)| (Self::plain(&token), kind)).collect() }
    }

    /// What an entry of the token `token` is that takes `amount` off the
    /// balance.
    pub fn kind(&self, token: &str, amount: Decimal) -> ActivityKind {
        let plain = Self::plain(token);
        let known =
            || KNOWN.iter().find(|(_, tokens)| tokens.contains(&plain.as_str())).map(|(kind, _)| kind);
        match self.own.get(&plain).or_else(known) {
            Some(ActivityKind::OpeningCredit) if amount < Decimal::ZERO => ActivityKind::Other,
            Some(kind) => kind.clone(),
            None => ActivityKind::Unknown(token.to_owned()),
        }
    }

    /// A token with everything taken away that does not count.
    pub fn plain(token: &str) -> String {
        token.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).flat_map(char::to_lowercase).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_known_however_they_are_written() {
        let own = [
            ("Goodwill Memo".to_owned(), ActivityKind::Credit),
            ("WRITE-OFF".to_owned(), ActivityKind::Other),
        ];
        let own = TransactionTypes::new(own);
        let plain = TransactionTypes::default();
        let unknown = |token: &str| ActivityKind::Unknown(token.to_owned());
        let cases = [
            // (table, token, taken off the balance, kind)
            (&plain, "Credit", 1, ActivityKind::Credit),
            (&plain, "ReverseCredit", -1, ActivityKind::Debit),
            (&plain, "reverse_charge", 1, ActivityKind::ChargeReversal),
            (&plain, "Write-Off", 1, ActivityKind::WriteOff),
            (&plain, "write off", 1, ActivityKind::WriteOff),
            (&plain, "OpeningBalance", 1, ActivityKind::OpeningCredit),
            (&plain, "OpeningBalance", -1, ActivityKind::Other),
            (&plain, "Charge", -1, ActivityKind::Other),
            (&plain, "ReverseTax", 1, ActivityKind::Other),
            (&plain, "Goodwill Memo", 1, unknown("Goodwill Memo")),
            (&plain, "", 1, unknown("")),
            (&own, "goodwill-memo", 1, ActivityKind::Credit),
            (&own, "WriteOff", 1, ActivityKind::Other),
            (&own, "Debit", -1, ActivityKind::Debit),
        ];
        for (table, token, amount, expected) in cases {
            assert_eq!(table.kind(token, Decimal::from(amount)), expected, "{token} {amount}");
        }
    }

    #[test]
    fn no_token_of_the_table_means_two_kinds_or_is_out_of_reach() {
        let tokens: Vec<&str> = KNOWN.iter().flat_map(|(_, tokens)| tokens.iter().copied()).collect();
        let distinct: std::collections::BTreeSet<&str> = tokens.iter().copied().collect();
        assert_eq!(distinct.len(), tokens.len());
        for token in tokens {
            assert_eq!(TransactionTypes::plain(token), token);
        }
    }
}
