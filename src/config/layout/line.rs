//! One customer's line, or the block that a long one becomes.

use std::fmt::Write as _;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A longer line becomes a block: a reviewer sees whole lines.
const LINE_MAX: usize = 140;
/// The decision, then what it is about, then who decided.
const ORDER: [&str; 13] = [
    "adopt", "create", "skip", "unlink", "from", "expect", "start", "currency", "shared", "policy", "match",
    "accept", "by",
];

/// A customer in one line; `None` where that would be too long.
pub(super) fn line(id: u64, customer: &DeTable<'_>) -> Option<String> {
    let pairs: Vec<String> =
        ordered(customer).map(|(key, value)| format!("{key} = {}", inline(value))).collect();
    let line = format!("{id} = {{ {} }}", pairs.join(", "));
    (line.chars().count() <= LINE_MAX).then_some(line)
}

/// A customer as a block, with the newline behind it.
pub(super) fn block(id: u64, customer: &DeTable<'_>) -> String {
    let (mut own, mut tables) = (format!("[links.{id}]\n"), String::new());
    for (key, value) in ordered(customer) {
        if let Some(table) = value.as_table().filter(|table| !table.is_empty()) {
            let _ = writeln!(tables, "\n[links.{id}.{key}]");
            for (key, value) in sorted(table) {
                let _ = writeln!(tables, "{} = {}", quoted(key), inline(value));
            }
        } else {
            let _ = writeln!(own, "{key} = {}", inline(value));
        }
    }
    own + &tables
}

fn ordered<'t>(customer: &'t DeTable<'t>) -> impl Iterator<Item = (&'static str, &'t DeValue<'t>)> {
    ORDER.iter().filter_map(|key| Some((*key, customer.get(*key)?.get_ref())))
}

fn sorted<'t>(table: &'t DeTable<'t>) -> impl Iterator<Item = (&'t str, &'t DeValue<'t>)> {
    let mut pairs: Vec<_> = table.iter().map(|(key, value)| (&**key.get_ref(), value.get_ref())).collect();
    // By kind and number, as people count: invoice/9 before invoice/10.
    pairs.sort_by_key(|(key, _)| {
        (key.trim_end_matches(|one: char| one.is_ascii_digit()).to_owned(), key.len(), *key)
    });
    pairs.into_iter()
}

fn inline(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => quoted(text),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(yes) => yes.to_string(),
        DeValue::Datetime(at) => at.to_string(),
        DeValue::Array(values) => {
            let values: Vec<String> = values.iter().map(Spanned::get_ref).map(inline).collect();
            format!("[{}]", values.join(", "))
        }
        DeValue::Table(table) if table.is_empty() => "{}".to_owned(),
        DeValue::Table(table) => {
            let pairs: Vec<String> =
                sorted(table).map(|(key, value)| format!("{} = {}", quoted(key), inline(value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
    }
}

/// A text in double quotes, as TOML escapes it.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for sign in text.chars() {
        match sign {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            sign if sign.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(sign));
            }
            sign => out.push(sign),
        }
    }
    out.push('"');
    out
}
