//! QuickBooks Online on loopback.
