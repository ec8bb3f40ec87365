//! Files that load, and what the program then uses.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::date;
use rust_decimal::Decimal;

use super::{FOLDER, MINIMAL, load_files, load_links, told};
use crate::config::{Contact, Environment, Limits, OnActivation, load, load_from};
use crate::fsx;
use crate::model::{
    ActivityKind, ClosedPeriod, Currency, Discounts, DocumentNumbers, Link, NamePart, OnDrift, RefundAs,
    Start, TaxMode, UnmappedProduct,
};

/// The sample of the contract, without what this version does not carry out.
const SAMPLE: &str = r#"version = 1
include = ["links.d/*.toml", "dismiss.d/*.toml", "resend.d/*.toml"]

[company]
name = "craigs"                        # label in reports, metrics and logs
realm_id = "9130350000000000"          # pinned: a token for another company is refused
expect = "Craig's Design and Landscaping Services"   # must equal QBO's CompanyName
time_zone = "America/Los_Angeles"      # decides which day a UTC instant belongs to

[staxbill]
api_key = "${cred:staxbill-api-key}"   # also ${env:NAME} and ${file:/path}
base_url = "http://127.0.0.1:8091/v1"

[quickbooks]
environment = "production"             # or "sandbox"
client_id = "${cred:quickbooks-client-id}"
client_secret = "${cred:quickbooks-client-secret}"
refresh_token = "${cred:quickbooks-refresh-token}"
redirect_uri = "https://example.com/back"
token_key = "${cred:latchd-token-key}"
api_url = "http://127.0.0.1:8090"
discovery_url = "http://127.0.0.1:8090/.well-known/openid_configuration"

[schedule]
interval = "1h30m"
full_scan = "12h"

[paths]
state = "state"
reports = "/var/lib/latchd-reports"

[customers]
on_activation = "leave"
display_name = ["reference", "first_name", "last_name"]
contact = "at-birth"
count_from = 2025-01-01

[posting]
deferred_revenue_item = "Subscription services"
discount_item = "Discounts given"
credit_item = "Account credit"
bad_debt_item = "Bad debt"
deposit_account = "Undeposited Funds"
tax = "item"
tax_item = "Sales tax collected"
unmapped_product = "hold"
discounts = "net"
document_numbers = "staxbill"
refund_as = "payment"
on_drift = "restore"
closed_period = "hold"
[deposit_accounts]
"CreditCard" = "Card clearing"
[items]
"PRO-MONTHLY" = "Subscription services"
[taxes]
"GST 5" = "GST"
[transaction_types]
"Goodwill-Credit" = "credit"

[limits]
quickbooks_requests_minute = 5_000
unknown_wait = "2s"

[links]
10482 = { adopt = "58", expect = "Amy's Bird Sanctuary", start = 2026-01-01, by = "FIN-2210" }
10483 = { create = "Bolt Bakery", start = "beginning", by = "FIN-2210" }
10484 = { skip = "test account", by = "FIN-2210" }
"10485" = { create = true, start = "now", policy = "observe", currency = "USD" }
10486 = { unlink = "account closed, books frozen", by = "FIN-2400" }
10487 = { adopt = "91", from = "77", expect = "Cog & Co", start = 2026-07-01, shared = true, policy = "live" }
10488 = { adopt = "91", expect = "Cog & Co", start = 2026-07-01, match = { "invoice/88123" = "1042" }, accept = ["invoice/88124"], shared = true }

[links.10490]
adopt = "1203"
expect = "Dynamo Holdings"
start = 2025-07-01
[links.10490.match]
"payment/7" = "1043"
"credit/7" = "1042"

[dismiss]
[resend]
"#;

