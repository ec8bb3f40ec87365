//! Reports for tests: a company with one trouble of each sort, and one whose
//! customers chose their names in bad faith.

use jiff::Timestamp;

use super::past::{Budget, RecentPass};
use super::row::{Amount, Blocks, EntityRow};
use super::status::{
    Calls, CompanyRow, GenerationRow, Notice, NoticePlace, PassRow, ResendRow, Status, TokenRow, WarningRow,
};
use super::tie_out::{ExplainedRow, OtherRow, StaxbillRow, TieOutRow};
use crate::model::{Code, Currency, Entity, Money, RealmId, State, VendorFault};

/// Names that try something.
pub(super) const HOSTILE: [&str; 7] = [
    "<script>alert(1)</script>",
    "a | b",
    "`code` **bold**",
    "\u{1b}[2Jcleared",
    "abc\u{202e}def",
    "two\nlines",
    "=cmd|' /C calc'!A0",
];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A company with one trouble of each sort.
pub(crate) fn sample() -> Status {
    let generation = GenerationRow {
        applied: "sha256:0f3a".to_owned(),
        observed: "sha256:0f3a".to_owned(),
        rejected: None,
        commit: None,
    };
    let last_pass = PassRow {
        number: 12,
        triggers: vec!["files".to_owned(), "timer".to_owned()],
        started_at: at("2026-11-22T14:59:30Z"),
        finished_at: at("2026-11-22T15:00:00Z"),
        outcome: "failed".to_owned(),
        calls: Calls { staxbill: 9, quickbooks_reads: 1, quickbooks_writes: 4, quickbooks_batches: 1 },
    };
    let company = CompanyRow { name: "craigs".to_owned(), realm_id: RealmId::new("9130350000000000") };
    let mut status = Status::new(company, generation, last_pass, at("2026-11-22T15:00:00Z"), rows());
    status.last_sync_at = Some(at("2026-11-22T14:00:00Z"));
    status.next_pass_at = Some(at("2026-11-22T16:00:00Z"));
    status.tie_out.customers = 3;
    status.tie_out.balanced = false;
    status.tie_out.unexplained.push(TieOutRow {
        customer: "10482".to_owned(),
        label: "Amy's Bird Sanctuary".to_owned(),
        currency: Currency::USD,
        staxbill: Money::from_cents(40_288),
        quickbooks: Money::from_cents(40_000),
        difference: Money::from_cents(288),
    });
    explain(&mut status);
    status.warnings = vec![throttled(), name_taken(), duplicate_number()];
    remember(&mut status);
    status.entities[1].next_try_at = status.next_pass_at;
    status.notices.push(Notice {
        code: "unused-dismissal".to_owned(),
        text: "nothing to dismiss".to_owned(),
        at: Some(NoticePlace { file: "dismiss.d/2026.toml".to_owned(), line: 4 }),
    });
    status
}

/// What is carried over, and a request that was handled.
fn remember(status: &mut Status) {
    let pass = |number, outcome: &str, warnings, writes| RecentPass {
        number,
        finished_at: at("2026-11-22T14:00:00Z"),
        outcome: outcome.to_owned(),
        warnings,
        synced: 4,
        writes,
    };
    status.recent_passes = vec![pass(11, "complete", 2, 5), pass(12, "failed", 3, 0)];
    let calls =
        Calls { staxbill: 4_210, quickbooks_reads: 812, quickbooks_writes: 40, quickbooks_batches: 2 };
    status.budget = Some(Budget { month: "2026-11".to_owned(), calls, quickbooks_reads_month: 500_000 });
    status.token = Some(TokenRow {
        refresh_expires_at: at("2027-03-01T15:00:00Z"),
        ends_at: Some(at("2027-01-01T15:00:00Z")),
    });
    status.resends.push(ResendRow {
        key: "invoice/88130".to_owned(),
        last_handled: "2026-11-20.1".to_owned(),
        outcome: "verified".to_owned(),
    });
}

/// What the tie-out says besides what is unexplained.
fn explain(status: &mut Status) {
    let explained = |customer: &str, cents: i64, key: &str, code: &str| ExplainedRow {
        customer: customer.to_owned(),
        label: "Acme".to_owned(),
        currency: Currency::USD,
        amount: Money::from_cents(cents),
        key: key.to_owned(),
        code: code.to_owned(),
        reason: "QuickBooks has another invoice 1042.".to_owned(),
    };
    let tie_out = &mut status.tie_out;
    tie_out.explained = vec![
        explained("20771", 12_000, "invoice/88123", "duplicate-number"),
        explained("20771", 3_000, "invoice/88124", "duplicate-number"),
        explained("20772", -500, "payment/7", "applied-before-start"),
    ];
    tie_out.other.push(OtherRow {
        customer: "10482".to_owned(),
        label: "Amy's Bird Sanctuary".to_owned(),
        currency: Currency::USD,
        balance: Money::from_cents(63_900),
        amount: Money::from_cents(23_900),
    });
    tie_out.staxbill_differs.push(StaxbillRow {
        customer: "20772".to_owned(),
        label: "Bolt Bakery".to_owned(),
        currency: Currency::USD,
        ar_balance: Money::from_cents(1_000),
        records: Money::from_cents(900),
        difference: Money::from_cents(100),
    });
}

