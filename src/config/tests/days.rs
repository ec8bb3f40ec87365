//! Days that have not come: refused by who checks the files, and by nobody
//! else.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{FOLDER, MINIMAL, load_files, told};
use crate::config::load::load_at;

const LINKS: &str = "[links]\n1 = { create = true, start = 2026-11-24 }\n2 = { create = true, start = 2026-11-23 }\n\
                     [links.3]\nskip = \"later\"\n[links.4]\nexpect = \"A\"\nstart = 2062-01-01\nadopt = \"5x\"\n";

#[test]
fn are_told_with_all_other_mistakes() {
    let customers = "[customers]\non_activation = \"create\"\nstart = 2026-11-24\n";
    let main = format!("{MINIMAL}{customers}");
    let files = [("latchd.toml", main.as_str()), ("links.d/a.toml", LINKS)];
    let told_at = |now: &str| {
        let stored: Vec<(PathBuf, String)> =
            files.iter().map(|(name, text)| (Path::new(FOLDER).join(name), (*text).to_owned())).collect();
        let now: Timestamp = now.parse().unwrap();
        told(load_at(&stored[0].0, &stored, Some(now)))
    };
    let remedy = "write a day that has come, or leave the decision until then";
    let today = "2026-11-23";
    // It is the 24th in Greenwich and the 23rd where the company is.
    assert_eq!(
        told_at("2026-11-24T07:59:00Z"),
        [
            format!("latchd.toml:23:9: `start` is 2026-11-24, and today is {today}; {remedy}"),
            format!("links.d/a.toml:2:30: `start` is 2026-11-24, and today is {today}; {remedy}"),
            format!("links.d/a.toml:8:9: `start` is 2062-01-01, and today is {today}; {remedy}"),
            "links.d/a.toml:9:9: `adopt` is the id of a QuickBooks customer: digits alone; it stands in the address of the customer's page, as nameId=…".to_owned(),
        ]
    );
    assert_eq!(told_at("2026-11-24T08:00:00Z").len(), 2);
    let loaded =
        load_files(&[("latchd.toml", &main), ("links.d/a.toml", &LINKS.replace("5x", "5"))]).unwrap();
    let today = "2026-11-23".parse().unwrap();
    let future: Vec<String> = loaded
        .decisions
        .future(today)
        .map(|(customer, day, link)| format!("{customer} {day} {}", link.at))
        .collect();
    assert_eq!(future, ["1 2026-11-24 links.d/a.toml:2", "4 2062-01-01 links.d/a.toml:6"]);
}
