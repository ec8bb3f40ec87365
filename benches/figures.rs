//! The figures of the README's table: planning, a first sync, reading files.
//!
//! Both vendors are the sandbox in the same process, so that what is measured
//! is latchd (and the sandbox's own work), never a network. Time is paused:
//! waiting for a vendor's limits costs nothing. The state is sled on the disk
//! and every commit is flushed, as in production.

#[path = "../tests/it/company.rs"]
#[expect(dead_code, reason = "the tests' company, of which the figures need a part")]
mod company;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use divan::Bencher;
use divan::counter::ItemsCount;
use http::Request;
use latchd::clock::TokioClock;
use latchd::config::SecretSources;
use latchd::engine::{Edges, Engine};
use latchd::http::{RouterTransport, Transport};
use latchd::model::{Currency, Customer, CustomerStatus, ObjectId};
use latchd::pass::{self, Cause, Outcome};
use latchd::plan::Plan;
use latchd::sandbox::Sandbox;
use latchd::store::{SledStore, Store};
use latchd::suggest::{Index, Living, Verdict, suggest};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use uuid::Uuid;

use company::{Company, options};

fn main() {
    divan::main();
}

/// What `latchd plan` does when nothing changed: reads the files, opens the
/// state, asks both sides what is new, decides about every record. Each link
/// has its customer on both sides; every tenth has an invoice and mostly a
/// payment too.
#[divan::bench(args = [10_000_u32, 100_000], sample_count = 10, sample_size = 1)]
fn plan_links_in_sync(bencher: Bencher<'_, '_>, links: u32) {
    let runtime = runtime();
    let folder = tempfile::tempdir().expect("a folder for the state");
    let company = runtime.block_on(in_sync(links, folder.path()));
    bencher.counter(ItemsCount::new(links)).bench_local(|| {
        let (plan, causes) = runtime.block_on(plan(&company, folder.path()));
        assert!(plan.steps.is_empty() && causes.is_empty(), "nothing is left to do");
    });
}

async fn plan(company: &Company, state: &Path) -> (Plan, Vec<Cause>) {
    let config = company.config();
    let routers = [(8090, company.sandbox.quickbooks_router()), (8091, company.sandbox.staxbill_router())];
    let transport: Arc<dyn Transport> = Arc::new(RouterTransport::new(routers.into(), |_| false));
    let edges = Edges {
        alerts: Arc::clone(&transport),
        transport,
        clock: Arc::new(TokioClock::starting_at(company.sandbox.clock.now())),
        secrets: SecretSources { credentials_dir: None, env: Box::new(|_| None) },
        epoch: Uuid::nil(),
    };
    let store = Arc::new(SledStore::open(state).expect("the state opens"));
    let engine = Engine::with_store(&config, edges, store).expect("the engine starts");
    pass::plan(&engine.world(&config, CancellationToken::new())).await.expect("the state is sound")
}

/// The first pass over 300 customers with 5,000 invoices and their payments,
/// all of which it creates. Items are records written.
#[divan::bench(args = [5_000_u32], sample_count = 5, sample_size = 1)]
fn first_sync(bencher: Bencher<'_, '_>, invoices: u32) {
    let runtime = runtime();
    let made = runtime.block_on(async { generated(300, invoices) });
    let records = made.sandbox.staxbill.invoices().len() + made.sandbox.staxbill.payments().len() + 300;
    let new = || {
        let folder = tempfile::tempdir().expect("a folder for the state");
        let mut company = runtime.block_on(async { generated(300, invoices) });
        company.store = Arc::new(SledStore::open(folder.path()).expect("a state is made"));
        (company, folder)
    };
    bencher.counter(ItemsCount::new(records)).with_inputs(new).bench_local_values(|(company, folder)| {
        let (done, _) = runtime.block_on(company.once());
        assert_eq!((done.outcome, done.steps.len()), (Outcome::Complete, records), "{:?}", done.causes);
        (company, folder)
    });
}

/// Both vendors' histories, made from a seed: three invoices for two
/// customers, most of them paid. Items are customers.
#[divan::bench(args = [10_000_u32, 100_000], sample_count = 5, sample_size = 1)]
fn sandbox_generated(bencher: Bencher<'_, '_>, customers: u32) {
    let runtime = runtime();
    let invoices = customers / 2 * 3;
    bencher
        .counter(ItemsCount::new(customers))
        .bench_local(|| runtime.block_on(async { Sandbox::generated(options(false), customers, invoices) }));
}

/// Requests that the sandbox answers through its router on one thread, with
/// 10,000 customers behind it. Items are requests.
#[divan::bench(args = ["invoice", "invoices?pageSize=100", "customers"], sample_count = 10, sample_size = 1)]
fn sandbox_reads(bencher: Bencher<'_, '_>, what: &str) {
    const REQUESTS: usize = 500;
    let runtime = runtime();
    let sandbox = runtime.block_on(async { Sandbox::generated(options(false), 10_000, 15_000) });
    let first = sandbox.staxbill.invoices()[0].id;
    let uri = if what == "invoice" { format!("/v1/invoices/{first}") } else { format!("/v1/{what}") };
    let router = sandbox.staxbill_router();
    bencher.counter(ItemsCount::new(REQUESTS)).bench_local(|| {
        runtime.block_on(async {
            for _ in 0..REQUESTS {
                let request = Request::builder().uri(&uri).header("authorization", "Basic MDpzYW5kYm94");
                let request = request.body(Body::empty()).expect("the request is sound");
                let answer = router.clone().oneshot(request).await.expect("a router answers");
                assert_eq!(answer.status(), 200, "{uri}");
            }
        });
    });
}

