//! `latchd demo` and `latchd sandbox`, as someone tries them who never saw
//! latchd.

use std::fs;

use super::house::{House, until};

#[test]
fn the_demonstration_ends_well_also_the_second_time() {
    let house = House::generated(0, 0);
    for time in ["first", "second"] {
        let ended = house.run(&["demo", "--dir", "demo"]);
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "the {time} time: {ended:?}");
        for word in ["Customers", "Bolt Bakery", "Cog & Co", "demo/reports", "overview.md"] {
            assert!(ended.out.contains(word), "the {time} time `{word}`: {ended:?}");
        }
        assert!(
            ended.out.contains("New in QuickBooks: 1 customer, 12 invoices and 12 payments."),
            "{}",
            ended.out
        );
        for file in
            ["status.json", "customers.json", "index.html", "overview.md", "latchd.prom", "history.ndjson"]
        {
            assert!(house.path("demo/reports").join(file).is_file(), "{file}");
        }
    }
    // What it leaves is an operator's folder like any other.
    let mut status = house.command(&["status"]);
    status.env("LATCHD_CONFIG", house.path("demo/latchd.toml"));
    let status = house.start_command(status).end();
    assert_eq!(status.code, Some(5), "{status:?}");
}

#[test]
fn the_demonstration_touches_no_folder_that_it_did_not_make() {
    let house = House::generated(0, 0);
    for folder in ["state", "links.d"] {
        fs::create_dir_all(house.path("mine").join(folder)).unwrap();
    }
    house.write("mine/links.d/2026-01-onboarding.toml", "[links]\n");
    house.write("mine/latchd.toml", "version = 1\n");
    house.write("mine/state/precious", "x");
    house.write("file", "x");
    let disk = house.disk();
    for dir in ["mine", "file", "file/below"] {
        let ended = house.run(&["demo", "--dir", dir]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{dir} {ended:?}");
        assert!(ended.err.contains("--dir") && ended.err.lines().count() == 1, "{dir} {ended:?}");
    }
    assert_eq!(house.disk(), disk);
}

#[test]
fn the_sandbox_prints_files_that_work_and_ends_when_asked() {
    let house = House::generated(0, 0);
    let ports = ["--quickbooks-port", "0", "--staxbill-port", "0"];
    let sandbox = house.start(&[&["sandbox"], &ports[..]].concat());
    until("it says where it is", || sandbox.out().contains("reports = "));
    until("it has said all", || sandbox.out().ends_with("\n\n"));
    let said = sandbox.out();
    let links =
        "[links]\n10482 = { adopt = \"1\", expect = \"Amy's Bird Sanctuary\", start = \"beginning\" }\n";
    house.write("latchd.toml", &said);
    house.write("links.d/a.toml", links);
    let once = house.run(&["once"]);
    assert_eq!(once.code, Some(5), "{once:?}");
    let taken = said
        .split("127.0.0.1:")
        .nth(1)
        .and_then(|rest| rest.split(|sign: char| !sign.is_ascii_digit()).next());
    let second = house.run(&["sandbox", "--quickbooks-port", taken.unwrap(), "--staxbill-port", "0"]);
    assert_eq!((second.code, second.out.as_str()), (Some(1), ""), "{second:?}");
    assert!(second.err.contains("choose other ports") && second.err.contains(taken.unwrap()), "{second:?}");
    sandbox.signal("TERM");
    assert_eq!(sandbox.end().code, Some(0));
}
