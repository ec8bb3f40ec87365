//! Files that do not load, and all that is told about them, with place and
//! remedy. The cases stand in `tests/config`: what is written, a line of three
//! dashes, what is told.

use super::{MINIMAL, load_files, load_links, told};
use crate::config::load;
use crate::fsx;

/// Cases as title, input and expected lines.
fn cases(text: &str) -> impl Iterator<Item = (&str, &str, Vec<&str>)> {
    text.split("### ").skip(1).map(|case| {
        let (title, rest) = case.split_once('\n').unwrap();
        let (input, expected) = rest.split_once("\n---\n").unwrap();
        (title, input, expected.lines().filter(|line| !line.is_empty()).collect())
    })
}

#[test]
fn mistakes_in_a_links_file() {
    for (title, links, expected) in cases(include_str!("../../../tests/config/links.txt")) {
        assert!(!expected.is_empty(), "{title}");
        assert_eq!(told(load_links(links)), expected, "{title}");
    }
}

#[test]
fn mistakes_in_dismissals_and_resends() {
    for (title, text, expected) in cases(include_str!("../../../tests/config/exceptions.txt")) {
        assert!(!expected.is_empty(), "{title}");
        assert_eq!(told(load_links(text)), expected, "{title}");
    }
}

#[test]
fn the_same_record_in_two_files_names_both_places() {
    let one = "[dismiss]\n\"invoice/1\" = { codes = [\"refused\"], until = 2026-12-31, why = \"x\", by = \"y\" }\n\
               [resend]\n\"invoice/1\" = \"a\"\n";
    let files = [("latchd.toml", MINIMAL), ("links.d/a.toml", one), ("links.d/b.toml", one)];
    let place =
        |line| format!("here and at links.d/a.toml:{line}; decide between the two and delete the other");
    let expected =
        [2, 4].map(|line| format!("links.d/b.toml:{line}:1: `invoice/1` stands twice: {}", place(line)));
    assert_eq!(told(load_files(&files)), expected);
}

/// A case replaces the lines of the minimal file that begin with `- ` by those
/// that begin with `+ `.
#[test]
fn mistakes_in_the_settings() {
    for (title, change, expected) in cases(include_str!("../../../tests/config/settings.txt")) {
        let side = |mark| -> String {
            let lines: Vec<&str> = change.lines().filter_map(|line| line.strip_prefix(mark)).collect();
            if lines.is_empty() { String::new() } else { lines.join("\n") + "\n" }
        };
        let (old, new) = (side("- "), side("+ "));
        assert!(!expected.is_empty() && MINIMAL.contains(&old), "{title}");
        let main = MINIMAL.replace(&old, &new);
        // A file is cut off where its last line has no end.
        let main = if title.contains("cut off") { main.trim_end() } else { &main };
        assert_eq!(told(load_files(&[("latchd.toml", main)])), expected, "{title}");
    }
}

#[test]
fn the_same_key_in_two_files_names_both_places() {
    let one = "[links]\n1 = { skip = \"x\" }\n[items]\nA = \"One\"\n";
    let two = "# moved\n[links.1]\nskip = \"x\"\n\n[items]\nA = \"One\"\n[company]\nname = \"other\"\n";
    let errors = load_files(&[("latchd.toml", MINIMAL), ("links.d/a.toml", one), ("links.d/b.toml", two)])
        .unwrap_err();
    let expected = "\
error: `1` stands twice: here and at links.d/a.toml:2
 --> links.d/b.toml:2:8
  |
2 | [links.1]
  |        ^
  |
  = help: decide between the two and delete the other

error: `A` stands twice: here and at links.d/a.toml:4
 --> links.d/b.toml:6:1
  |
6 | A = \"One\"
  | ^
  |
  = help: decide between the two and delete the other

error: `name` stands twice: here and at latchd.toml:5
 --> links.d/b.toml:8:1
  |
8 | name = \"other\"
  | ^^^^
  |
  = help: decide between the two and delete the other

3 errors in 1 file; nothing was changed";
    assert_eq!(errors.to_string(), expected);
}

#[test]
fn a_file_that_cannot_be_read_is_one_message() {
    let utf16: Vec<u8> = MINIMAL.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16 = [vec![0xff, 0xfe], utf16].concat();
    let cases: [(&[u8], &str); 6] = [
        (b"", "this file says nothing"),
        (b"\n# only a comment\r\n", "this file says nothing"),
        (b"\x7fELF\0\0", "this is a binary file, not TOML"),
        (&utf16, "this file is UTF-16 text"),
        (b"version = 1\nname = \"Caf\xe9\"", "this file is not UTF-8 text: line 2 holds other bytes"),
        (b"version = 1\n[compa", "this table header has no closing `]`"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("latchd.toml");
    for (bytes, expected) in cases {
        fsx::write_atomic(&main, bytes, 0o600).unwrap();
        let told = told(load(&main));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("latchd.toml:") && told[0].contains(expected), "{told:?}");
    }
    assert!(
        told(load(&folder.path().join("none.toml")))[0]
            .starts_with("none.toml:1:1: this file does not exist")
    );
    assert!(told(load(folder.path()))[0].contains("this is a folder, not a file"));
}

#[test]
fn windows_line_ends_do_not_move_places() {
    let links = "[links]\n1 = { adpt = \"5\" }\n[items]\nA = 5\n";
    let unix = told(load_links(links));
    assert_eq!(unix.len(), 2);
    assert_eq!(told(load_links(&format!("\u{feff}{}", links.replace('\n', "\r\n")))), unix);
}

#[test]
fn a_file_of_many_lines_is_read_like_a_short_one() {
    let line = |id: usize| format!("{id} = {{ adopt = \"{id}\", expect = \"Amy's\", start = 2026-01-01 }}\n");
    let mut links: String = "[links]\n".to_owned() + &(1..=20_000).map(line).collect::<String>();
    let config = load_links(&links).map_err(|errors| errors.to_string()).unwrap();
    assert_eq!(config.decisions.links.len(), 20_000);
    assert_eq!(config.decisions.links[&19_999].at.to_string(), "links.d/a.toml:20000");
    links = links.replace("\n777 = {", "\n0777 = {").replace("\n15000 = { adopt", "\n15000 = { adpt");
    links.push_str("5 = { skip = \"again\" }\n[links]\n20001 = { skip = \"x\n");
    assert_eq!(
        told(load_links(&links)),
        [
            "links.d/a.toml:778:1: `0777` is not the id of a Stax Bill customer; did you mean `777`?",
            "links.d/a.toml:15001:11: unknown key `adpt` in a link; did you mean `adopt`?",
            "links.d/a.toml:20002:1: `5` stands twice: here and at links.d/a.toml:6; decide between the two and delete the other",
            "links.d/a.toml:20003:1: the table `[links]` stands twice: here and at links.d/a.toml:1; write all its keys under one header",
            "links.d/a.toml:20004:20: this inline table has no closing `}`; an inline table stands on one line",
        ]
    );
}