/// Reading and checking files with so many links.
#[divan::bench(args = [10_000_u32, 100_000], sample_count = 20, sample_size = 1)]
fn read_files(bencher: Bencher<'_, '_>, links: u32) {
    let company = runtime().block_on(async {
        let files = (0..links).map(|place| {
            let id = 20_001 + place;
            format!("{id} = {{ adopt = \"{id}\", expect = \"Customer {id}\", start = 2026-01-01, by = \"FIN-{place}\" }}\n")
        });
        Company::bare(&format!("[links]\n{}", files.collect::<String>()))
    });
    bencher.counter(ItemsCount::new(links)).bench_local(|| company.config());
}

/// Candidates for 5,000 Stax Bill customers among 20,000 of QuickBooks', the
/// index made anew. Half of them are there: some spelled alike, some with a
/// slip, most under a name of common words. Items are Stax Bill customers.
#[divan::bench(args = [5_000_u32], sample_count = 3, sample_size = 1)]
fn suggest_customers(bencher: Bencher<'_, '_>, customers: u32) {
    let living: Vec<Living> = (0..20_000).map(living_customer).collect();
    let customers: Vec<Customer> = (0..customers).map(customer).collect();
    bencher.counter(ItemsCount::new(customers.len())).with_inputs(|| living.clone()).bench_local_values(
        |living| {
            let found = suggest(&Index::new(living), &customers, &BTreeSet::new());
            let unique = found.iter().filter(|one| one.verdict == Verdict::Unique).count();
            assert!(unique > 1000, "{unique} are unique");
        },
    );
}

/// A name out of common words; many are alike.
fn name_of(number: u32) -> String {
    let sounds = [
        "ba", "cor", "den", "fal", "gri", "hol", "jen", "kar", "lum", "mer", "nor", "pel", "quin", "ros",
        "sten", "tor", "ul", "ver", "wex", "zan",
    ];
    let trades = [
        "Plumbing",
        "Bakery",
        "Logistics",
        "Dental",
        "Consulting",
        "Farms",
        "Books",
        "Roofing",
        "Design",
        "Motors",
    ];
    let places =
        ["Valley", "River", "North", "Summit", "Lake", "Park", "Harbor", "Central", "Prairie", "Union"];
    let pick = |of: &[&str], at: u32| of[at as usize % of.len()].to_owned();
    let made = [pick(&sounds, number), pick(&sounds, number / 20), pick(&sounds, number / 400)].concat();
    format!("{} {made} {}", pick(&places, number / 7), pick(&trades, number / 3))
}

fn living_customer(number: u32) -> Living {
    Living {
        email: Some(format!("office{number}@firm{}.example", number / 2)),
        phones: vec![format!("555 {:07}", number * 37)],
        ..Living::new(ObjectId::new(number.to_string()), name_of(number))
    }
}

fn customer(number: u32) -> Customer {
    // Every second one is nobody of QuickBooks'.
    let theirs = if number.is_multiple_of(2) { number } else { 500_000 + number };
    let name = name_of(theirs);
    let name = if number.is_multiple_of(3) { name.replacen("ar", "ra", 1) } else { format!("{name}, Inc.") };
    Customer {
        id: u64::from(1_000_000 + number),
        status: CustomerStatus::Active,
        first_name: None,
        last_name: None,
        company_name: Some(name),
        reference: None,
        email: Some(format!("office{theirs}@firm{}.example", theirs / 2)),
        phone: None,
        currency: Currency::USD,
        quickbooks_id: None,
        billing_address: None,
        shipping_address: None,
    }
}

fn runtime() -> Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime of one thread can be made")
}

/// A generated company, each customer of which is linked: adopted where
/// QuickBooks has one of its name, else created.
fn generated(customers: u32, invoices: u32) -> Company {
    let sandbox = Sandbox::generated(options(false), customers, invoices);
    let names: BTreeMap<String, String> = sandbox
        .quickbooks
        .objects("Customer")
        .into_iter()
        .map(|one| (text(&one, "DisplayName"), text(&one, "Id")))
        .collect();
    let mut files = "[links]\n".to_owned();
    for customer in sandbox.staxbill.customers() {
        let name = customer.fields.company_name.expect("generated customers have names");
        let verb = match names.get(&name) {
            Some(id) => format!("adopt = \"{id}\", expect = \"{name}\""),
            None => "create = true".to_owned(),
        };
        writeln!(files, "{} = {{ {verb}, start = \"beginning\", by = \"FIN-1\" }}", customer.id)
            .expect("a text can be written to");
    }
    Company::with(sandbox, &files)
}

fn text(object: &serde_json::Value, key: &str) -> String {
    object[key].as_str().unwrap_or_default().to_owned()
}

/// A company in sync whose state lies in `folder`. It is brought there in
/// memory, because that is quicker, and then written down.
async fn in_sync(links: u32, folder: &Path) -> Company {
    let company = generated(links, links / 10);
    for _ in 0..3 {
        let (done, _) = company.once().await;
        assert_eq!(done.outcome, Outcome::Complete, "{:?}", done.causes);
        company.wait(Duration::from_hours(3)).await;
    }
    let rows = company.store.scan(b"", None, usize::MAX).expect("the state can be read");
    let state = SledStore::open(folder).expect("a state is made");
    for rows in rows.chunks(10_000) {
        let changes = rows.iter().map(|(key, value)| (key.clone(), Some(value.clone())));
        state.commit(changes.collect()).expect("the state can be written");
    }
    company
}
