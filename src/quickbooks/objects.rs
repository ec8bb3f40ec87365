//! Objects as QuickBooks answers them: what latchd reads of each, the rest
//! ignored. Amounts are decimals read from the literal text.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::company::{CompanyInfo, Preferences};
use super::observe;
use crate::model::Observed;

/// `{"value": "58", "name": "…"}`; the name is decoration.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Named {
    /// The id.
    pub value: String,
    /// For people.
    #[serde(default)]
    pub name: Option<String>,
}

/// What every object has, and what a deleted one is reduced to.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $key:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, Deserialize)]
        pub struct $name {
            /// `Id`.
            #[serde(rename = "Id", default)]
            pub id: String,
            /// `SyncToken`.
            #[serde(rename = "SyncToken", default)]
            pub sync_token: String,
            /// `Deleted` in the change feed and in the answer to a delete.
            #[serde(default)]
            pub status: Option<String>,
            $($(#[$field_doc])* #[serde(rename = $key, default)] pub $field: $type,)*
        }
    };
}

object! {
    /// A customer.
    Customer {
        /// The unique name.
        display_name: Option<String> = "DisplayName",
        /// Whether it may be used.
        active: Option<bool> = "Active",
        /// Internal notes, which bear our mark.
        notes: Option<String> = "Notes",
        /// Its currency.
        currency: Option<Named> = "CurrencyRef",
        /// What it owes.
        balance: Option<Decimal> = "Balance",
    }
}

object! {
    /// An invoice.
    Invoice {
        /// Its number.
        doc_number: Option<String> = "DocNumber",
        /// Its date.
        txn_date: Option<Date> = "TxnDate",
        /// Whose it is.
        customer: Option<Named> = "CustomerRef",
        /// Its total.
        total: Option<Decimal> = "TotalAmt",
        /// Not paid yet.
        balance: Option<Decimal> = "Balance",
        /// Internal note, which bears our mark.
        private_note: Option<String> = "PrivateNote",
        /// Lines.
        lines: Vec<Line> = "Line",
        /// Currency.
        currency: Option<Named> = "CurrencyRef",
    }
}

object! {
    /// A payment.
    Payment {
        /// Its number.
        reference: Option<String> = "PaymentRefNum",
        /// Its date.
        txn_date: Option<Date> = "TxnDate",
        /// Whose it is.
        customer: Option<Named> = "CustomerRef",
        /// Its total.
        total: Option<Decimal> = "TotalAmt",
        /// Not applied to an invoice.
        unapplied: Option<Decimal> = "UnappliedAmt",
        /// Internal note, which bears our mark.
        private_note: Option<String> = "PrivateNote",
        /// What it is applied to.
        lines: Vec<Line> = "Line",
        /// Currency.
        currency: Option<Named> = "CurrencyRef",
        /// Where the money went.
        deposit_to: Option<Named> = "DepositToAccountRef",
    }
}

object! {
    /// A credit memo.
    CreditMemo {
        /// Its number.
        doc_number: Option<String> = "DocNumber",
        /// Its date.
        txn_date: Option<Date> = "TxnDate",
        /// Whose it is.
        customer: Option<Named> = "CustomerRef",
        /// Its total.
        total: Option<Decimal> = "TotalAmt",
        /// Not applied yet.
        remaining: Option<Decimal> = "RemainingCredit",
        /// The same.
        balance: Option<Decimal> = "Balance",
        /// Internal note, which bears our mark.
        private_note: Option<String> = "PrivateNote",
        /// Lines.
        lines: Vec<Line> = "Line",
        /// Currency.
        currency: Option<Named> = "CurrencyRef",
    }
}

object! {
    /// A journal entry.
    JournalEntry {
        /// Its number.
        doc_number: Option<String> = "DocNumber",
        /// Its date.
        txn_date: Option<Date> = "TxnDate",
        /// Internal note, which bears our mark.
        private_note: Option<String> = "PrivateNote",
        /// Lines.
        lines: Vec<Line> = "Line",
        /// Currency.
        currency: Option<Named> = "CurrencyRef",
    }
}

object! {
    /// A tax code.
    TaxCode {
        /// Its name.
        name: Option<String> = "Name",
        /// Whether it may be used.
        active: Option<bool> = "Active",
    }
}

object! {
    /// An item.
    Item {
        /// Its name.
        name: Option<String> = "Name",
        /// With its parents, `Parent:Child`.
        full_name: Option<String> = "FullyQualifiedName",
        /// Whether it may be used.
        active: Option<bool> = "Active",
        /// Service, `NonInventory`, Inventory, Group or Category.
        kind: Option<String> = "Type",
        /// The account that its sales are posted to.
        income_account: Option<Named> = "IncomeAccountRef",
    }
}

object! {
    /// An account.
    Account {
        /// Its name.
        name: Option<String> = "Name",
        /// With its parents.
        full_name: Option<String> = "FullyQualifiedName",
        /// Whether it may be used.
        active: Option<bool> = "Active",
        /// Bank, Other Current Asset …
        account_type: Option<String> = "AccountType",
        /// Its currency.
        currency: Option<Named> = "CurrencyRef",
    }
}

