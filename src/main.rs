//! The `latchd` program.
fn main() {}
