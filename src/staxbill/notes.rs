//! Credit notes, the documents of reversed charges.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::client::{Ask, StaxBill, StaxPage};
use super::fault::StaxError;
use super::odd::row;
use super::wire::{Invalid, currency, money, text};
use crate::model::{CreditNoteHead, CreditNoteLine, Currency, InvalidRow};

impl StaxBill {
    /// All credit notes, without their lines.
    pub async fn credit_notes(&self, page: usize) -> Result<StaxPage<CreditNoteHead>, StaxError> {
        self.notes("", None, page).await
    }

    /// The credit notes of an invoice, without their lines.
    pub async fn credit_notes_of(
        &self,
        invoice: u64,
    ) -> Result<Vec<Result<CreditNoteHead, InvalidRow>>, StaxError> {
        let query = format!("invoiceId:{invoice}");
        let mut notes = Vec::new();
        for page in 0.. {
            let read = self.notes(&query, Some(invoice), page).await?;
            notes.extend(read.rows);
            if !read.more {
                break;
            }
        }
        Ok(notes)
    }

    /// One credit note with its lines.
    pub async fn credit_note(&self, id: u64) -> Result<Result<CreditNoteHead, InvalidRow>, StaxError> {
        self.record(&format!("CreditNotes/{id}"), |row: NoteRow| row.record(None)).await
    }

    async fn notes(
        &self,
        query: &str,
        invoice: Option<u64>,
        page: usize,
    ) -> Result<StaxPage<CreditNoteHead>, StaxError> {
        let ask = Ask::page("CreditNotes", query, page);
        self.list(&ask, |raw| row(raw, |row: NoteRow| Some(row.record(invoice)))).await
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NoteRow {
    id: u64,
    #[serde(default, alias = "creditNoteNumber", deserialize_with = "text")]
    credit_notes_number: Option<String>,
    customer_id: u64,
    net_amount: Decimal,
    #[serde(default, deserialize_with = "text")]
    currency: Option<String>,
    #[serde(default)]
    invoice: Option<InvoiceHead>,
    #[serde(default)]
    invoice_id: Option<u64>,
    #[serde(default)]
    line_items: Value,
}

/// The summarised invoice.
#[derive(Debug, Deserialize)]
struct InvoiceHead {
    id: u64,
}

impl NoteRow {
    /// `asked` is the invoice whose notes were asked for.
    fn record(self, asked: Option<u64>) -> Result<CreditNoteHead, InvalidRow> {
        let (id, customer) = (self.id, self.customer_id);
        self.read(asked).map_err(|reason| InvalidRow { id, customer, effective_at: None, reason })
    }

    fn read(self, asked: Option<u64>) -> Result<CreditNoteHead, Invalid> {
        let id = self.id;
        let currency = currency(self.currency.as_deref())?;
        let invoice = self.invoice.map(|invoice| invoice.id).or(self.invoice_id).or(asked);
        let number = self.credit_notes_number.ok_or_else(|| format!("credit note {id} has no number"))?;
        let lines = reversed(&self.line_items).map(|line| read_line(line, currency));
        Ok(CreditNoteHead {
            id,
            customer: self.customer_id,
            invoice: invoice.ok_or_else(|| format!("credit note {number} does not name its invoice"))?,
            number,
            currency,
            amount: money(self.net_amount, currency)?,
            lines: lines.collect::<Result<_, _>>()?,
        })
    }
}

/// A row of a note as far as it tells: no field of it is documented, so that
/// each is taken by every name that Stax Bill has for it.
struct LineRow<'a>(&'a Value);

impl LineRow<'_> {
    fn text(&self, names: &[&str]) -> Option<String> {
        let mut values = names.iter().map(|name| &self.0[name]);
        values.find_map(|value| text(value).ok().flatten())
    }

    fn id(&self, names: &[&str]) -> Option<u64> {
        self.text(names)?.parse().ok()
    }
}

/// The rows of the groups of a note. The vendor's page breaks off within them,
/// so that a group may be a row, and a row may be its `lineItem`.
fn reversed(groups: &Value) -> impl Iterator<Item = &Value> {
    let rows = groups.as_array().into_iter().flatten().flat_map(|group| {
        let rows = group["lineItems"].as_array().map(Vec::as_slice);
        rows.unwrap_or(std::slice::from_ref(group))
    });
    rows.map(|row| if row["lineItem"].is_object() { &row["lineItem"] } else { row })
}

fn read_line(line: &Value, currency: Currency) -> Result<CreditNoteLine, Invalid> {
    let row = LineRow(line);
    let amount = row.text(&["amount"]).and_then(|text| text.parse::<Decimal>().ok());
    Ok(CreditNoteLine {
        reversal: row.id(&["reverseChargeId", "id"]),
        charge: row.id(&["originalChargeId", "chargeId"]),
        amount: amount.map(|amount| money(amount, currency)).transpose()?,
        quickbooks_id: row.text(&["quickBooksId", "quickbooksId"]),
    })
}
