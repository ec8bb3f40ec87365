//! Connections: who and where, out of `[company]`, `[staxbill]`,
//! `[quickbooks]` and `[limits]`.

use std::path::Path;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::faults::Faults;
use super::files::SourceFile;
use super::keys;
use super::reference::Reference;
use super::settings::{CompanySettings, Environment, Limits, QuickbooksSettings, StaxbillSettings};
use super::table::Table;
use super::tree::Tree;
use super::values::{self, Address};
use crate::model::{Place, RealmId};

const STAXBILL_URL: &str = "https://secure.fusebill.com/v1";
/// More than this is no limit any more.
const REQUESTS_MAX: u32 = 1_000_000;
const REALM_DIGITS_MAX: usize = 20;

/// Whether the addresses of a vendor are all on this machine: only then may
/// its published limits be left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loopback {
    pub staxbill: bool,
    pub quickbooks: bool,
}

/// `[company]`
pub(super) fn company(tree: &Tree<'_>, faults: &Faults) -> Option<CompanySettings> {
    let table = Table::open_required(tree, "company", faults)?;
    let name = table.required("name");
    let realm_id = table.required("realm_id").and_then(|id| realm_id(id, &table));
    let expect = table.required("expect");
    let time_zone = table.required("time_zone").and_then(|name| time_zone(name, &table));
    Some(CompanySettings {
        name: name?.to_owned(),
        realm_id: realm_id?,
        expect: expect?.to_owned(),
        time_zone: time_zone?,
    })
}

fn realm_id(id: &str, table: &Table<'_, '_>) -> Option<RealmId> {
    let sound = id.len() <= REALM_DIGITS_MAX && id.bytes().all(|byte| byte.is_ascii_digit());
    if !sound {
        let entry = table.entry("realm_id")?;
        table.faults().report(&entry.at, "`realm_id` is made of digits alone").remedy(
            "QuickBooks shows it as Company ID under Account and settings, Billing; leave out the spaces",
        );
    }
    sound.then(|| RealmId::new(id))
}

fn time_zone(name: &str, table: &Table<'_, '_>) -> Option<TimeZone> {
    // A name that means something else on another machine, or counts leap
    // seconds, decides nothing.
    let odd = |name: &str| ["localtime", "posixrules"].contains(&name) || name.starts_with("right/");
    let found = TimeZone::get(name).ok().filter(|_| !odd(&name.to_ascii_lowercase()));
    if found.is_none() {
        let entry = table.entry("time_zone")?;
        let known: Vec<String> = jiff::tz::db().available().map(|known| known.to_string()).collect();
        let near = keys::nearest(name, known.iter().map(String::as_str).filter(|known| !odd(known)));
        let remedy = near.map(|near| format!("did you mean \"{near}\"?"));
        table
            .faults()
            .report(&entry.at, format!("there is no time zone \"{name}\""))
            .remedy(remedy.unwrap_or_else(|| "write it as in \"America/Los_Angeles\"".to_owned()));
    }
    found
}

/// `[staxbill]`, and whether it is on this machine.
pub(super) fn staxbill(
    tree: &Tree<'_>,
    files: &[SourceFile],
    faults: &Faults,
) -> Option<(StaxbillSettings, bool)> {
    let table = Table::open_required(tree, "staxbill", faults)?;
    let api_key = secret(&table, files, ("api_key", "staxbill.api_key"), true);
    let base = address(&table, "base_url", STAXBILL_URL)?;
    Some((StaxbillSettings { base_url: base.base(), api_key: api_key? }, base.loopback))
}

/// `[quickbooks]`, and whether it is on this machine.
pub(super) fn quickbooks(
    tree: &Tree<'_>,
    files: &[SourceFile],
    faults: &Faults,
) -> Option<(QuickbooksSettings, bool)> {
    let table = Table::open_required(tree, "quickbooks", faults)?;
    let client_id = secret(&table, files, ("client_id", "quickbooks.client_id"), true);
    let client_secret = secret(&table, files, ("client_secret", "quickbooks.client_secret"), true);
    let refresh_token = secret(&table, files, ("refresh_token", "quickbooks.refresh_token"), false);
    let token_key = secret(&table, files, ("token_key", "quickbooks.token_key"), false);
    let redirect_uri = redirect_uri(&table);
    table.needs("environment");
    let environments = [("production", Environment::Production), ("sandbox", Environment::Sandbox)];
    let environment = table.choice("environment", &environments);
    let (api, discovery) = urls(environment.unwrap_or(Environment::Production));
    let (api, discovery) = (address(&table, "api_url", api), address(&table, "discovery_url", discovery));
    let (api, discovery) = (api?, discovery?);
    if api.loopback != discovery.loopback {
        let given = if api.loopback { "api_url" } else { "discovery_url" };
        let absent = if api.loopback { "discovery_url" } else { "api_url" };
        faults
            .report(&table.entry(given)?.at, format!("`{given}` is on this machine and `{absent}` is not"))
            .remedy("name both, so that no secret goes to the wrong side");
    }
    let loopback = api.loopback && discovery.loopback;
    let settings = QuickbooksSettings {
        environment: environment?,
        api_url: api.base(),
        discovery_url: discovery.url,
        client_id: client_id?,
        client_secret: client_secret?,
        refresh_token,
        redirect_uri,
        token_key,
    };
    Some((settings, loopback))
}

