//! Create, update, void and delete: the way every change into the books takes.

use serde_json::{Value, json};

use super::books::{Books, Token};
use super::entity::singleton::PREFERENCES;
use super::entity::{Change, Choices, Class, Draft, Entity, Kind, Sequence, Voiding};
use super::fault::Fault;
use super::json::{Object, list, scalar, text};
use super::misreading::Misreading;
use super::{auto_apply, links, normalise, references, settings};

/// Creates or updates, as the body's `Id` tells; returns the object as the
/// answer shows it.
pub(super) fn save(
    books: &mut Books,
    entity: &'static Entity,
    body: &Object,
    choices: Choices,
) -> Result<Value, Fault> {
    normalise::check_encoding(books, body)?;
    if entity.name == PREFERENCES.name {
        return save_settings(books, body);
    }
    if entity.class == Class::ReadOnly {
        return Err(Fault::unsupported(&format!("update on {}", entity.name)));
    }
    let sent = normalise::properties(entity, body)?;
    let Some(id) = sent_id(body)? else {
        if entity.class == Class::Singleton {
            return Err(Fault::missing("Id"));
        }
        let object = present(&sent);
        let draft = Draft { id: None, object, sent: &sent, old: None, choices };
        return finish(books, entity, draft);
    };
    let old = current(books, entity, id, body)?;
    let object = if is_sparse(body) { overlay(&old, &sent) } else { replacement(entity, &old, &sent) };
    let draft = Draft { id: Some(id), object, sent: &sent, old: Some(&old), choices };
    finish(books, entity, draft)
}

/// Changes the company's settings. An update that changes nothing leaves their
/// token where it was (recorded).
fn save_settings(books: &mut Books, body: &Object) -> Result<Value, Fault> {
    normalise::properties(&PREFERENCES, body)?;
    let id = sent_id(body)?.ok_or_else(|| Fault::missing("Id"))?;
    let old = current(books, &PREFERENCES, id, body)?;
    let settings = settings::updated(books, &old, (body, is_sparse(body)))?;
    if settings != old {
        books.put(&PREFERENCES, id, settings, Token::Rise);
        settings::follow(books);
    }
    Ok(books
        .shelf(PREFERENCES.name)
        .get(id)
        .map_or(Value::Null, |kept| references::render(books, &kept.object)))
}

fn is_sparse(body: &Object) -> bool {
    body.get("sparse").and_then(scalar).is_some_and(|sparse| sparse == "true")
}

/// Voids a transaction: its amounts become zero, its note says so, and its
/// number stays taken.
pub(super) fn void(
    books: &mut Books,
    entity: &'static Entity,
    body: &Object,
    asked: Voiding,
) -> Result<Value, Fault> {
    if entity.voiding == Voiding::Never || entity.voiding != asked {
        return Err(Fault::unsupported(&format!("void on {}", entity.name)));
    }
    normalise::properties(entity, body)?;
    let id = sent_id(body)?.ok_or_else(|| Fault::missing("Id"))?;
    let old = current(books, entity, id, body)?;
    check_open(books, &[&old])?;
    let mut object = old.clone();
    (entity.blank)(&mut object);
    object.insert("PrivateNote".into(), json!(voided_note(text(&old, "PrivateNote"))));
    commit(books, entity, id, (Some(&old), object));
    Ok(shown(books, entity, id))
}

/// Deletes a transaction. Only its id and token count in the body, but the
/// body is read whole, so an echo of a read object fails where a write of it
/// would.
pub(super) fn delete(books: &mut Books, entity: &'static Entity, body: &Object) -> Result<Value, Fault> {
    if !matches!(entity.class, Class::Transaction | Class::File) {
        return Err(Fault::unsupported(&format!("delete on {}", entity.name)));
    }
    normalise::properties(entity, body)?;
    if list(body, "Line").iter().any(|line| line.get("LineEx").is_some()) {
        return Err(Fault::line_ex());
    }
    let id = sent_id(body)?.ok_or_else(|| Fault::missing("Id"))?;
    let old = current(books, entity, id, body)?;
    check_open(books, &[&old])?;
    check_unpaid(entity, &old)?;
    books.remove(entity, id);
    if entity.class == Class::File {
        books.files.remove(&id);
    }
    (entity.settle)(books, id, Change { old: Some(&old), new: None });
    Ok(json!({ "domain": "QBO", "status": "Deleted", "Id": id.to_string() }))
}

/// Puts an object in as it was before anyone called: under its own id.
pub(super) fn seed(books: &mut Books, entity: &'static Entity, object: Object) -> Result<(), Fault> {
    let id = sent_id(&object)?.ok_or_else(|| Fault::missing("Id"))?;
    let sent = object.clone();
    let mut draft = Draft { id: Some(id), object, sent: &sent, old: None, choices: Choices::default() };
    (entity.complete)(books, &mut draft)?;
    let mut object = draft.object;
    number_addresses(books, entity, &mut object);
    books.put(entity, id, object, Token::Rise);
    Ok(())
}

fn finish(books: &mut Books, entity: &'static Entity, mut draft: Draft<'_>) -> Result<Value, Fault> {
    references::check_sent(books, entity, &draft)?;
    if entity.class == Class::Transaction {
        drop_untracked(books, &mut draft);
    }
    (entity.complete)(books, &mut draft)?;
    let Draft { id, object, old, .. } = draft;
    if entity.class == Class::Transaction {
        normalise::check_worth(&object)?;
    }
    let dated: Vec<&Object> = old.into_iter().chain([&object]).collect();
    check_open(books, &dated)?;
    let id = id.unwrap_or_else(|| books.next_id(entity.sequence));
    commit(books, entity, id, (old, object));
    if old.is_none() {
        auto_apply::after_create(books, entity.name, id);
    }
    Ok(shown(books, entity, id))
}

