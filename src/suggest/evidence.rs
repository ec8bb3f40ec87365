//! What speaks for a pair and against it, as it is told.

use crate::model::ObjectId;

/// What speaks for a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// Its notes bear this customer's mark.
    Mark,
    /// Its name bears this customer's id.
    Id,
    /// Its name bears this customer's reference.
    Reference,
    /// One e-mail.
    Email,
    /// Two e-mails of one own domain.
    EmailDomain,
    /// One telephone.
    Phone,
    /// One address.
    Address,
    /// The same name.
    ExactName,
    /// The same name but for spelling, legal form and the like.
    NormalisedName,
    /// The same name, of the firm behind it or told beside it.
    CompanyName,
    /// A name like it.
    SimilarName,
    /// A name with words more, or with another word.
    PartOfName,
    /// The name of the customer's contact.
    ContactName,
}

impl For {
    /// The word for it, part of the contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mark => "mark",
            Self::Id => "id-in-name",
            Self::Reference => "reference-in-name",
            Self::Email => "email",
            Self::EmailDomain => "email-domain",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::ExactName => "exact-name",
            Self::NormalisedName => "normalised-name",
            Self::CompanyName => "company-name",
            Self::SimilarName => "similar-name",
            Self::PartOfName => "part-of-name",
            Self::ContactName => "contact-name",
        }
    }
}

/// What speaks against a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objection {
    /// Its notes bear another customer's mark.
    OtherMark,
    /// Its name bears another customer's id.
    OtherId,
    /// A line links it with another customer.
    Linked,
    /// It may not be used.
    Inactive,
    /// It is in another currency.
    OtherCurrency,
    /// It belongs to another customer.
    SubCustomer,
    /// Several customers have this e-mail, telephone or address.
    Shared,
    /// Another own domain.
    OtherEmail,
    /// Another telephone.
    OtherPhone,
    /// Another place.
    OtherAddress,
    /// Another legal form.
    OtherForm,
}

impl Objection {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::OtherMark => "other-mark",
            Self::OtherId => "other-id",
            Self::Linked => "linked",
            Self::Inactive => "inactive",
            Self::OtherCurrency => "other-currency",
            Self::SubCustomer => "sub-customer",
            Self::Shared => "shared",
            Self::OtherEmail => "other-email",
            Self::OtherPhone => "other-phone",
            Self::OtherAddress => "other-address",
            Self::OtherForm => "other-legal-form",
        }
    }

    /// Whether it can never be linked as it stands.
    pub fn is_bar(self) -> bool {
        matches!(self, Self::OtherMark | Self::OtherId | Self::Linked | Self::Inactive | Self::OtherCurrency)
    }
}

/// A QuickBooks customer that might be the one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// QuickBooks' id.
    pub id: ObjectId,
    /// Its name.
    pub name: String,
    /// How likely, in thousandths.
    pub score: u32,
    /// What speaks for it.
    pub evidence: Vec<For>,
    /// What speaks against it.
    pub against: Vec<Objection>,
}
