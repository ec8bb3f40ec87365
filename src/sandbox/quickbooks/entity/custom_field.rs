//! The up to three fields of its own that a company gives its sales forms.

use serde_json::{Value, json};

use super::super::books::Books;

/// What a form shows of them: each field that is switched on, by its number
/// and name, without a value (recorded). Values that clients send are not kept.
///
/// The settings hold a list of lists of named values: `UseSalesCustom1` says
/// that the first is in use, `SalesCustomName1` what it is called.
pub(crate) fn definitions(books: &Books) -> Value {
    let settings = books.preference("SalesFormsPrefs.CustomField").and_then(Value::as_array);
    let named: Vec<&Value> = settings
        .into_iter()
        .flatten()
        .filter_map(|group| group.get("CustomField")?.as_array())
        .flatten()
        .collect();
    let value = |name: &str, number: u8, key: &str| {
        let name = format!("SalesFormsPrefs.{name}{number}");
        named.iter().find(|field| field["Name"] == *name).and_then(|field| field.get(key))
    };
    let fields = (1..=3).filter_map(|number| {
        let used = value("UseSalesCustom", number, "BooleanValue")? == true;
        let name = value("SalesCustomName", number, "StringValue")?;
        let field = json!({ "DefinitionId": number.to_string(), "Name": name, "Type": "StringType" });
        used.then_some(field)
    });
    Value::Array(fields.collect())
}
