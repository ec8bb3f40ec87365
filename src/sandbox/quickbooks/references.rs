//! References between objects: held to what exists when they are written, and
//! named when they are read.

use serde_json::{Value, json};

use super::books::Books;
use super::entity::{Draft, Entity, Kind, currency, customer};
use super::fault::Fault;
use super::json::{Object, flag, money, reference, text};

/// What a refused reference calls the table it points to. Accounts, names,
/// items, classes and departments are recorded, the rest is ours.
const TABLES: &[(&str, &str)] = &[
    ("Account", "Accounts"),
    ("Item", "Items"),
    ("Class", "Klasses"),
    ("Department", "Depts"),
    ("Term", "Terms"),
    ("PaymentMethod", "PaymentMethods"),
    ("CustomerType", "CustomerTypes"),
    ("TaxCode", "TaxCodes"),
    ("TaxRate", "TaxRates"),
    ("TaxAgency", "TaxAgencies"),
];

/// The living, active object a reference points to.
///
/// # Errors
///
/// 2500 where there is none. An inactive name or item is answered 610, anything
/// else that is inactive 2500; both are recorded, where the line runs is ours.
pub(super) fn check<'a>(books: &'a Books, target: &str, id: &str) -> Result<&'a Object, Fault> {
    let table = TABLES.iter().find(|(entity, _)| *entity == target).map_or("Names", |(_, table)| table);
    let object = books.find(target, id).ok_or_else(|| Fault::bad_reference(table, id))?;
    match (flag(object, "Active"), table) {
        (Some(false), "Names" | "Items") => Err(Fault::not_found()),
        (Some(false), _) => Err(Fault::inactive_reference()),
        _ => Ok(object),
    }
}

/// Checks every reference the client sent; one that merely stays may have
/// become inactive since.
pub(super) fn check_sent(books: &Books, entity: &Entity, draft: &Draft<'_>) -> Result<(), Fault> {
    for field in entity.fields() {
        if let (Kind::Reference(target), Some(id)) = (field.kind, reference(draft.sent, field.name)) {
            let kept = draft.old.and_then(|old| reference(old, field.name)) == Some(id);
            if !target.is_empty() && !kept {
                check(books, target, id)?;
            }
        }
    }
    Ok(())
}

/// The object as an answer about it alone shows it: a customer with the tax code
/// that applies to it, which rows of queries leave out.
pub(super) fn render_alone(books: &Books, entity: &Entity, object: &Object) -> Value {
    let mut shown = render(books, object);
    if let Some(code) = (entity.name == "Customer").then(|| customer::tax_code(books, object)).flatten() {
        shown["DefaultTaxCodeRef"] = json!({ "value": code });
    }
    shown
}

/// The object as an answer shows it: references carry the present name of what
/// they point to.
pub(super) fn render(books: &Books, object: &Object) -> Value {
    let mut shown = object.clone();
    name_all(books, &mut shown);
    let lines = shown.get_mut("Line").and_then(Value::as_array_mut);
    for line in lines.into_iter().flatten() {
        name_line(books, line);
    }
    for (key, amount) in currency::at_home(object) {
        shown.insert(key.into(), money(amount));
    }
    Value::Object(shown)
}

const LINE_DETAILS: [&str; 5] = [
    "SalesItemLineDetail",
    "DiscountLineDetail",
    "GroupLineDetail",
    "JournalEntryLineDetail",
    "DepositLineDetail",
];

fn name_line(books: &Books, line: &mut Value) {
    for key in LINE_DETAILS {
        let Some(detail) = line.get_mut(key).and_then(Value::as_object_mut) else { continue };
        name_all(books, detail);
        name_entity(books, detail);
        for part in detail.get_mut("Line").and_then(Value::as_array_mut).into_iter().flatten() {
            name_line(books, part);
        }
    }
}

fn name_all(books: &Books, object: &mut Object) {
    for (key, value) in object.iter_mut() {
        let Some(id) = value.get("value").and_then(Value::as_str) else { continue };
        if let Some(name) = name_of(books, key, id) {
            value["name"] = json!(name);
        }
    }
}

/// Whom a line is about: beside its type in a journal entry, with its type in a
/// deposit.
fn name_entity(books: &Books, detail: &mut Object) {
    let Some(entity) = detail.get_mut("Entity").and_then(Value::as_object_mut) else { return };
    let kind = text(entity, "Type").or_else(|| text(entity, "type")).unwrap_or_default().to_lowercase();
    let Some(target) =
        ["Customer", "Vendor", "Employee"].into_iter().find(|target| target.to_lowercase() == kind)
    else {
        return;
    };
    let beside = entity.contains_key("EntityRef");
    let place =
        if beside { entity.get_mut("EntityRef").and_then(Value::as_object_mut) } else { Some(entity) };
    let Some(place) = place else { return };
    let name = text(place, "value").and_then(|id| text(books.find(target, id)?, "DisplayName"));
    if let Some(name) = name.map(str::to_owned) {
        place.insert("name".into(), json!(name));
    }
}

/// A parent, the account of a deposit and a vendor's term are answered without a
/// name (recorded).
fn name_of(books: &Books, key: &str, id: &str) -> Option<String> {
    let (target, property) = match key {
        "CurrencyRef" => return currency::name(id).map(str::to_owned),
        "CustomerRef" => ("Customer", "DisplayName"),
        "ItemRef" | "GroupItemRef" => ("Item", "FullyQualifiedName"),
        "SalesTermRef" => ("Term", "Name"),
        "PaymentMethodRef" => ("PaymentMethod", "Name"),
        "ClassRef" => ("Class", "FullyQualifiedName"),
        "DepartmentRef" => ("Department", "FullyQualifiedName"),
        "CustomerTypeRef" => ("CustomerType", "Name"),
        "AccountRef" | "ItemAccountRef" | "IncomeAccountRef" | "ExpenseAccountRef" | "AssetAccountRef"
        | "DiscountAccountRef" => ("Account", "FullyQualifiedName"),
        _ => return None,
    };
    text(books.find(target, id)?, property).map(str::to_owned)
}
