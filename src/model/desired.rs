//! Desired: what a record should be in QuickBooks.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Code, Currency, Key, Money, ObjectKind, Part};

/// One object that should stand in QuickBooks.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// The record it stands for.
    pub key: Key,
    /// Which of its objects.
    pub part: Part,
    /// What it is.
    pub object: ObjectKind,
    /// The number it bears and is found by.
    pub number: String,
    /// Its date.
    pub date: Option<Date>,
    /// Its currency.
    pub currency: Currency,
    /// Its total, which QuickBooks' answer must equal to the cent.
    pub total: Money,
    /// The body to send, with `null` where an id of QuickBooks' is filled in.
    pub body: Value,
    /// Where those ids go.
    pub references: Vec<Reference>,
}

/// A part of a payment or a memo that settles another record's object in
/// QuickBooks: an invoice, or the journal entry of a refund.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Applied {
    /// Whose object it settles.
    pub to: Key,
    /// How much.
    pub amount: Money,
}

/// A place in a body that holds the id of another record's object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// A JSON pointer into the body.
    pub pointer: String,
    /// The record whose object is meant.
    pub to: Key,
}

/// `body` with the id of each reference's object in its place; `id_of` tells
/// it, or why there is none.
pub fn fill<E>(
    mut body: Value,
    references: &[Reference],
    id_of: impl Fn(Key) -> Result<String, E>,
) -> Result<Value, E> {
    for reference in references {
        let id = id_of(reference.to)?;
        let place = body.pointer_mut(&reference.pointer);
        *place.expect("an entity names only places it wrote") = Value::String(id);
    }
    Ok(body)
}

/// Why a record cannot be translated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The warning it becomes.
    pub code: Code,
    /// What is wrong with this record, in a sentence.
    pub reason: String,
    /// Lines for the files that would mend it, ready to paste.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub paste: Vec<String>,
}

impl Problem {
    /// A problem of kind `code`.
    pub fn new(code: Code, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), paste: Vec::new() }
    }

    /// The same with lines that would mend it.
    #[must_use]
    pub fn with_lines(self, paste: Vec<String>) -> Self {
        Self { paste, ..self }
    }
}
