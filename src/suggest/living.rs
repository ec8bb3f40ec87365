//! A QuickBooks customer as far as matching looks at it.

use super::contact::{self, Place};
use super::name::{Name, names_in, numbers_in};
use crate::model::{Address, ObjectId};

/// A customer of QuickBooks.
#[derive(Clone, Debug)]
pub struct Living {
    /// QuickBooks' id.
    pub id: ObjectId,
    /// `DisplayName`.
    pub name: String,
    /// `FullyQualifiedName`, `parent:child` for a sub-customer.
    pub full_name: Option<String>,
    /// `CompanyName`.
    pub company: Option<String>,
    /// `GivenName`.
    pub given: Option<String>,
    /// `FamilyName`.
    pub family: Option<String>,
    /// `PrimaryEmailAddr`, which may hold several.
    pub email: Option<String>,
    /// Telephones.
    pub phones: Vec<String>,
    /// `BillAddr`.
    pub address: Option<Address>,
    /// Its currency; nothing where the company has but one.
    pub currency: Option<String>,
    /// Whether it may not be used.
    pub is_inactive: bool,
    /// Whether it belongs to another customer.
    pub is_sub: bool,
    /// The Stax Bill customer whose mark its notes bear.
    pub mark: Option<u64>,
    /// The Stax Bill customer that a line links it with.
    pub linked: Option<u64>,
}

impl Living {
    /// A customer of which only the name is known.
    pub fn new(id: ObjectId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            full_name: None,
            company: None,
            given: None,
            family: None,
            email: None,
            phones: Vec::new(),
            address: None,
            currency: None,
            is_inactive: false,
            is_sub: false,
            mark: None,
            linked: None,
        }
    }
}

/// Where a name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// What it is known by.
    Display,
    /// The last part of a sub-customer's name.
    Leaf,
    /// The firm behind it, or a name that another one mentions.
    Behind,
    /// A person's first and last name.
    Person,
}

/// A customer made ready to be compared.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) living: Living,
    pub(super) names: Vec<(Field, Name)>,
    /// Numbers that may be ids, each with the name without it.
    pub(super) numbers: Vec<(String, String)>,
    pub(super) emails: Vec<String>,
    pub(super) phones: Vec<String>,
    pub(super) place: Option<Place>,
    /// It is a person: no firm is behind the name.
    pub(super) is_person: bool,
}

impl Ready {
    pub(super) fn new(living: Living) -> Self {
        let display = living.name.strip_suffix(" (deleted)").unwrap_or(&living.name);
        let display = without_currency(display, living.currency.as_deref());
        let full = living.full_name.as_deref().filter(|full| full.contains(':'));
        let is_sub = living.is_sub || full.is_some();
        let mut names: Vec<(Field, Name)> = Vec::new();
        let mut put = |field: Field, text: &str| {
            for (at, name) in names_in(text).into_iter().enumerate() {
                let field = if at > 0 && field == Field::Display { Field::Behind } else { field };
                if names.iter().all(|(_, other)| *other != name) {
                    names.push((field, name));
                }
            }
        };
        if let Some(full) = full {
            put(Field::Display, full);
        }
        put(if is_sub { Field::Leaf } else { Field::Display }, &display);
        put(Field::Behind, living.company.as_deref().unwrap_or_default());
        let person = person(living.given.as_deref(), living.family.as_deref());
        put(Field::Person, &person);
        let of_person = Name::of(&person).is_some_and(|person| {
            let mut words = person.words.clone();
            words.sort();
            names.iter().any(|(field, name)| {
                let mut others = name.words.clone();
                others.sort();
                *field == Field::Display && others == words
            })
        });
        let is_person = of_person || (living.company.is_none() && display.contains(", "));
        let numbers = numbers_in(&display);
        let emails = contact::emails(living.email.as_deref().unwrap_or_default());
        let phones = living.phones.iter().filter_map(|phone| contact::phone(phone)).collect();
        let place = living.address.as_ref().and_then(Place::of);
        let living = Living { is_sub, ..living };
        Self { living, names, numbers, emails, phones, place, is_person }
    }
}

/// A person's whole name.
pub(super) fn person(first: Option<&str>, last: Option<&str>) -> String {
    let parts = [first, last].into_iter().flatten().map(str::trim).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ")
}

/// The name without its own currency behind it: customers are doubled for
/// another currency under such names.
fn without_currency(name: &str, currency: Option<&str>) -> String {
    let Some(currency) = currency.filter(|code| code.len() == 3) else { return name.to_owned() };
    let bare = name.trim_end().trim_end_matches([')', ']']);
    let cut = bare.len().checked_sub(3).and_then(|at| Some((bare.get(..at)?, bare.get(at..)?)));
    match cut {
        Some((rest, code)) if code.eq_ignore_ascii_case(currency) && rest.ends_with([' ', '(', '[', '-']) => {
            let rest = rest.trim_end_matches([' ', '(', '[', '-']);
            if rest.is_empty() { name.to_owned() } else { rest.to_owned() }
        }
        _ => name.to_owned(),
    }
}
