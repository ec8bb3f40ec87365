//! A Stax Bill customer made ready to be compared.

use super::contact::{self, Place};
use super::living::person;
use super::name::{Name, names_in};
use crate::model::Customer;

#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) customer: &'a Customer,
    /// The firm's names: the first is the whole of it, the others are told in it.
    pub(super) firm: Vec<Name>,
    /// The person, or the contact where there is a firm.
    pub(super) person: Option<Name>,
    pub(super) id: String,
    pub(super) emails: Vec<String>,
    pub(super) phone: Option<String>,
    pub(super) place: Option<Place>,
}

impl<'a> Wanted<'a> {
    pub(super) fn new(customer: &'a Customer) -> Self {
        let address = customer.billing_address.as_ref().or(customer.shipping_address.as_ref());
        Self {
            customer,
            firm: names_in(customer.company_name.as_deref().unwrap_or_default()),
            person: Name::of(&person(customer.first_name.as_deref(), customer.last_name.as_deref())),
            id: customer.id.to_string(),
            emails: contact::emails(customer.email.as_deref().unwrap_or_default()),
            phone: customer.phone.as_deref().and_then(contact::phone),
            place: address.and_then(Place::of),
        }
    }

    /// The names by which it is looked for.
    pub(super) fn names(&self) -> impl Iterator<Item = &Name> {
        self.firm.iter().chain(&self.person)
    }

    /// It is a person, or its firm is called as one.
    pub(super) fn is_person(&self) -> bool {
        match (self.firm.first(), &self.person) {
            (None, _) => true,
            (Some(firm), Some(person)) => firm.words == person.words,
            (Some(_), None) => false,
        }
    }
}
