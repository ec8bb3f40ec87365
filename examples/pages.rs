//! Writes pages as they come out in books that nobody has at hand: one with ten
//! thousand warnings, one of a company that stands still, one where all is
//! well. `tests/tools/pages` opens them in a browser.
//!
//! ```sh
//! cargo run --example pages -- target/pages
//! ```

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use latchd::fsx::write_atomic;
use latchd::model::{Code, Currency, Entity, Money, RealmId, State, VendorFault};
use latchd::report::{
    Amount, Blocks, Budget, Calls, CompanyRow, EntityRow, GenerationRow, Notice, NoticePlace, PassRow,
    RecentPass, Rejected, ResendRow, Status, TieOut, TieOutRow, TokenRow, WarningRow, html,
};

/// Names that people chose, some of them to see what happens.
const NAMES: [&str; 8] = [
    "Amy's Bird Sanctuary",
    "Bolt Bakery",
    "Cog & Co",
    "Müller Grafik GmbH",
    "<script>document.title = 'broken'</script>",
    "<img src=x onerror=\"document.title = 'broken'\">",
    "abc\u{202e}def \u{1b}[2J",
    "=cmd|' /C calc'!A0",
];

/// What the large page has of them.
const WARNINGS: usize = 10_000;

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_else(|| "target/pages".into()));
    std::fs::create_dir_all(&folder)?;
    for (name, status) in [("large", large()), ("stuck", stuck()), ("calm", calm())] {
        write_atomic(&folder.join(format!("{name}.html")), html(&status).as_bytes(), 0o644)?;
    }
    Ok(())
}

fn now() -> Timestamp {
    Timestamp::from_second(1_795_359_600).expect("it lies in 2026")
}

fn ago(minutes: i64) -> Timestamp {
    now().checked_sub(SignedDuration::from_mins(minutes)).expect("it lies in this century")
}

fn base(outcome: &str, rows: Vec<EntityRow>) -> Status {
    let company = CompanyRow { name: "craigs".to_owned(), realm_id: RealmId::new("9130350000000000") };
    let digest = "sha256:0f3a9bd1c26e47f5a8807d3e1b2c4a5968f7e6d5c4b3a29180716253443526170";
    let (applied, observed) = (digest.to_owned(), digest.to_owned());
    let generation = GenerationRow { applied, observed, rejected: None, commit: None };
    let calls = Calls { staxbill: 9, quickbooks_reads: 1, quickbooks_writes: 4, quickbooks_batches: 1 };
    let last_pass = PassRow {
        number: 412,
        triggers: vec!["timer".to_owned()],
        started_at: ago(1),
        finished_at: now(),
        outcome: outcome.to_owned(),
        calls,
    };
    let mut status = Status::new(company, generation, last_pass, now(), rows);
    status.last_sync_at = Some(if outcome == "failed" { ago(190) } else { now() });
    status.next_pass_at = Some(ago(-60));
    status.tie_out = TieOut { customers: 1_180, ..TieOut::none() };
    status.token = Some(TokenRow { refresh_expires_at: ago(-60 * 24 * 99), ends_at: None });
    let calls = Calls {
        staxbill: 12_804,
        quickbooks_reads: 1_630,
        quickbooks_writes: 8_402,
        quickbooks_batches: 211,
    };
    status.budget = Some(Budget { month: "2026-11".to_owned(), calls, quickbooks_reads_month: 500_000 });
    status.recent_passes = (0..30).map(|at| recent(at, outcome)).collect();
    status
}

fn recent(at: u64, last: &str) -> RecentPass {
    let failed = at == 12 || (at > 27 && last == "failed");
    RecentPass {
        number: 383 + at,
        finished_at: ago(60 * (29 - i64::try_from(at).unwrap_or_default())),
        outcome: if failed { "failed" } else { "complete" }.to_owned(),
        warnings: [3, 3, 5, 8, 7, 7, 4, 2, 2, 6][usize::try_from(at % 10).unwrap_or_default()],
        synced: 120_000 + at * 40,
        writes: if failed { 0 } else { (at * at * 7) % 61 },
    }
}

fn row(entity: Entity, synced: u64, failed: u64, blocked: u64) -> EntityRow {
    let mut row = EntityRow::empty(entity);
    row.synced = synced;
    row.failed = failed;
    row.blocked = blocked;
    row.in_scope = synced + failed + blocked;
    row.out_of_scope = synced / 50;
    row.staxbill = row.in_scope + row.out_of_scope;
    row.quickbooks = synced;
    row.warnings = failed;
    row
}

