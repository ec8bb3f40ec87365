//! Decisions as two people write them: which customers, in which files, and
//! what three versions of one decision come to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use latchd::config::layout;

use super::chance::Chance;

/// The files of a commit by name.
pub(super) type Files = BTreeMap<String, String>;
/// What is said of a customer: each key below its line (`adopt`,
/// `match."invoice/7"`), and the value as TOML.
pub(super) type Line = BTreeMap<String, String>;
/// The file and the decision of every customer.
pub(super) type Book = BTreeMap<u64, (String, Line)>;

/// The file that everybody edits.
pub(super) const SHARED: &str = "links.d/shared.toml";
/// Batches that were merged long ago.
pub(super) const OLD: [&str; 2] = ["links.d/2026-01-fin-1.toml", "links.d/2026-02-fin-2.toml"];

const MAIN: &str = "version = 1\ninclude = [\"links.d/*.toml\"]\n
[company]\nname = \"books\"\nrealm_id = \"9130350000000000\"\nexpect = \"Books\"\ntime_zone = \"UTC\"\n
[staxbill]\napi_key = \"${env:A}\"\n
[quickbooks]\nenvironment = \"production\"\nclient_id = \"${env:B}\"\nclient_secret = \"${env:C}\"\n
[posting]\ndeferred_revenue_item = \"A\"\ndeposit_account = \"B\"\ntax_item = \"C\"\n";

/// The one file that is no TOML.
const ATTRIBUTES_FILE: &str = ".gitattributes";

/// The name of the operator's file.
pub(super) fn main_file() -> &'static Path {
    Path::new("/books/latchd.toml")
}

/// What everybody starts from.
pub(super) fn base(chance: &mut Chance) -> Book {
    // From a page to a long file: in a short one most merges are conflicts.
    let size = [40, 120, 400][chance.below(3)];
    let mut book = Book::new();
    while book.len() < size {
        let id = 10_000 + chance.below(3 * size) as u64;
        let file = if chance.one_in(6) { OLD[chance.below(2)] } else { SHARED };
        let line = any(id, chance);
        book.entry(id).or_insert_with(|| (file.to_owned(), line));
    }
    book
}

/// A decision about a customer; values repeat, as they do among people.
pub(super) fn any(id: u64, chance: &mut Chance) -> Line {
    let mut line = Line::new();
    let mut say = |key: &str, value: String| line.insert(key.to_owned(), value);
    if chance.one_in(5) {
        let verb = ["skip", "unlink"][chance.below(2)];
        say(verb, format!("\"{}\"", ["test account", "closed"][chance.below(2)]));
    } else {
        if chance.one_in(3) {
            say("create", "true".to_owned());
        } else {
            say("adopt", format!("\"{}\"", id % 1000 + 1));
            say(
                "expect",
                format!(
                    "\"{}\"",
                    ["Amy & Sons", "A name as long as names of customers can be"][chance.below(2)]
                ),
            );
        }
        say("start", START[chance.below(3)].to_owned());
        // The rare long one.
        if chance.one_in(4) {
            for _ in 0..=chance.below(4) {
                let (key, value) = matched(id, chance);
                say(&key, value);
            }
        }
    }
    if !chance.one_in(4) {
        say("by", format!("\"FIN-{}\"", 1 + chance.below(3)));
    }
    line
}

const START: [&str; 3] = ["\"beginning\"", "2026-01-01", "2026-07-01"];

/// A document of this customer that stands in QuickBooks: ids are nobody else's.
fn matched(id: u64, chance: &mut Chance) -> (String, String) {
    let document = id * 10 + chance.below(9) as u64;
    (format!("match.\"invoice/{document}\""), format!("\"{document}\""))
}

/// Another decision about the same customer.
pub(super) fn edited(id: u64, before: &Line, chance: &mut Chance) -> Line {
    let mut line = before.clone();
    let has_start = line.contains_key("start");
    match chance.below(6) {
        0 if has_start => drop(line.insert("start".to_owned(), START[chance.below(3)].to_owned())),
        1 | 2 if has_start => {
            let (key, value) = matched(id, chance);
            line.insert(key, value);
        }
        3 if has_start => line.retain(|key, _| !key.starts_with("match")),
        4 => drop(line.insert("by".to_owned(), format!("\"FIN-{}\"", 4 + chance.below(3)))),
        _ => {}
    }
    // One that changes nothing is none.
    while line == *before {
        line = any(id, chance);
    }
    line
}

/// The files of a book, as `latchd fmt` leaves what people wrote.
pub(super) fn files(book: &Book, attributes: &str) -> Files {
    let mut files = Files::from([
        ("latchd.toml".to_owned(), MAIN.to_owned()),
        (ATTRIBUTES_FILE.to_owned(), attributes.to_owned()),
    ]);
    for (id, (file, line)) in book {
        let text = files.entry(file.clone()).or_insert_with(|| "[links]\n".to_owned());
        let pairs = |matches: bool| {
            let of = line.iter().filter(move |(key, _)| key.starts_with("match") == matches);
            of.map(|(key, value)| format!("{} = {value}", key.trim_start_matches("match.")))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let matches = match pairs(true) {
            none if none.is_empty() => none,
            some => format!(", match = {{ {some} }}"),
        };
        let _ = writeln!(text, "{id} = {{ {}{matches} }}", pairs(false));
    }
    for (name, text) in files.iter_mut().filter(|(name, _)| name.as_str() != ATTRIBUTES_FILE) {
        *text = layout(Path::new(name), text).map_err(|errors| errors.to_string()).expect("it is sound");
    }
    files
}

/// What both sides want, where they do not contradict each other: of every key
/// of every customer the version that somebody changed.
pub(super) fn union(base: &Book, one: &Book, other: &Book) -> Result<Book, String> {
    let mut book = Book::new();
    let ids: BTreeSet<u64> = [base, one, other].iter().flat_map(|book| book.keys().copied()).collect();
    for id in ids {
        let line = |book: &Book| book.get(&id).map(|(_, line)| line.clone()).unwrap_or_default();
        let (old, left, right) = (line(base), line(one), line(other));
        let keys: BTreeSet<&String> = [&old, &left, &right].iter().flat_map(|line| line.keys()).collect();
        let mut merged = Line::new();
        for key in keys {
            let (old, left, right) = (old.get(key), left.get(key), right.get(key));
            let value = match (left == old, right == old) {
                (true, _) => right,
                (_, true) => left,
                _ if left == right => left,
                _ => return Err(format!("{id}.{key}: {left:?} and {right:?}")),
            };
            merged.extend(value.map(|value| (key.clone(), value.clone())));
        }
        if !merged.is_empty() {
            book.insert(id, (SHARED.to_owned(), merged));
        }
    }
    Ok(book)
}

/// The files of a commit as latchd finds them.
pub(super) fn stored(files: &Files) -> Vec<(PathBuf, String)> {
    let toml = files.iter().filter(|(name, _)| name.as_str() != ATTRIBUTES_FILE);
    toml.map(|(name, text)| (Path::new("/books").join(name), text.clone())).collect()
}
