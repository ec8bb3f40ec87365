//! `[guard]` and `[approve]`: what is read, and what is told.

use super::{MINIMAL, load_files, told};
use crate::model::{Backfill, Guards};

fn load(text: &str) -> Result<crate::config::Config, crate::config::ConfigErrors> {
    load_files(&[("latchd.toml", MINIMAL), ("links.d/a.toml", text)])
}

#[test]
fn what_is_not_said_is_the_default_and_what_is_said_counts() {
    assert_eq!(load("").unwrap().settings.guards, Guards::default());
    let digest = format!("sha256:{}", "0a".repeat(32));
    let text = format!(
        "[guard]\nlinks_changed = 1\nlinks_changed_percent = 2\ndocuments = 3\namount = {{ USD = \"4.00\" }}\n\
         backfill = 2025-01-01\ncustomers = 5\nfirst_sync = \"hold\"\n\
         [approve]\n\"{digest}\" = {{ why = \"w\", by = \"b\" }}\n"
    );
    let config = load(&text).unwrap();
    let expected = Guards {
        links_changed: 1,
        links_changed_percent: 2,
        documents: Some(3),
        amount: [("USD".parse().unwrap(), "4.00".parse().unwrap())].into(),
        backfill: Backfill::From(jiff::civil::date(2025, 1, 1)),
        customers: 5,
        first_sync: true,
    };
    assert_eq!(config.settings.guards, expected);
    let approval = &config.decisions.approvals[&digest];
    assert_eq!((approval.why.as_str(), approval.by.as_str(), approval.at.line), ("w", "b", 10));
    let days = load("[guard]\nbackfill = \"90d\"\n").unwrap().settings.guards.backfill;
    assert_eq!(days, Backfill::Days(90));
}

#[test]
fn every_mistake_is_told() {
    let digest = format!("\"sha256:{}\"", "0a".repeat(32));
    let cases = [
        ("[guard]\ncustomer = 5".to_owned(), "did you mean `customers`?"),
        ("[guard]\nbackfill = \"400\"".to_owned(), "is not a number of days"),
        ("[guard]\namount = { usd = \"5\" }".to_owned(), "knows no currency `usd`"),
        ("[guard]\namount = { USD = \"five\" }".to_owned(), "\"five\" is not an amount"),
        ("[guard]\namount = 5".to_owned(), "`amount` is a table of currencies"),
        ("[guard]\nfirst_sync = \"fre\"".to_owned(), "first_sync"),
        ("[guard]\nlinks_changed_percent = 101".to_owned(), "lies between 0 and 100"),
        ("[approve]\n\"sha256:12\" = { why = \"w\", by = \"b\" }".to_owned(), "copy the whole line"),
        (format!("[approve]\n{digest} = {{ why = \"w\" }}"), "an approval needs `by`"),
        (format!("[approve]\n{digest} = {{ why = \" \", by = \"b\" }}"), "`why` is empty"),
        (format!("[approve]\n{digest} = {{ whyy = \"w\", by = \"b\" }}"), "did you mean `why`?"),
    ];
    for (text, expected) in cases {
        let found = told(load(&text));
        assert!(found.len() == 1 && found[0].contains(expected), "{text}: {found:?}");
    }
}
