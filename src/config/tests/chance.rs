//! Texts made by chance: nothing panics, and nothing is accepted that TOML
//! forbids.

use proptest::prelude::*;
use toml::de::DeTable;

use super::{MINIMAL, load_files};

const LINKS: &str = "[links]\n10482 = { adopt = \"58\", expect = \"Amy\", start = 2026-01-01 }\n\
                     10483 = { skip = \"x\" }\n[links.10484]\nskip = '''y'''\n[items]\nA = \"One\"\n";

const BITS: [&str; 26] = [
    "\n",
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "#",
    "1",
    "0",
    "\"\"\"",
    "'''",
    "\\",
    "é",
    "[links]\n",
    "[company]\n",
    "\ncompany.name = \"x\"\n",
    "\n10483 = { skip = \"z\" }\n",
    "\n[links.10482]\n",
    "\n[[items]]\n",
    "\n[links.10484.match]\n\"invoice/1\" = ",
    ", accept = [\"invoice/1\"], match = { \"invoice/1\" = \"5\" }",
    " ",
];

type Change = (usize, usize, usize);

/// Puts bits into a text, each in place of some of its characters.
fn disturbed(text: &str, changes: &[Change]) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for (at, removed, bit) in changes {
        let at = at % (letters.len() + 1);
        let end = (at + removed).min(letters.len());
        letters.splice(at..end, BITS[bit % BITS.len()].chars());
    }
    letters.into_iter().collect()
}

fn changes(most: usize) -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec((any::<usize>(), 0_usize..12, any::<usize>()), 0..=most)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_toml_forbids_is_never_accepted(main in changes(2), links in changes(3)) {
        let (main, links) = (disturbed(MINIMAL, &main), disturbed(LINKS, &links));
        match load_files(&[("latchd.toml", &main), ("links.d/a.toml", &links)]) {
            Ok(config) => {
                let told = format!("accepted:\n{main}\n{links}");
                prop_assert!(DeTable::parse(&main).is_ok(), "{told}");
                prop_assert!(config.files.len() < 2 || DeTable::parse(&links).is_ok(), "{told}");
            }
            Err(errors) => {
                let text = errors.to_string();
                prop_assert!(errors.iter().count() > 0 && text.ends_with("nothing was changed"));
                for error in &errors {
                    prop_assert!(error.line > 0 && error.column > 0 && !error.message.is_empty());
                }
            }
        }
    }
}
