//! What Stax Bill tells late, or only in part: nothing is made of a half.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use latchd::engine::Engine;
use latchd::http::{Request, Response, Transport, TransportError};
use latchd::report::Status;
use latchd::sandbox::trouble::{Kind, Rule, Vendor};
use serde_json::Value;

use super::desk::{bill_for, credit, debit, memo, paid, refund, reverse};
use super::shop::{
    amount, assert_all_synced, bill, create_all, customer, dec, engine_over, marked, network, noon, pass, the,
};
use crate::company::{Company, warnings};

/// A network that changes what answers to some paths say.
struct Edited {
    inner: Arc<dyn Transport>,
    path: &'static str,
    edit: fn(&mut Value),
}

impl Transport for Edited {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let hit = request.uri().path().contains(self.path);
        let answer = self.inner.send(request);
        if !hit {
            return answer;
        }
        let edit = self.edit;
        async move {
            let (parts, body) = answer.await?.into_parts();
            let Ok(mut value) = serde_json::from_slice::<Value>(&body) else {
                return Ok(Response::from_parts(parts, body));
            };
            edit(&mut value);
            Ok(Response::from_parts(parts, value.to_string().into()))
        }
        .boxed()
    }
}

/// A process on such a network.
fn edited(company: &Company, path: &'static str, edit: fn(&mut Value)) -> Engine {
    let edited = Edited { inner: network(company), path, edit };
    engine_over(company, &company.config(), Arc::new(edited))
}

async fn pass_in(company: &Company, engine: &Engine) -> Status {
    let (_, status) = company.once_in(engine).await;
    company.wait(std::time::Duration::from_mins(1)).await;
    status
}

fn each_row(list: &mut Value, change: fn(&mut serde_json::Map<String, Value>)) {
    for row in list.as_array_mut().into_iter().flatten() {
        change(row.as_object_mut().expect("a list has objects"));
    }
}

fn hide_the_last_reversal(list: &mut Value) {
    let rows = list.as_array_mut().expect("a list");
    let is_one = |row: &Value| row["transactionType"].as_str().is_some_and(|word| word == "ReverseCharge");
    let newest = rows.iter().filter(|row| is_one(row)).filter_map(|row| row["id"].as_i64()).max();
    rows.retain(|row| newest.is_none() || row["id"].as_i64() != newest);
}

/// A credit note whose reversals are listed one by one comes to what it is.
#[tokio::test(start_paused = true)]
async fn a_note_waits_until_all_its_reversals_are_told() {
    let made = |company: &Company| {
        let bolt = customer(company, "Bolt Bakery");
        let charges: &[(&str, &str, &str, &str, &[&str])] =
            &[("PRO", "1", "100.00", "100.00", &[]), ("SEATS", "1", "5.00", "5.00", &[])];
        let invoice = bill_for(company, (bolt, noon("2026-03-01")), charges, &[("GST", "10", "10.50")]);
        format!("charge-reversal/{}", reverse(company, invoice, "2026-04-01", &[(0, "100.00"), (1, "5.00")]))
    };
    let plain = Company::bare(&create_all(1));
    let whole = made(&plain);
    assert_all_synced(&pass(&plain).await);
    let company = Company::bare(&create_all(1));
    let key = made(&company);
    let halves = edited(&company, "/v1/aractivities", hide_the_last_reversal);
    for _ in 0..2 {
        let status = pass_in(&company, &halves).await;
        assert_eq!(warnings(&status), [format!("{key} invalid-record")]);
        assert!(marked(&company, &key).is_empty());
    }
    drop(halves);
    assert_all_synced(&pass(&company).await);
    assert_eq!(the(&company, &key)["Line"], the(&plain, &whole)["Line"]);
}

