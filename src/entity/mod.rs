//! Entities: one file each says what a Stax Bill record is in QuickBooks.
//!
//! A record goes in, a [`crate::model::Desired`] or a [`crate::model::Problem`] comes out; nothing here
//! knows what QuickBooks holds, what time it is, or what is to be done about
//! it. Adding an entity is one file and one entry in [`ORDER`].

pub mod customer;
pub mod invoice;
pub mod payment;
mod text;

use jiff::tz::TimeZone;

use crate::model::{Entity, ObjectKind, Posting, Targets};

/// What translating needs besides the record.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// Where in the books each kind of amount goes, as written in the files.
    pub posting: &'a Posting,
    /// What the preflight found of it.
    pub targets: &'a Targets,
    /// Decides which day an instant belongs to.
    pub zone: &'a TimeZone,
}

/// One entry of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The kind.
    pub entity: Entity,
    /// What it becomes.
    pub object: ObjectKind,
}

/// What latchd posts, in the order in which it posts it: each refers to
/// earlier ones only. The kinds of [`Entity::ALL`] that are not here are
/// reported as empty.
pub const ORDER: [Entry; 3] = [
    Entry { entity: Entity::Customer, object: ObjectKind::Customer },
    Entry { entity: Entity::Invoice, object: ObjectKind::Invoice },
    Entry { entity: Entity::Payment, object: ObjectKind::Payment },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_entities() {
        assert!(ORDER.windows(2).all(|pair| pair[0].entity < pair[1].entity));
    }
}
