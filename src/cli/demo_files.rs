//! The files of the demonstration: what an operator would write.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;

use jiff::Timestamp;

use crate::sandbox::sample::{CUSTOMERS, cases};
use crate::sandbox::staxbill::CustomerStatus;
use crate::sandbox::{Sandbox, quickbooks, staxbill};

/// The customer that is connected while the daemon runs.
pub(super) const LATER: i64 = 10_483;
/// How a file of a demonstration begins: nobody's own folder is ever cleared.
pub(super) const SIGN: &str = "# Made by `latchd demo`, which writes this folder anew.\n";
/// The file of the first decisions.
pub(super) const FIRST_FILE: &str = "2026-01-onboarding.toml";
/// The file that a colleague adds.
pub(super) const LATER_FILE: &str = "2026-11-bolt.toml";
/// The customer whose first line is wrong.
pub(super) const WRONG: i64 = 10_485;

/// The part of `latchd.toml` that names the sandbox.
fn connection(
    (quickbooks, company): (SocketAddr, &quickbooks::Options),
    (staxbill, account): (SocketAddr, &staxbill::Options),
) -> String {
    let quickbooks::Options { realm_id, company_name, client_id, client_secret, refresh_token, .. } = company;
    let api_key = &account.api_key;
    format!(
        r#"[company]
name = "craigs"
realm_id = "{realm_id}"
expect = "{company_name}"
time_zone = "America/Los_Angeles"

[staxbill]
base_url = "http://{staxbill}/v1"
api_key = "{api_key}"

[quickbooks]
environment = "sandbox"
api_url = "http://{quickbooks}"
discovery_url = "http://{quickbooks}/.well-known/openid_configuration"
client_id = "{client_id}"
client_secret = "{client_secret}"
refresh_token = "{refresh_token}"

[posting]
deferred_revenue_item = "Subscription services"
discount_item = "Discounts given"
credit_item = "Account credit"
bad_debt_item = "Bad debt"
deposit_account = "Undeposited Funds"
tax = "item"
tax_item = "Sales tax collected"

[deposit_accounts]
"CreditCard" = "Card clearing"
"#
    )
}

/// A whole `latchd.toml` for a sandbox; its decisions lie in `links.d`.
pub(super) fn settings(
    quickbooks: (SocketAddr, &quickbooks::Options),
    staxbill: (SocketAddr, &staxbill::Options),
) -> String {
    let connection = connection(quickbooks, staxbill);
    format!(
        r#"version = 1
include = ["links.d/*.toml"]

{connection}
[schedule]
interval = "1h"

[paths]
state = "state"
reports = "reports"
"#
    )
}

/// The `latchd.toml` of the demonstration. Its sandbox keeps no limits, so
/// they may be raised.
pub(super) fn latchd_toml(quickbooks_addr: SocketAddr, staxbill_addr: SocketAddr) -> String {
    let (company, account) = (quickbooks::Options::default(), staxbill::Options::default());
    let settings = settings((quickbooks_addr, &company), (staxbill_addr, &account));
    format!(
        r#"{SIGN}{settings}
[limits]
quickbooks_requests_minute = 60000
quickbooks_requests_second = 1000
quickbooks_batches_minute = 6000
staxbill_requests_minute = 60000
unknown_wait = "2s"
"#
    )
}

/// The reviewed decisions at `now`: everybody but the one that is connected
/// later.
pub(super) fn links_toml(now: Timestamp) -> String {
    let mut text =
        "# One line a customer: adopt a living QuickBooks customer, create one, or skip.\n[links]\n"
            .to_owned();
    for customer in
        CUSTOMERS.iter().filter(|customer| customer.id != LATER && customer.status != CustomerStatus::Draft)
    {
        let (id, name) = (customer.id, customer.name.replace('"', "'"));
        let _ = match customer.quickbooks {
            Some(twin) => writeln!(
                text,
                r#"{id} = {{ adopt = "{twin}", expect = "{name}", start = "beginning", by = "FIN-2210" }}"#
            ),
            None if name.contains("Test") => {
                writeln!(text, r#"{id} = {{ skip = "test account", by = "FIN-2210" }}"#)
            }
            // The wrong customer on purpose: latchd compares names before it writes.
            None if id == WRONG => writeln!(
                text,
                r#"{id} = {{ adopt = "22", expect = "{name}", start = "beginning", by = "FIN-2213" }}"#
            ),
            None => writeln!(text, r#"{id} = {{ create = "{name}", start = 2026-01-01, by = "FIN-2210" }}"#),
        };
    }
    for case in cases() {
        let id = case.id;
        let start = case.first_day(now).map_or_else(|| "\"beginning\"".to_owned(), |day| day.to_string());
        let _ = writeln!(text, r#"{id} = {{ create = true, start = {start}, by = "FIN-2212" }}"#);
    }
    text
}

/// The corrected line of the customer whose first one was wrong.
pub(super) fn mended(links: &str) -> String {
    let right = format!(r#"{WRONG} = {{ create = "Cog & Co", start = "beginning", by = "FIN-2214" }}"#);
    let rows =
        links.lines().map(|line| if line.starts_with(&WRONG.to_string()) { right.as_str() } else { line });
    rows.collect::<Vec<_>>().join("\n") + "\n"
}

/// The file that a colleague adds.
pub(super) fn later_toml() -> String {
    format!("[links]\n{LATER} = {{ create = \"Bolt Bakery\", start = \"beginning\", by = \"FIN-2211\" }}\n")
}

/// Links for everybody in a sandbox: adopted where QuickBooks has just that
/// name in use, created elsewhere; drafts are left out.
pub(super) fn all_links(sandbox: &Sandbox) -> String {
    let living = sandbox.quickbooks.objects("Customer");
    let living = living.iter().filter(|object| object["Active"] == true);
    let by_name: BTreeMap<&str, &str> =
        living.filter_map(|object| Some((object["DisplayName"].as_str()?, object["Id"].as_str()?))).collect();
    let account = &sandbox.staxbill;
    let mut text = "# Written by `latchd sandbox --links`.\n[links]\n".to_owned();
    for customer in account.customers() {
        let fields = &customer.fields;
        if fields.status == CustomerStatus::Draft {
            continue;
        }
        let person = [fields.first_name.as_deref(), fields.last_name.as_deref()];
        let person = person.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let name = fields.company_name.clone().unwrap_or(person);
        let _ = match by_name.get(name.as_str()) {
            Some(twin) => {
                let name = name.replace('\\', "\\\\").replace('"', "\\\"");
                writeln!(
                    text,
                    r#"{} = {{ adopt = "{twin}", expect = "{name}", start = "beginning" }}"#,
                    customer.id
                )
            }
            None => writeln!(text, r#"{} = {{ create = true, start = "beginning" }}"#, customer.id),
        };
    }
    text
}
