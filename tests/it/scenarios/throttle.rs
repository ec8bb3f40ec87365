//! Both vendors' limits, enforced.

use std::sync::Arc;
use std::time::Duration;

use latchd::config::{Limits, SecretSources};
use latchd::engine::{Edges, Engine};
use latchd::http::RouterTransport;
use latchd::pass::{self, Outcome};
use latchd::sandbox::staxbill::Customer;
use latchd::sandbox::{Cut, Sandbox};
use latchd::store::Register;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::shop::assert_no_mark_twice;
use crate::company::{Company, NOW, options};

#[tokio::test(start_paused = true)]
async fn a_first_sync_stays_within_the_published_limits() {
    let sandbox = Sandbox::generated(options(true), 60, 500);
    let theirs = sandbox.quickbooks.objects("Customer");
    let line = |customer: &Customer| {
        let name = customer.fields.company_name.as_deref().unwrap_or_default();
        let known = theirs.iter().find(|one| one["DisplayName"] == name).and_then(|one| one["Id"].as_str());
        let verb =
            known.map_or("create = true".to_owned(), |id| format!("adopt = \"{id}\", expect = \"{name}\""));
        format!("{} = {{ {verb}, start = \"beginning\" }}\n", customer.id)
    };
    let links: String = sandbox.staxbill.customers().iter().map(line).collect();
    let company = Company::with(sandbox, &format!("[links]\n{links}"));
    let mut config = company.config();
    config.settings.limits = Limits::default();
    let began = Instant::now();
    let engine = {
        let routers =
            vec![(8090, company.sandbox.quickbooks_router()), (8091, company.sandbox.staxbill_router())];
        let transport = RouterTransport::new(routers, |extensions| extensions.get::<Cut>().is_some());
        let edges = Edges {
            transport: Arc::new(transport),
            clock: Arc::new(latchd::clock::TokioClock::starting_at(NOW.parse().unwrap())),
            secrets: SecretSources { credentials_dir: None, env: Box::new(|_| None) },
            epoch: Uuid::from_u128(7),
        };
        Engine::with_store(&config, edges, Arc::clone(&company.store)).unwrap()
    };
    let world = engine.world(&config, CancellationToken::new());
    let done = pass::run(&world, &mut |_| {}).await.unwrap();
    assert_eq!(done.outcome, Outcome::Complete, "{:?}", done.causes);
    let calls = company.sandbox.quickbooks.calls();
    assert_eq!((calls.throttled, calls.refused), (0, 0));
    assert_no_mark_twice(&company);
    let mut unsynced = 0;
    let register = Register::new(Arc::clone(&company.store));
    for entity in [latchd::model::Entity::Invoice, latchd::model::Entity::Payment] {
        register
            .each_record(entity, |_, record| {
                unsynced += u32::from(record.object.is_none() && !record.amount.is_zero());
                Ok(())
            })
            .unwrap();
    }
    assert_eq!(unsynced, 0);
    assert!(began.elapsed() < Duration::from_secs(240), "{:?}", began.elapsed());
}
