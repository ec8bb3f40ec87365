//! Scenarios read, refused, and judged wrong wherever they expect something
//! else.

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::compare::Wrong;
use super::expect::Expected;
use super::play::judged;
use super::section::{Cell, Kind, Row, SECTIONS, WHOLE};
use super::*;

/// Settings of its own, one customer, one of each kind of record, and what
/// QuickBooks lacks for one of them.
const WHOLE_STORY: &str = r#"
about = "One of each"
now = 2026-03-31
passes = ["0s", "1d"]

[posting]
deferred_revenue_item = "Sales:Subscriptions"
credit_item = "Account credit"
bad_debt_item = "Bad debt"
deposit_account = "Undeposited Funds"
tax_item = "Sales tax collected"
unmapped_product = "hold"
[deposit_accounts]
"Check" = "1010"
[items]
"PRO" = "Sales:Subscriptions"
[links]
1 = { adopt = "4711", expect = "Amy's Bird Sanctuary", start = 2026-01-01 }
2 = { create = "Bolt Bakery", start = 2026-01-01 }
[dismiss]
"invoice/13" = { codes = ["unmapped-product"], until = 2027-01-01, why = "by hand", by = "FIN-1" }

[[quickbooks.customer]]
id = 4711
name = "Amy's Bird Sanctuary"

[[customer]]
id = 1
name = "Amy's Bird Sanctuary"
[[customer]]
id = 2
name = "Bolt Bakery"
email = "bolt@example.com"

[[invoice]]
id = 11
number = 1042
customer = 1
date = 2026-02-01
po_number = "PO 7"
lines = [{ product = "PRO", amount = "100.00", discount = "10.00" }]
taxes = [{ name = "GST", percent = 5, amount = "4.50" }]
[[invoice]]
id = 12
customer = 2
date = 2026-02-02
lines = [{ product = "PRO", quantity = 2, amount = "50.00" }, { product = "PRO", amount = "25.00" }]
[[invoice]]
id = 13
customer = 2
date = 2026-02-03
lines = [{ product = "GATEWAY", amount = "30.00" }]
[[payment]]
id = 21
customer = 1
date = 2026-02-05
amount = "60.00"
method = "Check"
invoices = { 11 = "50.00" }
[[refund]]
id = 31
payment = 21
date = 2026-02-06
amount = "15.00"
invoices = { 11 = "5.00" }
[[credit]]
id = 41
customer = 2
date = 2026-02-07
amount = "20.00"
invoices = { 12 = "12.00" }
[[debit]]
id = 51
credit = 41
date = 2026-02-08
amount = "3.00"
[[reversal]]
id = 61
invoice = 12
date = 2026-02-09
lines = { 2 = "25.00" }
[[write_off]]
id = 71
invoice = 12
date = 2026-02-10
amount = "8.00"

[[step]]
name = "The first answer to an invoice is lost"
at = "0s"
trouble = { vendor = "quickbooks", method = "POST", path = "/v3/company/*/invoice", what = "cut" }
"#;

fn prepared(text: &str, found: bool) -> Prepared {
    let trial = Trial::parse("scenario.toml", Path::new("scenario.toml"), text, found);
    let main = Path::new("no-such-file.toml");
    trial.and_then(|trial| trial.prepare(main)).unwrap_or_else(|invalid| panic!("{invalid}"))
}

fn expected(toml: &str) -> Expected {
    let mut table = DeTable::parse(toml).unwrap().into_inner();
    let mut errors = Vec::new();
    let expected = Expected::read(&table.remove("expect").unwrap(), &mut errors);
    assert!(errors.is_empty(), "{errors:?}\n{toml}");
    expected
}

/// Another value of the same kind.
fn another(kind: &Kind, cell: &Cell) -> Cell {
    match (kind, cell) {
        (Kind::Word(words), Cell::Text(text)) => {
            Cell::Text(words().into_iter().find(|word| word != text).unwrap().to_owned())
        }
        (_, Cell::Text(text)) => Cell::Text(format!("{text}0")),
        (_, Cell::Amount(amount)) => Cell::Amount(amount + rust_decimal::Decimal::new(1, 2)),
        (_, Cell::Count(count)) => Cell::Count(count + 1),
        (_, Cell::Flag(yes)) => Cell::Flag(!yes),
        (Kind::Rows(section), Cell::Rows(rows)) => {
            let mut rows = rows.clone();
            match rows.first_mut() {
                Some(row) => {
                    let field = section.fields.iter().find(|field| row.contains_key(field.name)).unwrap();
                    let wrong = another(&field.kind, &row[field.name]);
                    row.insert(field.name, wrong);
                }
                None => rows.push(Row::from([(section.fields[0].name, Cell::Text("x".to_owned()))])),
            }
            Cell::Rows(rows)
        }
        (_, Cell::Rows(_)) => panic!("a list of no rows"),
    }
}

