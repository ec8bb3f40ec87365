//! What goes wrong, and what latchd makes of it.

mod allocations;
mod blocking;
mod bookkeeper;
mod closed_periods;
mod company_settings;
mod credits;
mod crossings;
mod currencies;
mod customers;
mod desk;
mod documents;
mod entries;
mod foreign;
mod invoices;
mod life;
mod lost_answers;
mod lost_memos;
mod never_twice;
mod refunds;
mod reversals;
mod settled;
mod shop;
mod source_trouble;
mod stream;
mod throttle;
mod tokens;
