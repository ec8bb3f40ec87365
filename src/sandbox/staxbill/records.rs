//! What a Stax Bill account keeps, and what its biller hands in.

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

/// A billing address.
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
    /// Invoices less payments, kept in step with every act.
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

/// A line to be invoiced.
#[derive(Clone, Debug, Default)]
pub struct NewCharge {
    /// What the customer reads.
    pub name: String,
    /// A second line, if any.
    pub description: Option<String>,
    /// A product's code, or none for a charge without a product.
    pub product: Option<String>,
    /// How many.
    pub quantity: Decimal,
    /// For one, up to six decimals.
    pub unit_price: Decimal,
    /// Before the discount, to the cent.
    pub amount: Decimal,
    /// Taken off `amount`.
    pub discount: Option<Decimal>,
}

/// An invoice to be posted.
#[derive(Clone, Debug, Default)]
pub struct NewInvoice {
    /// Whose.
    pub customer: i64,
    /// The accounting date.
    pub effective: Timestamp,
    /// The lines.
    pub charges: Vec<NewCharge>,
    /// Name, percent and total of each tax rule.
    pub taxes: Vec<(String, Decimal, Decimal)>,
    /// Days after `effective`.
    pub due_days: i64,
    /// Days and amount of each instalment; empty means one on `due_days`.
    pub installments: Vec<(i64, Decimal)>,
    /// The customer's order number.
    pub po_number: Option<String>,
    /// Printed at the foot.
    pub notes: Option<String>,
}

/// How a charge leads to its product: never by the product's id or code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeSource {
    /// `subscriptionProducts/{id}`.
    SubscriptionProduct(i64),
    /// `Purchases/{id}`.
    Purchase(i64),
    /// A charge that was written by hand.
    Neither,
}

/// A line of a posted invoice.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "as in NewCharge")]
pub struct Charge {
    pub id: i64,
    pub name: String,
    pub description: Option<String>,
    pub source: ChargeSource,
    pub gl_code: Option<String>,
    pub quantity: Decimal,
    pub unit_price: Decimal,
    pub amount: Decimal,
    pub discount: Option<Decimal>,
}

impl Charge {
    /// After the discount.
    pub fn net(&self) -> Decimal {
        self.amount - self.discount.unwrap_or_default()
    }
}

/// One tax rule's part of an invoice.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct Tax {
    pub name: String,
    pub percent: Decimal,
    pub total: Decimal,
}

/// One instalment.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Days after the invoice's date.
    pub due_days: i64,
    /// The instant it falls due.
    pub due: Timestamp,
    /// Its part of the invoice.
    pub amount: Decimal,
}

/// A posted invoice. Its amounts never change.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct Invoice {
    pub id: i64,
    pub number: i64,
    pub customer: i64,
    /// The customer as it was at posting.
    pub snapshot: NewCustomer,
    pub effective: Timestamp,
    pub posted: Timestamp,
    pub modified: Timestamp,
    pub charges: Vec<Charge>,
    pub taxes: Vec<Tax>,
    pub schedules: Vec<Schedule>,
    pub po_number: Option<String>,
    pub notes: Option<String>,
    pub opening_balance: Decimal,
    /// The sum of what payments are allocated to it now.
    pub paid: Decimal,
    /// The payments that are allocated to it now.
    pub payments: Vec<i64>,
    pub quickbooks_id: Option<i64>,
}

impl Invoice {
    /// The lines before discounts and taxes.
    pub fn subtotal(&self) -> Decimal {
        self.charges.iter().map(|charge| charge.amount).sum()
    }

    /// What was taken off the lines.
    pub fn discounts(&self) -> Decimal {
        self.charges.iter().filter_map(|charge| charge.discount).sum()
    }

    /// The total with taxes.
    pub fn amount(&self) -> Decimal {
        self.subtotal() - self.discounts() + self.taxes.iter().map(|tax| tax.total).sum::<Decimal>()
    }

    /// What is still owed.
    pub fn outstanding(&self) -> Decimal {
        self.amount() - self.paid
    }

    /// What is still owed on one instalment: payments fill the earliest first.
    pub fn outstanding_of(&self, schedule: usize) -> Decimal {
        let before: Decimal = self.schedules.iter().take(schedule).map(|earlier| earlier.amount).sum();
        let amount = self.schedules.get(schedule).map_or(Decimal::ZERO, |one| one.amount);
        amount - (self.paid - before).clamp(Decimal::ZERO, amount)
    }
}

/// Money that came in.
#[derive(Clone, Debug, Default)]
pub struct NewPayment {
    /// From whom.
    pub customer: i64,
    /// How much.
    pub amount: Decimal,
    /// The accounting date.
    pub effective: Timestamp,
    /// `CreditCard`, `Check`, `ACH`, `Cash`, `DirectDeposit` or `Paypal`.
    pub method: String,
    /// A cheque's number and the like.
    pub reference: Option<String>,
    /// Invoice and amount.
    pub allocations: Vec<(i64, Decimal)>,
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
    /// As in [`NewPayment`].
    pub method: String,
    /// Whether this was only a look at the card, which succeeds, instead of
    /// a collection, which fails.
    pub validation: bool,
}

/// A payment's money on one invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The invoice.
    pub invoice: i64,
    /// How much.
    pub amount: Decimal,
    /// When it was put there; may be long after the payment.
    pub at: Timestamp,
}

/// A successful payment.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the vendor's fields, by their names")]
pub struct Payment {
    pub id: i64,
    pub activity: i64,
    pub customer: i64,
    pub amount: Decimal,
    pub effective: Timestamp,
    pub reference: Option<String>,
    pub allocations: Vec<Allocation>,
    pub send_to_quickbooks_online: bool,
    pub quickbooks_id: Option<i64>,
}

impl Payment {
    /// What lies on no invoice.
    pub fn unallocated(&self) -> Decimal {
        self.amount - self.allocations.iter().map(|one| one.amount).sum::<Decimal>()
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the vendor's words, which are the documentation")]
pub enum ActivityStatus {
    Successful,
    Failed,
}

impl ActivityStatus {
    /// The vendor's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Successful => "Successful",
            Self::Failed => "Failed",
        }
    }
}

/// What was attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the vendor's words, which are the documentation")]
pub enum ActivityType {
    Validate,
    Collect,
}

impl ActivityType {
    /// The vendor's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Validate => "Validate",
            Self::Collect => "Collect",
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
    /// Never moved by an allocation.
    pub modified: Timestamp,
    /// The payment, if money came in.
    pub payment: Option<i64>,
}
