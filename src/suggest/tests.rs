//! Tests of the matcher on hostile texts, and of what the labelled pairs do
//! not show.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Index, Living, Objection, Suggestion, Verdict, suggest};
use crate::model::{Address, Currency, Customer, CustomerStatus, ObjectId};

fn customer(id: u64, name: &str) -> Customer {
    Customer {
        id,
        status: CustomerStatus::Active,
        first_name: None,
        last_name: None,
        company_name: Some(name.to_owned()),
        reference: None,
        email: None,
        phone: None,
        currency: Currency::USD,
        quickbooks_id: None,
        billing_address: None,
        shipping_address: None,
    }
}

fn living(id: &str, name: &str) -> Living {
    Living::new(ObjectId::new(id), name)
}

fn told(found: &[Suggestion]) -> Vec<(u64, Verdict, Option<&str>)> {
    found
        .iter()
        .map(|one| (one.customer, one.verdict, one.candidates.first().map(|one| one.id.as_str())))
        .collect()
}

#[test]
fn one_quickbooks_customer_is_nobodys_alone_when_two_claim_it() {
    let index = || Index::new(vec![living("58", "Bolt Bakery"), living("59", "Cogwheel & Co")]);
    let both =
        [customer(1, "Bolt Bakery"), customer(2, "Bolt Bakery, Inc."), customer(3, "Cogwheel and Company")];
    assert_eq!(
        told(&suggest(&index(), &both, &BTreeSet::new())),
        [
            (1, Verdict::Ambiguous, Some("58")),
            (2, Verdict::Ambiguous, Some("58")),
            (3, Verdict::Unique, Some("59"))
        ]
    );
    // A customer that has a line claims nobody any more.
    let settled = BTreeSet::from([2]);
    assert_eq!(
        told(&suggest(&index(), &both, &settled)),
        [(1, Verdict::Unique, Some("58")), (3, Verdict::Unique, Some("59"))]
    );
    // An e-mail of its own decides between two of one name.
    let mut one = living("58", "Bolt Bakery");
    one.email = Some("ann@bolt.example".to_owned());
    one.phones = vec!["555 010 0001".to_owned()];
    let mut both = [customer(1, "Bolt Bakery"), customer(2, "Bolt Bakery")];
    both[0].email = Some("Ann@Bolt.example".to_owned());
    both[0].phone = Some("(555) 010-0001".to_owned());
    let found = suggest(&Index::new(vec![one]), &both, &BTreeSet::new());
    assert_eq!(told(&found), [(1, Verdict::Unique, Some("58")), (2, Verdict::Ambiguous, Some("58"))]);
}

#[test]
fn what_may_not_be_linked_is_never_unique() {
    let one = || living("58", "Bolt Bakery (10483)");
    let barred = [
        (Objection::Inactive, Living { is_inactive: true, ..one() }),
        (Objection::Linked, Living { linked: Some(7), ..one() }),
        (Objection::OtherMark, Living { mark: Some(7), ..one() }),
        (Objection::OtherCurrency, Living { currency: Some("CAD".to_owned()), ..one() }),
    ];
    for (bar, one) in barred {
        let found = suggest(&Index::new(vec![one]), &[customer(10483, "Bolt Bakery")], &BTreeSet::new());
        assert_eq!(told(&found), [(10483, Verdict::Ambiguous, Some("58"))], "{bar:?}");
        assert!(found[0].candidates[0].against.contains(&bar), "{bar:?}");
    }
}

/// What may not be linked can have more in common; the first is the sure one
/// all the same. What may be linked and has more makes it unsure.
#[test]
fn the_first_is_the_one_that_is_unique() {
    let email = Some("ap@acme.example".to_owned());
    let phones = vec!["512 555 0196".to_owned()];
    let one = |id: &str, name: &str| Living { email: email.clone(), ..living(id, name) };
    let address = Some(Address {
        line1: Some("7 Launch Rd".to_owned()),
        postal_code: Some("78701".to_owned()),
        ..Address::default()
    });
    let more = |name: &str| Living { phones: phones.clone(), address: address.clone(), ..one("58", name) };
    let phone = phones.first().cloned();
    let wanted = Customer {
        email: email.clone(),
        phone,
        billing_address: address.clone(),
        ..customer(1, "Acme Rockets")
    };
    let cases = [
        (Living { linked: Some(7), ..more("Acme Rockets") }, Verdict::Unique, "59"),
        (Living { is_inactive: true, ..more("Acme Rockets") }, Verdict::Unique, "59"),
        (more("Acme Rockets West"), Verdict::Ambiguous, "58"),
    ];
    for (other, verdict, first) in cases {
        let told_of = format!("{other:?}");
        let index = Index::new(vec![other, one("59", "Acme Rockets")]);
        let found = suggest(&index, std::slice::from_ref(&wanted), &BTreeSet::new());
        assert_eq!(told(&found), [(1, verdict, Some(first))], "{told_of}: {found:?}");
    }
}

