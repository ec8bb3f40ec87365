//! Scenarios read, refused, and judged wrong wherever they expect something
//! else.

mod mistakes;
mod stories;

use std::path::Path;

use toml::de::DeTable;

use super::compare::Wrong;
use super::expect::Expected;
use super::play::judged;
use super::section::{Cell, Kind, Row, SECTIONS, WHOLE};
use super::*;
use stories::{ABROAD, WHOLE_STORY};

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

/// The country, the closing day and every posting setting are those of the file.
#[tokio::test(start_paused = true)]
async fn a_company_abroad_is_tried_like_any_other() {
    let verdict = play(&prepared(ABROAD, false)).await.unwrap();
    assert_eq!(verdict.differences, [], "{}", verdict.found.to_toml());
    let wrong = ABROAD.replace("tax = \"HST NB\"", "tax = \"HST ON\"");
    let verdict = play(&prepared(&wrong, false)).await.unwrap();
    assert_eq!(verdict.differences.len(), 1);
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
