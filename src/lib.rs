//! latchd keeps QuickBooks Online true to Stax Bill, from reviewed TOML.

pub mod clock;
pub mod config;
pub mod fsx;
pub mod model;
pub mod sandbox;
