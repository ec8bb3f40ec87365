//! Suggestions: which QuickBooks customer a Stax Bill customer might be, with
//! what speaks for it and against it. It decides nothing: a person does.
//!
//! A wrong `unique` would put invoices onto another customer's books, so that
//! a name alone is enough only where nothing known of both speaks against it,
//! where no other customer of either side comes near, and where it is a name
//! that is not anybody's. What only looks alike needs an e-mail, a telephone
//! or an address beside it; what has a word more or another word is never
//! unique, because branches and look-alikes differ by just that.

mod alike;
mod contact;
mod evidence;
mod index;
mod judge;
mod living;
mod name;
mod search;
#[cfg(test)]
mod tests;
mod verdict;
mod wanted;
mod words;

pub use evidence::{Candidate, For, Objection};
pub use index::Index;
pub use living::Living;
pub use verdict::{Suggestion, Verdict, suggest};