/// What both sides have in common beside the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Common {
    Nothing,
    Email,
    EmailAndPhone,
}

#[test]
fn traps_are_not_unique_and_plain_cases_are() {
    use Common::{Email, EmailAndPhone, Nothing};
    // Stax Bill's name and id, QuickBooks' name, what is common, whether it is unique.
    let cases = [
        ("Amy's Bird Sanctuary", 1, "Amys Bird Sanctuary Inc", Nothing, true),
        ("Jetstream Logistics", 1, "Jet Stream Logistics", Nothing, false),
        ("Jetstream Logistics", 1, "Jet Stream Logistics", Email, true),
        ("Main Street Cafe", 1, "Main Street Cafe", Nothing, false),
        ("Main Street Cafe", 1, "Main Street Cafe", Email, true),
        ("First Baptist Church", 1, "First Baptist Church", Nothing, false),
        ("Realty Brightline NV", 1, "Realty Brightline", Nothing, false),
        ("Kestrel Avionics N", 1, "Kestrel Avionics S", EmailAndPhone, false),
        ("Kestrel Avionics N", 1, "Kestrel Avionics", EmailAndPhone, false),
        ("Kestrel Avionics 14", 1, "Kestrel Avionics 41", EmailAndPhone, false),
        ("Kestrel Avionics", 1, "Kestrel Avionics Holding", EmailAndPhone, false),
        ("Kestrel Plumbing", 1, "Kestrel Painting", EmailAndPhone, false),
        ("Kestrel Rental", 1, "Kestrel Dental", EmailAndPhone, false),
        ("Kestrel Avionics", 1, "Avionics Kestrel", Nothing, false),
        ("Kestrel Avionics", 1, "Kestral Avionics", Nothing, false),
        ("Kestrel Avionics", 1, "Kestral Avionics", Email, true),
        ("Smith Bakery", 2019, "Smith 2019", Nothing, false),
        ("Smith Bakery", 2019, "Smith Bakery (2019)", Nothing, true),
        ("Smith Bakery", 48_213, "Smith (48213)", Nothing, true),
        ("Smith Bakery", 48_213, "Jones Foundry (48213)", Nothing, false),
        ("Kestrel LLC Avionics", 1, "Kestrel Inc Avionics", Nothing, false),
        ("TA Associates Kestrel", 1, "Associates", Nothing, false),
        ("Smith.Jones", 1, "Smith", EmailAndPhone, false),
    ];
    for (name, id, display, common, expected) in cases {
        let mut one = Living::new(ObjectId::new("58"), display);
        let mut customer = customer(id, name);
        if common != Nothing {
            one.email = Some("ann@one.example".to_owned());
            customer.email = Some("Ann@One.Example; other@two.example".to_owned());
        }
        if common == EmailAndPhone {
            one.phones = vec!["+1 (555) 010-0001".to_owned()];
            customer.phone = Some("555.010.0001 ext. 7".to_owned());
        }
        let found = suggest(&Index::new(vec![one]), &[customer], &BTreeSet::new());
        assert_eq!(found[0].verdict == Verdict::Unique, expected, "{name} / {display}: {found:?}");
    }
}

