//! Customers: created under a name that bears Stax Bill's id, or adopted; both
//! bear our mark in their notes.

use serde_json::{Map, Value, json};

use super::{Setting, text};
use crate::model::{
    Address, Code, Customer, Desired, Key, Mark, Money, NamePart, ObjectKind, Observed, Part, Problem,
};

/// Longest display name we send (QuickBooks takes 500; forms and connectors
/// show 100).
const NAME_CHARS_MAX: usize = 100;
/// Longest notes (Intuit: Customer).
const NOTES_CHARS_MAX: usize = 2000;

/// The customer as it is created. `name` is the link's own, before the id is
/// put behind it; without one it is made by `template`.
pub fn create(
    customer: &Customer,
    name: Option<&str>,
    template: &[NamePart],
    setting: Setting<'_>,
) -> Result<Desired, Problem> {
    let targets = setting.targets;
    let home = targets.home_currency;
    if !targets.multicurrency && home.is_some_and(|home| home != customer.currency) {
        let reason = format!(
            "customer {} is billed in {}, and the QuickBooks company knows no other currency than {}",
            customer.id,
            customer.currency,
            home.map(|home| home.to_string()).unwrap_or_default()
        );
        return Err(Problem::new(Code::CurrencyMismatch, reason));
    }
    let display = display_name(customer, name, template, setting);
    let mut body = contact_body(customer, setting);
    body.insert("DisplayName".to_owned(), json!(display));
    body.insert("Notes".to_owned(), json!(Mark::of(Key::customer(customer.id)).to_string()));
    if targets.multicurrency {
        body.insert("CurrencyRef".to_owned(), json!({ "value": customer.currency.as_str() }));
    }
    Ok(Desired {
        key: Key::customer(customer.id),
        part: Part::Whole,
        object: ObjectKind::Customer,
        number: display,
        date: None,
        currency: customer.currency,
        total: Money::ZERO,
        body: Value::Object(body),
        references: Vec::new(),
    })
}

/// What is sent when the contact data of a customer that was created changed.
/// Its display name stays: documents were printed with it. What Stax Bill does
/// not have is left as it is, because a bookkeeper may have entered it.
pub fn contact(customer: &Customer, setting: Setting<'_>) -> Value {
    Value::Object(contact_body(customer, setting))
}

fn contact_body(customer: &Customer, setting: Setting<'_>) -> Map<String, Value> {
    let targets = setting.targets;
    let mut body = Map::new();
    let mut put = |key: &str, value: Option<&str>, chars_max: usize| {
        let value = value.map(|value| text::cut(&plain(value, setting), chars_max));
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            body.insert(key.to_owned(), json!(value));
        }
    };
    put("CompanyName", customer.company_name.as_deref(), 100);
    put("GivenName", customer.first_name.as_deref(), 100);
    put("FamilyName", customer.last_name.as_deref(), 100);
    if let Some(email) = customer.email.as_deref().and_then(first_email) {
        body.insert("PrimaryEmailAddr".to_owned(), json!({ "Address": email }));
    }
    if let Some(phone) = customer.phone.as_deref().map(|phone| text::letters(phone, targets)) {
        // A cut number would be a wrong one.
        if !phone.is_empty() && phone.chars().count() <= 30 {
            body.insert("PrimaryPhone".to_owned(), json!({ "FreeFormNumber": phone }));
        }
    }
    for (key, address) in [("BillAddr", &customer.billing_address), ("ShipAddr", &customer.shipping_address)]
    {
        if let Some(address) = address.as_ref().and_then(|address| address_body(address, setting)) {
            body.insert(key.to_owned(), address);
        }
    }
    body
}

/// What an adopted customer's notes become: the mark behind what a person
/// wrote. `None` where it already bears the mark, or where there is no room:
/// nobody's words are cut for it.
pub fn marked_notes(key: Key, living: &Observed) -> Option<String> {
    let notes = living.note.as_deref().unwrap_or_default().trim_end();
    let mark = Mark::of(key).to_string();
    // Customers that share it have a mark each.
    if notes.contains(&mark) {
        return None;
    }
    let marked = if notes.is_empty() { mark } else { format!("{notes}\n{mark}") };
    (marked.chars().count() <= NOTES_CHARS_MAX).then_some(marked)
}

