//! Tests of the layout: before and after, and that nothing is ever lost.

use std::path::Path;

use proptest::prelude::*;

use super::{comments_within, layout, meaning};

fn laid_out(text: &str) -> String {
    layout(Path::new("links.d/a.toml"), text).map_err(|errors| errors.to_string()).unwrap()
}

#[test]
fn one_line_a_customer_in_the_order_of_ids() {
    let cases = [
        ("", ""),
        ("[items]\nb = \"x\"\n\na='y'\n", "[items]\nb = \"x\"\n\na='y'\n"),
        (
            "# batch 3\n\n[links]   # reviewed\n\n20 = {skip='x'}\n\n\n3={ by = \"A\", skip = \"y\" }  #  last\n",
            "# batch 3\n\n[links]\n# reviewed\n\n3 = { skip = \"y\", by = \"A\" } #  last\n20 = { skip = \"x\" }\n",
        ),
        // A comment moves with the customer below it; one that stands free
        // below the header stays there.
        (
            "[links]\n# all of FIN-1\n\n# the old one\n9 = { skip = \"x\" }\n# why\n# not\n8 = { skip = \"y\" }\n# the end\n",
            "[links]\n# all of FIN-1\n\n# why\n# not\n8 = { skip = \"y\" }\n# the old one\n9 = { skip = \"x\" }\n\n# the end\n",
        ),
        // Blocks that fit become lines, and what stands in them above them.
        (
            "[links.7]\nstart = 2026-01-01\n# the twin\nexpect = \"A \\\"B\\\"\" # seen\nadopt = \"5\"\n[items]\n\"P\" = \"Q\"\n[links.5]\nskip=\"z\"\n",
            "[links]\n5 = { skip = \"z\" }\n# the twin\n# seen\n7 = { adopt = \"5\", expect = \"A \\\"B\\\"\", start = 2026-01-01 }\n\n[items]\n\"P\" = \"Q\"\n",
        ),
    ];
    for (before, after) in cases {
        assert_eq!(laid_out(before), after, "{before}");
        assert_eq!(laid_out(after), after, "a second time: {before}");
    }
}

#[test]
fn long_lines_become_blocks_behind_the_others() {
    let before = "[links]\n2 = { adopt = \"5\", accept = [\"invoice/1\", # one\n \"invoice/2\"], match = { \"invoice/10\" = \"7\", \"invoice/9\" = \"8\", \"payment/3\" = \"9\" }, start = \"beginning\", expect = \"A rather long name of a customer\" }\n3 = { skip = \"x\" }\n";
    let after = "[links]\n3 = { skip = \"x\" }\n\n# one\n[links.2]\nadopt = \"5\"\nexpect = \"A rather long name of a customer\"\nstart = \"beginning\"\naccept = [\"invoice/1\", \"invoice/2\"]\n\n[links.2.match]\n\"invoice/9\" = \"8\"\n\"invoice/10\" = \"7\"\n\"payment/3\" = \"9\"\n";
    assert_eq!(laid_out(before), after);
    assert_eq!(laid_out(after), after);
}

#[test]
fn the_files_that_are_shown_are_canonical_enough_to_load() {
    let example = include_str!("../../../examples/links.toml");
    assert_eq!(laid_out(&laid_out(example)), laid_out(example));
}

#[test]
fn a_file_with_mistakes_is_not_touched() {
    for text in [
        "[links]\n1 = { skip = }\n",
        "[links]\n1 = { skp = \"x\" }\n",
        "[links]\n1 = { skip = \"x\" }\n1 = { skip = \"y\" }\n",
    ] {
        let errors = layout(Path::new("links.d/a.toml"), text).unwrap_err();
        assert!(errors.to_string().contains("links.d/a.toml:"), "{errors}");
    }
}

/// A customer, in one of the forms in which people write it.
fn customer() -> impl Strategy<Value = (u64, String)> {
    let text = "[ a-zé\"\\\\#\\]={}'\\[,.]{1,12}";
    (1_u64..60, text, text, 0..5_u8, any::<bool>()).prop_map(|(id, one, two, form, behind)| {
        let quoted = |text: &str| format!("{:?}", format!("x{}x", text.replace('\\', "/")));
        let (why, by) = (quoted(&one), quoted(&two));
        let comment = if behind { " # because # \"of" } else { "" };
        let written = match form {
            0 => format!("{id} = {{ skip = {why}, by = {by} }}{comment}\n"),
            1 => format!("# about {id}\n{id} = {{ by = {by}, unlink = {why} }}{comment}\n"),
            2 => format!("\n{id} = {{ adopt = \"{id}\", expect = {why}, start = \"now\" }}{comment}\n"),
            3 => format!("{id}.skip = {why}{comment}\n"),
            _ => format!("\n# free\n\n{id} = {{ create = true, start = 2026-01-01, accept = [ \"invoice/{id}\" ] }}{comment}\n"),
        };
        (id, written)
    })
}

proptest! {
    /// Whatever people write: the same is said, no comment is lost, and a
    /// second layout changes nothing.
    #[test]
    fn nothing_is_lost(customers in proptest::collection::btree_map(any::<u32>(), customer(), 0..12), tail in "(# end\n)?") {
        let mut seen = std::collections::BTreeSet::new();
        let lines: String =
            customers.into_values().filter(|(id, _)| seen.insert(*id)).map(|(_, line)| line).collect();
        let text = format!("# head\n[links]\n{lines}{tail}");
        let path = Path::new("a.toml");
        let after = laid_out(&text);
        prop_assert_eq!(meaning(path, &text).unwrap(), meaning(path, &after).unwrap());
        prop_assert_eq!(comments_within(&text).len(), comments_within(&after).len());
        prop_assert_eq!(laid_out(&after), after.clone(), "{}", text);
    }
}
