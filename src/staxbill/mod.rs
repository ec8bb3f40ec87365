//! Stax Bill's API, read only: this client cannot express anything but GET.

mod client;
mod credits;
mod customers;
mod fault;
mod funds;
mod invoices;
mod notes;
mod odd;
mod payments;
mod stream;
#[cfg(test)]
mod tests;
mod turning;
mod wire;

pub use client::{Order, Since, StaxBill, StaxPage};
pub use fault::StaxError;
pub use invoices::LinesRow;
pub use odd::OddLines;
pub use payments::MoneyRow;
pub use stream::{AccountActivities, ActivityRow, OddActivity, amount_of, credit_in, reversal, write_off};