/// Where the account's list does not say whose its rows are, each customer's
/// own list does.
#[tokio::test(start_paused = true)]
async fn rows_that_name_nobody_are_read_by_customer() {
    let company = Company::bare(&create_all(2));
    let customers = ["Bolt Bakery", "Cog & Co"].map(|name| customer(&company, name));
    let credits = customers.map(|id| {
        let invoice = bill(&company, id, noon("2026-03-01"), "100.00");
        credit(&company, id, "2026-03-02", "30.00", &[(invoice, "20.00")])
    });
    let nameless = edited(&company, "/v1/aractivities", |list| {
        each_row(list, |row| {
            row.remove("customerId");
        });
    });
    for _ in 0..2 {
        assert_all_synced(&pass_in(&company, &nameless).await);
    }
    for id in credits {
        assert_eq!(memo(&company, &format!("credit/{id}")), (dec("30"), dec("10")));
    }
    debit(&company, credits[1], "2026-03-05", "5.00", &[]);
    assert_all_synced(&pass_in(&company, &nameless).await);
    assert_eq!(memo(&company, &format!("credit/{}", credits[1])), (dec("25"), dec("5")));
}

fn without_refunds(answer: &mut Value) {
    match answer {
        Value::Array(rows) => rows.iter_mut().for_each(without_refunds),
        Value::Object(object) => {
            object.remove("refunds");
            object.get_mut("transaction").into_iter().for_each(without_refunds);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// As if nothing of it had ever gone back.
fn as_it_came(answer: &mut Value) {
    if let Value::Array(rows) = answer {
        return rows.iter_mut().for_each(as_it_came);
    }
    without_refunds(answer);
    let transaction = if answer["transaction"].is_object() { &mut answer["transaction"] } else { answer };
    for row in transaction["invoiceAllocations"].as_array_mut().into_iter().flatten() {
        row["amount"] = 100.into();
    }
}

/// Money that went back shows in the payment, if not in its activity; where it
/// shows in neither, it is said and not lost.
#[tokio::test(start_paused = true)]
async fn a_refund_that_its_payment_does_not_show_is_not_lost() {
    let company = Company::bare(&create_all(1));
    let (_, invoice, payment) = paid(&company);
    assert_all_synced(&pass(&company).await);
    let total = |company: &Company| amount(&the(company, &format!("payment/{payment}")), "TotalAmt");
    refund(&company, payment, "2026-04-01", "30.00", &[(invoice, "30.00")]);
    let engine = edited(&company, "/v1/PaymentActivities", without_refunds);
    assert_all_synced(&pass_in(&company, &engine).await);
    assert_eq!(total(&company), dec("70"));
    drop(engine);
    let id = refund(&company, payment, "2026-04-02", "20.00", &[(invoice, "20.00")]);
    let engine = edited(&company, "ayment", as_it_came);
    let status = pass_in(&company, &engine).await;
    let refunds: Vec<_> = warnings(&status).into_iter().filter(|one| one.starts_with("refund")).collect();
    assert_eq!(refunds, [format!("refund/{id} invalid-record")]);
    drop(engine);
    company.wait(std::time::Duration::from_hours(25)).await;
    assert_all_synced(&pass(&company).await);
    assert_eq!(total(&company), dec("50"));
}

/// A credit of which the stream's row alone is known is not posted: neither
/// what was taken back of it nor who posted it already is known.
#[tokio::test(start_paused = true)]
async fn a_credit_is_posted_when_it_was_read() {
    let company = Company::bare(&create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let id = credit(&company, bolt, "2026-03-02", "30.00", &[]);
    debit(&company, id, "2026-03-03", "10.00", &[]);
    company.sandbox.trouble.add(Rule::next("/v1/Credits/", Kind::HalfBody).of(Vendor::StaxBill).every());
    let (_, status) = company.once().await;
    assert_eq!(warnings(&status), [""; 0]);
    assert!(marked(&company, &format!("credit/{id}")).is_empty());
    company.sandbox.trouble.clear();
    assert_all_synced(&pass(&company).await);
    assert_eq!(memo(&company, &format!("credit/{id}")), (dec("20"), dec("20")));
}
