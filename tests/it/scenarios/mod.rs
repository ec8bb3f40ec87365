//! What goes wrong, and what latchd makes of it.

mod allocations;
mod blocking;
mod bookkeeper;
mod customers;
mod documents;
mod never_twice;
mod shop;
