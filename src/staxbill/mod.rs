//! Stax Bill's API, read only: this client cannot express anything but GET.

mod client;
mod fault;
mod odd;
mod payments;
mod wire;

pub use client::{LinesRow, Since, StaxBill, StaxPage};
pub use fault::StaxError;
pub use odd::OddLines;
