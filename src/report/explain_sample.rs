//! Explanations for tests: a record that failed, one that waits, one that is
//! well.

use jiff::Timestamp;
use jiff::civil::date;

use super::explained::{
    AppliedRow, DecisionRow, Explained, ExplainedWarning, HoldsUp, ObjectRow, OpenWrite, RecordRow, SCHEMA,
    SettledRow, WaitRow,
};
use super::row::Amount;
use super::status::NoticePlace;
use crate::model::{
    Attempt, AttemptOutcome, Code, Currency, Key, Money, ObjectId, ObjectKind, State, VendorFault,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn row(key: Key, label: &str, state: State) -> RecordRow {
    RecordRow { key, label: label.to_owned(), state: Some(state) }
}

fn attempt(at: &str, action: &str, object: ObjectKind, outcome: AttemptOutcome) -> Attempt {
    Attempt {
        at: at.parse().unwrap(),
        pass: 12,
        action: action.to_owned(),
        object,
        to: None,
        request_id: "7c1f6a0e-5a0f-5b1c-9c55-0d3a1f1f7a11".to_owned(),
        intuit_tid: Some("1-65617f2a-0b1c2d3e".to_owned()),
        outcome,
    }
}

fn object(kind: ObjectKind, id: &str, page: &str) -> ObjectRow {
    ObjectRow {
        kind,
        id: ObjectId::new(id),
        link: format!("https://qbo.intuit.com/app/{page}={id}"),
        standing: "living".to_owned(),
        sync_token: "0".to_owned(),
        total: Money::from_cents(40_288),
        open: Money::from_cents(288),
        name: None,
        matched: false,
    }
}

/// An invoice that stands in QuickBooks as it should, and was found again once.
pub(super) fn healthy() -> Explained {
    let found = AttemptOutcome::Found { id: ObjectId::new("145"), sync_token: "0".to_owned() };
    let unknown = AttemptOutcome::Unknown { why: "no answer in time".to_owned() };
    let (create, invoice) = ("create", ObjectKind::Invoice);
    let mut attempts = vec![
        attempt("2026-11-20T09:02:15Z", create, invoice, found),
        attempt("2026-11-20T09:00:01Z", create, invoice, unknown),
    ];
    attempts[1].intuit_tid = None;
    Explained {
        schema: SCHEMA,
        key: Key::invoice(88123),
        label: "1042".to_owned(),
        state: State::Synced,
        customer: Some(row(Key::customer(10482), "Amy's Bird Sanctuary", State::Synced)),
        of: None,
        date: Some(date(2026, 3, 1)),
        currency: Currency::USD,
        amount: Money::from_cents(40_288),
        open: Money::from_cents(288),
        next: "Nothing: QuickBooks holds what it should.".to_owned(),
        warning: None,
        decision: Some(DecisionRow {
            verb: "adopt".to_owned(),
            line: r#"10482 = { adopt = "58", expect = "Amy's Bird Sanctuary", start = 2026-01-01, by = "FIN-2210" }"#
                .to_owned(),
            at: NoticePlace { file: "links.d/2026-01.toml".to_owned(), line: 4 },
        }),
        start: Some(date(2026, 1, 1)),
        quickbooks: Some(object(ObjectKind::Invoice, "145", "invoice?txnId")),
        applied: Vec::new(),
        settled_by: vec![SettledRow {
            by: row(Key::payment(7_613_000), "7613000", State::Synced),
            amount: Money::from_cents(40_000),
        }],
        waits_for: Vec::new(),
        holds_up: HoldsUp::default(),
        open_writes: Vec::new(),
        attempts,
        last_sync_at: Some(at("2026-11-22T14:00:00Z")),
        next_pass_at: Some(at("2026-11-22T16:00:00Z")),
    }
}

/// An invoice whose number is taken, and what it holds up.
pub(super) fn failed() -> Explained {
    let words =
        "Duplicate Document Number Error You must specify a different number. DocNumber=1042".to_owned();
    let refused = AttemptOutcome::Refused { code: "6140".to_owned(), words: words.clone() };
    Explained {
        state: State::Failed,
        next: Code::DuplicateNumber.remedy().todo.to_owned(),
        warning: Some(ExplainedWarning {
            code: Code::DuplicateNumber,
            reason: "QuickBooks has another invoice 1042".to_owned(),
            paste: vec![
                "10482 = { adopt = \"58\", expect = \"Amy's Bird Sanctuary\", start = 2026-01-01 }"
                    .to_owned(),
            ],
            quickbooks: Some(VendorFault {
                code: "6140".to_owned(),
                message: words,
                detail: String::new(),
                intuit_tid: Some("1-65617f2a-0b1c2d3e".to_owned()),
            }),
            since: at("2026-11-20T09:00:00Z"),
            attempts: 2,
            next_attempt_at: Some(at("2026-11-23T09:00:00Z")),
            who: Code::DuplicateNumber.remedy().who.name().to_owned(),
            dismissed: None,
        }),
        quickbooks: None,
        settled_by: vec![SettledRow {
            by: row(Key::payment(7_613_000), "7613000", State::Blocked),
            amount: Money::from_cents(40_000),
        }],
        holds_up: HoldsUp {
            records: 1,
            amounts: vec![Amount { currency: Currency::USD, amount: Money::from_cents(40_000) }],
            first: vec![row(Key::payment(7_613_000), "7613000", State::Blocked)],
        },
        attempts: vec![attempt("2026-11-22T09:00:01Z", "create", ObjectKind::Invoice, refused)],
        ..healthy()
    }
}

/// A payment that waits for an invoice, which waits for its customer.
pub(super) fn blocked() -> Explained {
    let wait = |key: &str, label: &str, state, code: Option<Code>| WaitRow {
        key: key.to_owned(),
        label: label.to_owned(),
        state: Some(state),
        code,
        reason: code.map(|_| "the name \"Acme (20771)\" is used by a vendor".to_owned()),
        remedy: code.map(|code| code.remedy().todo.to_owned()),
    };
    let mut by = object(ObjectKind::Payment, "9001", "recvpayment?txnId");
    by.total = Money::ZERO;
    let mut lay = attempt(
        "2026-11-19T09:00:01Z",
        "apply",
        ObjectKind::Payment,
        AttemptOutcome::NotDone { why: "QuickBooks asked for fewer calls".to_owned() },
    );
    lay.to = Some(Key::invoice(88100));
    Explained {
        key: "credit/553".parse().unwrap(),
        label: "553".to_owned(),
        state: State::Blocked,
        customer: Some(row(Key::customer(20771), "Acme", State::Failed)),
        next: format!("company/throttled: {}", Code::Throttled.remedy().todo),
        decision: None,
        start: None,
        quickbooks: Some(object(ObjectKind::CreditMemo, "150", "creditmemo?txnId")),
        applied: vec![AppliedRow {
            to: Key::invoice(88100),
            label: "1019".to_owned(),
            amount: Money::from_cents(10_000),
            by: Some(by),
        }],
        settled_by: Vec::new(),
        waits_for: vec![
            wait("invoice/88123", "1042", State::Blocked, None),
            wait("customer/20771", "Acme", State::Failed, Some(Code::NameTaken)),
            WaitRow {
                key: "company/throttled".to_owned(),
                label: String::new(),
                state: None,
                code: Some(Code::Throttled),
                reason: Some("QuickBooks asks for fewer calls".to_owned()),
                remedy: Some(Code::Throttled.remedy().todo.to_owned()),
            },
        ],
        open_writes: vec![OpenWrite {
            action: "apply".to_owned(),
            object: ObjectKind::Payment,
            request_id: "0f0f6a0e-5a0f-5b1c-9c55-0d3a1f1f7a11".to_owned(),
            begun_at: at("2026-11-22T14:59:59Z"),
        }],
        attempts: vec![lay],
        ..healthy()
    }
}
