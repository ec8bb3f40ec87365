//! Invoices: their summaries, their lines, and what is allocated to them.

use serde::Deserialize;

use super::client::{Ask, Since, StaxBill, StaxPage, changed};
use super::fault::StaxError;
use super::odd::{OddLines, row};
use super::wire::{InvoiceRow, ProductRow, SummaryRow};
use crate::model::{Currency, InvalidRow, Invoice, InvoiceLines};

/// An invoice's lines.
pub type LinesRow = (u64, InvoiceLines);

/// A payment on an invoice, seen from the invoice.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentOnInvoice {
    #[serde(default)]
    payment_id: Option<u64>,
}

/// A credit on an invoice, seen from the invoice.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreditOnInvoice {
    #[serde(default)]
    credit_id: Option<u64>,
}

impl StaxBill {
    /// Summaries of posted invoices changed since: amounts and balances, no
    /// lines. An invoice in instalments may have several rows.
    pub async fn invoice_summaries(&self, since: Since, page: usize) -> Result<StaxPage<Invoice>, StaxError> {
        self.list(&Ask::page("invoiceSummaries", &changed(since), page), |raw| {
            row(raw, |row: SummaryRow| Some(row.record()))
        })
        .await
    }

    /// The summary of one invoice.
    pub async fn invoice_summary(&self, id: u64) -> Result<Result<Invoice, InvalidRow>, StaxError> {
        let query = format!("id:{id}");
        let page = self
            .list(&Ask::page("invoiceSummaries", &query, 0), |raw| {
                row(raw, |row: SummaryRow| Some(row.record()))
            })
            .await?;
        page.rows.into_iter().next().ok_or_else(|| StaxError::NotFound(format!("invoice {id}")))
    }

    /// The lines of one invoice.
    pub async fn invoice_lines(
        &self,
        invoice: u64,
        currency: Currency,
    ) -> Result<Result<InvoiceLines, String>, StaxError> {
        let row: InvoiceRow = self.one(&format!("Invoices/{invoice}")).await?;
        Ok(row.lines(currency))
    }

    /// The lines of all invoices of a customer, by invoice: one call a page
    /// instead of one an invoice.
    pub async fn customer_invoice_lines(
        &self,
        customer: u64,
        currency: Currency,
        page: usize,
    ) -> Result<StaxPage<LinesRow, OddLines>, StaxError> {
        let path = format!("Customers/{customer}/Invoices");
        self.list(&Ask::page(&path, "", page), |raw| {
            row(raw, |row: InvoiceRow| {
                let id = row.id;
                Some(row.lines(currency).map(|lines| (id, lines)).map_err(OddLines))
            })
        })
        .await
    }

    /// The payments allocated to an invoice now.
    pub async fn payments_of_invoice(&self, invoice: u64) -> Result<Vec<u64>, StaxError> {
        let rows: Vec<PaymentOnInvoice> = self.one(&format!("invoices/{invoice}/paymentAllocations")).await?;
        Ok(rows.into_iter().filter_map(|row| row.payment_id).collect())
    }

    /// The credits allocated to an invoice now. What a customer had in hand when
    /// the account began shows in the AR activities alone.
    pub async fn credit_allocations(&self, invoice: u64) -> Result<Vec<u64>, StaxError> {
        let rows: Vec<CreditOnInvoice> = self.one(&format!("invoices/{invoice}/creditAllocations")).await?;
        Ok(rows.into_iter().filter_map(|row| row.credit_id).collect())
    }

    /// The code of the product behind `path` (a subscription product or a
    /// purchase); `None` where Stax Bill does not tell.
    pub async fn product_code(&self, path: &str) -> Result<Option<String>, StaxError> {
        let mut path = path.to_owned();
        // A purchase names its product, and the product has the code.
        for _ in 0..2 {
            let row: ProductRow = match self.one(&path).await {
                Ok(row) => row,
                Err(StaxError::NotFound(_)) => return Ok(None),
                Err(error) => return Err(error),
            };
            let row = row
                .plan_product
                .map_or(row.code.map(Ok), |inner| inner.product_code.map(Ok).or(Some(Err(inner.product_id))))
                .or_else(|| row.product_code.map(Ok))
                .unwrap_or(Err(row.product_id));
            match row {
                Ok(code) => return Ok(Some(code)),
                Err(Some(product)) => path = format!("Products/{product}"),
                Err(None) => return Ok(None),
            }
        }
        Ok(None)
    }
}
