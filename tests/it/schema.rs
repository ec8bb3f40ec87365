//! The forms of the reports as JSON Schema, kept in `config/schema` and
//! generated from the types that write them.
//!
//! A changed form is written with
//!
//! ```sh
//! LATCHD_WRITE_SCHEMAS=1 cargo test --test it schema
//! ```
//!
//! and told in CHANGELOG.md by the digest of its file.

use std::path::PathBuf;

use latchd::report::{Journal, Roster, Status};
use schemars::Schema;
use schemars::generate::SchemaSettings;
use sha2::{Digest as _, Sha256};

const CHANGELOG: &str = include_str!("../../CHANGELOG.md");

/// The forms, by the file that describes them.
fn schemas() -> [(&'static str, Schema); 3] {
    // As it is written: what may be left out by an older version is there.
    let settings = || SchemaSettings::draft2020_12().for_serialize();
    [
        ("status.schema.json", settings().into_generator().into_root_schema_for::<Status>()),
        ("customers.schema.json", settings().into_generator().into_root_schema_for::<Roster>()),
        ("journal.schema.json", settings().into_generator().into_root_schema_for::<Journal>()),
    ]
}

fn kept(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config/schema").join(file)
}

/// The first digits of the file's SHA-256, as `sha256sum` prints it.
fn digest(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))[..16].to_owned()
}

#[test]
fn the_kept_schemas_are_those_of_the_types() {
    for (file, schema) in schemas() {
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("LATCHD_WRITE_SCHEMAS").is_some() {
            std::fs::create_dir_all(kept(file).parent().unwrap()).unwrap();
            latchd::fsx::write_atomic(&kept(file), text.as_bytes(), 0o644).unwrap();
        }
        let found = std::fs::read_to_string(kept(file)).unwrap_or_default();
        assert!(
            found == text,
            "config/schema/{file} is not what the types say; write it with \
             `LATCHD_WRITE_SCHEMAS=1 cargo test --test it schema`"
        );
    }
}

#[test]
fn a_changed_form_is_told_in_the_changelog() {
    for (file, _) in schemas() {
        let revision = digest(&std::fs::read_to_string(kept(file)).unwrap());
        let noted = format!("- `{file}` `{revision}`: ");
        assert!(
            CHANGELOG.lines().any(|line| line.starts_with(&noted)),
            "the form in config/schema/{file} changed: say in CHANGELOG.md under `### Forms` what is new \
             in it, in a line that begins with `{noted}`"
        );
    }
}

#[test]
fn the_form_says_what_is_always_there() {
    let (_, schema) = &schemas()[0];
    let schema = serde_json::to_value(schema).unwrap();
    let required = schema["required"].as_array().unwrap();
    for field in ["schema", "company", "entities", "warnings", "resends", "notices", "recent_passes"] {
        assert!(required.iter().any(|name| name == field), "{field}");
    }
    assert_eq!(schema["properties"]["schema"]["const"], 1);
    // Fields are added: a reader must not be told that there are no others.
    assert!(!schema.to_string().contains("\"additionalProperties\":false"));
}
