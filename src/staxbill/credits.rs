//! Credits, debits and credit notes, as Stax Bill sends them.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::payments::{AllocationRow, allocations, listed, net};
use super::wire::{Invalid, currency, instant, money, text};
use super::{StaxBill, StaxError, StaxPage};
use crate::model::{Credit, CreditNoteHead, CreditNoteLine, Currency, InvalidRow, Money, Taken};

impl StaxBill {
    /// One credit as it is now, with its debits.
    pub async fn credit(&self, id: u64) -> Result<Result<Credit, InvalidRow>, StaxError> {
        let row: CreditRow = self.one(&format!("Credits/{id}")).await?;
        Ok(row.record())
    }

    /// The credits allocated to an invoice now.
    pub async fn credit_allocations(&self, invoice: u64) -> Result<Vec<u64>, StaxError> {
        let rows: Vec<CreditAllocationRow> =
            self.one(&format!("invoices/{invoice}/creditAllocations")).await?;
        Ok(rows.into_iter().map(|row| row.credit_id).collect())
    }

    /// All credit notes, without their rows.
    pub async fn credit_notes(&self, page: usize) -> Result<StaxPage<CreditNoteHead>, StaxError> {
        self.list("CreditNotes", "", page, |row: NoteRow| Some(row.record())).await
    }

    /// The credit notes of an invoice, without their rows.
    pub async fn credit_notes_of(
        &self,
        invoice: u64,
    ) -> Result<Vec<Result<CreditNoteHead, InvalidRow>>, StaxError> {
        let (query, mut notes, mut page) = (format!("invoiceId:{invoice}"), Vec::new(), 0);
        loop {
            let read = self.list("CreditNotes", &query, page, |row: NoteRow| Some(row.record())).await?;
            notes.extend(read.rows);
            if !read.more {
                return Ok(notes);
            }
            page += 1;
        }
    }

    /// One credit note with its rows.
    pub async fn credit_note(&self, id: u64) -> Result<Result<CreditNoteHead, InvalidRow>, StaxError> {
        let row: NoteRow = self.one(&format!("CreditNotes/{id}")).await?;
        Ok(row.record())
    }

