//! Gains and losses between the rate of a document and that of its money.

use serde_json::{Value, json};

use super::{World, invoice, names, pays, posts};

const LOSS: &str = "Exchange Gain or Loss";
const OWED: &str = "Accounts Receivable (A/R) - EUR";

/// A company with euros, a customer who pays in them and a bank that keeps them.
struct Europe {
    world: World,
    customer: Value,
    bank: Value,
}

impl Europe {
    async fn new() -> Self {
        let world = World::new().await;
        world.company.set_preference("CurrencyPrefs.MultiCurrencyEnabled", json!(true));
        world.put("companycurrency", json!({ "Code": "EUR" })).await;
        let currency = json!({ "value": "EUR" });
        let customer = world.put("customer", json!({ "DisplayName": "Euro", "CurrencyRef": currency })).await;
        let bank = json!({ "Name": "Euro bank", "AccountType": "Bank", "CurrencyRef": currency });
        let bank = world.put("account", bank).await["Id"].clone();
        Self { world, customer: customer["Id"].clone(), bank }
    }

    async fn put(&self, path: &str, rate: &str, mut body: Value) -> Value {
        body["CurrencyRef"] = json!({ "value": "EUR" });
        body["ExchangeRate"] = json!(rate);
        let made = self.world.put(path, body).await;
        self.world.sound();
        made
    }

    async fn form(&self, path: &str, rate: &str, amount: &str) -> Value {
        self.put(path, rate, invoice(self.customer.as_str().unwrap(), amount)).await
    }

    async fn pay(&self, rate: &str, total: &str, lines: &[Value]) -> Value {
        let body = json!({ "CustomerRef": { "value": self.customer }, "TotalAmt": total, "Line": lines });
        self.put("payment", rate, body).await
    }

    /// What stands in an account at home, a credit negative.
    fn stands(&self, name: &str) -> String {
        let totals = self.world.company.trial_balance();
        let found = totals.iter().find(|total| total.name == name);
        found.map_or("0".to_owned(), |total| (total.debit - total.credit).to_string())
    }

    async fn owes(&self) -> String {
        let card = self.world.read(&format!("customer/{}", self.customer.as_str().unwrap())).await;
        card["Balance"].to_string()
    }
}

#[tokio::test(start_paused = true)]
async fn a_payment_at_another_rate_gains_or_loses() {
    let europe = Europe::new().await;
    let charge = europe.form("invoice", "1.2", "100.10").await;
    assert_eq!((europe.stands(OWED), europe.stands(LOSS)), ("120.12".into(), "0".into()));
    let first = europe.pay("1.25", "33.37", &[pays(&charge["Id"], "33.37")]).await;
    assert_eq!((europe.stands(OWED), europe.stands(LOSS)), ("80.08".into(), "-1.67".into()));
    let second = europe.pay("1.1", "66.73", &[pays(&charge["Id"], "66.73")]).await;
    assert_eq!((europe.stands(OWED), europe.stands(LOSS)), ("0".into(), "5.01".into()));
    assert_eq!(europe.owes().await, "0");

    // What waited is worth another day's rate when it is brought to the bank.
    let link = |payment: &Value| json!({ "LinkedTxn": [{ "TxnId": payment["Id"], "TxnType": "Payment" }] });
    let body =
        json!({ "DepositToAccountRef": { "value": europe.bank }, "Line": [link(&first), link(&second)] });
    europe.put("deposit", "1.15", body).await;
    assert_eq!((europe.stands("Euro bank"), europe.stands(LOSS)), ("115.12".into(), "5.00".into()));
    assert_eq!(europe.world.account(europe.bank.as_str().unwrap()).await, "100.10");
}

#[tokio::test(start_paused = true)]
async fn parts_that_round_leave_nothing_behind() {
    let europe = Europe::new().await;
    let charge = europe.form("invoice", "1.115", "0.09").await;
    assert_eq!(europe.stands(OWED), "0.10");
    for part in 1..=9 {
        europe.pay("1.115", "0.01", &[pays(&charge["Id"], "0.01")]).await;
        assert_eq!(europe.owes().await == "0", part == 9);
    }
    assert_eq!((europe.stands(OWED), europe.stands("Undeposited Funds")), ("0".into(), "2062.61".into()));
}

