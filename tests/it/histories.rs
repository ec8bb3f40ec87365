//! Random billing histories.
