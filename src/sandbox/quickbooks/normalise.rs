//! The first look at a body: unknown properties are refused, values brought
//! into their form, read-only ones dropped.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::books::Books;
use super::country::Country;
use super::entity::{Entity, Field, Kind, field};
use super::fault::Fault;
use super::json::{Object, decimal, money, number_in, plain, scalar};
use super::stamp;

const ADDRESS: &[&str] = &[
    "Id",
    "Line1",
    "Line2",
    "Line3",
    "Line4",
    "Line5",
    "City",
    "Country",
    "CountryCode",
    "CountrySubDivisionCode",
    "PostalCode",
    "PostalCodeSuffix",
    "County",
    "Lat",
    "Long",
    "Tag",
    "Note",
];
const REFERENCE: &[&str] = &["value", "name", "type"];
const EMAIL: &[&str] = &["Id", "Address", "Default", "Tag"];
const PHONE: &[&str] = &[
    "Id",
    "DeviceType",
    "CountryCode",
    "AreaCode",
    "ExchangeCode",
    "Extension",
    "FreeFormNumber",
    "Default",
    "Tag",
];
const URL: &[&str] = &["Id", "URI", "Default", "Tag"];
const MEMO: &[&str] = &["Id", "value"];

/// Properties that hold several things, for which one alone is no value.
const LISTS: &[&str] = &["Line", "LinkedTxn", "CustomField", "AttachableRef"];

/// What of a transaction is posted, wherever in it it stands.
const AMOUNTS: &[&str] = &["Amount", "TotalAmt", "TotalTax", "Balance", "UnappliedAmt"];

/// Amounts, prices and quantities have at most fifteen digits.
const LARGEST: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);

/// Returns the writable properties of `body`, each in the form the books keep.
///
/// A property that is absent or `null` does not appear; one sent as the empty
/// string appears as `null`, which clears it.
pub(super) fn properties(entity: &Entity, body: &Object) -> Result<Object, Fault> {
    let mut sent = Object::new();
    for (name, value) in body {
        let Some(field) = entity.field(name) else {
            if field::COMMON.contains(&name.as_str()) {
                continue;
            }
            return Err(Fault::unrecognized(name, entity.name, &entity.known_properties()));
        };
        if value.is_null() || !field.writable {
            continue;
        }
        let cleared = value.as_str().is_some_and(str::is_empty) && !LISTS.contains(&field.name);
        let value = if cleared { Value::Null } else { one(field, value)? };
        sent.insert(name.clone(), value);
    }
    Ok(sent)
}

/// Refuses keys of a nested object that its class does not have.
pub(super) fn check_keys(object: &Object, class: &str, known: &[&str]) -> Result<(), Fault> {
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(Fault::unrecognized(key, class, known)),
        None => Ok(()),
    }
}

/// A reference in the form `{"value": id}`; the name that came along is
/// decoration. `null` when it points nowhere.
pub(super) fn reference(element: &str, value: &Value) -> Result<Value, Fault> {
    let object = value.as_object().ok_or_else(|| wrong_type(element))?;
    check_keys(object, "ReferenceType", REFERENCE)?;
    let id = object.get("value").and_then(scalar).filter(|id| !id.is_empty());
    Ok(id.map_or(Value::Null, |id| json!({ "value": id })))
}

/// What a nested list holds; one that is absent or `null` holds nothing.
pub(super) fn list<'a>(object: &'a Object, key: &str) -> Result<&'a [Value], Fault> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(value) => value.as_array().map(Vec::as_slice).ok_or_else(|| wrong_type(key)),
    }
}

/// The one transaction a line links to, if any. That it links to no second is
/// documented of payments, and our reading elsewhere.
pub(super) fn linked(line: &Object) -> Result<Option<&Object>, Fault> {
    match list(line, "LinkedTxn")? {
        [] => Ok(None),
        [one] => one.as_object().map(Some).ok_or_else(|| wrong_type("LinkedTxn")),
        _ => Err(Fault::cannot_link()),
    }
}

