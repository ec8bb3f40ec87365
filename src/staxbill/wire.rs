//! What Stax Bill sends, and how it becomes a record.
//!
//! Lenient where the vendor varies (amounts as numbers or strings with up to
//! six places, timestamps with or without a zone, `quickBooksId` and
//! `quickbooksId`), strict where money is at stake: an amount that is not
//! exact in its currency makes the row invalid.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

use crate::model::{
    Address, Charge, Currency, Customer, CustomerStatus, InvalidRow, Invoice, InvoiceLines, Money, Tax,
    parse_vendor_timestamp,
};

/// Why a row cannot be read as a record.
pub(super) type Invalid = String;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CustomerRow {
    id: u64,
    status: CustomerStatus,
    #[serde(default, deserialize_with = "text")]
    first_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    last_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    company_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    reference: Option<String>,
    #[serde(default, deserialize_with = "text")]
    primary_email: Option<String>,
    #[serde(default, deserialize_with = "text")]
    primary_phone: Option<String>,
    #[serde(default, deserialize_with = "text")]
    currency: Option<String>,
    #[serde(default, alias = "quickbooksId", deserialize_with = "text")]
    quick_books_id: Option<String>,
}

impl CustomerRow {
    pub(super) fn record(self) -> Result<Customer, InvalidRow> {
        let id = self.id;
        self.read().map_err(|reason| InvalidRow { id, customer: id, effective_at: None, reason })
    }

