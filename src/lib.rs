//! latchd keeps QuickBooks Online true to Stax Bill, from reviewed TOML.

pub mod model;
pub mod sandbox;
