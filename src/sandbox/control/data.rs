//! What the control page shows, as JSON.

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// So many rows of a kind are shown.
const ROWS_MAX: usize = 200;

/// A part of the control page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    Overview,
    Books,
    Customers,
    Documents,
    Calls,
    Trouble,
    Steps,
    Clock,
}

impl View {
    /// Every view but the first, which has no name.
    pub(super) const ALL: [(&'static str, Self); 7] = [
        ("books", Self::Books),
        ("customers", Self::Customers),
        ("documents", Self::Documents),
        ("calls", Self::Calls),
        ("trouble", Self::Trouble),
        ("steps", Self::Steps),
        ("clock", Self::Clock),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        if name == "overview" {
            return Some(Self::Overview);
        }
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, view)| *view)
    }
}

/// Transactions of QuickBooks that have lines, links and an amount.
const DOCUMENTS: &[&str] =
    &["Invoice", "Payment", "CreditMemo", "SalesReceipt", "RefundReceipt", "JournalEntry", "Deposit"];

/// The data of a view.
pub(super) fn of(sandbox: &Sandbox, view: View) -> Value {
    match view {
        View::Overview => json!({
            "clock": clock(sandbox),
            "records": records(sandbox),
            "trial_balance": trial_balance(sandbox),
            "steps": sandbox.stage.steps(),
            "trouble": sandbox.trouble.rules(),
            "calls": calls(sandbox, 15),
        }),
        View::Books => json!({ "records": records(sandbox), "trial_balance": trial_balance(sandbox) }),
        View::Customers => json!({ "customers": customers(sandbox) }),
        View::Documents => json!({ "documents": documents(sandbox) }),
        View::Calls => json!({ "counts": counts(sandbox), "calls": calls(sandbox, ROWS_MAX) }),
        View::Trouble => json!({ "trouble": sandbox.trouble.rules() }),
        View::Steps => json!({ "steps": sandbox.stage.steps() }),
        View::Clock => json!({ "clock": clock(sandbox) }),
    }
}

fn clock(sandbox: &Sandbox) -> Value {
    json!({
        "now": sandbox.clock.now().to_string(),
        "speed": sandbox.clock.speed(),
        "realm": sandbox.quickbooks.realm_id(),
        "conditions": sandbox.quickbooks.refusals(),
    })
}

fn records(sandbox: &Sandbox) -> Value {
    let company = |name: &&str| json!({ "vendor": "QuickBooks", "record": name, "count": sandbox.quickbooks.count(name) });
    let mut rows: Vec<Value> = ["Customer", "Item", "Account"].iter().chain(DOCUMENTS).map(company).collect();
    for (record, count) in sandbox.staxbill.counts() {
        rows.push(json!({ "vendor": "Stax Bill", "record": record, "count": count }));
    }
    Value::Array(rows)
}

fn trial_balance(sandbox: &Sandbox) -> Value {
    let totals = sandbox.quickbooks.trial_balance();
    let (debit, credit): (rust_decimal::Decimal, rust_decimal::Decimal) =
        (totals.iter().map(|one| one.debit).sum(), totals.iter().map(|one| one.credit).sum());
    let rows = totals.iter().map(|one| {
        json!({
            "account": one.name,
            "id": one.account_id,
            "debit": money(one.debit),
            "credit": money(one.credit),
        })
    });
    json!({ "accounts": rows.collect::<Vec<_>>(), "debit": money(debit), "credit": money(credit), "balanced": debit == credit })
}

fn money(amount: rust_decimal::Decimal) -> String {
    if amount.is_zero() { String::new() } else { format!("{amount:.2}") }
}

fn customers(sandbox: &Sandbox) -> Vec<Value> {
    let shown = |customer: &Value| {
        json!({
            "id": customer["Id"],
            "name": customer["DisplayName"],
            "balance": customer["Balance"],
            "active": customer["Active"],
            "currency": customer["CurrencyRef"]["value"],
        })
    };
    sandbox.quickbooks.owing(ROWS_MAX).iter().map(shown).collect()
}

/// The newest documents of every kind, the last changed first.
fn documents(sandbox: &Sandbox) -> Vec<Value> {
    let mut rows = Vec::new();
    for kind in DOCUMENTS {
        for object in sandbox.quickbooks.newest(kind, ROWS_MAX) {
            rows.push(json!({
                "changed": object["MetaData"]["LastUpdatedTime"],
                "kind": kind,
                "id": object["Id"],
                "number": object.get("DocNumber").or_else(|| object.get("PaymentRefNum")),
                "date": object["TxnDate"],
                "customer": object["CustomerRef"]["name"],
                "total": object["TotalAmt"],
                "open": object.get("Balance").or_else(|| object.get("UnappliedAmt")),
                "links": links(&object),
            }));
        }
    }
    rows.sort_by(|one, other| other["changed"].as_str().cmp(&one["changed"].as_str()));
    rows.truncate(ROWS_MAX);
    rows
}

/// `Invoice 130, Deposit 146`: what a document is linked to, its lines'
/// links included.
fn links(object: &Value) -> String {
    let lines = object["Line"].as_array().into_iter().flatten();
    let linked = lines.chain([object]).filter_map(|holder| holder["LinkedTxn"].as_array()).flatten();
    let linked =
        linked.filter_map(|link| Some(format!("{} {}", link["TxnType"].as_str()?, link["TxnId"].as_str()?)));
    linked.collect::<Vec<_>>().join(", ")
}

fn counts(sandbox: &Sandbox) -> Vec<Value> {
    let shown = |(sort, count): &(crate::sandbox::witness::Sort, u64)| json!({ "vendor": sort.vendor.name(), "method": sort.method, "path": sort.path, "status": sort.status, "count": count });
    sandbox.witness.counts().iter().map(shown).collect()
}

fn calls(sandbox: &Sandbox, most: usize) -> Vec<Value> {
    let calls = sandbox.witness.last_calls();
    let shown = |call: &crate::sandbox::witness::Call| {
        json!({
            "time": call.time.to_string(),
            "vendor": call.vendor.name(),
            "method": call.method,
            "path": call.path,
            "status": call.status,
        })
    };
    calls.iter().take(most).map(shown).collect()
}
