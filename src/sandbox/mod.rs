//! Both vendors' APIs on loopback: an independent reading of their
//! documentation, which shares no types with the clients, so that one
//! misreading cannot hide in both.

pub mod clock;
mod pattern;
pub mod quickbooks;
pub mod staxbill;
