//! What goes wrong, and what latchd makes of it.

mod blocking;
mod customers;
mod never_twice;
mod shop;