#[tokio::test(start_paused = true)]
async fn credits_and_entries_settle_at_their_own_rates() {
    let europe = Europe::new().await;
    let charge = europe.form("invoice", "1.2", "50").await;
    let credit = europe.form("creditmemo", "1.3", "50").await;
    assert_eq!((europe.stands(OWED), europe.owes().await), ("-5.00".into(), "0".into()));
    let lines = [pays(&charge["Id"], "50"), names("CreditMemo", &credit["Id"], "50")];
    europe.pay("1.7", "0", &lines).await;
    assert_eq!((europe.stands(OWED), europe.stands(LOSS)), ("0".into(), "-5.00".into()));

    let accounts = europe.world.company.objects("Account");
    let owed = accounts.iter().find(|account| account["Name"] == OWED).unwrap()["Id"].clone();
    let (owed, customer) = (owed.as_str().unwrap(), europe.customer.as_str());
    let lines = [posts("Debit", owed, "10", customer), posts("Credit", "94", "10", None)];
    let entry = europe.put("journalentry", "1.5", json!({ "Line": lines })).await;
    assert_eq!(europe.stands(OWED), "15.00");
    europe.pay("1.4", "10", &[names("JournalEntry", &entry["Id"], "10")]).await;
    assert_eq!((europe.stands(OWED), europe.stands(LOSS)), ("0".into(), "-4.00".into()));
    // The company's own receivables take no euros, and its customers no entry in them.
    for (account, customer) in [("84", customer), (owed, Some("1"))] {
        let lines = [posts("Debit", account, "1", customer), posts("Credit", "94", "1", None)];
        let body = json!({ "Line": lines, "CurrencyRef": { "value": "EUR" } });
        assert_eq!(europe.world.refused("journalentry", body).await, "6000");
    }
}

#[tokio::test(start_paused = true)]
async fn a_corrected_rate_moves_what_was_gained() {
    let europe = Europe::new().await;
    let charge = europe.form("invoice", "1.2", "100").await;
    europe.pay("1.2", "100", &[pays(&charge["Id"], "100")]).await;
    assert_eq!(europe.stands(LOSS), "0");
    let rate = json!({ "ExchangeRate": "1.3" });
    europe.world.company.bookkeeper().edit("Invoice", charge["Id"].as_str().unwrap(), rate).unwrap();
    europe.world.sound();
    assert_eq!((europe.stands(OWED), europe.stands(LOSS)), ("0".into(), "10.00".into()));
}

#[tokio::test(start_paused = true)]
async fn currencies_are_not_mixed() {
    let europe = Europe::new().await;
    let home = json!({ "CustomerRef": { "value": "1" }, "TotalAmt": 5, "CurrencyRef": { "value": "USD" } });
    let dollars = europe.world.put("payment", home).await;
    let line = json!({ "LinkedTxn": [{ "TxnId": dollars["Id"], "TxnType": "Payment" }] });
    let body = json!({ "DepositToAccountRef": { "value": "35" }, "Line": [line], "CurrencyRef": { "value": "EUR" } });
    assert_eq!(europe.world.refused("deposit", body).await, "6000");
    let below = json!({ "Name": "Below", "AccountType": "Bank", "ParentRef": { "value": europe.bank } });
    assert_eq!(europe.world.refused("account", below).await, "2220");
    let merged = europe.world.company.bookkeeper().merge_customer("1", europe.customer.as_str().unwrap());
    assert_eq!(merged.unwrap_err().code, "6000");
    let accounts = europe.world.company.objects("Account");
    for name in [OWED, LOSS] {
        let one = accounts.iter().find(|account| account["Name"] == name).unwrap();
        let body = json!({ "Id": one["Id"], "SyncToken": one["SyncToken"], "sparse": true,
            "AccountType": "Expense", "AccountSubType": "Travel" });
        assert_eq!(europe.world.refused("account", body).await, "6010", "{name}");
    }
}