/// Kept to the letter: Intuit compares it with what is registered.
fn redirect_uri(table: &Table<'_, '_>) -> Option<String> {
    let entry = table.entry("redirect_uri")?;
    let text = table.text("redirect_uri")?;
    let parsed = values::address(text);
    parsed.map_err(|(message, remedy)| table.faults().report(&entry.at, message).remedy(remedy)).ok()?;
    Some(text.to_owned())
}

/// Intuit's hosts: what stands before `/v3/company`, and the OAuth discovery
/// document (source: Intuit, "OAuth 2.0", discovery document).
fn urls(environment: Environment) -> (&'static str, &'static str) {
    match environment {
        Environment::Production => (
            "https://quickbooks.api.intuit.com",
            "https://developer.intuit.com/.well-known/openid_configuration/",
        ),
        Environment::Sandbox => (
            "https://sandbox-quickbooks.api.intuit.com",
            "https://developer.intuit.com/.well-known/openid_sandbox_configuration/",
        ),
    }
}

fn address(table: &Table<'_, '_>, key: &str, default: &str) -> Option<Address> {
    let Some(entry) = table.entry(key) else {
        return Some(Address { url: default.to_owned(), loopback: false });
    };
    let parsed = values::address(table.text(key)?);
    parsed.map_err(|(message, remedy)| table.faults().report(&entry.at, message).remedy(remedy)).ok()
}

fn secret(
    table: &Table<'_, '_>,
    files: &[SourceFile],
    (key, name): (&str, &'static str),
    required: bool,
) -> Option<Reference> {
    let text = if required { table.required(key) } else { table.text(key) }?;
    let entry = table.entry(key)?;
    let file = &files[entry.key.file];
    let at = Place { file: file.name.clone(), line: file.line(entry.key.start()) };
    let base = files[0].path.parent().unwrap_or(Path::new(""));
    let parsed = Reference::parse(text, name, at, base);
    parsed.map_err(|(message, remedy)| table.faults().report(&entry.at, message).remedy(remedy)).ok()
}

/// `[limits]`
pub(super) fn limits(tree: &Tree<'_>, loopback: Loopback, faults: &Faults) -> Limits {
    let table = Table::open(tree, "limits", faults);
    table.refuse(&["quickbooks_reads_month"]);
    let published = Limits::default();
    let number = |key: &str, published: u32, free: bool| {
        let number = table.number(key, 1..=REQUESTS_MAX, published);
        if let Some(entry) = table.entry(key).filter(|_| number > published && !free) {
            faults
                .report(&entry.at, format!("`{key}` is above the published limit, {published}"))
                .remedy("more is accepted for addresses on this machine alone");
        }
        number
    };
    let unknown_wait = table.duration("unknown_wait", published.unknown_wait);
    if let Some(entry) = table.entry("unknown_wait")
        && unknown_wait < published.unknown_wait
        && unknown_wait >= Duration::from_secs(1)
        && !(loopback.staxbill && loopback.quickbooks)
    {
        faults.report(&entry.at, "`unknown_wait` is shorter than 130 s").remedy(
            "QuickBooks may work 120 s on a request; less is accepted for addresses on this machine alone",
        );
    }
    Limits {
        quickbooks_requests_minute: number(
            "quickbooks_requests_minute",
            published.quickbooks_requests_minute,
            loopback.quickbooks,
        ),
        quickbooks_requests_second: number(
            "quickbooks_requests_second",
            published.quickbooks_requests_second,
            loopback.quickbooks,
        ),
        quickbooks_batches_minute: number(
            "quickbooks_batches_minute",
            published.quickbooks_batches_minute,
            loopback.quickbooks,
        ),
        staxbill_requests_minute: number(
            "staxbill_requests_minute",
            published.staxbill_requests_minute,
            loopback.staxbill,
        ),
        unknown_wait,
    }
}
