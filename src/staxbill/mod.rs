//! Stax Bill's API, read only: this client cannot express anything but GET.

mod client;
mod credits;
mod fault;
mod odd;
mod payments;
mod stream;
mod wire;

pub use client::{LinesRow, Order, Since, StaxBill, StaxPage};
pub use fault::StaxError;
pub use odd::OddLines;
pub use payments::MoneyRow;
pub use stream::{allocations_of, amount_of, reversal, write_off};