/// Text of at most `max` characters.
pub(super) fn text(element: &str, value: &Value, max: usize) -> Result<String, Fault> {
    let text = scalar(value).ok_or_else(|| wrong_type(element))?;
    let length = text.chars().count();
    if length <= max {
        return Ok(text);
    }
    if element == "DocNumber" {
        return Err(Fault::business(&format!(
            "You cannot enter more than {max} characters in the doc_num field"
        )));
    }
    Err(Fault::length(element, max, length))
}

/// A calendar day.
pub(super) fn day(element: &str, value: &Value) -> Result<Value, Fault> {
    let text = scalar(value).ok_or_else(|| wrong_type(element))?;
    let day = stamp::date(&text).ok_or_else(|| Fault::bad_value("2060", "Invalid date", element, &text))?;
    Ok(json!(day))
}

fn one(field: &Field, value: &Value) -> Result<Value, Fault> {
    match field.kind {
        Kind::Text(max) => Ok(json!(text(field.name, value, max)?)),
        Kind::Flag => truth(field.name, value),
        Kind::Amount => Ok(money(quantity(field.name, value)?)),
        Kind::Number => Ok(plain(quantity(field.name, value)?)),
        Kind::Date => day(field.name, value),
        Kind::Reference(_) => reference(field.name, value),
        Kind::Email => email(field.name, value),
        Kind::Phone => part(value, (field.name, "TelephoneNumber", PHONE), ("FreeFormNumber", 30)),
        Kind::Url => part(value, (field.name, "WebSiteAddress", URL), ("URI", 1000)).and_then(checked_url),
        Kind::Address => address(field.name, value),
        Kind::Memo(max) => part(value, (field.name, "MemoRef", MEMO), ("value", max)),
        Kind::Open if LISTS.contains(&field.name) && !value.is_array() => Err(wrong_type(field.name)),
        Kind::Open => Ok(value.clone()),
    }
}

/// A number, also one written as a string.
pub(super) fn quantity(element: &str, value: &Value) -> Result<Decimal, Fault> {
    let supplied = scalar(value).ok_or_else(|| wrong_type(element))?;
    let number = number_in(value).filter(|number| number.abs() < LARGEST);
    number.ok_or_else(|| Fault::bad_value("2090", "Invalid Number", element, &supplied))
}

/// Refuses a transaction that holds an amount of more than fifteen digits, as it
/// stands or at home (ours: how the service refuses it is not recorded).
pub(super) fn check_worth(object: &Object) -> Result<(), Fault> {
    let rate = Some(decimal(object, "ExchangeRate")).filter(|rate| !rate.is_zero()).unwrap_or(Decimal::ONE);
    let fits = |amount: Decimal| {
        let home = amount.checked_mul(rate);
        amount.abs() < LARGEST && home.is_some_and(|home| home.abs() < LARGEST)
    };
    check_amounts(object, &fits)
}

fn check_amounts(object: &Object, fits: &dyn Fn(Decimal) -> bool) -> Result<(), Fault> {
    for (key, value) in object {
        let amount = Some(value).filter(|_| AMOUNTS.contains(&key.as_str())).and_then(number_in);
        if amount.is_some_and(|amount| !fits(amount)) {
            let supplied = scalar(value).unwrap_or_default();
            return Err(Fault::bad_value("2090", "Invalid Number", key, &supplied));
        }
        let inner = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        inner.iter().filter_map(Value::as_object).try_for_each(|part| check_amounts(part, fits))?;
    }
    Ok(())
}

fn truth(element: &str, value: &Value) -> Result<Value, Fault> {
    match scalar(value).as_deref() {
        Some("true") => Ok(json!(true)),
        Some("false") => Ok(json!(false)),
        _ => Err(wrong_type(element)),
    }
}