    fn read(self) -> Result<Customer, Invalid> {
        let currency = currency(self.currency.as_deref())?;
        Ok(Customer {
            id: self.id,
            status: self.status,
            first_name: self.first_name,
            last_name: self.last_name,
            company_name: self.company_name,
            reference: self.reference,
            email: self.primary_email,
            phone: self.primary_phone,
            currency,
            quickbooks_id: self.quick_books_id,
            billing_address: None,
            shipping_address: None,
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SummaryRow {
    id: u64,
    #[serde(default, deserialize_with = "text")]
    invoice_number: Option<String>,
    customer_id: u64,
    #[serde(default, deserialize_with = "text")]
    currency: Option<String>,
    #[serde(deserialize_with = "instant")]
    effective_timestamp: Timestamp,
    #[serde(deserialize_with = "instant")]
    modified_timestamp: Timestamp,
    invoice_amount: Decimal,
    #[serde(default)]
    total_payments: Option<Decimal>,
    #[serde(default)]
    total_credit_notes: Option<Decimal>,
    #[serde(default)]
    writeoffs: Option<Decimal>,
    outstanding_balance: Decimal,
    #[serde(default, alias = "quickbooksId", deserialize_with = "text")]
    quick_books_id: Option<String>,
}

impl SummaryRow {
    pub(super) fn record(self) -> Result<Invoice, InvalidRow> {
        let (id, customer, effective_at) = (self.id, self.customer_id, Some(self.effective_timestamp));
        self.read().map_err(|reason| InvalidRow { id, customer, effective_at, reason })
    }

    fn read(self) -> Result<Invoice, Invalid> {
        let currency = currency(self.currency.as_deref())?;
        let number = self.invoice_number.ok_or_else(|| format!("invoice {} has no number", self.id))?;
        Ok(Invoice {
            id: self.id,
            number,
            customer: self.customer_id,
            effective_at: self.effective_timestamp,
            modified_at: self.modified_timestamp,
            currency,
            amount: money(self.invoice_amount, currency)?,
            outstanding: money(self.outstanding_balance, currency)?,
            paid: money(self.total_payments.unwrap_or_default(), currency)?,
            reversed: money(self.total_credit_notes.unwrap_or_default(), currency)?,
            written_off: money(self.writeoffs.unwrap_or_default(), currency)?,
            quickbooks_id: self.quick_books_id,
            lines: None,
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InvoiceRow {
    pub(super) id: u64,
    #[serde(default)]
    charges: Option<Vec<ChargeRow>>,
    #[serde(default)]
    taxes: Option<Vec<TaxRow>>,
    #[serde(default)]
    payment_schedules: Option<Vec<ScheduleRow>>,
    #[serde(default, deserialize_with = "text")]
    po_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    notes: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChargeRow {
    #[serde(default)]
    id: u64,
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    description: Option<String>,
    quantity: Decimal,
    unit_price: Decimal,
    amount: Decimal,
    #[serde(default)]
    discounts: Option<Vec<DiscountRow>>,
    #[serde(default)]
    discount: Option<DiscountRow>,
    #[serde(default)]
    subscription_product: Option<IdRow>,
    #[serde(default)]
    purchase: Option<IdRow>,
}

#[derive(Debug, Deserialize)]
struct DiscountRow {
    amount: Decimal,
}

#[derive(Debug, Deserialize)]
struct IdRow {
    id: u64,
}

#[derive(Debug, Deserialize)]
struct TaxRow {
    name: String,
    percent: Decimal,
    total: Decimal,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScheduleRow {
    #[serde(deserialize_with = "instant")]
    due_date_timestamp: Timestamp,
}

impl InvoiceRow {
    /// The lines; each charge knows where its product is looked up.
    pub(super) fn lines(self, currency: Currency) -> Result<InvoiceLines, Invalid> {
        let mut charges = Vec::new();
        for row in self.charges.unwrap_or_default() {
            // `discount` is the deprecated single form of `discounts`.
            let discounts = row.discounts.unwrap_or_else(|| row.discount.into_iter().collect());
            let mut discount = Money::ZERO;
            for row in &discounts {
                discount += money(row.amount, currency)?;
            }
            let subscription = row.subscription_product.map(|row| format!("subscriptionProducts/{}", row.id));
            let product_path =
                subscription.or_else(|| row.purchase.map(|row| format!("Purchases/{}", row.id)));
            charges.push(Charge {
                id: row.id,
                name: row.name.unwrap_or_default(),
                description: row.description,
                quantity: row.quantity,
                unit_price: row.unit_price,
                amount: money(row.amount, currency)?,
                discount,
                product_path,
                product_code: None,
            });
        }
        let tax = |row: TaxRow| {
            Ok::<_, Invalid>(Tax {
                name: row.name,
                percent: row.percent.normalize(),
                total: money(row.total, currency)?,
            })
        };
        let taxes = self.taxes.unwrap_or_default().into_iter().map(tax).collect::<Result<_, _>>()?;
        let due =
            self.payment_schedules.unwrap_or_default().into_iter().map(|row| row.due_date_timestamp).min();
        let lines =
            InvoiceLines { charges, taxes, due_at: due, po_number: self.po_number, notes: self.notes };
        Ok(lines)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the vendor's names")]
pub(super) struct AddressPreferenceRow {
    #[serde(default)]
    pub(super) billing_address: Option<AddressRow>,
    #[serde(default)]
    pub(super) shipping_address: Option<AddressRow>,
    #[serde(default)]
    pub(super) use_billing_address_as_shipping_address: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AddressRow {
    #[serde(default, deserialize_with = "text")]
    company_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    line1: Option<String>,
    #[serde(default, deserialize_with = "text")]
    line2: Option<String>,
    #[serde(default, deserialize_with = "text")]
    city: Option<String>,
    #[serde(default, deserialize_with = "text")]
    postal_zip: Option<String>,
    #[serde(default, deserialize_with = "text")]
    country: Option<String>,
    #[serde(default, deserialize_with = "text")]
    state: Option<String>,
}

impl From<AddressRow> for Address {
    fn from(row: AddressRow) -> Self {
        Self {
            company: row.company_name,
            line1: row.line1,
            line2: row.line2,
            city: row.city,
            state: row.state,
            postal_code: row.postal_zip,
            country: row.country,
        }
    }
}

/// A subscription product, a purchase or a product: whichever of them names
/// the code or the product that has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProductRow {
    #[serde(default, deserialize_with = "text")]
    pub(super) code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) product_code: Option<String>,
    #[serde(default)]
    pub(super) product_id: Option<u64>,
    #[serde(default)]
    pub(super) plan_product: Option<Box<Self>>,
}

/// The error body; its keys are in Pascal case, unlike all other JSON.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ErrorBody {
    #[serde(default)]
    pub(super) errors: Vec<ErrorEntry>,
    #[serde(default, alias = "message")]
    pub(super) message: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ErrorEntry {
    #[serde(default, deserialize_with = "text")]
    pub(super) value: Option<String>,
}

pub(super) fn money(amount: Decimal, currency: Currency) -> Result<Money, Invalid> {
    Money::exact(amount, currency).map_err(|error| error.to_string())
}

pub(super) fn currency(code: Option<&str>) -> Result<Currency, Invalid> {
    code.unwrap_or("(none)").parse().map_err(|error: crate::model::CurrencyError| error.to_string())
}

/// Text that may come as a number, and whose empty form means nothing.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = Option::<serde_json::Value>::deserialize(deserializer)?;
    Ok(match value {
        Some(serde_json::Value::String(text)) if !text.trim().is_empty() => Some(text),
        Some(serde_json::Value::Number(number)) => Some(number.to_string()),
        _ => None,
    })
}

pub(super) fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    parse_vendor_timestamp(&text)
        .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a timestamp")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_text_and_both_spellings_are_read() {
        let json = r#"{"id":5,"status":"Active","companyName":"Bolt","primaryPhone":5551234,"title":"","currency":"USD","quickbooksId":77,"reference":" "}"#;
        let customer = serde_json::from_str::<CustomerRow>(json).unwrap().record().unwrap();
        assert_eq!(customer.phone.as_deref(), Some("5551234"));
        assert_eq!(customer.quickbooks_id.as_deref(), Some("77"));
        assert_eq!(customer.reference, None);
    }
}