    /// What Stax Bill says that a customer owes.
    pub async fn ar_balance(&self, customer: u64, of: Currency) -> Result<Result<Money, String>, StaxError> {
        let row: OverviewRow = self.one(&format!("customers/{customer}/overview")).await?;
        Ok(money(row.ar_balance, of))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OverviewRow {
    ar_balance: Decimal,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreditAllocationRow {
    credit_id: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreditRow {
    id: u64,
    customer_id: u64,
    #[serde(deserialize_with = "instant")]
    effective_timestamp: Timestamp,
    amount: Decimal,
    #[serde(default, deserialize_with = "text")]
    currency: Option<String>,
    #[serde(default)]
    invoice_allocations: Option<Vec<AllocationRow>>,
    #[serde(default)]
    debits: Option<Vec<DebitRow>>,
    #[serde(default)]
    unallocated_amount: Decimal,
    #[serde(default, deserialize_with = "text")]
    reference: Option<String>,
    #[serde(default, alias = "quickbooksId", deserialize_with = "text")]
    quick_books_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DebitRow {
    id: u64,
    #[serde(deserialize_with = "instant")]
    effective_timestamp: Timestamp,
    amount: Decimal,
    #[serde(default)]
    invoice_allocations: Option<Vec<AllocationRow>>,
    #[serde(default, alias = "quickbooksId", deserialize_with = "text")]
    quick_books_id: Option<String>,
}

impl CreditRow {
    fn record(self) -> Result<Credit, InvalidRow> {
        let (id, customer, effective_at) = (self.id, self.customer_id, Some(self.effective_timestamp));
        self.read().map_err(|reason| InvalidRow { id, customer, effective_at, reason })
    }

    fn read(self) -> Result<Credit, Invalid> {
        let currency = currency(self.currency.as_deref())?;
        let debits = self.debits.unwrap_or_default().into_iter().map(|row| row.taken(currency));
        let debits = debits.collect::<Result<Vec<_>, _>>()?;
        let amount = money(self.amount, currency)?;
        let rows = allocations(self.invoice_allocations, currency)?;
        let (allocations, unallocated) =
            net((amount, money(self.unallocated_amount, currency)?), rows, (&debits, "taken back"))?;
        Ok(Credit {
            id: self.id,
            customer: self.customer_id,
            effective_at: self.effective_timestamp,
            currency,
            amount,
            unallocated,
            allocations,
            debits,
            reference: self.reference,
            opening: false,
            quickbooks_id: self.quick_books_id,
        })
    }
}

impl DebitRow {
    fn taken(self, currency: Currency) -> Result<Taken, Invalid> {
        Ok(Taken {
            id: self.id,
            effective_at: self.effective_timestamp,
            amount: money(self.amount, currency)?,
            allocations: listed(allocations(self.invoice_allocations, currency)?),
            quickbooks_id: self.quick_books_id,
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NoteRow {
    id: u64,
    #[serde(default, alias = "creditNoteNumber", alias = "number", deserialize_with = "text")]
    credit_notes_number: Option<String>,
    net_amount: Decimal,
    customer_id: u64,
    #[serde(default)]
    invoice: Option<InvoiceOfNote>,
    #[serde(default)]
    invoice_id: Option<u64>,
    #[serde(default, deserialize_with = "text")]
    currency: Option<String>,
    #[serde(default)]
    line_items: Option<Vec<NoteGroup>>,
}

#[derive(Debug, Deserialize)]
struct InvoiceOfNote {
    id: u64,
}

/// Rows come in groups of charges.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NoteGroup {
    #[serde(default)]
    line_items: Option<Vec<NoteLine>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NoteLine {
    #[serde(default)]
    line_item: Option<ReversedRow>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReversedRow {
    #[serde(default)]
    id: Option<u64>,
    #[serde(default)]
    original_charge_id: Option<u64>,
    #[serde(default)]
    amount: Option<Decimal>,
    #[serde(default, alias = "quickbooksId", deserialize_with = "text")]
    quick_books_id: Option<String>,
}

impl NoteRow {
    fn record(self) -> Result<CreditNoteHead, InvalidRow> {
        let (id, customer) = (self.id, self.customer_id);
        self.read().map_err(|reason| InvalidRow { id, customer, effective_at: None, reason })
    }

    fn read(self) -> Result<CreditNoteHead, Invalid> {
        let currency = currency(self.currency.as_deref())?;
        let invoice = self.invoice.map(|invoice| invoice.id).or(self.invoice_id);
        let groups = self.line_items.unwrap_or_default().into_iter();
        let rows = groups.flat_map(|group| group.line_items.unwrap_or_default());
        let line = |row: NoteLine| {
            let row = row.line_item.unwrap_or_default();
            Ok::<_, Invalid>(CreditNoteLine {
                reversal: row.id,
                charge: row.original_charge_id,
                amount: row.amount.map(|amount| money(amount, currency)).transpose()?,
                quickbooks_id: row.quick_books_id,
            })
        };
        Ok(CreditNoteHead {
            id: self.id,
            number: self
                .credit_notes_number
                .ok_or_else(|| format!("credit note {} has no number", self.id))?,
            customer: self.customer_id,
            invoice: invoice.ok_or_else(|| format!("credit note {} names no invoice", self.id))?,
            currency,
            amount: money(self.net_amount, currency)?,
            lines: rows.map(line).collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credit_is_net_of_its_debits_by_identity() {
        let head = r#""id":1,"customerId":2,"effectiveTimestamp":"2026-01-02T03:04:05","currency":"USD","amount":10"#;
        let debit = r#""debits":[{"id":9,"effectiveTimestamp":"2026-01-03","amount":"3.0000","invoiceAllocations":[{"invoiceId":7,"amount":3}]}]"#;
        let cases = [("net", 2, 5, "2.00", "5.00"), ("gross", 2, 8, "2.00", "5.00")];
        for (name, unallocated, allocated, left, on_invoice) in cases {
            let json = format!(
                r#"{{{head},"unallocatedAmount":{unallocated},"invoiceAllocations":[{{"invoiceId":7,"amount":{allocated}}}],{debit}}}"#
            );
            let credit = serde_json::from_str::<CreditRow>(&json).unwrap().record().unwrap();
            assert_eq!(credit.amount.to_string(), "10.00", "{name}");
            assert_eq!(credit.unallocated.to_string(), left, "{name}");
            assert_eq!(credit.allocations[0].amount.to_string(), on_invoice, "{name}");
            assert_eq!(credit.debits[0].amount.to_string(), "3.00", "{name}");
        }
    }

    #[test]
    fn a_note_is_read_with_and_without_rows() {
        let json = r#"{"id":2700,"creditNotesNumber":"360-CR-02","netAmount":"35.170000","customerId":2,"invoice":{"id":7},
            "currency":"USD","lineItems":[{"lineItems":[{"lineItem":{"id":5,"originalChargeId":4,"amount":30.0}},{"lineItem":null}]}]}"#;
        let note = serde_json::from_str::<NoteRow>(json).unwrap().record().unwrap();
        assert_eq!((note.number.as_str(), note.invoice, note.lines.len()), ("360-CR-02", 7, 2));
        assert_eq!((note.lines[0].reversal, note.lines[0].charge), (Some(5), Some(4)));
        let bare = r#"{"id":2700,"creditNotesNumber":"x","netAmount":1,"customerId":2,"currency":"USD"}"#;
        let refused = serde_json::from_str::<NoteRow>(bare).unwrap().record().unwrap_err();
        assert!(refused.reason.contains("names no invoice"));
    }
}
