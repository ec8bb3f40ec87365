//! Reports, held against the books they are made of.

use std::time::Duration;

use serde_json::{Value, json};

use super::{World, pays};

async fn report(world: &World, path: &str) -> Value {
    let reply = world.get(&format!("reports/{path}")).await;
    assert_eq!(reply.fault().0, "none", "{path}: {}", reply.body);
    assert_eq!(reply.body.get("time"), None, "a report has its time within");
    reply.body
}

/// The row whose first cell reads `title`, wherever it stands.
fn row<'a>(rows: &'a Value, title: &str) -> Option<&'a Value> {
    rows["Row"].as_array()?.iter().find_map(|part| {
        let own = [&part["ColData"], &part["Summary"]["ColData"]]
            .into_iter()
            .find(|cells| cells[0]["value"] == title);
        own.or_else(|| row(&part["Rows"], title))
    })
}

fn amount<'a>(report: &'a Value, title: &str) -> &'a str {
    row(&report["Rows"], title).and_then(|cells| cells[1]["value"].as_str()).unwrap_or("none")
}

/// A hundred sold and sixty of it paid, a year after the demo company began.
async fn sold() -> World {
    let world = World::new().await;
    let mut body = super::invoice("22", "100");
    body["Line"][0]["SalesItemLineDetail"]["ItemRef"] = json!({ "value": "1" });
    let made = world.put("invoice", body).await;
    let payment =
        json!({ "CustomerRef": { "value": "22" }, "TotalAmt": 60, "Line": [pays(&made["Id"], "60")] });
    world.put("payment", payment).await;
    world
}

#[tokio::test(start_paused = true)]
async fn statements_agree_with_each_other() {
    let world = sold().await;
    let profit = report(&world, "ProfitAndLoss").await;
    for (title, expected) in [
        ("Total Income", "100.00"),
        ("Gross Profit", "100.00"),
        ("Total Expenses", "0.00"),
        ("Net Operating Income", "100.00"),
        ("Net Income", "100.00"),
    ] {
        assert_eq!(amount(&profit, title), expected, "{title}: {profit}");
    }
    assert_eq!(profit["Header"]["DateMacro"], "this calendar year-to-date");
    let balance = report(&world, "trialbalance").await;
    let total = row(&balance["Rows"], "TOTAL").unwrap();
    assert_eq!(total[1]["value"], total[2]["value"]);
    let company = world.company.trial_balance();
    for account in &company {
        let cells = row(&balance["Rows"], &account.name).unwrap();
        let side = |amount: rust_decimal::Decimal| {
            if amount.is_zero() { String::new() } else { format!("{amount:.2}") }
        };
        assert_eq!(
            (cells[1]["value"].as_str().unwrap(), cells[2]["value"].as_str().unwrap()),
            (side(account.debit).as_str(), side(account.credit).as_str()),
            "{}",
            account.name
        );
    }
    let sheet = report(&world, "BalanceSheet").await;
    assert_eq!(amount(&sheet, "Total ASSETS"), amount(&sheet, "Total LIABILITIES AND EQUITY"), "{sheet}");
}

/// The recorded answer for a customer and days without a sale.
#[tokio::test(start_paused = true)]
async fn an_empty_statement_is_as_recorded() {
    let world = sold().await;
    let path =
        "ProfitAndLoss?customer=1&end_date=2015-07-31&start_date=2015-01-01&summarize_column_by=Customers";
    let empty = report(&world, path).await;
    let header = json!({
        "Time": "2026-05-05T02:00:00-07:00", "ReportName": "ProfitAndLoss", "ReportBasis": "Accrual",
        "StartPeriod": "2015-01-01", "EndPeriod": "2015-07-31", "SummarizeColumnsBy": "Customers",
        "Currency": "USD", "Customer": "1",
        "Option": [{ "Name": "AccountingStandard", "Value": "GAAP" }, { "Name": "NoReportData", "Value": "true" }],
    });
    assert_eq!(empty["Header"], header);
    let groups: Vec<&str> =
        empty["Rows"]["Row"].as_array().unwrap().iter().map(|row| row["group"].as_str().unwrap()).collect();
    assert_eq!(groups, ["Income", "GrossProfit", "Expenses", "NetOperatingIncome", "NetIncome"]);
    let blank = json!({ "Header": { "ColData": [{ "value": "Income" }, { "value": "" }] },
        "Summary": { "ColData": [{ "value": "Total Income" }, { "value": "" }] }, "type": "Section", "group": "Income" });
    assert_eq!(empty["Rows"]["Row"][0], blank);
}

