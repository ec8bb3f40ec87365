//! Automated sales tax: what Intuit takes by the address a sale goes to.
//!
//! The service asks an engine of its own, down to the street. Here a table of
//! states stands for it: the state's own rate, which is public, and in
//! California the part that goes to the counties. Cities are left out. States
//! that are not listed take none.

use super::super::books::Books;
use super::super::json::{Object, text};

/// A state that takes sales tax.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    /// What each part is called, and its percent.
    pub(crate) rates: &'static [(&'static str, &'static str)],
}

/// The tax code that applies where the goods go; nothing where none is taken.
pub(crate) fn code_at<'a>(books: &'a Books, address: &Object) -> Option<(u64, &'a Object)> {
    let abroad =
        |country: &str| !["US", "USA", "United States"].iter().any(|us| country.eq_ignore_ascii_case(us));
    if text(address, "Country").is_some_and(abroad) {
        return None;
    }
    let sent = text(address, "CountrySubDivisionCode")?.trim();
    let state = STATES
        .iter()
        .find(|state| state.code.eq_ignore_ascii_case(sent) || state.name.eq_ignore_ascii_case(sent))?;
    code_of(books, state.code)
}

/// The tax code made for a state.
pub(crate) fn code_of<'a>(books: &'a Books, state: &str) -> Option<(u64, &'a Object)> {
    let shelf = books.shelf("TaxCode");
    let id = shelf.with("Name", &code_name(state)).next()?;
    Some((id, &shelf.get(id)?.object))
}

/// What a state's tax code is called.
pub(crate) fn code_name(state: &str) -> String {
    format!("AST {state}")
}

const fn state(
    code: &'static str,
    name: &'static str,
    rates: &'static [(&'static str, &'static str)],
) -> State {
    State { code, name, rates }
}

/// General rates of the states, without local ones.
pub(crate) static STATES: &[State] = &[
    state("CA", "California", &[("State", "6"), ("County", "1.25")]),
    state("AL", "Alabama", &[("State", "4")]),
    state("AR", "Arkansas", &[("State", "6.5")]),
    state("AZ", "Arizona", &[("State", "5.6")]),
    state("CO", "Colorado", &[("State", "2.9")]),
    state("CT", "Connecticut", &[("State", "6.35")]),
    state("DC", "District of Columbia", &[("District", "6")]),
    state("FL", "Florida", &[("State", "6")]),
    state("GA", "Georgia", &[("State", "4")]),
    state("IL", "Illinois", &[("State", "6.25")]),
    state("IN", "Indiana", &[("State", "7")]),
    state("MA", "Massachusetts", &[("State", "6.25")]),
    state("MD", "Maryland", &[("State", "6")]),
    state("MI", "Michigan", &[("State", "6")]),
    state("MN", "Minnesota", &[("State", "6.875")]),
    state("NC", "North Carolina", &[("State", "4.75")]),
    state("NJ", "New Jersey", &[("State", "6.625")]),
    state("NV", "Nevada", &[("State", "6.85")]),
    state("NY", "New York", &[("State", "4")]),
    state("OH", "Ohio", &[("State", "5.75")]),
    state("PA", "Pennsylvania", &[("State", "6")]),
    state("TN", "Tennessee", &[("State", "7")]),
    state("TX", "Texas", &[("State", "6.25")]),
    state("UT", "Utah", &[("State", "4.85")]),
    state("VA", "Virginia", &[("State", "5.3")]),
    state("WA", "Washington", &[("State", "6.5")]),
    state("WI", "Wisconsin", &[("State", "5")]),
];
