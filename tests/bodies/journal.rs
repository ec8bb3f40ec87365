//! The state: whatever bytes stand under a key are what was written, or damage
//! that is told; what is written is read back to the letter.

use std::sync::Arc;

use jiff::Timestamp;
use latchd::model::{Applied, Digest, Entity, Key, Money, ObjectId, ObjectKind, Part};
use latchd::store::{
    Commit, Errand, Intent, IntentItem, Marks, Operation, Overlay, Register, Store, StoreError,
};
use serde_json::value::RawValue;

use super::mutate::{Draw, cut, json};

const BITS: &[&str] = &["\u{1}", "\u{0}", "\"", "{", "}", "[", "]", "null", "1", "-"];

/// The promise.
pub(crate) fn body(bytes: &[u8]) {
    let mut draw = Draw::of(bytes);
    let kind = draw.byte();
    let written = intent(&mut draw);
    let store = Overlay::empty();
    store.commit(rows(&written)).expect("memory takes it");
    let register = Register::new(Arc::new(store.clone()));
    reads_back(&register, &written);
    let rows = store.scan(b"", None, 1000).expect("memory reads");
    let (key, sealed) = draw.one(&rows).clone();
    let damaged = match kind % 3 {
        0 => draw.rest().to_vec(),
        1 => cut(&sealed, BITS, &mut draw),
        // Sound by its checksum, as a bug or a later version might have written it.
        _ => sealed_anew(&key, sealed[0], &json(&sealed[5..], &mut draw)),
    };
    let same = damaged == sealed;
    store.commit(vec![(key.clone(), Some(damaged))]).expect("memory takes it");
    let told = read_all(&register, &written);
    let told: Vec<&StoreError> = told.iter().filter_map(|read| read.as_ref().err()).collect();
    assert!(!same || told.is_empty(), "nothing was changed: {told:?}");
    for error in told {
        assert!(matches!(error, StoreError::Damaged { .. } | StoreError::Newer { .. }), "{error:?}");
        assert!(!error.to_string().is_empty());
    }
}

/// Everything that the state may say, written as a pass would.
fn rows(intent: &Intent) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    let register = Register::new(Arc::new(Overlay::empty()));
    let store = register.store();
    let mut commit = Commit::new();
    commit.intent(intent);
    commit.object(ObjectKind::Invoice, &ObjectId::new("7"), (KEY, Part::Whole));
    commit.errand(Errand::Credit(7));
    commit.recheck(7, Some(Money::from_cents(100)));
    commit.product("products/7", "PRO");
    commit.ar_balance(7, Money::from_cents(100));
    commit.mark("watermarks", &Marks::default());
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
        .block_on(register.commit(commit))
        .expect("memory takes it");
    let rows = store.scan(b"", None, 1000).expect("memory reads");
    assert!(rows.len() >= 7, "{} rows", rows.len());
    rows.into_iter().map(|(key, value)| (key, Some(value))).collect()
}

const KEY: Key = Key { entity: Entity::Invoice, id: 7 };

fn reads_back(register: &Register, written: &Intent) {
    let read = register.intents().expect("it was just written");
    let text = |intent: &Intent| serde_json::to_string(intent).expect("it has text keys only");
    assert_eq!(read.iter().map(text).collect::<Vec<_>>(), [text(written)], "an intent is not read back");
    for (read, wrote) in read[0].items.iter().zip(&written.items) {
        assert_eq!(read.body.get(), wrote.body.get(), "the bytes of a body changed");
    }
    assert!(read_all(register, written).iter().all(Result::is_ok), "what was written is damaged");
}

fn read_all(register: &Register, written: &Intent) -> Vec<Result<(), StoreError>> {
    let mut read = vec![
        register.intents().map(drop),
        register.record_of(ObjectKind::Invoice, &ObjectId::new("7")).map(drop),
        register.errands().map(drop),
        register.recheck().map(drop),
        register.product("products/7").map(drop),
        register.ar_balance(7).map(drop),
        register.marks().map(drop),
        register.mark::<Marks>("watermarks").map(drop),
        register.rebuilt().map(drop),
        register.resent().map(drop),
        register.funds_of(7).map(drop),
        register.reversals_of(7).map(drop),
    ];
    for key in written.items.iter().map(|item| item.key).chain([KEY]) {
        read.extend([
            register.record(key).map(drop),
            register.body(key).map(drop),
            register.attempts(key).map(drop),
            register.handled(key).map(drop),
            register.foreign_on(key).map(drop),
        ]);
    }
    for entity in Entity::ALL {
        read.push(register.each_record(entity, |_, _| Ok(())));
    }
    read
}

/// An envelope around any bytes, by the form that the state has on the disk: a
/// format, a checksum over it, the key and the value, the value.
fn sealed_anew(key: &[u8], format: u8, body: &[u8]) -> Vec<u8> {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&[format]);
    hasher.update(key);
    hasher.update(body);
    [&[format][..], &hasher.finalize().to_be_bytes(), body].concat()
}

fn intent(draw: &mut Draw<'_>) -> Intent {
    let text = |draw: &mut Draw<'_>| {
        let bytes: Vec<u8> = (0..draw.byte() % 12).map(|_| draw.byte()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let number = |draw: &mut Draw<'_>| (0..8).fold(0_u64, |sum, _| sum << 8 | u64::from(draw.byte()));
    let item = |draw: &mut Draw<'_>| IntentItem {
        bid: text(draw),
        key: Key { entity: *draw.one(&Entity::ALL), id: 1 + number(draw) / 2 },
        part: Part::Whole,
        operation: *draw.one(&[Operation::Create, Operation::Update, Operation::Void]),
        object: *draw.one(&ObjectKind::ALL),
        id: Some(ObjectId::new(text(draw))),
        sync_token: Some(text(draw)),
        number: Some(text(draw)),
        posted: Digest::of([text(draw).as_str()]),
        settings: None,
        total: Money::from_cents(number(draw).cast_signed() % 100_000_000_000_000_000),
        applied: vec![Applied { to: KEY, amount: Money::from_cents(7) }],
        netted: vec![KEY],
        words: None,
        crossing: None,
        action: text(draw),
        amount: Money::from_cents(-7),
        body: RawValue::from_string(format!("{{ \"a\" : 1.500,\"b\":{} }}", number(draw)))
            .expect("it is JSON"),
    };
    Intent {
        seq: 1,
        path: text(draw),
        body: text(draw),
        request_id: text(draw),
        batch: draw.byte() % 2 == 1,
        items: (0..=draw.byte() % 3).map(|_| item(draw)).collect(),
        begun_at: Timestamp::from_second((number(draw) % 4_000_000_000).cast_signed())
            .expect("a year to come"),
        generation: text(draw),
        spent: draw.byte() % 2 == 1,
    }
}
