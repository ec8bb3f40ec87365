//! The folder of reports: every form of one pass, and what goes on from one
//! process to the next.

use std::fs;

use serde_json::Value;

use super::house::House;

fn read(house: &House, name: &str) -> String {
    fs::read_to_string(house.path("reports").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every form bears the pass's number and says how it ended.
fn all_of(house: &House, number: u64, outcome: &str) -> Value {
    let status = house.status().expect("there is a report");
    assert_eq!(status["last_pass"]["number"], number, "{status}");
    assert_eq!(status["last_pass"]["outcome"], outcome, "{status}");
    for name in ["index.html", "overview.md"] {
        let words = format!("Pass {number} (once): {outcome} at ");
        assert!(read(house, name).contains(&words), "{name} does not say `{words}`");
    }
    let figures = read(house, "latchd.prom");
    let passes = figures.lines().find(|line| line.starts_with("latchd_passes_total{"));
    assert!(passes.is_some_and(|line| line.ends_with(&format!(" {number}"))), "{passes:?}");
    let customers: Value = serde_json::from_str(&read(house, "customers.json")).expect("it is JSON");
    assert_eq!((&customers["schema"], &customers["pass"]), (&1.into(), &number.into()));
    customers
}

#[test]
fn all_forms_are_of_one_pass_and_go_on_from_the_last_process() {
    let house = House::generated(3, 4);
    house.link_all();
    assert_eq!(house.run(&["once"]).code, Some(0));
    let customers = all_of(&house, 1, "complete");
    let rows = customers["customers"].as_array().expect("it is a list");
    assert_eq!(rows.len(), 3, "{customers}");
    for row in rows {
        let decision = row["decision"].as_str().expect("each has a line");
        assert!(row["state"] == "synced" && ["adopt", "create"].contains(&decision), "{row}");
        assert!(row["quickbooks_id"].is_string() && row["label"].is_null(), "{row}");
    }
    let reads = |status: &Value| status["budget"]["calls"]["quickbooks_reads"].as_u64().expect("a count");
    let first = house.status().expect("there is a report");
    assert!(first["token"]["refresh_expires_at"].is_string(), "{first}");
    let synced =
        first["entities"].as_array().expect("a list").iter().filter_map(|row| row["synced"].as_u64());
    assert_eq!(first["recent_passes"][0]["synced"], synced.sum::<u64>(), "{first}");

    // The second process cannot work, and tells so beside what the first did.
    let settings = house.settings();
    let other = "expect = \"Another company\"";
    let wrong: Vec<_> =
        settings.lines().map(|line| if line.starts_with("expect") { other } else { line }).collect();
    house.write("latchd.toml", wrong.join("\n"));
    assert_eq!(house.run(&["once"]).code, Some(1));
    all_of(&house, 2, "failed");
    let second = house.status().expect("there is a report");
    let passes: Vec<_> = second["recent_passes"].as_array().expect("a list").iter().collect();
    let told: Vec<_> = passes.iter().map(|pass| (&pass["number"], &pass["outcome"])).collect();
    assert_eq!(told, [(&1.into(), &"complete".into()), (&2.into(), &"failed".into())]);
    assert_eq!((&passes[0]["warnings"], &passes[1]["warnings"]), (&0.into(), &1.into()));
    let asked = second["last_pass"]["calls"]["quickbooks_reads"].as_u64().expect("a count");
    assert_eq!(reads(&second), reads(&first) + asked);
}
