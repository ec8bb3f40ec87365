//! What the README repeats from the code, held to it.

use std::path::{Path, PathBuf};

use latchd::config::load_from;
use latchd::model::Code;

const README: &str = include_str!("../../README.md");

#[test]
fn the_table_of_warnings_is_the_catalogue() {
    let rows = Code::ALL.iter().map(|code| {
        let remedy = code.remedy();
        let says = remedy.says.unwrap_or_default();
        format!("| `{code}` | {} | {} | {} | {says} |", remedy.means, remedy.todo, remedy.who.name())
    });
    let expected: Vec<String> = rows.collect();
    let head = README.lines().position(|line| line == "| code | means | to do | who | QuickBooks says |");
    let head = head.expect("the README has a table of warning codes");
    let found: Vec<&str> = README.lines().skip(head + 2).take_while(|line| line.starts_with('|')).collect();
    assert!(found == expected, "the table should read:\n{}\n", expected.join("\n"));
}

#[test]
fn the_files_it_shows_load_together() {
    let blocks = README.split("```toml\n").skip(1).filter_map(|rest| rest.split_once("```"));
    let named = blocks.map(|(text, _)| {
        let name = text.lines().next().and_then(|line| line.strip_prefix("# "));
        (PathBuf::from(name.expect("a file begins with its path")), text.to_owned())
    });
    let files: Vec<(PathBuf, String)> = named.collect();
    let config = load_from(Path::new("/etc/latchd/latchd.toml"), &files);
    let config = config.map_err(|errors| errors.to_string()).expect("the README's files are sound");
    assert_eq!(
        config.decisions.links.keys().copied().collect::<Vec<_>>(),
        [10482, 10483, 10484, 10485, 10486]
    );
}

#[test]
fn what_it_says_about_trying_it_out_is_what_is_checked() {
    for command in ["cargo run --release -- demo\n", "cargo test\n"] {
        assert!(README.contains(command), "{command}");
    }
    let checks = include_str!("../../.ci/run");
    for command in ["cargo test", "cargo run --locked --release -- demo"] {
        assert!(checks.contains(command), "{command}");
    }
}