#[test]
fn persons_of_one_house_are_told_apart() {
    let cases = [
        (("Joan", "Pickering"), "John Pickering", false),
        (("Paul", "Pickering"), "Paula Pickering", false),
        (("J", "Pickering"), "John Pickering", false),
        (("Samuel", "Pickering"), "Samantha Pickering", false),
        (("John", "Pickering Jr"), "John Pickering Sr", false),
        (("Robert", "Pickering"), "Pickering, Bob", true),
        (("John", "Pickering"), "John Pickering", true),
    ];
    for ((first, last), display, expected) in cases {
        let address = Address {
            line1: Some("18 Moss Rd".to_owned()),
            postal_code: Some("LS1 4AP".to_owned()),
            ..Address::default()
        };
        let email = Some("pickerings@mail.example".to_owned());
        let one = Living { email: email.clone(), address: Some(address.clone()), ..living("58", display) };
        let person = Customer {
            company_name: None,
            first_name: Some(first.to_owned()),
            last_name: Some(last.to_owned()),
            email,
            billing_address: Some(address),
            ..customer(1, "")
        };
        let found = suggest(&Index::new(vec![one]), &[person], &BTreeSet::new());
        assert_eq!(found[0].verdict == Verdict::Unique, expected, "{first} {last} / {display}: {found:?}");
    }
}

#[test]
fn a_search_finds_by_id_part_and_slip() {
    let index = Index::new(vec![
        living("58", "Amy's Bird Sanctuary"),
        living("60", "Route 58 Diner"),
        living("7", "Bolt"),
    ]);
    let cases = [("58", "58"), ("bird", "58"), ("Route", "60"), ("Amys Brid Sanctuary", "58"), ("BOLT", "7")];
    for (text, id) in cases {
        assert_eq!(index.search(text).first().map(|one| one.id.as_str()), Some(id), "{text}");
    }
    assert!(index.search("").is_empty());
}

/// Texts that a name may be made of by chance or by malice.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[#()\\[\\] 0-9a]{0,30}",
        "[a-z]{1,3}( [A-Z&./']{1,2}){0,9}",
        Just("(".repeat(500)),
        Just("\u{202e}\u{0}\u{feff}é🦀".repeat(200)),
        Just(" : : (deleted) (((#".to_owned()),
        "(www\\.|https://)?[a-z.]{0,12}",
        "[0-9 +x()-]{0,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever the texts, both sides are judged, ranked, and no bar is passed.
    #[test]
    fn no_text_breaks_the_matcher(texts in prop::collection::vec(hostile(), 24), bars in any::<[bool; 3]>()) {
        let [inactive, sub, priced] = bars;
        let text = |at: usize| texts[at].clone();
        let address = |at: usize| Address {
            line1: Some(text(at)),
            city: Some(text(at + 1)),
            postal_code: Some(text(at + 2)),
            ..Address::default()
        };
        let living: Vec<Living> = (0..3).map(|at| Living {
            full_name: Some(text(at + 1)),
            company: Some(text(at + 2)),
            given: Some(text(at + 3)),
            family: Some(text(at + 4)),
            email: Some(text(at + 5)),
            phones: vec![text(at + 6)],
            address: Some(address(at + 7)),
            currency: priced.then(|| text(at + 8)),
            is_inactive: inactive,
            is_sub: sub,
            ..Living::new(ObjectId::new(at.to_string()), text(at))
        }).collect();
        let customers: Vec<Customer> = (0..3).map(|at| Customer {
            first_name: Some(text(at + 11)),
            last_name: Some(text(at + 12)),
            reference: Some(text(at + 13)),
            email: Some(text(at + 5)),
            phone: Some(text(at + 6)),
            billing_address: Some(address(at + 14)),
            ..customer(1 + at as u64, &text(at))
        }).collect();
        let index = Index::new(living);
        let found = suggest(&index, &customers, &BTreeSet::new());
        prop_assert_eq!(found.len(), 3);
        for one in &found {
            let ranked = &one.candidates[usize::from(one.verdict == Verdict::Unique)..];
            prop_assert!(ranked.is_sorted_by(|a, b| a.score >= b.score));
            prop_assert!(one.candidates.iter().all(|one| one.score <= 1000));
            prop_assert_eq!(one.verdict == Verdict::None, one.candidates.is_empty());
            let barred = one.candidates.first().is_some_and(|one| one.against.iter().any(|word| word.is_bar()));
            prop_assert!(one.verdict != Verdict::Unique || !barred);
        }
        let _ = index.search(&text(20));
    }
}
