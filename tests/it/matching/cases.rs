//! The labelled cases, read from `tests/matching/labelled.txt`.

use latchd::model::{Address, Currency, Customer, CustomerStatus, Mark, ObjectId};
use latchd::suggest::Living;

/// A Stax Bill customer, the QuickBooks customers beside it, and the truth.
pub(super) struct Case {
    /// What the case is about.
    pub(super) group: String,
    /// The Stax Bill customer.
    pub(super) customer: Customer,
    /// QuickBooks' customers.
    pub(super) living: Vec<Living>,
    /// The one that it is.
    pub(super) truth: Option<ObjectId>,
    /// Why.
    pub(super) reason: String,
}

/// All cases.
pub(super) fn all() -> Vec<Case> {
    let text = include_str!("../../matching/labelled.txt");
    let (mut cases, mut group, mut open) = (Vec::new(), String::new(), None);
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "#" => {}
            "##" => rest.clone_into(&mut group),
            "S" => open = Some((customer(rest), Vec::new())),
            "Q" => open.as_mut().expect("a case begins with S").1.push(living(rest)),
            "same" | "none" => {
                let (customer, living) = open.take().expect("a case begins with S");
                let (truth, reason) = match rest.split_once(' ') {
                    Some((id, reason)) if word == "same" => (Some(ObjectId::new(id)), reason),
                    _ => (None, rest),
                };
                let is_there = truth.as_ref().is_none_or(|truth| living.iter().any(|one| one.id == *truth));
                assert!(is_there && !living.is_empty() && !reason.is_empty(), "{line}");
                let (group, reason) = (group.clone(), reason.to_owned());
                cases.push(Case { group, customer, living, truth, reason });
            }
            _ => panic!("not a line of a case: {line}"),
        }
    }
    cases
}

/// The id, the name, and the fields behind it.
fn fields(text: &str) -> (String, String, Vec<(&str, String)>) {
    let mut parts = text.split(" | ");
    let (id, name) = parts.next().and_then(|head| head.split_once(' ')).expect("an id and a name");
    let fields = parts.map(|part| part.split_once(':').unwrap_or((part, ""))).collect::<Vec<_>>();
    let known = ["c", "f", "l", "e", "p", "a", "r", "cur", "parent", "notes", "inactive"];
    assert!(fields.iter().all(|(key, _)| known.contains(key)), "{text}");
    let fields = fields.into_iter().map(|(key, value)| (key, value.to_owned())).collect();
    (id.to_owned(), name.to_owned(), fields)
}

fn customer(text: &str) -> Customer {
    let (id, name, fields) = fields(text);
    let field = |key: &str| fields.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone());
    Customer {
        id: id.parse().expect("an id is a number"),
        status: CustomerStatus::Active,
        first_name: field("f"),
        last_name: field("l"),
        company_name: (name != "-").then_some(name),
        reference: field("r"),
        email: field("e"),
        phone: field("p"),
        currency: field("cur").map_or(Currency::USD, |code| code.parse().expect("a currency")),
        quickbooks_id: None,
        billing_address: field("a").map(|text| address(&text)),
        shipping_address: None,
    }
}

fn living(text: &str) -> Living {
    let (id, name, fields) = fields(text);
    let field = |key: &str| fields.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone());
    let is_sub = field("parent").is_some();
    let leaf = name.rsplit(':').next().unwrap_or(&name).to_owned();
    Living {
        full_name: is_sub.then(|| name.clone()),
        company: field("c"),
        given: field("f"),
        family: field("l"),
        email: field("e"),
        phones: field("p").into_iter().collect(),
        address: field("a").map(|text| address(&text)),
        currency: Some(field("cur").unwrap_or_else(|| "USD".to_owned())),
        is_inactive: field("inactive").is_some(),
        is_sub,
        mark: field("notes").and_then(|notes| Mark::find(&notes)).map(|mark| mark.key.id),
        ..Living::new(ObjectId::new(id), if is_sub { leaf } else { name })
    }
}

fn address(text: &str) -> Address {
    let mut parts = text.split(';').map(|part| Some(part.trim().to_owned()).filter(|part| !part.is_empty()));
    let mut part = || parts.next().flatten();
    Address { line1: part(), city: part(), state: part(), postal_code: part(), ..Address::default() }
}
