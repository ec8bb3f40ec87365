//! Stax Bill on loopback.
