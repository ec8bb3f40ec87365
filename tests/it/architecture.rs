//! Rules about the code, held by reading it: who imports whom, what the core
//! never touches, how long a file may be.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Who may import whom. Imports go one way; a module that is not listed has no
/// place yet, and a new one is given its place here first.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    // Deliberate bugs, which may be planted anywhere.
    ("mutation", &[]),
    ("model", &[]),
    ("fsx", &[]),
    ("clock", &[]),
    ("http", &[]),
    ("log", &["model", "clock"]),
    ("entity", &["model"]),
    // A suggestion is judged as the link that it becomes: by the same likeness.
    ("suggest", &["model", "entity"]),
    ("plan", &["model"]),
    ("report", &["model"]),
    ("config", &["model", "fsx"]),
    ("store", &["model", "fsx"]),
    ("staxbill", &["model", "http"]),
    ("quickbooks", &["model", "http", "store", "clock"]),
    ("apply", EDGES),
    ("pass", EDGES),
    // It writes what `report` says, and knows neither vendor.
    ("publish", &["model", "plan", "report", "store", "config", "clock", "apply", "pass", "fsx", "explain"]),
    // It tells what a report says, beside the passes.
    ("alert", &["model", "report", "config", "http", "store", "clock"]),
    // It reads, and asks nobody.
    ("explain", &["model", "entity", "report", "store", "config"]),
    // It reads both vendors for a person, and keeps nothing.
    ("propose", EDGES),
    // It knows how to ask, and nothing of what is asked.
    ("socket", &[]),
    ("engine", DAEMON),
    ("daemon", DAEMON),
    ("systemd", &["report", "pass", "daemon"]),
    // It shares no types with the clients, so that one misreading of a vendor's
    // documentation cannot hide in both.
    ("sandbox", &[]),
    // A company of its own beside a sandbox, as a test of ours is.
    (
        "trial",
        &[
            "model", "plan", "report", "http", "store", "config", "clock", "pass", "publish", "engine",
            "sandbox",
        ],
    ),
    ("cli", EVERYTHING),
    ("main", &["cli"]),
];

/// What makes a pass.
const EDGES: &[&str] = &[
    "model",
    "entity",
    "suggest",
    "plan",
    "report",
    "http",
    "store",
    "staxbill",
    "quickbooks",
    "config",
    "clock",
    "apply",
    "pass",
];

/// What makes passes again and again.
const DAEMON: &[&str] = &[
    "model",
    "entity",
    "plan",
    "report",
    "http",
    "store",
    "staxbill",
    "quickbooks",
    "config",
    "clock",
    "apply",
    "pass",
    "fsx",
    "publish",
    "alert",
    "explain",
    "propose",
    "socket",
    "engine",
];

/// What a command may be made of.
const EVERYTHING: &[&str] = &[
    "model",
    "entity",
    "suggest",
    "plan",
    "report",
    "http",
    "store",
    "staxbill",
    "quickbooks",
    "config",
    "clock",
    "apply",
    "pass",
    "fsx",
    "publish",
    "alert",
    "explain",
    "propose",
    "socket",
    "engine",
    "daemon",
    "systemd",
    "sandbox",
    "trial",
    "log",
];

/// Modules without clock, file, environment or network.
const CORE: &[&str] = &["model", "entity", "suggest", "plan", "report"];

/// What the core does without.
const OUTSIDE: &[&str] =
    &["std::fs", "std::time", "std::env", "std::net", "std::process", "tokio", "reqwest", "sled", "async fn"];

/// The longest file, tests included.
const LINES_MAX: usize = 400;

