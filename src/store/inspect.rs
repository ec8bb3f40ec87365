//! Looking at a state without touching it: sled is opened over a copy, because
//! it writes to what it opens.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt as _;
use std::panic::AssertUnwindSafe;
use std::path::Path;

use super::anchor::Anchor;
use super::keepsake::Keepsakes;
use super::opening::database_path;
use super::proof::{self, Proof};
use super::proven::{anchor_path, beside};
use super::register::Marks;
use super::stored::{self, Census};
use super::{SledStore, Store, StoreError, TokenFile, envelope, key_of};

/// Damaged values that are named one by one.
const NAMED_MAX: usize = 10;
const REBUILT: &str = "start latchd: it sets this state aside and rebuilds it from the marks of its documents in \
                       QuickBooks; or bring a copy back with `latchd state import --replace FILE`";
const NEWER: &str =
    "use the latchd that made it; or `latchd state rebuild`, which sets the state aside and begins anew";

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub part: &'static str,
    /// What was found.
    pub told: String,
    /// What to do, where it is damaged.
    pub remedy: Option<String>,
}

/// What was found in a state folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// In the order in which it was looked at.
    pub findings: Vec<Finding>,
}

impl Inspection {
    /// Whether nothing is damaged.
    pub fn is_sound(&self) -> bool {
        self.findings.iter().all(|finding| finding.remedy.is_none())
    }

    fn sound(&mut self, part: &'static str, told: impl Into<String>) {
        self.findings.push(Finding { part, told: told.into(), remedy: None });
    }

    fn damaged(&mut self, part: &'static str, told: impl Into<String>, remedy: &str) {
        self.findings.push(Finding { part, told: told.into(), remedy: Some(remedy.to_owned()) });
    }
}

/// Looks at everything in the state folder of the company `realm_id`, whose
/// lock the caller holds; `copies` is an empty folder for a copy of the
/// database.
///
/// # Errors
///
/// Fails where the disk does, so that nothing can be said.
pub fn inspect(folder: &Path, copies: &Path, realm_id: &str) -> io::Result<Inspection> {
    let mut found = Inspection::default();
    let copy = copies.join("db");
    copy_files(&database_path(folder), &copy)?;
    // sled panics on some damaged files.
    let looked = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let store = SledStore::open(&copy)?;
        let mut looks = Inspection::default();
        let values = database(&mut looks, &store, realm_id)?;
        Ok::<_, StoreError>((looks, values))
    }));
    let values = match looked {
        Ok(Ok((looks, values))) => {
            found.findings.extend(looks.findings);
            values
        }
        Ok(Err(StoreError::Newer { found: format })) => {
            found.damaged("database", format!("it was made by a newer latchd (format {format})"), NEWER);
            return Ok(found);
        }
        Ok(Err(error @ (StoreError::Damaged { .. } | StoreError::Unsound { .. }))) => {
            found.damaged("database", error_told(&error), REBUILT);
            Values::default()
        }
        Ok(Err(StoreError::Disk { source, .. })) => return Err(source),
        Err(_) => {
            found.damaged("database", "it cannot be read", REBUILT);
            Values::default()
        }
    };
    anchor(&mut found, folder, values.proof.as_ref())?;
    keepsakes(&mut found, folder, &values)?;
    token(&mut found, folder)?;
    Ok(found)
}

/// What the other parts are compared with.
#[derive(Default)]
struct Values {
    proof: Option<Proof>,
    kept_twice: BTreeMap<String, serde_json::Value>,
}

fn database(found: &mut Inspection, store: &SledStore, realm_id: &str) -> Result<Values, StoreError> {
    let mut values = Values { proof: Proof::kept(store)?, ..Values::default() };
    let (mut count, mut sum, mut census) = (0_u64, 0_u128, Census::default());
    let (mut wrong, mut journal) = (Vec::new(), Vec::new());
    proof::each_row(store, |(key, sealed)| {
        count += 1;
        sum = sum.wrapping_add(proof::of_row(&key, &sealed));
        census.count(&key);
        let name = String::from_utf8_lossy(&key).into_owned();
        match envelope::check(&key, &sealed) {
            Err(newer @ StoreError::Newer { .. }) => return Err(newer),
            Err(_) => wrong.push(format!("{name}: its checksum is wrong")),
            Ok(()) => match stored::reads_sealed(&key, &sealed) {
                Err(why) if key.starts_with(b"j/") => journal.push(format!("{name}: {why}")),
                Err(why) => wrong.push(format!("{name}: {why}")),
                Ok(()) if Keepsakes::has(&key) => {
                    values.kept_twice.insert(name, envelope::open(&key, &sealed)?);
                }
                Ok(()) => {}
            },
        }
        Ok(())
    })?;
    if wrong.is_empty() {
        let told = format!("{count} values of format {}, every checksum is right", envelope::FORMAT);
        found.sound("database", told);
    } else {
        found.damaged("database", named(&wrong), REBUILT);
    }
    match &values.proof {
        None if count == 0 => found.sound("proof", "nothing was committed yet"),
        None => found.damaged("proof", "it bears no proof of what is in it", REBUILT),
        Some(kept) if (kept.count, kept.sum) == (count, sum) => {
            found.sound("proof", format!("count and digest are those of commit {}", kept.seq));
        }
        Some(kept) => {
            let told =
                format!("{count} values, and commit {} left {} with another digest", kept.seq, kept.count);
            found.damaged("proof", told, REBUILT);
        }
    }
    if journal.is_empty() {
        let open = census.of("open intent");
        let told = match open {
            0 => "no write is open".to_owned(),
            _ => format!("{open} open: `latchd journal` tells of them"),
        };
        found.sound("journal", told);
    } else {
        found.damaged("journal", named(&journal), REBUILT);
    }
    company(found, store, (realm_id, census.of("record")))?;
    Ok(values)
}

