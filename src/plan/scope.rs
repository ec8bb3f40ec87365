//! Scope: which records count at all.

use jiff::civil::Date;

use crate::model::{CustomerStatus, Link, Verb};
use crate::mutation::Mutation;

/// Whether a customer counts: not a draft, not skipped, and not a cancelled
/// one that nobody decided about.
pub fn customer_in_scope(status: CustomerStatus, link: Option<&Link>) -> bool {
    match (status, link.map(|link| &link.verb)) {
        (CustomerStatus::Draft, _)
        | (_, Some(Verb::Skip { .. } | Verb::Unlink { .. }))
        | (CustomerStatus::Cancelled, None) => false,
        (
            CustomerStatus::Active
            | CustomerStatus::Hold
            | CustomerStatus::Suspended
            | CustomerStatus::Cancelled,
            Some(Verb::Adopt { .. } | Verb::Create { .. }) | None,
        ) => true,
    }
}

/// Whether a document of a customer in scope counts: it is worth something (or
/// stands in QuickBooks already), and its day is on or after `start`.
pub fn document_in_scope(date: Date, start: Option<Date>, worth_posting: bool) -> bool {
    let start = start.filter(|_| !Mutation::IgnoreStart.is_planted());
    worth_posting && start.is_none_or(|start| date >= start)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::model::{Place, Start};

    #[test]
    fn scope_is_as_the_contract_says() {
        let at = Place { file: "links.toml".into(), line: 1 };
        let create = Link::new(Verb::Create { name: None, start: Start::Beginning }, at.clone());
        let skip = Link::new(Verb::Skip { why: "test".to_owned() }, at.clone());
        let unlink = Link::new(Verb::Unlink { why: "closed".to_owned() }, at);
        let cases = [
            (CustomerStatus::Draft, Some(&create), false),
            (CustomerStatus::Active, None, true),
            (CustomerStatus::Active, Some(&skip), false),
            (CustomerStatus::Active, Some(&unlink), false),
            (CustomerStatus::Hold, None, true),
            (CustomerStatus::Suspended, Some(&create), true),
            (CustomerStatus::Cancelled, None, false),
            (CustomerStatus::Cancelled, Some(&create), true),
        ];
        for (status, link, expected) in cases {
            assert_eq!(customer_in_scope(status, link), expected, "{status:?} {link:?}");
        }
        let start = Some(date(2026, 1, 1));
        assert!(document_in_scope(date(2026, 1, 1), start, true));
        assert!(!document_in_scope(date(2025, 12, 31), start, true));
        assert!(document_in_scope(date(1999, 1, 1), None, true));
        assert!(!document_in_scope(date(2026, 1, 1), start, false));
    }
}
