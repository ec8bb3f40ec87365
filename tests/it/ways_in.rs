//! Nothing that comes in stops the program: every place where the code could
//! panic on purpose is listed here with the reason why it cannot, and a new one
//! is argued for before it is let in. The sandbox is left out: it is played with,
//! and no part of what runs at a customer's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// File, words of the place, how often it stands there, and why it cannot fail.
const CANNOT_FAIL: &str = include_str!("ways_in.txt");

/// What panics by itself.
const WORDS: &[&str] =
    &["panic!(", "unreachable!(", "todo!(", "unimplemented!(", "assert!(", "assert_eq!(", "assert_ne!("];

#[test]
fn whatever_could_panic_is_argued_for() {
    let mut argued = BTreeMap::new();
    for line in CANNOT_FAIL.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let parts: Vec<&str> = line.split(" | ").collect();
        let [file, words, times, why] = parts[..] else { panic!("not of four parts: {line}") };
        assert!(why.split(' ').count() >= 3, "no reason: {line}");
        let times: usize = times.parse().unwrap_or_else(|_| panic!("how often? {line}"));
        assert!(argued.insert((file.to_owned(), words.to_owned()), times).is_none(), "twice: {line}");
    }
    let mut found = BTreeMap::new();
    for (file, text) in production() {
        for words in places(&text) {
            *found.entry((file.clone(), words)).or_insert(0_usize) += 1;
        }
    }
    let wrong: Vec<String> = argued
        .keys()
        .chain(found.keys())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .filter(|place| argued.get(*place) != found.get(*place))
        .map(|place| {
            let [there, listed] =
                [found.get(place), argued.get(place)].map(|times| times.copied().unwrap_or(0));
            format!(
                "{} | {} | stands there {there} times, and is argued for {listed} times",
                place.0, place.1
            )
        })
        .collect();
    assert!(wrong.is_empty(), "argue in tests/it/ways_in.txt, or let it be an error:\n{}", wrong.join("\n"));
}

#[test]
fn places_are_found_in_every_form() {
    let text = "let a = b\n    .expect(\"it is \\\"there\\\"\");\nc.unwrap();\nd[0] + e()[12] + f[1..] + g[..h] + [0; 4]\n\
                // i.unwrap()\nunreachable!(\"no\");\nj.unwrap_or(0).expect(\n \"k\",\n)\n#[derive(x)]\nlet m: [u8; 3];\nn.expect(1)";
    let found = places(text);
    assert_eq!(
        found,
        [
            "expect(\"it is \\\"there\\\"\")",
            "unwrap()",
            "d[0]",
            ")[12]",
            "f[1..]",
            "unreachable!(",
            "expect(\"k\")",
            "expect(…)"
        ]
    );
}

/// Every file of the program without its tests.
fn production() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("it is a folder") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    let texts: BTreeMap<PathBuf, String> = files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .map(|path| (path.clone(), fs::read_to_string(&path).expect("a source file is UTF-8")))
        .collect();
    let left_out: Vec<PathBuf> = texts.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
    let is_test = |path: &Path| left_out.iter().any(|test| path.with_extension("").starts_with(test));
    let shown =
        |path: &Path| path.strip_prefix(root).expect("it was listed from there").display().to_string();
    let kept =
        texts.into_iter().filter(|(path, _)| !is_test(path) && !path.starts_with(root.join("src/sandbox")));
    kept.map(|(path, text)| (shown(&path), without_tests(&text))).collect()
}

/// Where the modules lie that are declared for tests alone.
fn test_modules(path: &Path, text: &str) -> Vec<PathBuf> {
    let folder = match path.file_stem().and_then(|stem| stem.to_str()) {
        Some("mod" | "lib" | "main") => path.parent().expect("it lies in a folder").to_owned(),
        _ => path.with_extension(""),
    };
    let declared = text.split("#[cfg(test)]\n").skip(1).filter_map(|rest| {
        let line = rest.lines().next()?.trim().strip_suffix(';')?;
        line.rsplit_once("mod ").map(|(_, name)| folder.join(name))
    });
    declared.collect()
}

/// The text without items that are compiled for tests alone, to the end of each:
/// a brace in the column in which it begins.
fn without_tests(text: &str) -> String {
    let mut out = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        let column = line.len() - line.trim_start().len();
        let end = format!("{}}}", " ".repeat(column));
        let Some(first) = lines.next() else { break };
        if !first.trim_end().ends_with(';') {
            lines.by_ref().find(|line| line.starts_with(&end));
        }
    }
    out
}

/// Everything in a text that panics where it is not as its writer thinks:
/// `expect` with its words, `unwrap`, the macros, and what stands at a literal
/// place of a list or behind it.
fn places(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut found = Vec::new();
    for (at, sign) in code.char_indices() {
        let rest = &code[at..];
        if let Some(inside) = rest.strip_prefix(".expect(") {
            found.push(
                literal(inside.trim_start())
                    .map_or("expect(…)".to_owned(), |words| format!("expect({words})")),
            );
        } else if rest.starts_with(".unwrap()") {
            found.push("unwrap()".to_owned());
        } else if sign == '[' {
            found.extend(index(&code, at));
        } else if let Some(word) = WORDS.iter().find(|word| rest.starts_with(**word)) {
            let before = code[..at].chars().next_back();
            if !before.is_some_and(|sign| sign.is_alphanumeric() || sign == '_') {
                found.push((*word).to_owned());
            }
        }
    }
    found
}

/// A string at the beginning of a text, its quotes included.
fn literal(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('"')?;
    let mut escaped = false;
    let end = inside.char_indices().find_map(|(at, sign)| {
        let ends = sign == '"' && !escaped;
        escaped = sign == '\\' && !escaped;
        ends.then_some(at)
    })?;
    Some(&text[..end + 2])
}

/// `name[0]`, `)[12]` or `name[1..]`, where a bracket opens an index that begins
/// or ends with a number.
fn index(code: &str, at: usize) -> Option<String> {
    let before = &code[..at];
    let inside = code[at + 1..].split(']').next()?;
    let (start, end) = inside.split_once("..").unwrap_or((inside, ""));
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !number(start) && !number(end) {
        return None;
    }
    let name: String =
        before.chars().rev().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect();
    let name: String = name.chars().rev().collect();
    match before.chars().next_back()? {
        sign @ (')' | ']') => Some(format!("{sign}[{inside}]")),
        _ if name.is_empty() => None,
        _ => Some(format!("{name}[{inside}]")),
    }
}