/// What was found is what is expected once it is pasted; and each single value of
/// it, each row too few and each row too many, is told where it is wrong.
#[tokio::test(start_paused = true)]
async fn a_wrong_expectation_of_every_kind_fails() {
    let found = play(&prepared(WHOLE_STORY, true)).await.unwrap().found;
    let toml = found.to_toml();
    let right = expected(&toml);
    assert_eq!(judged(&right, &found), [], "{toml}");
    let (mut values, mut seen) = (0, std::collections::BTreeSet::new());
    for (place, (section, rows)) in right.sections.iter().enumerate() {
        for (nth, row) in rows.iter().enumerate() {
            for field in section.fields.iter().filter(|field| row.contains_key(field.name)) {
                let mut wrong = expected(&toml);
                let value = another(&field.kind, &row[field.name]);
                wrong.sections[place].1[nth].insert(field.name, value);
                let told = judged(&wrong, &found);
                assert!(!told.is_empty(), "{} {row:?}: {}", section.name, field.name);
                assert!(told.iter().all(|one| one.section == section.name), "{told:?}");
                values += 1;
                seen.insert((section.name, field.name));
            }
            let mut fewer = expected(&toml);
            fewer.sections[place].1.remove(nth);
            let told = judged(&fewer, &found);
            assert_eq!(told.is_empty(), section.open, "{} {row:?}", section.name);
        }
        let mut more = expected(&toml);
        let row = Row::from([(section.fields[0].name, Cell::Text("x".to_owned()))]);
        more.sections[place].1.push(row);
        assert_eq!(judged(&more, &found).len(), 1, "{}", section.name);
    }
    for field in WHOLE.fields {
        let mut wrong = expected(&toml);
        let value = another(&field.kind, &wrong.whole[field.name]);
        wrong.whole.insert(field.name, value);
        assert_eq!(judged(&wrong, &found).len(), 1, "{}", field.name);
    }
    // The story has something of everything that can be expected.
    let lacking: Vec<_> = SECTIONS
        .iter()
        .flat_map(|section| section.fields.iter().map(move |field| (section.name, field.name)))
        .filter(|one| !seen.contains(one))
        .collect();
    assert_eq!(lacking, [("notice", "code"), ("notice", "text")], "{toml}");
    assert!(values > 200, "{values} values");
}

/// One expected row differs from the one that is meant in just what is wrong.
#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_told_of_the_record_that_is_meant() {
    let text = format!(
        "{WHOLE_STORY}\n[[expect.warning]]\nkey = \"invoice/13\"\ncode = \"unmapped-product\"\ndismissed = false\n\
         [[expect.customer]]\nkey = \"customer/1\"\nid = \"4711\"\nbalance = \"49.51\"\n\
         [[expect.customer]]\nkey = \"customer/3\"\n"
    );
    let verdict = play(&prepared(&text, false)).await.unwrap();
    let said = super::text(std::slice::from_ref(&verdict));
    let expected = r#"FAILED scenario.toml: One of each
  customer { key = "customer/1", id = "4711", balance = "49.51" }
    - balance = "49.51"
    + balance = "49.50"
  customer not found
    - { key = "customer/3" }
  customer not expected
    + { key = "customer/2", id = "4712", name = "Bolt Bakery (2)", email = "bolt@example.com", active = true, balance = "25.00" }
  warning { key = "invoice/13", code = "unmapped-product", dismissed = false }
    - dismissed = false
    + dismissed = true
1 of 1 scenario not as expected (- expected, + found)
"#;
    assert_eq!(said, expected);
    let json: serde_json::Value = serde_json::from_str(&json(&[verdict])).unwrap();
    assert_eq!(json["failed"], 1);
    let told = &json["scenarios"][0]["differences"];
    assert_eq!((&told[0]["what"], &told[0]["fields"][0]["field"]), (&"differs".into(), &"balance".into()));
    assert_eq!((&told[1]["what"], &told[2]["what"]), (&"missing".into(), &"unexpected".into()));
}

/// A scenario that rests on something that never happens proves nothing.
#[tokio::test(start_paused = true)]
async fn a_step_that_comes_to_nothing_fails_its_scenario() {
    let begin = "now = 2026-03-31\n[posting]\ndeferred_revenue_item = \"A\"\ndeposit_account = \"B\"\n[expect]\nposting = []\n";
    for (step, why) in [
        ("at = \"2h\"\nquickbooks = \"expire-tokens\"", Some("it was never played: it waits for after 2h")),
        (
            "call = { path = \"/nowhere\" }\nquickbooks = \"expire-tokens\"",
            Some("it waits for before call 1 of /nowhere"),
        ),
        (
            "at = \"0s\"\nbiller.refund = { payment = 7, amount = \"1\" }",
            Some("there is no such payment in Stax Bill"),
        ),
        ("at = \"0s\"\ntrouble = { path = \"/nowhere\", what = \"cut\" }", Some("it struck no call")),
        ("at = \"0s\"\nquickbooks = \"expire-tokens\"", None),
        ("at = \"0s\"\ntrouble = { vendor = \"staxbill\", what = { delay = { ms = 1 } } }", None),
    ] {
        let verdict = play(&prepared(&format!("{begin}[[step]]\n{step}\n"), false)).await.unwrap();
        let told: Vec<&str> = verdict
            .differences
            .iter()
            .map(|one| if let Wrong::Failed(why) = &one.wrong { why.as_str() } else { panic!("{one:?}") })
            .collect();
        assert_eq!(told.len(), usize::from(why.is_some()), "{step}: {told:?}");
        assert!(why.is_none_or(|why| told[0].contains(why)), "{step}: {told:?}");
    }
}

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
