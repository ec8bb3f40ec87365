//! Tests of the decision table, row by row.

use jiff::Timestamp;

use super::*;
use crate::model::{Counterpart, Currency, Digest, Fault, Invoice, Key, Money, ObjectId, RecordState};

fn record() -> RecordState {
    let at: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
    let amount = Money::from_cents(1000);
    let invoice = Invoice {
        id: 1,
        number: "7".to_owned(),
        customer: 2,
        effective_at: at,
        modified_at: at,
        currency: Currency::USD,
        amount,
        outstanding: amount,
        paid: Money::ZERO,
        reversed: Money::ZERO,
        written_off: Money::ZERO,
        quickbooks_id: None,
        lines: None,
    };
    RecordState::of_invoice(&invoice, jiff::civil::date(2026, 3, 1))
}

fn posted() -> RecordState {
    let mut record = record();
    let content = Digest::of(["content"]);
    record.object = Some(Counterpart {
        id: ObjectId::new("9"),
        sync_token: "0".to_owned(),
        total: record.amount,
        open: record.amount,
        content: content.clone(),
        written: content,
        posted: record.source.clone(),
        name: None,
        customer: None,
        date: None,
        settings: None,
        words: None,
        item: None,
        adopted: false,
        frame: None,
        edited: Vec::new(),
        dead: false,
        deleted: false,
    });
    record
}

fn with(mut record: RecordState, change: impl FnOnce(&mut Counterpart)) -> RecordState {
    change(record.object.as_mut().unwrap());
    record
}

fn differing() -> RecordState {
    with(posted(), |object| object.total = Money::from_cents(999))
}

fn faulty(mut record: RecordState, code: Code, basis: &str, next: &str) -> RecordState {
    record.fault = Some(Fault {
        code,
        reason: String::new(),
        paste: Vec::new(),
        quickbooks: None,
        since: Timestamp::UNIX_EPOCH,
        attempts: 1,
        next_attempt_at: Some(next.parse().unwrap()),
        basis: Digest::of([basis]),
    });
    record
}

/// As a resend leaves it.
fn unparked(mut record: RecordState) -> RecordState {
    record.fault.as_mut().unwrap().next_attempt_at = None;
    record
}

