//! What goes wrong, and what latchd makes of it.

mod allocations;
mod blocking;
mod bookkeeper;
mod company_settings;
mod customers;
mod documents;
mod life;
mod lost_answers;
mod never_twice;
mod shop;
mod source_trouble;
mod taxes;
mod throttle;
mod tokens;
