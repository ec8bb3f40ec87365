//! latchd keeps QuickBooks Online true to Stax Bill, from reviewed TOML.

pub mod apply;
pub mod clock;
pub mod config;
pub mod entity;
pub mod fsx;
pub mod http;
pub mod model;
pub mod pass;
pub mod plan;
pub mod quickbooks;
pub mod report;
pub mod sandbox;
pub mod staxbill;
pub mod store;