/// An object of which one property counts, as in `{"Address": "a@b.c"}`.
fn part(
    value: &Value,
    (element, class, known): (&str, &str, &[&str]),
    (key, max): (&str, usize),
) -> Result<Value, Fault> {
    let object = value.as_object().ok_or_else(|| wrong_type(element))?;
    check_keys(object, class, known)?;
    let Some(value) = object.get(key).filter(|value| !value.is_null()) else { return Ok(Value::Null) };
    let text = text(&format!("{element}.{key}"), value, max)?;
    Ok(if text.is_empty() { Value::Null } else { json!({ key: text }) })
}

/// An e-mail address in the form `{"Address": "a@b.c"}`.
pub(super) fn email(element: &str, value: &Value) -> Result<Value, Fault> {
    let max = if matches!(element, "BillEmailCc" | "BillEmailBcc") { 200 } else { 100 };
    part(value, (element, "EmailAddress", EMAIL), ("Address", max)).and_then(checked_email)
}

/// Several addresses may stand in one field, with commas between them.
fn checked_email(value: Value) -> Result<Value, Fault> {
    let Some(list) = value.get("Address").and_then(Value::as_str) else { return Ok(value) };
    let sound = |address: &str| {
        let address = address.trim();
        address.split_once('@').is_some_and(|(name, host)| {
            let dotted = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
            !name.is_empty() && dotted && !host.contains('@') && !address.contains(char::is_whitespace)
        })
    };
    if list.split(',').all(sound) {
        return Ok(value);
    }
    let detail = "Email Address does not conform to the syntax rules of RFC 822.";
    Err(Fault::new("2210", "Invalid Email Address format", detail))
}

fn checked_url(value: Value) -> Result<Value, Fault> {
    let sound = |uri: &str| uri.contains('.') && !uri.contains(char::is_whitespace);
    match value.get("URI").and_then(Value::as_str) {
        Some(uri) if !sound(uri) => Err(Fault::bad_value("2200", "Invalid URL format", "WebAddr", uri)),
        _ => Ok(value),
    }
}

fn address(element: &str, value: &Value) -> Result<Value, Fault> {
    let object = value.as_object().ok_or_else(|| wrong_type(element))?;
    check_keys(object, "PhysicalAddress", ADDRESS)?;
    let mut kept = Map::new();
    for (key, value) in object.iter().filter(|(_, value)| !value.is_null()) {
        let max = match key.as_str() {
            "City" | "Country" | "CountrySubDivisionCode" => 255,
            "PostalCode" => 30,
            _ => 500,
        };
        let text = text(&format!("{element}.{key}"), value, max)?;
        if !text.is_empty() {
            kept.insert(key.clone(), json!(text));
        }
    }
    Ok(if kept.is_empty() { Value::Null } else { Value::Object(kept) })
}

/// The refusal of a value in another form than its property has.
pub(super) fn wrong_type(element: &str) -> Fault {
    Fault::property(&format!("Can not deserialize value of {element} out of the token that was sent\n"))
}

/// US companies keep ISO-8859-1; anything beyond it fails in their database.
/// Everywhere else text is UTF-8.
pub(super) fn check_encoding(books: &Books, body: &Object) -> Result<(), Fault> {
    if Country::of(books).is_us() { check_latin(body.values()) } else { Ok(()) }
}

fn check_latin<'a>(mut values: impl Iterator<Item = &'a Value>) -> Result<(), Fault> {
    values.try_for_each(|value| {
        if let Some(text) = value.as_str() {
            let foreign = text.chars().find(|character| *character > '\u{ff}');
            return foreign.map_or(Ok(()), |character| {
                let bytes = character.len_utf8();
                Err(Fault::unsupported(&format!("Invalid byte 1 of {bytes}-byte UTF-8 sequence")))
            });
        }
        if let Some(list) = value.as_array() {
            return check_latin(list.iter());
        }
        value.as_object().map_or(Ok(()), |object| check_latin(object.values()))
    })
}
