//! The table of faults names tests that there are.

use std::path::{Path, PathBuf};

#[test]
fn every_fault_names_tests_that_there_are() {
    let mut rows = 0;
    for row in include_str!("../faults.md").lines().filter(|line| line.starts_with("| ")).skip(1) {
        let (fault, tests) = row.trim_matches(['|', ' ']).split_once(" | ").expect("a row has two cells");
        let names: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{fault} is played nowhere");
        for name in names {
            assert!(is_a_test(name), "{fault}: there is no test {name}");
        }
        rows += 1;
    }
    assert!(rows > 20, "{rows} rows");
}

/// Whether a file of its path has such a function, with a test's attribute.
fn is_a_test(name: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (path, function) = name.rsplit_once("::").unwrap_or(("", name));
    let folder = match path.strip_prefix("lib::") {
        Some(path) => root.join("src").join(path.trim_end_matches("::tests").replace("::", "/")),
        None => root.join("tests/it").join(path.replace("::", "/")),
    };
    [PathBuf::from(format!("{}.rs", folder.display())), folder.join("mod.rs")].iter().any(|file| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let Some((before, _)) = text.split_once(&format!("fn {function}(")) else { return false };
        let head = before.rsplit("\n\n").next().unwrap_or_default();
        head.contains("#[test]") || head.contains("#[tokio::test") || head.contains("proptest!")
    })
}