#[test]
fn the_sample_of_the_contract_becomes_settings() {
    let config = load_files(&[("latchd.toml", SAMPLE)]).map_err(|errors| errors.to_string()).unwrap();
    let settings = &config.settings;
    assert_eq!(settings.company.name, "craigs");
    assert_eq!(settings.company.realm_id.as_str(), "9130350000000000");
    assert_eq!(settings.company.expect, "Craig's Design and Landscaping Services");
    assert_eq!(settings.company.time_zone.iana_name(), Some("America/Los_Angeles"));
    assert_eq!(settings.staxbill.base_url, "http://127.0.0.1:8091/v1");
    assert_eq!(settings.staxbill.api_key.shown(), "${cred:staxbill-api-key}");
    assert_eq!(settings.quickbooks.environment, Environment::Production);
    assert_eq!(settings.quickbooks.api_url, "http://127.0.0.1:8090");
    assert_eq!(settings.quickbooks.refresh_token.as_ref().unwrap().key(), "quickbooks.refresh_token");
    assert_eq!(settings.quickbooks.redirect_uri.as_deref(), Some("https://example.com/back"));
    assert_eq!(settings.quickbooks.token_key.as_ref().unwrap().key(), "quickbooks.token_key");
    assert_eq!(settings.schedule.interval, Duration::from_mins(90));
    assert_eq!(settings.schedule.full_scan, Duration::from_hours(12));
    assert_eq!(settings.paths.state, Path::new("/etc/latchd/state"));
    assert_eq!(settings.paths.reports, Path::new("/var/lib/latchd-reports"));
    assert_eq!(settings.customers.count_from, Start::On(date(2025, 1, 1)));
    assert_eq!(
        settings.customers.display_name,
        [NamePart::Reference, NamePart::FirstName, NamePart::LastName]
    );
    assert_eq!(
        settings.posting.item_names(),
        ["Account credit", "Bad debt", "Discounts given", "Sales tax collected", "Subscription services"]
    );
    assert_eq!(settings.posting.account_names(), ["Card clearing", "Undeposited Funds"]);
    assert_eq!(settings.posting.unmapped_product, UnmappedProduct::Hold);
    assert_eq!(settings.posting.on_drift, OnDrift::Restore);
    let types = &settings.transaction_types;
    assert_eq!(types.kind_of("GoodwillCredit", Decimal::ONE), ActivityKind::Credit);
    assert_eq!(settings.limits.quickbooks_requests_minute, 5_000);
    assert_eq!(settings.limits.unknown_wait, Duration::from_secs(2));
    assert!(config.notices.is_empty());
}

#[test]
fn the_sample_of_the_contract_becomes_decisions() {
    let links = load_files(&[("latchd.toml", SAMPLE)]).unwrap().decisions.links;
    let told: Vec<String> =
        links.iter().map(|(id, link)| format!("{id} at {}: {:?}", link.at, link.verb)).collect();
    assert_eq!(
        told,
        [
            r#"10482 at latchd.toml:66: Adopt { id: ObjectId("58"), expect: "Amy's Bird Sanctuary", start: On(2026-01-01), from: None }"#,
            r#"10483 at latchd.toml:67: Create { name: Some("Bolt Bakery"), start: Beginning }"#,
            r#"10484 at latchd.toml:68: Skip { why: "test account" }"#,
            "10485 at latchd.toml:69: Create { name: None, start: Now }",
            r#"10486 at latchd.toml:70: Unlink { why: "account closed, books frozen" }"#,
            r#"10487 at latchd.toml:71: Adopt { id: ObjectId("91"), expect: "Cog & Co", start: On(2026-07-01), from: Some(ObjectId("77")) }"#,
            r#"10488 at latchd.toml:72: Adopt { id: ObjectId("91"), expect: "Cog & Co", start: On(2026-07-01), from: None }"#,
            r#"10490 at latchd.toml:74: Adopt { id: ObjectId("1203"), expect: "Dynamo Holdings", start: On(2025-07-01), from: None }"#,
        ]
    );
    assert_eq!(links[&10482].by.as_deref(), Some("FIN-2210"));
    assert_eq!(links[&10485].by, None);
    assert_eq!(links[&10485].currency, Some(Currency::USD));
    let told = |say: fn(&Link) -> bool| -> Vec<u64> {
        links.iter().filter(|(_, link)| say(link)).map(|(id, _)| *id).collect()
    };
    assert_eq!(told(Link::observes), [10485]);
    assert_eq!(told(|link| !link.counts()), [10484, 10486]);
    assert_eq!(told(|link| link.shared), [10487, 10488]);
    let documents = |id: u64| {
        let matched = links[&id].matches.iter().map(|(key, id)| format!("{key} = {id}"));
        matched.chain(links[&id].accept.iter().map(ToString::to_string)).collect::<Vec<_>>()
    };
    assert_eq!(documents(10488), ["invoice/88123 = 1042", "invoice/88124"]);
    assert_eq!(documents(10490), ["payment/7 = 1043", "credit/7 = 1042"]);
    assert!(documents(10482).is_empty());
}