#[test]
fn imports_go_one_way() {
    let mut wrong = Vec::new();
    for file in rust_files("src") {
        let Some(top) = file.top.as_deref() else { continue };
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(module, _)| *module == top) else {
            wrong.push(format!("{}: `{top}` has no place in MAY_IMPORT", file.path));
            continue;
        };
        if file.is_test && top != "sandbox" {
            continue;
        }
        for module in imports(production(&file.text), file.depth) {
            if module != top && module != "mutation" && !allowed.contains(&module.as_str()) {
                wrong.push(format!("{}: `{top}` must not import `{module}`", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_core_knows_no_clock_no_file_no_environment_and_no_network() {
    let mut wrong = Vec::new();
    for file in rust_files("src") {
        if file.is_test || !file.top.as_deref().is_some_and(|top| CORE.contains(&top)) {
            continue;
        }
        let code = code(production(&file.text));
        for word in OUTSIDE {
            if code.contains(word) {
                wrong.push(format!("{}: {word}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_its_one_job_and_is_short() {
    let mut wrong = Vec::new();
    for file in ["src", "tests", "benches"].into_iter().flat_map(rust_files) {
        if !file.text.starts_with("//! ") {
            wrong.push(format!("{}: does not begin with what it is for (`//!`)", file.path));
        }
        let lines = file.text.lines().count();
        if lines > LINES_MAX {
            wrong.push(format!("{}: {lines} lines, at most {LINES_MAX}", file.path));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn nothing_but_the_checks_names_what_lies_outside_the_project() {
    let outside = [concat!("..", "/shared"), concat!(".", "library"), concat!("/wo", "rk/")];
    let mut wrong = Vec::new();
    for path in files_below(&root(), &["target", ".git", ".ci", "latchd-demo"]) {
        let bytes = fs::read(&path).expect("a file that was listed can be read");
        let text = String::from_utf8_lossy(&bytes);
        for name in outside.iter().filter(|name| text.contains(**name)) {
            wrong.push(format!("{}: {name}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn imports_are_found_in_every_form() {
    let cases: [(&str, usize, &[&str]); 8] = [
        ("use crate::model::Key;", 1, &["model"]),
        ("use crate::{model::{Key, Money}, store, plan as p};", 1, &["model", "plan", "store"]),
        ("use crate::{\n    http,\n    clock::Clock,\n};", 1, &["clock", "http"]),
        ("fn f() -> crate::fsx::X { latchd::cli::main() }", 1, &["cli", "fsx"]),
        ("use super::store;", 1, &["store"]),
        ("use super::super::store::Store;", 2, &["store"]),
        ("use super::store;\nuse super::super::store::Store;", 3, &[]),
        ("/// See [`crate::store`].\n// crate::http\npub(crate) fn f() { my_crate::x() }", 1, &[]),
    ];
    for (text, depth, expected) in cases {
        assert_eq!(imports(text, depth).iter().map(String::as_str).collect::<Vec<_>>(), expected, "{text}");
    }
    assert_eq!(
        production("a\n#[cfg(test)]\nmod sample;\nb\n#[cfg(test)]\nmod tests {\n}\n"),
        "a\n#[cfg(test)]\nmod sample;\nb"
    );
}

/// A source file and where it stands.
struct File {
    path: String,
    text: String,
    /// The module of the crate's root that it belongs to; none for `lib.rs`.
    top: Option<String>,
    /// How many modules deep it is: 1 for `src/clock.rs` and `src/plan/mod.rs`.
    depth: usize,
    /// It is compiled for tests alone.
    is_test: bool,
}

fn rust_files(folder: &str) -> Vec<File> {
    let root = root();
    let paths = files_below(&root.join(folder), &[]).into_iter();
    let paths = paths.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    paths.map(|path| file(&root, folder, &path)).collect()
}

fn file(root: &Path, folder: &str, path: &Path) -> File {
    let inside = path.strip_prefix(root.join(folder)).expect("it was listed from there");
    let names = inside.with_extension("");
    let mut modules: Vec<String> = names.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    if modules.last().is_some_and(|last| last == "mod" || last == "lib") {
        modules.pop();
    }
    File {
        path: format!("{folder}/{}", inside.display()),
        text: fs::read_to_string(path).expect("a source file is UTF-8"),
        depth: modules.len(),
        is_test: modules.iter().any(|module| module == "tests"),
        top: modules.into_iter().next(),
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder`, sorted; nothing where there is no such folder.
fn files_below(folder: &Path, except: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.expect("a folder that was opened can be listed").path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if except.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            found.extend(files_below(&path, &[]));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A file without the tests at its end, which may use what they need.
fn production(text: &str) -> &str {
    let mut from = 0;
    while let Some(at) = text[from..].find("\n#[cfg(test)]\nmod ").map(|at| from + at) {
        let module = text[at..].lines().nth(2).unwrap_or_default();
        if module.ends_with('{') {
            return &text[..at];
        }
        from = at + 1;
    }
    text
}

/// A text without its comments.
fn code(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The modules of the crate's root that a file `depth` modules deep names.
fn imports(text: &str, depth: usize) -> BTreeSet<String> {
    let code = code(text);
    let mut found = BTreeSet::new();
    for root in ["crate::".to_owned(), "latchd::".to_owned(), "super::".repeat(depth.max(1))] {
        for (at, _) in code.match_indices(&root) {
            let before = code[..at].chars().next_back().unwrap_or(' ');
            let is_path_root = !before.is_alphanumeric() && !matches!(before, '_' | ':' | '$');
            if is_path_root {
                found.extend(first_names(&code[at + root.len()..]));
            }
        }
    }
    found.remove("super");
    found
}

/// The first name of a path, or the first name of each path in braces.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| {
        let end = text.find(|sign: char| !sign.is_alphanumeric() && sign != '_').unwrap_or(text.len());
        text[..end].to_owned()
    };
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut names, mut depth, mut begins) = (Vec::new(), 0_usize, true);
    for (at, sign) in group.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            sign if begins && !sign.is_whitespace() => {
                names.push(name(&group[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    names
}
