//! The first format of the state, frozen: values as latchd wrote them then, which
//! today's reads; and what a newer one wrote, which today's leaves alone.
//!
//! After a new kind of value came, they are written anew with
//!
//! ```sh
//! LATCHD_FREEZE=1 cargo test --test it states::frozen
//! ```
//!
//! What changed in a value that was there is looked at in the difference: where
//! something went or means something else, a new format is needed, and rules by
//! which the old one is read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use latchd::clock::Clock as _;
use latchd::sandbox::sample::{CUSTOMERS, SampleCustomer};
use latchd::sandbox::trouble::{ItemFate, Kind, Rule, Vendor};
use latchd::store::{
    Change, Import, Overlay, Row, SledStore, Store, StoreError, database_path, open_sound, open_state,
};
use serde_json::{Value, json};

use super::{REALM, exported, reopen, values};
use crate::company::Company;
use crate::scenarios::by_hand::{self, AMY};
use crate::scenarios::shop::{bill, customer, id_of, noon, pass, pay};

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/states/format-1.jsonl")
}

/// Bytes of a value that is kept.
const BYTES_MAX: usize = 12_000;

/// Shapes, and the rows that show them.
type Seen = (BTreeSet<String>, BTreeMap<Vec<u8>, Vec<u8>>);

/// A store that keeps one value of each shape that is ever written.
struct Shapes {
    inner: Overlay,
    seen: Mutex<Seen>,
}

impl Store for Shapes {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key)
    }

    fn scan(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.inner.scan(prefix, after, limit)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let mut seen = self.seen.lock().expect("the test made it so");
        for (key, sealed) in &changes {
            // A batch of thirty says no more than one of six.
            let Some(sealed) = sealed.as_ref().filter(|sealed| sealed.len() < BYTES_MAX) else { continue };
            let value: Value = serde_json::from_slice(&sealed[5..]).expect("the test made it so");
            let mut shape = String::from_utf8(key[..2].to_vec()).expect("the test made it so");
            if key.starts_with(b"m/") {
                shape = String::from_utf8(key.clone()).expect("the test made it so");
            }
            names(&value, &mut shape);
            if !seen.1.contains_key(key) && seen.0.insert(shape) {
                seen.1.insert(key.clone(), sealed.clone());
            }
        }
        drop(seen);
        self.inner.commit(changes)
    }
}

/// The names of its fields, and the words of its enumerations.
fn names(value: &Value, shape: &mut String) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                // Of these the names are data.
                let data = ["items", "accounts", "tax_codes", "applications"].contains(&name.as_str());
                shape.extend(["{", name.as_str()]);
                match value {
                    Value::Object(inner) if data => shape.push_str(if inner.is_empty() { "" } else { "+" }),
                    Value::String(word) if ["state", "is", "code", "fate"].contains(&name.as_str()) => {
                        shape.push_str(word);
                    }
                    Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::String(_)
                    | Value::Array(_)
                    | Value::Object(_) => names(value, shape),
                }
                shape.push('}');
            }
        }
        Value::Array(rows) => {
            shape.push('[');
            rows.iter().take(1).for_each(|row| names(row, shape));
            shape.push(']');
        }
        Value::Null => shape.push('0'),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => shape.push('x'),
    }
}

/// Products have codes in them.
const ITEMS: &str = "[items]\nSEATS = \"Hours\"\nBASIC = \"Services\"\n";

/// One value of each shape that ever stood in a company in which much happens.
async fn lived() -> Overlay {
    let link = |one: &SampleCustomer| {
        let verb = one
            .quickbooks
            .map_or("create = true".to_owned(), |id| format!("adopt = \"{id}\", expect = \"{}\"", one.name));
        let start = if one.id % 5 == 0 { "\"now\"" } else { "2026-03-01" };
        format!("{} = {{ {verb}, start = {start} }}\n", one.id)
    };
    let links: String = CUSTOMERS.iter().take(16).map(link).collect();
    let mut company = Company::sample(&format!("{ITEMS}[links]\n{links}"));
    let shapes = Arc::new(Shapes { inner: Overlay::empty(), seen: Mutex::default() });
    company.store = Arc::<Shapes>::clone(&shapes) as Arc<dyn Store>;
    by_hand::invoice(&company, AMY, "B-1", ("2026-11-20", "7.00"));
    // Whatever may come of a write.
    let batch = |kind| Rule::next("/v3/company/*/batch", kind).of(Vendor::QuickBooks).method("POST");
    for kind in
        [Kind::Cut, Kind::Refuse, Kind::BatchItem { nth: 1, fate: ItemFate::Failed, code: Some(6240) }]
    {
        company.sandbox.trouble.add(batch(kind));
    }
    pass(&company).await;
    let bolt = CUSTOMERS[1].id;
    let invoice = bill(&company, bolt, noon("2026-11-20"), "100.00");
    let payment = pay(&company, bolt, noon("2026-11-21"), "80.00", &[(invoice, "60.00")]);
    pass(&company).await;
    let (key, owner) = (format!("invoice/{invoice}"), id_of(&company, &format!("customer/{bolt}")));
    by_hand::payment(&company, &owner, ("2026-11-10", "40.00"), &[(&id_of(&company, &key), "40.00")]);
    let books = company.sandbox.quickbooks.bookkeeper();
    books
        .edit("Payment", &id_of(&company, &format!("payment/{payment}")), json!({ "TxnDate": "2026-11-01" }))
        .expect("a person may do that");
    company.files = format!(
        "{ITEMS}[links]\n{links}[resend]\n\"{key}\" = {{ token = \"1\", scope = \"with-dependants\" }}\n"
    );
    company.wait(Duration::from_hours(25)).await;
    pass(&company).await;
    let shapes = shapes.seen.lock().expect("the test made it so").1.clone();
    let kept = Overlay::empty();
    kept.commit(shapes.into_iter().map(|(key, sealed)| (key, Some(sealed))).collect())
        .expect("the test made it so");
    kept
}