#[test]
fn what_is_not_said_has_its_default() {
    let config = load_files(&[("latchd.toml", MINIMAL)]).unwrap();
    let settings = &config.settings;
    assert_eq!(settings.staxbill.base_url, "https://secure.fusebill.com/v1");
    assert_eq!(settings.quickbooks.api_url, "https://quickbooks.api.intuit.com");
    assert_eq!(
        settings.quickbooks.discovery_url,
        "https://developer.intuit.com/.well-known/openid_configuration/"
    );
    assert!(settings.quickbooks.refresh_token.is_none());
    assert_eq!(settings.schedule.interval, Duration::from_hours(1));
    assert_eq!(settings.schedule.full_scan, Duration::from_hours(24));
    assert_eq!(settings.paths.state, Path::new("/var/lib/latchd"));
    assert_eq!(settings.customers.on_activation, OnActivation::Leave);
    assert_eq!(settings.customers.contact, Contact::AtBirth);
    assert_eq!(settings.customers.display_name, [NamePart::CompanyName, NamePart::Reference]);
    assert_eq!(settings.customers.count_from, Start::Beginning);
    assert_eq!(settings.posting.tax, TaxMode::Item { item: None });
    assert_eq!(settings.posting.unmapped_product, UnmappedProduct::Default);
    assert_eq!(settings.posting.on_drift, OnDrift::Report);
    assert_eq!(settings.limits, Limits::default());
    assert!(config.decisions.links.is_empty() && !config.allow_empty);
    let sandbox = MINIMAL.replace("\"production\"", "\"sandbox\"");
    let settings = load_files(&[("latchd.toml", &sandbox)]).unwrap().settings;
    assert_eq!(settings.quickbooks.api_url, "https://sandbox-quickbooks.api.intuit.com");
}

#[test]
fn every_word_of_posting_is_carried_out() {
    let more = r#"tax = "codes"
no_tax_code = "Exempt"
discounts = "line"
discount_item = "Discounts given"
document_numbers = "quickbooks"
refund_as = "journal-entry"
refund_account = "Checking"
closed_period = "first-open-day"
[taxes]
"GST 5" = "GST"
"QST 9.975" = "12"
"#;
    let text = format!("{MINIMAL}{more}");
    let config = load_files(&[("latchd.toml", &text)]).map_err(|errors| errors.to_string()).unwrap();
    let posting = &config.settings.posting;
    let pair = |tax: &str, code: &str| (tax.to_owned(), code.to_owned());
    let codes = [pair("GST 5", "GST"), pair("QST 9.975", "12")].into();
    assert_eq!(posting.tax, TaxMode::Codes { codes });
    assert_eq!(posting.discounts, Discounts::Line);
    assert_eq!(posting.document_numbers, DocumentNumbers::Quickbooks);
    assert_eq!(posting.refund_as, RefundAs::JournalEntry { account: "Checking".to_owned() });
    assert_eq!(posting.closed_period, ClosedPeriod::FirstOpenDay);
    assert_eq!(posting.tax_code_names(), ["12", "Exempt", "GST"]);
    assert_eq!(posting.account_names(), ["Checking", "Undeposited Funds"]);
}

#[test]
fn every_word_of_customers_is_carried_out() {
    let days = [("\"now\"", Start::Now), ("2026-01-01", Start::On(date(2026, 1, 1)))];
    for (word, start) in days {
        let more = format!("[customers]\non_activation = \"create\"\nstart = {word}\ncontact = \"follow\"\n");
        let text = format!("{MINIMAL}{more}");
        let config = load_files(&[("latchd.toml", &text)]).map_err(|errors| errors.to_string()).unwrap();
        let customers = &config.settings.customers;
        assert_eq!(customers.on_activation, OnActivation::Create { start });
        assert_eq!(customers.contact, Contact::Follow);
    }
}

#[test]
fn tables_are_merged_over_files_in_sorted_order() {
    let config = load_files(&[
        ("latchd.toml", MINIMAL),
        (
            "links.d/b.toml",
            "[links]\n2 = { skip = \"b\" }\n[items]\nB = \"Two\"\n[schedule]\ninterval = \"2h\"",
        ),
        ("links.d/a.toml", "\u{feff}[links.1]\r\nskip = \"a\"\r\n\r\n[items]\r\nA = \"One\"\r\n"),
        ("links.d/c.toml", "# nothing yet\n"),
        ("links.d/notes.txt", "= not TOML"),
    ])
    .map_err(|errors| errors.to_string())
    .unwrap();
    let at: Vec<String> = config.decisions.links.values().map(|link| link.at.to_string()).collect();
    assert_eq!(at, ["links.d/a.toml:1", "links.d/b.toml:2"]);
    assert_eq!(config.settings.posting.items.len(), 2);
    assert_eq!(config.settings.schedule.interval, Duration::from_hours(2));
    let names: Vec<_> = config.files.iter().map(|(path, _)| path.strip_prefix(FOLDER).unwrap()).collect();
    assert_eq!(names, ["latchd.toml", "links.d/a.toml", "links.d/b.toml", "links.d/c.toml"].map(Path::new));
}