/// A company that tracks no classes or departments has no place for one on a
/// transaction: what is sent is not kept, and nobody is told. Lines have a
/// setting of their own.
fn drop_untracked(books: &Books, draft: &mut Draft<'_>) {
    let tracked = [
        ("ClassRef", "AccountingInfoPrefs.ClassTrackingPerTxn"),
        ("DepartmentRef", "AccountingInfoPrefs.TrackDepartments"),
    ];
    for (key, setting) in tracked {
        if !draft.sends(key) || books.allows(setting) {
            continue;
        }
        match draft.old.and_then(|old| old.get(key)).cloned() {
            Some(old) => draft.set(key, old),
            None => drop(draft.object.remove(key)),
        }
    }
}

fn commit(books: &mut Books, entity: &'static Entity, id: u64, (old, mut object): (Option<&Object>, Object)) {
    number_addresses(books, entity, &mut object);
    books.put(entity, id, object.clone(), Token::Rise);
    (entity.settle)(books, id, Change { old, new: Some(&object) });
}

fn shown(books: &Books, entity: &Entity, id: u64) -> Value {
    books
        .shelf(entity.name)
        .get(id)
        .map_or(Value::Null, |kept| references::render_alone(books, entity, &kept.object))
}

/// The server gives every address an id of its own and looks for its place on
/// the map. The sandbox has no map: it says of every address what the service
/// says of one it cannot find (recorded).
fn number_addresses(books: &mut Books, entity: &Entity, object: &mut Object) {
    for field in entity.fields().filter(|field| field.kind == Kind::Address) {
        let Some(address) = object.get_mut(field.name).and_then(Value::as_object_mut) else { continue };
        if !address.contains_key("Id") {
            let id = books.next_id(Sequence::Addresses);
            address.insert("Id".into(), json!(id.to_string()));
        }
        if entity.class == Class::Singleton {
            // Intuit dropped them from the company's own addresses in October 2025.
            continue;
        }
        for key in ["Lat", "Long"] {
            address.entry(key).or_insert_with(|| json!("INVALID"));
        }
    }
}

/// The object a write is about, if the client knows its latest state.
fn current(books: &Books, entity: &Entity, id: u64, body: &Object) -> Result<Object, Fault> {
    let kept = books.shelf(entity.name).get(id).ok_or_else(Fault::not_found)?;
    let token = body.get("SyncToken").and_then(scalar).filter(|token| !token.is_empty());
    let token = match token {
        None if entity.class == Class::File => text(&kept.object, "SyncToken").map(str::to_owned),
        token => token,
    };
    let token = token.ok_or_else(|| Fault::missing("SyncToken"))?;
    let stale = text(&kept.object, "SyncToken") != Some(token.as_str());
    if stale && !books.misreads(Misreading::IgnoredSyncToken) {
        return Err(Fault::stale());
    }
    let deposited = |link: &Value| link["TxnType"] == "Deposit";
    if list(&kept.object, "LinkedTxn").iter().any(deposited) {
        return Err(Fault::deposited());
    }
    Ok(kept.object.clone())
}

/// An invoice that payments are linked to must be unlinked first (documented;
/// the wording is not recorded).
fn check_unpaid(entity: &Entity, old: &Object) -> Result<(), Fault> {
    if entity.name == "Invoice" && links::linked_payments(old).next().is_some() {
        let text = "You must unlink the transactions linked to this invoice before you delete it.";
        return Err(Fault::business(text));
    }
    Ok(())
}

/// The books of a closed period take nothing in and let nothing out.
fn check_open(books: &Books, objects: &[&Object]) -> Result<(), Fault> {
    let shut = objects.iter().filter_map(|object| text(object, "TxnDate")).any(|day| books.is_closed(day));
    if shut { Err(Fault::closed()) } else { Ok(()) }
}

fn sent_id(body: &Object) -> Result<Option<u64>, Fault> {
    let Some(id) = body.get("Id").and_then(scalar).filter(|id| !id.is_empty()) else { return Ok(None) };
    id.parse().map(Some).map_err(|_| Fault::invalid_id(&id))
}

fn present(sent: &Object) -> Object {
    sent.iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn overlay(old: &Object, sent: &Object) -> Object {
    let mut object = old.clone();
    for (key, value) in sent {
        if value.is_null() {
            object.remove(key);
        } else {
            object.insert(key.clone(), value.clone());
        }
    }
    object
}

/// A full update: what the client may set and did not send is gone.
fn replacement(entity: &Entity, old: &Object, sent: &Object) -> Object {
    let mut object = present(sent);
    for field in entity.fields().filter(|field| !field.writable) {
        if let Some(value) = old.get(field.name) {
            object.insert(field.name.to_owned(), value.clone());
        }
    }
    object
}

/// The note of a voided transaction (recorded without an earlier note; how an
/// earlier one is joined is not).
fn voided_note(note: Option<&str>) -> String {
    match note {
        None => "Voided".to_owned(),
        Some(note) if note.starts_with("Voided") => note.to_owned(),
        Some(note) => format!("Voided - {note}").chars().take(4000).collect(),
    }
}
