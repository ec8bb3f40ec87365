//! What is wrong with a file, each with its place and what to do.

use std::path::{Path, PathBuf};

use crate::trial::Trial;

/// Before each mistake.
const BEGIN: &str = "now = 2026-03-31\n[posting]\ndeferred_revenue_item = \"A\"\ndeposit_account = \"B\"\n";

/// A text, where the mistake in it is, what is said of it, and what to do.
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    ("[expect]\nbalance = true\n", ":6:1", "unknown key `balance`", "did you mean `balanced`?"),
    ("[expect]\nbalanced = 1\n", ":6:12", "`balanced` is true or false", "write balanced = true"),
    ("[expect]\n", ":5:1", "nothing is expected", "balanced = true"),
    ("[[expect.postings]]\n", ":5:10", "unknown key `postings`", "did you mean `posting`?"),
    ("[expect]\nposting = 1\n", ":6:11", "`posting` is a list of tables", "[[expect.posting]]"),
    ("[[expect.posting]]\ntotl = \"1\"\n", ":6:1", "unknown key `totl`", "did you mean `total`?"),
    ("[[expect.posting]]\ntotal = 4.5\n", ":6:9", "`total` is an amount", "in quotes"),
    (
        "[[expect.posting]]\nkey = \"invocie/1\"\n",
        ":6:7",
        "`key` is the key of a record",
        "\"invoice/88123\"",
    ),
    ("[[expect.posting]]\ndate = \"March\"\n", ":6:8", "`date` is a day", "write date = 2026-03-01"),
    ("[[expect.posting]]\nlines = [{ itm = \"A\" }]\n", ":6:12", "unknown key `itm`", "did you mean `item`?"),
    (
        "[[expect.warning]]\ncode = \"unmaped-product\"\n",
        ":6:8",
        "`code` is one of the words",
        "`unmapped-product`",
    ),
    ("[[expect.warning]]\nblocks = -1\n", ":6:10", "`blocks` is a whole number", "write blocks = 3"),
    ("[[expect.warning]]\n", ":5:1", "this row expects nothing", "say at least one thing"),
    ("[expect]\nposting = []\n[[invoce]]\n", ":7:3", "unknown key `invoce`", "did you mean `invoice`?"),
    (
        "[expect]\nposting = []\n[[customer]]\nid = 1\nnam = \"x\"\n",
        ":9:1",
        "unknown key `nam`",
        "did you mean `name`?",
    ),
    (
        "[expect]\nposting = []\n[customer]\nid = 1\n",
        ":7:1",
        "`customer` is a list of tables",
        "[[customer]]",
    ),
    (
        "[expect]\nposting = []\n[[invoice]]\nid = 1\ncustomer = 7\ndate = 2026-01-01\nlines = []\n",
        ":7:1",
        "there is no customer 7",
        "correct the id or the amount",
    ),
    (
        "[expect]\nposting = []\n[[customer]]\nid = 7\n[[payment]]\nid = 1\ncustomer = 7\ndate = 2026-01-01\n\
             amount = \"5\"\ninvoices = { 3 = \"5\" }\n",
        ":9:1",
        "there is no invoice 3",
        "correct the id",
    ),
    (
        "[expect]\nposting = []\n[[customer]]\nid = 7\n[[credit]]\nid = 1\ncustomer = 7\ndate = 2026-04-01\namount = \"5\"\n",
        ":9:1",
        "this lies after the scenario's `now`",
        "let a [[step]] do it",
    ),
    (
        "[expect]\nposting = []\n[[customer]]\nid = 7\n[[customer]]\nid = 7\n",
        ":9:1",
        "customer 7 stands here twice",
        "of its own",
    ),
    (
        "[expect]\nposting = []\n[[payment]]\nid = 1\ncustomer = 7\ndate = yesterday\n",
        ":10:8",
        "string values must be quoted",
        "",
    ),
    (
        "[expect]\nposting = []\n[quickbooks]\nclosed = 2026-01-01\n",
        ":8:1",
        "unknown key `closed`",
        "closed_through",
    ),
    (
        "[expect]\nposting = []\n[[quickbooks.customer]]\nid = 5\nname = \"a:b\"\n",
        ":7:1",
        "colon",
        "QuickBooks would not have it",
    ),
    ("[expect]\nposting = []\n[[step]]\nat = \"1h\"\n", ":7:1", "this step does nothing", "give it one of"),
    (
        "[expect]\nposting = []\n[links]\n7 = { adpt = \"58\" }\n",
        ":8:7",
        "unknown key `adpt`",
        "did you mean `adopt`?",
    ),
    ("[expect]\nposting = []\n[items]\nX = 5\n", ":8:5", "`X` is a text", "in quotes"),
];

#[test]
fn mistakes_are_told_with_their_places() {
    for (text, place, message, remedy) in MISTAKES {
        let text = format!("{BEGIN}{text}");
        let path = PathBuf::from("tests/a.toml");
        let invalid = Trial::parse("tests/a.toml", &path, &text, false)
            .and_then(|trial| trial.prepare(Path::new("no-such-file.toml")));
        let Err(invalid) = invalid else { panic!("taken:\n{text}") };
        let said = invalid.to_string();
        assert!(said.contains(&format!("tests/a.toml{place}\n")), "{place}\n{said}");
        assert!(said.contains(message) && said.contains(remedy) && said.contains('^'), "{message}\n{said}");
    }
}

/// What is wrong with the file as a whole.
#[test]
fn what_is_missing_is_told() {
    let whole = "now = 2026-03-31\n[expect]\nbalanced = true\n";
    let posting = "[posting]\ndeferred_revenue_item = \"A\"\ndeposit_account = \"B\"\n";
    for (text, message) in [
        ("[expect]\nbalanced = true\n", "`now` is missing"),
        ("now = 2026-03-31\n", "nothing is expected"),
        (&format!("config = \"a.toml\"\n{whole}{posting}"), "part of the files that `config` names"),
        (&format!("{whole}[items]\nA = \"B\"\n"), "a scenario needs [posting] too"),
        (&format!("config = \"none.toml\"\n{whole}"), "there is no file"),
        (&format!("passes = []\n{whole}{posting}"), "`passes` says when there is a pass"),
        (&format!("passes = [\"99999d\"]\n{whole}{posting}"), "within ten years"),
        (whole, "this file does not exist"),
    ] {
        let path = Path::new("tests/a.toml");
        let invalid = Trial::parse("tests/a.toml", path, text, false)
            .and_then(|trial| trial.prepare(Path::new("no-such-file.toml")));
        let said = invalid.err().map(|invalid| invalid.to_string()).unwrap_or_default();
        assert!(said.contains(message), "{message}\n{said}");
    }
}