#[tokio::test(start_paused = true)]
async fn the_ledger_runs_from_balance_to_balance() {
    let world = sold().await;
    let ledger = report(&world, "GeneralLedger?customer=22").await;
    let accounts = ledger["Rows"]["Row"].as_array().unwrap();
    let receivable = accounts.iter().find(|row| row["Header"]["ColData"][0]["id"] == "84").unwrap();
    let rows = receivable["Rows"]["Row"].as_array().unwrap();
    let told: Vec<[&str; 4]> = rows
        .iter()
        .map(|row| [1, 3, 6, 7].map(|column| row["ColData"][column]["value"].as_str().unwrap()))
        .collect();
    let customer = world.read("customer/22").await["DisplayName"].as_str().unwrap().to_owned();
    let customer = customer.as_str();
    assert_eq!(told, [["Invoice", customer, "100.00", "100.00"], ["Payment", customer, "-60.00", "40.00"]]);
    assert_eq!(receivable["Summary"]["ColData"][6]["value"], "40.00");
}

#[tokio::test(start_paused = true)]
async fn an_account_below_another_stands_inside_its_section() {
    let world = World::new().await;
    let above = world.put("account", json!({ "Name": "Tools", "AccountType": "Expense" })).await;
    let body = json!({ "Name": "Hammers", "AccountType": "Expense", "SubAccount": true,
        "ParentRef": { "value": above["Id"] } });
    let below = world.put("account", body).await;
    let lines = [
        super::posts("Debit", below["Id"].as_str().unwrap(), "30", None),
        super::posts("Credit", "35", "30", None),
    ];
    world.put("journalentry", json!({ "Line": lines })).await;
    let ledger = report(&world, "GeneralLedger").await;
    let sections = ledger["Rows"]["Row"].as_array().unwrap();
    let title = |row: &Value| row["Header"]["ColData"][0].clone();
    let titles: Vec<Value> = sections.iter().map(title).collect();
    let tools = json!({ "value": "Tools", "id": above["Id"] });
    let place = titles.iter().position(|title| *title == tools).unwrap();
    assert_eq!(titles[0]["value"], "Checking", "banks come first");
    let inner = &sections[place]["Rows"]["Row"];
    assert_eq!((inner.as_array().unwrap().len(), title(&inner[0])), (1, json!({ "value": "Hammers" })));
    assert_eq!(sections[place]["Summary"]["ColData"][6]["value"], "30.00");
    assert!(titles.iter().all(|title| title["value"] != "Hammers"), "{titles:?}");
}

#[tokio::test(start_paused = true)]
async fn what_customers_owe_grows_old() {
    let mut world = sold().await;
    let mut refresh = "sandbox-refresh-token".to_owned();
    let name = world.read("customer/22").await["FullyQualifiedName"].as_str().unwrap().to_owned();
    let before = world.read("customer/22").await["Balance"].to_string();
    for (days, column) in [(0, 1), (30, 1), (1, 2), (30, 3), (30, 4), (30, 5)] {
        world.clock.advance(Duration::from_hours(24 * days));
        refresh = world.refreshed(&refresh).await.body["refresh_token"].as_str().unwrap().to_owned();
        world.token = world.refreshed(&refresh).await.body["access_token"].as_str().unwrap().to_owned();
        let report = report(&world, "AgedReceivables").await;
        let cells = row(&report["Rows"], &name).unwrap();
        let own: rust_decimal::Decimal = cells[column]["value"].as_str().unwrap().parse().unwrap();
        assert!(own >= 40.into(), "after {days} days more: {cells}");
        let total: rust_decimal::Decimal = cells[6]["value"].as_str().unwrap().parse().unwrap();
        assert_eq!(total, before.parse().unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_simulated_is_refused() {
    let world = sold().await;
    for (path, code) in [
        ("CashFlow", "500"),
        ("ProfitAndLoss?accounting_method=Cash", "500"),
        ("ProfitAndLoss?accounting_method=Accrual", "none"),
        ("ProfitAndLoss?date_macro=Last+Month", "500"),
        ("ProfitAndLoss?summarize_column_by=Customers", "500"),
        ("ProfitAndLoss?start_date=yesterday", "2060"),
        ("AgedReceivables?report_date=2020-01-01", "500"),
        ("CustomerBalance", "none"),
    ] {
        assert_eq!(world.get(&format!("reports/{path}")).await.fault().0, code, "{path}");
    }
}