/// How alike two names are, from 0 to 1, after what people vary is put aside:
/// case, accents, punctuation, legal forms.
#[expect(clippy::float_arithmetic, clippy::disallowed_types, reason = "a likeness is no money")]
pub fn likeness(one: &str, other: &str) -> f64 {
    let (one, other) = (normalised(one), normalised(other));
    if one == other {
        return 1.0;
    }
    // A name that only begins alike is not alike: the shorter must carry the longer.
    let lengths = (one.chars().count().max(1), other.chars().count().max(1));
    let (short, long) = (lengths.0.min(lengths.1), lengths.0.max(lengths.1));
    let ratio = f64::from(u32::try_from(short).unwrap_or(u32::MAX))
        / f64::from(u32::try_from(long).unwrap_or(u32::MAX));
    strsim::jaro_winkler(&one, &other) * ratio.sqrt()
}

/// Below this likeness a living name is not the expected one.
#[expect(clippy::disallowed_types, reason = "a likeness is no money")]
pub const LIKENESS_MIN: f64 = 0.85;

/// A name without what people vary: case, accents, punctuation, legal forms.
pub fn normalised(name: &str) -> String {
    const LEGAL: [&str; 18] = [
        "inc",
        "incorporated",
        "llc",
        "llp",
        "lp",
        "ltd",
        "limited",
        "corp",
        "corporation",
        "co",
        "company",
        "plc",
        "gmbh",
        "ag",
        "sa",
        "bv",
        "pty",
        "the",
    ];
    let all = words(name);
    let kept =
        all.iter().map(String::as_str).filter(|word| !LEGAL.contains(word)).collect::<Vec<_>>().join(" ");
    if kept.is_empty() { all.join(" ") } else { kept }
}

/// The words of a name in small Latin letters: accents put aside, other
/// scripts as they sound, `&` as `and`.
pub fn words(name: &str) -> Vec<String> {
    use unicode_normalization::UnicodeNormalization;
    let plain = deunicode::deunicode(&name.nfkc().collect::<String>()).to_lowercase().replace('&', " and ");
    let plain = plain.replace(['\'', '.'], "");
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(ToOwned::to_owned).collect()
}

fn display_name(
    customer: &Customer,
    name: Option<&str>,
    template: &[NamePart],
    setting: Setting<'_>,
) -> String {
    let parts = template.iter().filter_map(|part| match part {
        NamePart::CompanyName => customer.company_name.as_deref(),
        NamePart::Reference => customer.reference.as_deref(),
        NamePart::FirstName => customer.first_name.as_deref(),
        NamePart::LastName => customer.last_name.as_deref(),
    });
    let made = parts.map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let name = name.map(ToOwned::to_owned).filter(|name| !name.trim().is_empty());
    let name = name.unwrap_or_else(|| if made.is_empty() { customer.label() } else { made });
    let name = plain(&name, setting);
    let id = customer.id.to_string();
    if name.split(|c: char| !c.is_alphanumeric()).any(|word| word == id)
        && name.chars().count() <= NAME_CHARS_MAX
    {
        return name;
    }
    let suffix = format!(" ({id})");
    format!("{}{suffix}", text::cut(&name, NAME_CHARS_MAX - suffix.len()))
}