fn company(
    found: &mut Inspection,
    store: &SledStore,
    (realm_id, records): (&str, u64),
) -> Result<(), StoreError> {
    let key = key_of::mark("marks");
    let marks = store.get(&key)?.and_then(|sealed| envelope::open::<Marks>(&key, &sealed).ok());
    match marks.and_then(|marks| marks.realm_id) {
        None => found.sound("company", "no pass has come to its end yet"),
        Some(theirs) if theirs == realm_id => {
            found.sound("company", format!("{records} records of company {theirs}"));
        }
        Some(theirs) => {
            let told = format!("it is the state of company {theirs}, and the files are about {realm_id}");
            found.damaged("company", told, "name this company's own folder in [paths] state");
        }
    }
    Ok(())
}

fn anchor(found: &mut Inspection, folder: &Path, proof: Option<&Proof>) -> io::Result<()> {
    match (Anchor::read(&anchor_path(folder)), proof) {
        (Err(error), _) if error.kind() != ErrorKind::InvalidData => return Err(error),
        (Err(_), _) => found.damaged(
            "anchor",
            "it is damaged, so that nothing tells how far the state had come",
            REBUILT,
        ),
        (Ok(None), None) => found.sound("anchor", "there is none yet"),
        (Ok(None), Some(proof)) if proof.seq == 1 => found.sound("anchor", "the next start writes it"),
        (Ok(None), Some(_)) => {
            found.damaged(
                "anchor",
                "it is missing, so that nothing tells how far the state had come",
                REBUILT,
            );
        }
        (Ok(Some(anchor)), None) => {
            let told = format!("it stands at commit {}, and the database shows none", anchor.seq);
            found.damaged("anchor", told, REBUILT);
        }
        (Ok(Some(anchor)), Some(proof)) => match beside(proof, &anchor) {
            Ok(()) => found.sound("anchor", format!("it stands at commit {} of {}", anchor.seq, proof.seq)),
            Err(why) => found.damaged("anchor", format!("the database does not go with it: {why}"), REBUILT),
        },
    }
    Ok(())
}

fn keepsakes(found: &mut Inspection, folder: &Path, values: &Values) -> io::Result<()> {
    let kept = Keepsakes::new(folder).read()?;
    let lacking = values.kept_twice.iter().filter(|(key, value)| kept.rows.get(*key) != Some(value)).count();
    let renewed = "start latchd while the database is sound: it writes the file anew";
    let expected = !values.kept_twice.is_empty() || Keepsakes::new(folder).exists();
    if expected && !kept.whole {
        found.damaged("keepsakes", "keepsakes.jsonl is missing, or lines of it are not whole", renewed);
    } else if lacking > 0 {
        let told =
            format!("{lacking} of {} values stand otherwise in keepsakes.jsonl", values.kept_twice.len());
        found.damaged("keepsakes", told, renewed);
    } else {
        found.sound("keepsakes", format!("{} values are kept a second time", kept.rows.len()));
    }
    Ok(())
}

fn token(found: &mut Inspection, folder: &Path) -> io::Result<()> {
    let file = TokenFile::new(folder);
    let again = "connect again with `latchd auth login`";
    let tokens = match file.peek() {
        Ok(tokens) => tokens,
        Err(error) if error.kind() == ErrorKind::InvalidData || error.kind() == ErrorKind::FileTooLarge => {
            found.damaged("token", "token.json is not a token file", again);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let Some(tokens) = tokens else {
        found.sound("token", "there is none: `latchd auth login` connects");
        return Ok(());
    };
    let mode = fs::metadata(file.path())?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let remedy =
            format!("chmod 600 {}, and connect again if others use this machine", file.path().display());
        found.damaged("token", format!("others may read token.json (mode {mode:o})"), &remedy);
    } else {
        let form = if tokens.is_sealed() { "sealed" } else { "plain" };
        found.sound("token", format!("{form}, for its owner alone"));
    }
    Ok(())
}

fn error_told(error: &StoreError) -> String {
    match error {
        StoreError::Damaged { what } => what.clone(),
        StoreError::Unsound { why } => why.clone(),
        StoreError::Disk { .. } | StoreError::Newer { .. } => error.to_string(),
    }
}

/// The first of them, and how many more there are.
fn named(wrong: &[String]) -> String {
    let first = wrong[..wrong.len().min(NAMED_MAX)].join("\n");
    match wrong.len().saturating_sub(NAMED_MAX) {
        0 => first,
        more => format!("{first}\nand {more} more"),
    }
}

fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    crate::fsx::private_dir(to)?;
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_files(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