#[tokio::test(start_paused = true)]
async fn a_copy_of_the_first_format_comes_back_as_it_is() {
    if std::env::var_os("LATCHD_FREEZE").is_some() {
        let mut company = Company::bare("");
        company.store = Arc::new(lived().await);
        latchd::fsx::write_atomic(&kept(), exported(&company).as_bytes(), 0o644).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let mut company = Company::bare("");
    let import = Import::check(&kept(), REALM).unwrap_or_else(|error| panic!("{error}"));
    import.bring_in(&state, company.clock.now(), false).unwrap();
    reopen(&mut company, &state);
    let frozen = std::fs::read_to_string(kept()).unwrap();
    assert_eq!(values(&exported(&company)), values(&frozen));
    // Whoever reads all of it finds it: the report counts every record.
    let (_, status) = company.once().await;
    let records = frozen.lines().filter(|line| line.contains("\"key\":\"r/")).count();
    let counted: u64 = status.entities.iter().map(|row| row.staxbill).sum();
    assert_eq!(counted, records as u64);
}

/// A value in the envelope of a format.
fn sealed(key: &str, json: &str, format: u8) -> Vec<u8> {
    let proof = crc32fast::hash(&[&[format], key.as_bytes(), json.as_bytes()].concat());
    [&[format], &proof.to_be_bytes()[..], json.as_bytes()].concat()
}

/// Every file below a folder, with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the test made it so") {
        let path = entry.expect("the test made it so").path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.insert(path.clone(), std::fs::read(&path).expect("the test made it so"));
        }
    }
    files
}

#[tokio::test(start_paused = true)]
async fn what_a_newer_latchd_wrote_is_neither_used_nor_set_aside() {
    let newer = |key: &'static str| -> Change { (key.into(), Some(sealed(key, "{\"x\":1}", 2))) };
    let mut anchors = 0;
    for (name, key, anchor) in [
        ("its proof", "!proof", false),
        ("a value", "p/x", false),
        ("a kind that is not known", "w/x", false),
        ("its proof, with an anchor of another form", "!proof", true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path();
        let mut company = Company::bare("[links]\n10482 = { create = true, start = \"beginning\" }\n");
        reopen(&mut company, state);
        customer(&company, "Ada");
        company.once().await;
        company.store = Arc::new(Overlay::empty());
        SledStore::open(&database_path(state)).unwrap().commit(vec![newer(key)]).unwrap();
        if anchor {
            latchd::fsx::write_atomic(&state.join("anchor"), b"{\"form\":2}", 0o600).unwrap();
            anchors += 1;
        }
        let before = files(state);
        for opened in [open_state(state, company.clock.now(), None), open_sound(state)] {
            let refused = opened.err().unwrap_or_else(|| panic!("{name} was used"));
            assert!(matches!(refused, StoreError::Newer { found: 2 }), "{name}: {refused}");
            let told = refused.to_string();
            assert!(
                told.contains("made by a newer latchd") && told.contains("latchd state rebuild"),
                "{told}"
            );
        }
        let copies = tempfile::tempdir().unwrap();
        let found = latchd::store::inspect(state, copies.path(), REALM).unwrap();
        assert!(!found.is_sound(), "{name}");
        assert!(found.findings.iter().any(|one| one.told.contains("newer latchd")), "{name}: {found:?}");
        let (now, other) = (files(state), |name: &Path| !name.starts_with(database_path(state)));
        let beside = |files: &BTreeMap<PathBuf, Vec<u8>>| {
            files.clone().into_iter().filter(|(name, _)| other(name)).collect::<BTreeMap<_, _>>()
        };
        assert_eq!(beside(&now), beside(&before), "{name}: nothing was set aside");
        // A person may begin it anew all the same, and the newer one is kept.
        let begun = latchd::store::begin_anew(state, company.clock.now(), REALM).unwrap();
        assert_eq!(begun.before, "it was made by a newer latchd (format 2)", "{name}");
        assert!(begun.aside.is_some_and(|aside| aside.join("anchor").exists()), "{name}");
        drop(begun.store);
        assert!(open_sound(state).is_ok(), "{name}");
    }
    assert_eq!(anchors, 1);
}