/// The letters of a name. A colon would make a sub-customer (Intuit: Customer),
/// also one that only becomes a colon in the letters of the country.
fn plain(name: &str, setting: Setting<'_>) -> String {
    let one_line = text::letters(name, setting.targets).replace(':', " ");
    one_line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first address that QuickBooks would take; Stax Bill may hold several,
/// separated by `;`.
fn first_email(list: &str) -> Option<&str> {
    list.split([';', ',', ' ']).map(str::trim).find(|address| {
        let plain = address.is_ascii() && address.len() <= 100 && !address.contains(char::is_whitespace);
        plain
            && address.split_once('@').is_some_and(|(name, host)| {
                !name.is_empty()
                    && !host.contains('@')
                    && host.contains('.')
                    && !host.starts_with('.')
                    && !host.ends_with('.')
            })
    })
}

fn address_body(address: &Address, setting: Setting<'_>) -> Option<Value> {
    let rows = [
        ("Line1", &address.line1, 500),
        ("Line2", &address.line2, 500),
        ("City", &address.city, 255),
        ("CountrySubDivisionCode", &address.state, 255),
        ("PostalCode", &address.postal_code, 30),
        ("Country", &address.country, 255),
    ];
    let fitted = rows.into_iter().filter_map(|(key, value, chars_max)| {
        let value = text::fit(value.as_deref()?, chars_max, setting.targets);
        (!value.is_empty()).then(|| (key.to_owned(), json!(value)))
    });
    let body = fitted.collect::<Map<_, _>>();
    (!body.is_empty()).then_some(Value::Object(body))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{posting, targets};
    use super::*;
    use crate::model::CustomerStatus;
    use jiff::tz::TimeZone;

    fn customer() -> Customer {
        Customer {
            id: 10483,
            status: CustomerStatus::Active,
            first_name: Some("Ann".to_owned()),
            last_name: None,
            company_name: Some("Bolt: Bakery".to_owned()),
            reference: Some("B-7".to_owned()),
            email: Some("not one; ann@bolt.example; x@y.z".to_owned()),
            phone: Some("555 0100".to_owned()),
            currency: crate::model::Currency::USD,
            quickbooks_id: None,
            billing_address: Some(Address { line1: Some("1 Main St".to_owned()), ..Address::default() }),
            shipping_address: None,
        }
    }

    #[test]
    fn names_bear_the_id_once_and_fit() {
        let (posting, targets) = (posting(), targets());
        let setting = Setting { posting: &posting, targets: &targets, zone: &TimeZone::UTC };
        let long = "x".repeat(300);
        let cases = [
            (Some("Bolt Bakery"), "Bolt Bakery (10483)"),
            (Some("Bolt 10483"), "Bolt 10483"),
            (Some("Bolt 104830"), "Bolt 104830 (10483)"),
            (Some("a:b\tc\nd  "), "a b c d (10483)"),
            (None, "Bolt Bakery B-7 (10483)"),
        ];
        for (name, expected) in cases {
            let template = [NamePart::CompanyName, NamePart::Reference];
            assert_eq!(create(&customer(), name, &template, setting).unwrap().number, expected);
        }
        let cut = create(&customer(), Some(&long), &[], setting).unwrap().number;
        assert_eq!(cut.chars().count(), 100);
        assert!(cut.ends_with("... (10483)"), "{cut}");
    }

    #[test]
    fn the_body_is_exactly_this() {
        let (posting, targets) = (posting(), targets());
        let setting = Setting { posting: &posting, targets: &targets, zone: &TimeZone::UTC };
        let desired = create(&customer(), None, &[NamePart::CompanyName], setting).unwrap();
        let expected = json!({
            "DisplayName": "Bolt Bakery (10483)", "CompanyName": "Bolt Bakery", "GivenName": "Ann",
            "Notes": "[latchd customer/10483]", "PrimaryEmailAddr": {"Address": "ann@bolt.example"},
            "PrimaryPhone": {"FreeFormNumber": "555 0100"}, "BillAddr": {"Line1": "1 Main St"},
        });
        assert_eq!(desired.body, expected);
        let euros = Customer { currency: "EUR".parse().unwrap(), ..customer() };
        assert_eq!(create(&euros, None, &[], setting).unwrap_err().code, Code::CurrencyMismatch);
    }

    #[test]
    fn likeness_tells_spellings_from_strangers() {
        let alike = [
            ("Amy's Bird Sanctuary", "AMYS BIRD SANCTUARY, Inc."),
            ("Cog & Co", "Cog and Company"),
            ("Café Röstwerk GmbH", "Cafe Rostwerk"),
            ("Dukes Basketball Camp", "Dukes Basketbal Camp"),
        ];
        for (one, other) in alike {
            assert!(likeness(one, other) >= LIKENESS_MIN, "{one} / {other}: {}", likeness(one, other));
        }
        for (one, other) in
            [("Acme Rockets", "Bolt Bakery"), ("Pye's Cakes", "Pye's Plumbing and Heating"), ("", "A")]
        {
            assert!(likeness(one, other) < LIKENESS_MIN, "{one} / {other}: {}", likeness(one, other));
        }
    }
}
