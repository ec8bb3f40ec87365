//! Intuit's demo company as it was found, a year ago.
//!
//! Its ids, names and types are facts about the sample company every developer
//! gets. What its customers owed then is in their balances alone, without
//! documents: what is in the books as an invoice or a payment was put there by
//! a client or by a bookkeeper, and tests can count it.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::books::Books;
use super::country::Country;
use super::entity::{self, Entity};
use super::json::{Object, number_in, object, text};
use super::{taxes, write};

const OBJECTS: &str = include_str!("demo-company.json");

/// The first id that new objects get.
const FIRST_ID: u64 = 201;

/// What a company that has just begun has not yet.
const ITS_OWN: [&str; 4] = ["Customer", "Vendor", "Employee", "Item"];

/// The books with which the sandbox starts; those of a `new` company are the
/// same without people, items and balances.
pub(super) fn books((company_name, country): (&str, &str), now: Timestamp, new: bool) -> Books {
    let country = Country::named(country);
    let year_ago = now.saturating_sub(SignedDuration::from_hours(365 * 24)).unwrap_or(now);
    let mut books = Books::new(year_ago, FIRST_ID);
    let lists: Vec<(String, Vec<Object>)> =
        serde_json::from_str(OBJECTS).expect("the demo company is sound JSON");
    let mut openings = Vec::new();
    for (name, objects) in lists.into_iter().filter(|list| !new || !ITS_OWN.contains(&list.0.as_str())) {
        let entity = entity::carried(&name).expect("the demo company names carried entities");
        for mut one in objects {
            if name == "CompanyInfo" {
                one.extend(card(company_name, country));
            }
            if name == "Preferences" {
                settle_currency(&mut one, country);
            }
            let id = text(&one, "Id").and_then(|id| id.parse().ok()).unwrap_or_default();
            let opening = ["Balance", "CurrentBalance"].iter().find_map(|key| one.remove(*key));
            write::seed(&mut books, entity, one).expect("the demo company keeps the service's rules");
            if let Some(amount) = opening.as_ref().and_then(number_in) {
                openings.push((entity, id, amount));
            }
        }
    }
    taxes::seed(&mut books, country).expect("the tax codes a company starts with keep the rules");
    for (entity, id, amount) in openings.into_iter().filter(|_| !new) {
        open(&mut books, entity, (id, amount));
    }
    books.set_now(now);
    books
}

/// Customers owe and accounts hold what they did when the books were found. The
/// other side of it stands in Opening Balance Equity.
fn open(books: &mut Books, entity: &Entity, (id, amount): (u64, Decimal)) {
    if entity.name == "Account" { books.open_account(id, amount) } else { books.open_customer(id, amount) }
}

fn card(company_name: &str, country: &Country) -> Object {
    let name: Value = json!(company_name);
    object(json!({ "CompanyName": name, "LegalName": name, "Country": country.code }))
}

fn settle_currency(preferences: &mut Object, country: &Country) {
    preferences["CurrencyPrefs"]["HomeCurrency"] = json!({ "value": country.currency });
    if !country.is_us() {
        preferences["TaxPrefs"] = json!({ "UsingSalesTax": true });
    }
}