object! {
    /// A vendor or an employee: it takes up a name.
    Name {
        /// The unique name.
        display_name: Option<String> = "DisplayName",
        /// Whether it is in use.
        active: Option<bool> = "Active",
    }
}

/// A line of an invoice or payment.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Line {
    /// What it adds.
    #[serde(rename = "Amount", default)]
    pub amount: Option<Decimal>,
    /// `SalesItemLineDetail`, `SubTotalLineDetail` …
    #[serde(rename = "DetailType", default)]
    pub detail_type: Option<String>,
    /// What is sold.
    #[serde(rename = "SalesItemLineDetail", default)]
    pub sales: Option<SalesDetail>,
    /// What a journal entry moves.
    #[serde(rename = "JournalEntryLineDetail", default)]
    pub journal: Option<JournalDetail>,
    /// What a payment settles.
    #[serde(rename = "LinkedTxn", default)]
    pub linked: Vec<LinkedTxn>,
}

/// The detail of a journal entry's line.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct JournalDetail {
    /// `Debit` or `Credit`.
    #[serde(rename = "PostingType", default)]
    pub posting: String,
    /// The account.
    #[serde(rename = "AccountRef", default)]
    pub account: Option<Named>,
    /// Whose receivable it is.
    #[serde(rename = "Entity", default)]
    pub entity: Option<JournalEntity>,
}

/// Who a journal entry's line is about.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct JournalEntity {
    /// `Customer` …
    #[serde(rename = "Type", default)]
    pub kind: Option<String>,
    /// Which.
    #[serde(rename = "EntityRef", default)]
    pub reference: Option<Named>,
}

/// The detail of a sold line.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct SalesDetail {
    /// The item.
    #[serde(rename = "ItemRef", default)]
    pub item: Option<Named>,
}

/// The other end of a link.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct LinkedTxn {
    /// Its id.
    #[serde(rename = "TxnId", default)]
    pub id: String,
    /// `Invoice`, `CreditMemo` …
    #[serde(rename = "TxnType", default)]
    pub kind: String,
}

/// An answer to a read or a write: the object under its kind's name.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    /// A customer.
    pub customer: Option<Customer>,
    /// An invoice.
    pub invoice: Option<Invoice>,
    /// A credit memo.
    pub credit_memo: Option<CreditMemo>,
    /// A journal entry.
    pub journal_entry: Option<JournalEntry>,
    /// A payment.
    pub payment: Option<Payment>,
    /// An item.
    pub item: Option<Item>,
    /// An account.
    pub account: Option<Account>,
    /// The company.
    pub company_info: Option<CompanyInfo>,
    /// Settings.
    pub preferences: Option<Preferences>,
}

impl Answer {
    /// The object in it, if it is one of those that latchd writes.
    pub fn observed(&self) -> Option<Observed> {
        let customer = self.customer.as_ref().map(observe::customer);
        let invoice = || self.invoice.as_ref().map(observe::invoice);
        let payment = || self.payment.as_ref().map(observe::payment);
        let memo = || self.credit_memo.as_ref().map(observe::credit_memo);
        let entry = || self.journal_entry.as_ref().map(observe::journal_entry);
        customer.or_else(invoice).or_else(memo).or_else(entry).or_else(payment)
    }
}

/// The rows of a query or of one entity in the change feed.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct QueryRows {
    /// Customers.
    pub customer: Vec<Customer>,
    /// Invoices.
    pub invoice: Vec<Invoice>,
    /// Credit memos.
    pub credit_memo: Vec<CreditMemo>,
    /// Journal entries.
    pub journal_entry: Vec<JournalEntry>,
    /// Payments.
    pub payment: Vec<Payment>,
    /// Tax codes.
    pub tax_code: Vec<TaxCode>,
    /// Items.
    pub item: Vec<Item>,
    /// Accounts.
    pub account: Vec<Account>,
    /// Vendors.
    pub vendor: Vec<Name>,
    /// Employees.
    pub employee: Vec<Name>,
}

impl QueryRows {
    /// How many rows there are, of whatever kind.
    pub fn len(&self) -> usize {
        let Self { customer, invoice, credit_memo, journal_entry, payment, .. } = self;
        let Self { tax_code, item, account, vendor, employee, .. } = self;
        let documents = invoice.len() + credit_memo.len() + journal_entry.len() + payment.len();
        let names = customer.len() + vendor.len() + employee.len();
        documents + names + tax_code.len() + item.len() + account.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The objects that latchd writes.
    pub fn observed(&self) -> impl Iterator<Item = Observed> + '_ {
        let customers = self.customer.iter().map(observe::customer);
        let invoices = self.invoice.iter().map(observe::invoice);
        let memos = self.credit_memo.iter().map(observe::credit_memo);
        let entries = self.journal_entry.iter().map(observe::journal_entry);
        let payments = self.payment.iter().map(observe::payment);
        customers.chain(invoices).chain(memos).chain(entries).chain(payments)
    }
}
