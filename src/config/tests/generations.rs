//! What changes a generation, and what does not.

use super::{MINIMAL, load_files};

const LINKS: &str = "[links]\n10482 = { adopt = \"58\", expect = \"Amy\", start = 2026-01-01, by = \"FIN-1\" }\n\
                     10483 = { skip = \"x\" }\n";

fn generation(files: &[(&str, &str)]) -> String {
    let mut all = vec![("latchd.toml", MINIMAL)];
    if files.first().is_some_and(|(name, _)| *name == "latchd.toml") {
        all.clear();
    }
    all.extend(files);
    load_files(&all).map_err(|errors| errors.to_string()).unwrap().generation
}

#[test]
fn comments_layout_order_and_files_do_not_count() {
    let generation_of = |links: &str| generation(&[("links.d/a.toml", links)]);
    let expected = generation_of(LINKS);
    assert!(expected.starts_with("sha256:") && expected.len() == 7 + 64, "{expected}");
    let same = [
        "# new\n[links]\n10482={adopt='58',expect='Amy',start=2026-01-01,by='FIN-1'} # why\n\n10483 = { skip = \"x\" }",
        "[links]\r\n10483 = { skip = \"x\" }\r\n10482 = { by = \"FIN-1\", start = 2026-01-01, expect = \"Amy\", adopt = \"58\" }\r\n",
        "[links.10483]\nskip = \"x\"\n[links.10482]\nadopt = \"58\"\nexpect = \"\\u0041my\"\nstart = 2026-01-01\nby = \"FIN-1\"\n",
        "[links]\n\"10482\" = { adopt = \"58\", expect = \"Amy\", start = 2026-01-01, by = \"FIN-1\" }\n10483.skip = \"x\"\n[items]\n",
    ];
    for links in same {
        assert_eq!(generation_of(links), expected, "{links}");
    }
    let said = LINKS.replace("\"58\"", "\"58\", shared = false, policy = \"live\", match = {}, accept = []");
    assert_eq!(generation_of(&said), expected, "what is the default may be said");
    let (one, two) = LINKS.split_at(LINKS.find("10483").unwrap());
    let two = format!("[links]\n{two}");
    assert_eq!(generation(&[("links.d/z.toml", one), ("links.d/b.toml", &two)]), expected);
    let inside = format!("# all in one\n{MINIMAL}{LINKS}").replace("include = [\"links.d/*.toml\"]", "");
    assert_eq!(generation(&[("latchd.toml", &inside)]), expected);
}

#[test]
fn every_word_counts() {
    const LAST: &str = "# the last line\n";
    let whole =
        format!("{MINIMAL}[customers]\n[items]\nA = \"One\"\n[taxes]\n\"GST 5\" = \"GST\"\n{LINKS}{LAST}");
    let changes = [
        ("\"craigs\"", "\"craig\""),
        ("9130350000000000", "9130350000000001"),
        ("America/Los_Angeles", "America/New_York"),
        ("cred:staxbill-api-key", "env:STAXBILL_API_KEY"),
        ("\"production\"", "\"sandbox\""),
        ("\"Undeposited Funds\"", "\"4\""),
        ("A = \"One\"", "A = \"Two\""),
        ("A = \"One\"", "B = \"One\""),
        ("\"GST 5\"", "\"GST 6\""),
        ("[customers]", "[customers]\ncount_from = 2026-01-01"),
        ("version = 1", "version = 1\nallow_empty = true"),
        ("10482", "10484"),
        ("\"58\"", "\"59\""),
        ("\"Amy\"", "\"Amy \\u00e9\""),
        ("2026-01-01", "2026-01-02"),
        ("2026-01-01", "\"beginning\""),
        ("2026-01-01", "\"now\""),
        ("\"FIN-1\"", "\"FIN-2\""),
        (", by = \"FIN-1\"", ""),
        ("skip = \"x\"", "skip = \"y\""),
        ("skip = \"x\"", "create = \"x\", start = \"now\""),
        ("skip = \"x\"", "create = true, start = \"now\""),
        ("10483 = { skip = \"x\" }\n", ""),
        ("skip = \"x\"", "unlink = \"x\""),
        ("\"58\"", "\"58\", from = \"7\""),
        ("\"58\"", "\"58\", from = \"8\""),
        ("\"58\"", "\"58\", currency = \"USD\""),
        ("\"58\"", "\"58\", currency = \"CAD\""),
        ("\"58\"", "\"58\", shared = true"),
        ("\"58\"", "\"58\", policy = \"observe\""),
        ("\"58\"", "\"58\", match = { \"invoice/1\" = \"5\" }"),
        ("\"58\"", "\"58\", match = { \"invoice/1\" = \"6\" }"),
        ("\"58\"", "\"58\", match = { \"invoice/2\" = \"5\" }"),
        ("\"58\"", "\"58\", match = { \"invoice/1\" = \"5\", \"invoice/2\" = \"6\" }"),
        ("\"58\"", "\"58\", accept = [\"invoice/1\"]"),
        ("\"58\"", "\"58\", accept = [\"invoice/1\", \"invoice/2\"]"),
        ("[customers]", "[customers]\ncontact = \"follow\""),
    ];
    let changes = changes.into_iter().chain([
        (LAST, "[dismiss]\n\"invoice/1\" = { codes = [\"refused\"], until = 2026-12-31, why = \"x\", by = \"y\" }\n"),
        (LAST, "[dismiss]\n\"invoice/1\" = { codes = [\"refused\"], until = 2026-12-30, why = \"x\", by = \"y\" }\n"),
        (LAST, "[resend]\n\"invoice/1\" = \"a\"\n"),
        (LAST, "[resend]\n\"invoice/1\" = \"b\"\n"),
        (LAST, "[resend]\n\"invoice/1\" = { token = \"b\", scope = \"with-dependants\" }\n"),
    ]);
    let mut seen = vec![generation(&[("latchd.toml", &whole)])];
    for (from, to) in changes {
        assert!(whole.contains(from), "{from}");
        let found = generation(&[("latchd.toml", &whole.replacen(from, to, 1))]);
        assert!(!seen.contains(&found), "{from} -> {to} was not seen");
        seen.push(found);
    }
}
