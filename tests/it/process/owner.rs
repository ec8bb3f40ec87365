//! One latchd per state: the second says so, and changes nothing.

use latchd::sandbox::trouble::{Kind, Rule, Vendor};

use super::books;
use super::house::{House, until};

#[test]
fn the_second_process_ends_with_75_and_changes_nothing() {
    let house = House::sample();
    house.link_all();
    // The first stands still in the middle of its work.
    let stuck = Rule::next("/v3/company/*/batch", Kind::Delay { ms: 600_000 }).of(Vendor::QuickBooks);
    house.sandbox.trouble.add(stuck.every());
    let _first = house.start(&["once"]);
    until("the first one writes", || house.sandbox.trouble.hits() > 0);
    let (calls, before) = (house.quickbooks_calls(), books::untouched(&house.sandbox));
    for args in [["once"], ["run"], ["plan"]] {
        let ended = house.run(&args);
        assert_eq!(ended.code, Some(75), "{args:?} {ended:?}");
        assert!(ended.err.contains("another latchd holds the state in "), "{args:?} {ended:?}");
        assert!(ended.err.contains("[paths] state"), "{args:?} {ended:?}");
        assert_eq!(ended.err.lines().count(), 1, "{args:?} {ended:?}");
    }
    for args in [["check"], ["status"]] {
        assert_ne!(house.run(&args).code, Some(75), "{args:?} opens no state");
    }
    assert_eq!((house.quickbooks_calls(), books::untouched(&house.sandbox)), (calls, before));
}