fn rows() -> Vec<EntityRow> {
    let mut customers = EntityRow::empty(Entity::Customer);
    customers.warnings = 1;
    for (state, lives) in [
        (State::Synced, true),
        (State::Synced, true),
        (State::Synced, true),
        (State::Failed, false),
        (State::OutOfScope, false),
    ] {
        customers.count(state, lives);
    }
    let mut invoices = EntityRow::empty(Entity::Invoice);
    invoices.warnings = 1;
    for (state, lives) in [
        (State::Synced, true),
        (State::Blocked, false),
        (State::Blocked, false),
        (State::Failed, false),
        (State::NotTried, false),
        (State::Held, true),
        (State::Drifted, true),
    ] {
        invoices.count(state, lives);
    }
    vec![customers, invoices]
}

fn throttled() -> WarningRow {
    WarningRow {
        key: "company/throttled".to_owned(),
        entity: None,
        id: "throttled".to_owned(),
        label: "craigs".to_owned(),
        state: None,
        code: Code::Throttled,
        reason: "QuickBooks asks for fewer calls".to_owned(),
        remedy: Code::Throttled.remedy().todo.to_owned(),
        paste: Vec::new(),
        quickbooks: None,
        since: at("2026-11-22T15:00:00Z"),
        attempts: 0,
        next_attempt_at: None,
        blocks: Blocks::default(),
        dismissed: None,
    }
}

fn name_taken() -> WarningRow {
    WarningRow {
        key: "customer/20771".to_owned(),
        entity: Some(Entity::Customer),
        id: "20771".to_owned(),
        label: "Acme".to_owned(),
        state: Some(State::Failed),
        code: Code::NameTaken,
        reason: "The name \"Acme (20771)\" is used by a vendor.".to_owned(),
        remedy: Code::NameTaken.remedy().todo.to_owned(),
        paste: vec!["20771 = { adopt = \"58\", expect = \"Acme\", start = 2026-01-01 }".to_owned()],
        quickbooks: Some(VendorFault {
            code: "6240".to_owned(),
            message: "Duplicate Name Exists Error".to_owned(),
            detail: "The name supplied already exists. : Id=41".to_owned(),
            intuit_tid: Some("1-6561".to_owned()),
        }),
        since: at("2026-11-20T09:00:00Z"),
        attempts: 3,
        next_attempt_at: Some(at("2026-11-23T09:00:00Z")),
        blocks: Blocks {
            records: 2,
            amounts: vec![Amount { currency: Currency::USD, amount: Money::from_cents(8_841_000) }],
        },
        dismissed: None,
    }
}

fn duplicate_number() -> WarningRow {
    WarningRow {
        key: "invoice/88123".to_owned(),
        entity: Some(Entity::Invoice),
        id: "88123".to_owned(),
        label: "1042".to_owned(),
        code: Code::DuplicateNumber,
        reason: "QuickBooks has another invoice 1042.".to_owned(),
        remedy: Code::DuplicateNumber.remedy().todo.to_owned(),
        paste: Vec::new(),
        quickbooks: None,
        attempts: 1,
        blocks: Blocks::default(),
        ..name_taken()
    }
}

/// The sample, with every text a customer or a vendor can choose turned bad.
pub(super) fn hostile() -> Status {
    let mut status = sample();
    status.warnings.clear();
    for (number, name) in HOSTILE.into_iter().enumerate() {
        let mut warning = name_taken();
        warning.id = number.to_string();
        warning.key = format!("customer/{number}");
        warning.label = name.to_owned();
        warning.reason = format!("The name {name} is taken.");
        if let Some(fault) = &mut warning.quickbooks {
            fault.detail = name.to_owned();
            fault.intuit_tid = Some(name.to_owned());
        }
        status.warnings.push(warning);
    }
    status.warnings[0].dismissed = Some(HOSTILE[0].to_owned());
    status.company.name = HOSTILE.join(" ");
    status.tie_out.unexplained[0].label = HOSTILE.join(" ");
    status.tie_out.explained[0].reason = HOSTILE.join(" ");
    status.tie_out.other[0].label = HOSTILE.join(" ");
    status.tie_out.staxbill_differs[0].label = HOSTILE.join(" ");
    status.notices[0].text = HOSTILE.join(" ");
    status.resends[0].outcome = HOSTILE.join(" ");
    status.recent_passes[0].outcome = HOSTILE.join(" ");
    status.last_pass.triggers = vec![HOSTILE.join(" ")];
    status
}