#[test]
fn what_was_read_from_the_disk_loads_again_without_it() {
    let folder = tempfile::Builder::new().prefix("odd [name] *").tempdir().unwrap();
    let main = folder.path().join("latchd.toml");
    fsx::private_dir(&folder.path().join("links.d")).unwrap();
    fsx::write_atomic(&main, MINIMAL.as_bytes(), 0o600).unwrap();
    for (name, text) in [("a.toml", "[links]\n1 = { skip = \"x\" }"), (".#a.toml", "not TOML")] {
        fsx::write_atomic(&folder.path().join("links.d").join(name), text.as_bytes(), 0o600).unwrap();
    }
    let config = load(&main).map_err(|errors| errors.to_string()).unwrap();
    assert_eq!(config.decisions.links.len(), 1);
    drop(folder);
    let again = load_from(&main, &config.files).unwrap();
    assert_eq!(again.generation, config.generation);
    assert_eq!(again.decisions, config.decisions);
    assert_eq!(again.files, config.files);
}

#[test]
fn two_links_may_adopt_the_same_customer_for_the_planner_to_warn() {
    let config = load_links(
        "[links]\n1 = { adopt = \"5\", expect = \"A\", start = \"now\" }\n2 = { adopt = \"5\", expect = \"A\", start = \"now\" }",
    )
    .unwrap();
    assert_eq!(config.decisions.links.len(), 2);
}

#[test]
fn a_secret_never_shows_but_its_being_there_does() {
    let main = MINIMAL.replace("${cred:staxbill-api-key}", "canary");
    let config = load_files(&[("latchd.toml", &main)]).unwrap();
    assert!(!format!("{config:?}").contains("canary"));
    assert!(!format!("{:?}", config.settings).contains("canary"));
    let notices: Vec<String> = config
        .notices
        .iter()
        .map(|notice| format!("{} {} {}", notice.code, notice.at, notice.text))
        .collect();
    assert_eq!(
        notices,
        [
            "plain-secret latchd.toml:11 `staxbill.api_key` is written out; a ${cred:…} keeps it out of the file"
        ]
    );
}

#[test]
fn a_secret_does_not_show_in_errors_either() {
    let breaks = [
        ("api_key = \"${cred:staxbill-api-key}\"", "api_key = \"canary\" x"),
        ("api_key = \"${cred:staxbill-api-key}\"", "api_key = \"canary"),
        ("api_key = \"${cred:staxbill-api-key}\"", "api_key = canary"),
        ("api_key = \"${cred:staxbill-api-key}\"", "api_key = [\"canary\"]"),
        ("api_key = \"${cred:staxbill-api-key}\"", "api_key = \"canary${env:X}\""),
        ("api_key = \"${cred:staxbill-api-key}\"", "api_key = \" canary\""),
        ("api_key = \"${cred:staxbill-api-key}\"", "api_kye = \"canary\""),
        ("api_key = \"${cred:staxbill-api-key}\"", "api_key = \"\"\"\ncanary\n\"\"\""),
        ("[staxbill]\napi_key = \"${cred:staxbill-api-key}\"", "staxbill = { api_kye = \"canary\" }"),
        ("[staxbill]\n", "staxbill.api_key = \"canary\"\n[staxbill]\n"),
        ("[company]\n", "[company]\nclient_secret = \"canary\"\n"),
        ("[quickbooks]\n", "[quickbooks]\napi_url = \"https://me:canary@intuit.com\"\n"),
        ("environment = \"production\"", "environment = { refresh_token = \"canary\" }"),
    ];
    for (sound, broken) in breaks {
        let main = MINIMAL.replace(sound, broken);
        assert_ne!(main, MINIMAL, "{sound}");
        let errors = load_files(&[("latchd.toml", &main)]).unwrap_err();
        assert!(!format!("{errors}{:?}", PathBuf::new()).contains("canary"), "{broken}:\n{errors}");
        assert!(!format!("{errors:?}").contains("canary"), "{broken}:\n{errors:?}");
        assert!(!told(Err(errors)).concat().contains("canary"), "{broken}");
    }
}
