//! JSON Schema of the words that are written as texts of a certain form.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{Code, Currency, Money};

impl JsonSchema for Money {
    fn schema_name() -> Cow<'static, str> {
        "Money".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An exact decimal amount, as a string.",
            "type": "string",
            "pattern": r"^-?[0-9]+(\.[0-9]+)?$",
        })
    }
}

impl JsonSchema for Currency {
    fn schema_name() -> Cow<'static, str> {
        "Currency".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An ISO 4217 code; XXX where it cannot be read.",
            "type": "string",
            "pattern": "^[A-Z]{3}$",
        })
    }
}

/// The form of the word and not the list of them: codes are added, and a
/// reader that refuses a new one would be blind when it matters.
impl JsonSchema for Code {
    fn schema_name() -> Cow<'static, str> {
        "Code".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A warning's code; new ones may be added.",
            "type": "string",
            "pattern": "^[a-z]+(-[a-z]+)*$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_the_form_that_is_promised() {
        for code in Code::ALL {
            let parts = code.name().split('-');
            assert!(
                parts
                    .into_iter()
                    .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase())),
                "{code}"
            );
        }
    }
}
