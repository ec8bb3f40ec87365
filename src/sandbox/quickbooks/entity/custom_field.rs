//! The up to three fields of its own that a company gives its sales forms.

use serde_json::{Value, json};

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{Object, scalar};
use super::super::normalise;
use super::Draft;

const FIELD: &[&str] = &["DefinitionId", "Name", "Type", "StringValue"];

/// The longest value (ours: not recorded).
const VALUE_MAX: usize = 31;

/// Settles the fields of a form: those that are switched on, with the values
/// the client gave them. A value for a field that is not switched on is not
/// kept, and nobody is told (ours: not recorded).
pub(crate) fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    let mut fields = definitions(books);
    if let Some(sent) = draft.object.get("CustomField").filter(|sent| !sent.is_null()) {
        let sent = sent.as_array().ok_or_else(|| normalise::wrong_type("CustomField"))?;
        for field in sent {
            let field = field.as_object().ok_or_else(|| normalise::wrong_type("CustomField"))?;
            fill(&mut fields, field)?;
        }
    }
    draft.set("CustomField", fields);
    Ok(())
}

fn fill(fields: &mut [Value], sent: &Object) -> Result<(), Fault> {
    normalise::check_keys(sent, "CustomField", FIELD)?;
    let id = sent.get("DefinitionId").and_then(scalar).filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| Fault::missing("CustomField.DefinitionId"))?;
    let Some(value) = sent.get("StringValue").filter(|value| !value.is_null() && **value != "") else {
        return Ok(());
    };
    let value = normalise::text("CustomField.StringValue", value, VALUE_MAX)?;
    if let Some(field) = fields.iter_mut().find(|field| field["DefinitionId"] == *id) {
        field["StringValue"] = json!(value);
    }
    Ok(())
}

/// What a form shows of them: each field that is switched on, by its number
/// and name, without a value where none was given (recorded).
///
/// The settings hold a list of lists of named values: `UseSalesCustom1` says
/// that the first is in use, `SalesCustomName1` what it is called.
fn definitions(books: &Books) -> Vec<Value> {
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
    fields.collect()
}
