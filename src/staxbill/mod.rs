//! Stax Bill's API, read only: this client cannot express anything but GET.

mod activity;
mod client;
mod credits;
mod customers;
mod fault;
mod funds;
mod invoices;
mod notes;
mod odd;
mod payments;
#[cfg(test)]
mod tests;
mod wire;

pub use activity::{OddActivity, opening_credit, reversal, write_off};
pub use client::{Order, Since, StaxBill, StaxPage};
pub use fault::StaxError;
pub use invoices::{LinesRow, PaymentOnInvoice};
pub use odd::OddLines;
pub use payments::MoneyRow;
