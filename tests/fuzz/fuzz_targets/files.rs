//! `tests/bodies/files.rs`, by coverage.

#![no_main]
#![allow(dead_code, reason = "each target plays one of the bodies")]

#[path = "../../bodies/mod.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::files::body(bytes));