fn warning(at: usize, entity: Entity) -> WarningRow {
    let code = Code::ALL[at % 16];
    let id = 20_000 + at;
    let key = format!("{entity}/{id}");
    let records = u64::try_from(at % 7).unwrap_or_default() * 31;
    let amounts = match records {
        0 => Vec::new(),
        records => {
            let amount = Money::from_cents(i64::try_from(records).unwrap_or_default() * 41_211);
            vec![Amount { currency: Currency::USD, amount }]
        }
    };
    let quickbooks = at.is_multiple_of(3).then(|| VendorFault {
        code: "6240".to_owned(),
        message: "Duplicate Name Exists Error".to_owned(),
        detail: "The name supplied already exists. : Id=41".to_owned(),
        intuit_tid: Some(format!("1-6561{at:04x}-0a1b2c3d4e5f")),
    });
    WarningRow {
        key,
        entity: Some(entity),
        id: id.to_string(),
        label: NAMES[at % NAMES.len()].to_owned(),
        state: Some(if at.is_multiple_of(11) { State::Held } else { State::Failed }),
        code,
        reason: code.remedy().means.trim_end_matches('.').to_owned(),
        remedy: code.remedy().todo.to_owned(),
        paste: Vec::new(),
        quickbooks,
        since: ago(i64::try_from(at).unwrap_or_default() * 7),
        attempts: u32::try_from(at % 5).unwrap_or_default(),
        next_attempt_at: at.is_multiple_of(2).then(|| ago(-45)),
        blocks: Blocks { records, amounts },
        dismissed: None,
    }
}

fn large() -> Status {
    let share = WARNINGS as u64 / 4;
    let rows = vec![
        row(Entity::Customer, 24_000, share, 0),
        row(Entity::Invoice, 88_410, 2 * share, 9_120),
        row(Entity::Payment, 71_002, share, 8_004),
        row(Entity::Refund, 214, 0, 0),
        row(Entity::Credit, 1_090, 0, 12),
    ];
    let mut status = base("complete", rows);
    let entity = |at: usize| match at * 4 / WARNINGS {
        0 => Entity::Customer,
        1 | 2 => Entity::Invoice,
        _ => Entity::Payment,
    };
    status.warnings = (0..WARNINGS).map(|at| warning(at, entity(at))).collect();
    status.warnings.push(WarningRow {
        key: "invoice/88123".to_owned(),
        dismissed: Some("booked by hand as 1042 (FIN-2215, until 2026-12-31)".to_owned()),
        ..warning(7, Entity::Invoice)
    });
    status.entities[1].dismissed = 1;
    status.tie_out.balanced = false;
    status.tie_out.unexplained = (0..3)
        .map(|at| TieOutRow {
            customer: (10_482 + at).to_string(),
            label: NAMES[at].to_owned(),
            currency: Currency::USD,
            staxbill: Money::from_cents(1_240_288),
            quickbooks: Money::from_cents(1_240_000),
            difference: Money::from_cents(288),
        })
        .collect();
    extras(&mut status);
    status
}

fn extras(status: &mut Status) {
    status.resends.push(ResendRow {
        key: "invoice/88130".to_owned(),
        last_handled: "2026-11-20.1".to_owned(),
        outcome: "verified, nothing to mend".to_owned(),
    });
    status.notices.push(Notice {
        code: "unused-dismissal".to_owned(),
        text: "nothing stands that this dismisses".to_owned(),
        at: Some(NoticePlace { file: "dismiss.d/2026.toml".to_owned(), line: 4 }),
    });
}

fn stuck() -> Status {
    let mut status = base("failed", vec![row(Entity::Customer, 40, 2, 0), row(Entity::Invoice, 300, 0, 31)]);
    let remedy = Code::Reconnect.remedy();
    let whole = WarningRow {
        key: "company/reconnect".to_owned(),
        entity: None,
        label: "reconnect".to_owned(),
        state: None,
        code: Code::Reconnect,
        reason: remedy.means.to_owned(),
        remedy: remedy.todo.to_owned(),
        paste: Vec::new(),
        blocks: Blocks::default(),
        ..warning(1, Entity::Customer)
    };
    status.warnings = vec![whole, warning(1, Entity::Customer), warning(3, Entity::Customer)];
    status.generation.rejected = Some(Rejected {
        generation: None,
        errors: vec!["links.d/2026-11.toml:14:9: unknown key `adpot`; did you mean `adopt`?".to_owned()],
        since: ago(35),
    });
    status
}

fn calm() -> Status {
    let rows = vec![
        row(Entity::Customer, 117, 0, 0),
        row(Entity::Invoice, 1_204, 0, 0),
        row(Entity::Payment, 1_198, 0, 0),
        row(Entity::Refund, 4, 0, 0),
    ];
    let mut status = base("complete", rows);
    status.recent_passes.drain(..26);
    status.recent_passes[3].warnings = 0;
    status
}