type Tweak = fn(&mut Facts<'_>, Option<Problem>);

#[test]
#[expect(clippy::too_many_lines, reason = "the table is the specification")]
fn every_row_of_the_table() {
    let basis = Digest::of(["now"]);
    let problem = |code| Some(Problem::new(code, "why"));
    let refunded = |mut record: RecordState| {
        record.amount = Money::ZERO;
        record
    };
    let theirs = RecordState { staxbill_quickbooks_id: Some("5".to_owned()), ..record() };
    let plain: Tweak = |_, _| {};
    let later = "2026-03-03T00:00:00Z";
    let cases: Vec<(&str, RecordState, Tweak, Option<Problem>, &str)> = vec![
        ("new", record(), plain, None, "create"),
        ("to adopt", record(), |f, _| f.adopt = true, None, "adopt"),
        ("out of scope", posted(), |f, _| f.in_scope = false, None, "out-of-scope"),
        ("open write", posted(), |f, _| f.waiting = true, None, "held unknown-outcome"),
        ("link removed", posted(), |f, p| f.held = p, problem(Code::LinkRemoved), "held link-removed"),
        ("invalid", record(), |f, p| f.problem = p, problem(Code::InvalidRecord), "failed invalid-record"),
        (
            "parent missing",
            record(),
            |f, _| f.blocked_by = Some(Key::customer(2)),
            None,
            "blocked customer/2",
        ),
        (
            "invalid, parent missing",
            record(),
            |f, p| (f.problem, f.blocked_by) = (p, Some(Key::customer(2))),
            problem(Code::InvalidRecord),
            "blocked customer/2",
        ),
        (
            "invalid, posted, parent missing",
            posted(),
            |f, p| (f.problem, f.blocked_by) = (p, Some(Key::customer(2))),
            problem(Code::InvalidRecord),
            "failed invalid-record",
        ),
        (
            "their own sync, parent missing",
            theirs.clone(),
            |f, _| f.blocked_by = Some(Key::customer(2)),
            None,
            "blocked customer/2",
        ),
        (
            "settings forbid",
            record(),
            |f, p| f.writes_held = p,
            problem(Code::CompanySetting),
            "held company-setting",
        ),
        (
            "their own sync is at work",
            record(),
            |f, p| f.creation_held = p,
            problem(Code::OtherSyncActive),
            "held other-sync-active",
        ),
        (
            "their own sync is at work, to adopt",
            record(),
            |f, p| (f.adopt, f.creation_held) = (true, p),
            problem(Code::OtherSyncActive),
            "adopt",
        ),
        (
            "their own sync is at work, changed here",
            with(posted(), |o| o.posted = Digest::of(["x"])),
            |f, p| f.creation_held = p,
            problem(Code::OtherSyncActive),
            "amend",
        ),
        ("their own sync", theirs.clone(), plain, None, "failed possible-duplicate"),
        ("their own sync, accepted", theirs, |f, _| f.accepted = true, None, "create"),
        ("refused before", faulty(record(), Code::Refused, "now", later), plain, None, "failed keep"),
        ("refused, mended", faulty(record(), Code::Refused, "then", later), plain, None, "create"),
        (
            "refused a day ago",
            faulty(record(), Code::Refused, "now", "2026-03-01T00:00:00Z"),
            plain,
            None,
            "create",
        ),
        (
            "refused before, settings forbid",
            faulty(record(), Code::Refused, "now", "2026-03-01T00:00:00Z"),
            |f, p| f.writes_held = p,
            problem(Code::CompanySetting),
            "failed keep",
        ),
        (
            "refused, mended, settings forbid",
            faulty(record(), Code::Refused, "then", later),
            |f, p| f.writes_held = p,
            problem(Code::CompanySetting),
            "held company-setting",
        ),
        (
            "refused a day ago, left alone",
            faulty(record(), Code::Refused, "now", "2026-03-01T00:00:00Z"),
            |f, _| f.dismissed = true,
            None,
            "failed keep",
        ),
        (
            "refused and left alone, mended",
            faulty(record(), Code::Refused, "then", "2026-03-01T00:00:00Z"),
            |f, _| f.dismissed = true,
            None,
            "create",
        ),
        (
            "refused, sent again",
            unparked(faulty(record(), Code::Refused, "now", later)),
            plain,
            None,
            "create",
        ),
        ("in balance", posted(), plain, None, "synced"),
        ("in balance, sent again", posted(), |f, _| f.resent = true, None, "synced"),
        ("in balance, of other settings, sent again", posted(), |f, _| f.renewed = true, None, "restore"),
        ("in balance, parent failed", posted(), |f, _| f.blocked_by = Some(Key::customer(2)), None, "synced"),
        (
            "crossing",
            posted(),
            |f, p| f.crossing = p,
            problem(Code::AppliedBeforeStart),
            "held applied-before-start",
        ),
        ("deleted", with(posted(), |o| o.deleted = true), plain, None, "failed deleted-in-quickbooks"),
        ("voided", with(posted(), |o| o.dead = true), plain, None, "failed deleted-in-quickbooks"),
        ("voided by us", refunded(with(posted(), |o| o.dead = true)), plain, None, "synced"),
        ("changed there", with(posted(), |o| o.content = Digest::of(["x"])), plain, None, "drifted drifted"),
        (
            "restored",
            with(posted(), |o| o.content = Digest::of(["x"])),
            |f, _| f.on_drift = OnDrift::Restore,
            None,
            "restore",
        ),
        ("changed here", with(posted(), |o| o.posted = Digest::of(["x"])), plain, None, "amend"),
        ("let go, not yet taken", posted(), |f, _| f.changed = true, None, "amend"),
        (
            "a customer that changed here",
            with(posted(), |o| o.posted = Digest::of(["x"])),
            |f, _| f.changed = false,
            None,
            "synced",
        ),
        ("refunded", refunded(with(posted(), |o| o.posted = Digest::of(["x"]))), plain, None, "void"),
        (
            "changed here, held",
            with(posted(), |o| o.posted = Digest::of(["x"])),
            |f, p| f.writes_held = p,
            problem(Code::ClosedPeriod),
            "held closed-period",
        ),
        ("mismatch", faulty(differing(), Code::AmountMismatch, "now", later), plain, None, "failed keep"),
        (
            "mismatch, sent again",
            unparked(faulty(differing(), Code::AmountMismatch, "now", later)),
            |f, _| f.resent = true,
            None,
            "amend",
        ),
        ("mismatch, first seen", differing(), plain, None, "failed amount-mismatch"),
        (
            "mismatch, after a refusal",
            faulty(differing(), Code::Refused, "now", later),
            plain,
            None,
            "failed amount-mismatch",
        ),
        (
            "mismatch, settings changed",
            faulty(differing(), Code::AmountMismatch, "then", later),
            plain,
            None,
            "amend",
        ),
    ];
    for (name, record, tweak, with, expected) in cases {
        let mut facts = Facts {
            record: &record,
            in_scope: true,
            waiting: false,
            held: None,
            problem: None,
            blocked_by: None,
            writes_held: None,
            creation_held: None,
            crossing: None,
            adopt: false,
            relink: false,
            accepted: false,
            mismatch: !record.amount.is_zero()
                && record.living().is_some_and(|object| object.total != record.amount),
            changed: record.object.as_ref().is_some_and(|object| object.posted != record.source),
            total: record.amount,
            voidable: true,
            parts: Parts::Sound,
            moved: None,
            fault: record.fault.as_ref(),
            basis: Some(&basis),
            now: "2026-03-02T00:00:00Z".parse().unwrap(),
            dismissed: false,
            resent: false,
            renewed: false,
            on_drift: OnDrift::Report,
        };
        tweak(&mut facts, with);
        let decided = match decide(&facts) {
            Decision::Act(action, _) => action.name().to_owned(),
            Decision::Blocked(by) => format!("blocked {by}"),
            Decision::Rest(state, note) => {
                let state = serde_json::to_value(state).unwrap().as_str().unwrap().to_owned();
                match note {
                    Note::Clear => state,
                    Note::Keep => format!("{state} keep"),
                    Note::Is(problem) => format!("{state} {}", problem.code),
                }
            }
        };
        assert_eq!(decided, expected, "{name}");
    }
}
