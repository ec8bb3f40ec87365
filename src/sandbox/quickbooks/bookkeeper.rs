//! A person at the company's own screens, who changes things behind the
//! client's back. The same rules hold as for the API, but nobody has to know
//! a token and no limit applies.

use serde_json::{Value, json};

use super::books::{Books, Token};
use super::company::{Company, State, entity_named};
use super::entity::{Change, Choices, Class, ENTITIES, customer, journal_entry};
use super::fault::Fault;
use super::json::{Object, decimal, list, object, reference, text};
use super::links::{self, Kind, Target};
use super::write;

/// Acts of a person in QuickBooks itself. Every act answers the object as the
/// API would show it.
///
/// # Errors
///
/// All acts fail with the [`Fault`] the API would answer.
#[derive(Debug)]
pub struct Bookkeeper<'a> {
    company: &'a Company,
}

impl<'a> Bookkeeper<'a> {
    pub(super) fn new(company: &'a Company) -> Self {
        Self { company }
    }

    /// Enters a new object, such as a customer or an invoice.
    pub fn create(&self, entity: &str, body: Value) -> Result<Value, Fault> {
        let entity = entity_named(entity)?;
        let mut state = self.company.lock();
        write::save(&mut state.books, entity, &object(body), Choices::default())
    }

    /// Changes the properties named in `patch` and nothing else; its token and
    /// time of change move.
    pub fn edit(&self, entity: &str, id: &str, patch: Value) -> Result<Value, Fault> {
        let mut state = self.company.lock();
        let mut body = object(patch);
        body.extend(latest(&state, entity, id)?);
        body.insert("sparse".into(), json!(true));
        write::save(&mut state.books, entity_named(entity)?, &body, Choices::default())
    }

    /// Deletes a transaction. The screens unlink a paid invoice on the way, which
    /// the API leaves to its clients.
    pub fn delete(&self, entity: &str, id: &str) -> Result<Value, Fault> {
        let mut state = self.company.lock();
        if entity == "Invoice" {
            latest(&state, entity, id)?;
            links::release_invoice(&mut state.books, id);
        }
        let body = latest(&state, entity, id)?;
        write::delete(&mut state.books, entity_named(entity)?, &body)
    }

    /// Voids a transaction.
    pub fn void(&self, entity: &str, id: &str) -> Result<Value, Fault> {
        let mut state = self.company.lock();
        let body = latest(&state, entity, id)?;
        let entity = entity_named(entity)?;
        write::void(&mut state.books, entity, &body, entity.voiding)
    }

    /// Makes a name inactive; it ends in ` (deleted)` from then on.
    pub fn inactivate(&self, entity: &str, id: &str) -> Result<Value, Fault> {
        self.edit(entity, id, json!({ "Active": false }))
    }

    /// Makes an inactive name active again, if nobody took it meanwhile.
    pub fn reactivate(&self, entity: &str, id: &str) -> Result<Value, Fault> {
        self.edit(entity, id, json!({ "Active": true }))
    }

    /// Merges one customer into another: its documents name the survivor, and
    /// its own id is gone. One with jobs below it must lose those first. What the
    /// API shows of a merge is not recorded.
    pub fn merge_customer(&self, from: &str, into: &str) -> Result<(), Fault> {
        let mut state = self.company.lock();
        let books = &mut state.books;
        let (id, survivor) = check_merge(books, (from, into))?;
        release_shared_entries(books, (from, into));
        let mut renamed = Vec::new();
        for entity in ENTITIES.iter().filter(|entity| entity.class == Class::Transaction) {
            let own = books.shelf(entity.name).by_id().filter(|(_, kept)| names_customer(&kept.object, from));
            let documents: Vec<(u64, Object)> = own.map(|(id, kept)| (id, kept.object.clone())).collect();
            for (document, mut object) in documents {
                rename_customer(&mut object, (from, into));
                books.put(entity, document, object, Token::Rise);
                renamed.push((*entity, document));
            }
        }
        // What a payment posts depends on the documents it names, so all post
        // again when the last one has its new name.
        for (entity, document) in renamed {
            books.repost(entity, document);
        }
        let left = decimal(books.find("Customer", from).ok_or_else(Fault::not_found)?, "Balance");
        books.rename_debtor((id, survivor), left);
        books.remove(&customer::ENTITY, id);
        Ok(())
    }

    /// Brings a payment from Undeposited Funds to the bank (Checking), which
    /// freezes it (6540); answers the deposit.
    pub fn deposit(&self, payment_id: &str) -> Result<Value, Fault> {
        let body = json!({
            "DepositToAccountRef": { "value": "35" },
            "Line": [{ "LinkedTxn": [{ "TxnId": payment_id, "TxnType": "Payment" }] }],
        });
        self.create("Deposit", body)
    }
}

/// The ids of two customers that can be merged. That both must have one
/// currency is our reading.
fn check_merge(books: &Books, (from, into): (&str, &str)) -> Result<(u64, u64), Fault> {
    let ids = (
        from.parse().map_err(|_| Fault::invalid_id(from))?,
        into.parse().map_err(|_| Fault::invalid_id(into))?,
    );
    let card = |id: &str| books.find("Customer", id).ok_or_else(Fault::not_found);
    let (gone, kept) = (card(from)?, card(into)?);
    if ids.0 == ids.1 {
        return Err(Fault::business("A customer cannot be merged with itself."));
    }
    if reference(gone, "CurrencyRef") != reference(kept, "CurrencyRef") {
        return Err(Fault::business("Customers with different currencies cannot be merged."));
    }
    if books.shelf("Customer").with("ParentRef", from).next().is_some() {
        return Err(Fault::business("A customer with sub-customers cannot be merged."));
    }
    Ok(ids)
}

/// A journal entry between the two comes to something else for the survivor
/// than it did for either, so the payments of both let go of it (our reading).
fn release_shared_entries(books: &mut Books, (from, into): (&str, &str)) {
    let between =
        |entry: &Object| [from, into].iter().all(|id| !journal_entry::owed(books, entry, id).is_zero());
    let shared = books.shelf("JournalEntry").by_id().filter(|(_, kept)| between(&kept.object));
    let shared: Vec<(u64, Object)> = shared.map(|(id, kept)| (id, kept.object.clone())).collect();
    for (id, entry) in shared {
        let target = Target { kind: Kind::JournalEntry, id };
        links::settle_document(books, target, Change { old: Some(&entry), new: None });
    }
}

/// Where a line names a customer: beside its type in a journal entry, alone in
/// a deposit.
const LINE_CUSTOMERS: [&str; 2] = ["/JournalEntryLineDetail/Entity/EntityRef", "/DepositLineDetail/Entity"];

fn names_customer(document: &Object, id: &str) -> bool {
    let lines = list(document, "Line").iter();
    let mut named = lines.flat_map(|line| LINE_CUSTOMERS.map(|place| line.pointer(place))).flatten();
    reference(document, "CustomerRef") == Some(id) || named.any(|entity| entity["value"] == id)
}

/// People's ids come from one sequence, so no vendor has a customer's.
fn rename_customer(document: &mut Object, (from, into): (&str, &str)) {
    if reference(document, "CustomerRef") == Some(from) {
        document.insert("CustomerRef".into(), json!({ "value": into }));
    }
    let lines = document.get_mut("Line").and_then(Value::as_array_mut);
    for line in lines.into_iter().flatten() {
        for place in LINE_CUSTOMERS {
            if let Some(entity) = line.pointer_mut(place).filter(|entity| entity["value"] == from) {
                entity["value"] = json!(into);
            }
        }
    }
}

/// The id and the present token of an object, as a write needs them.
fn latest(state: &State, entity: &str, id: &str) -> Result<Object, Fault> {
    let found = state.books.find(entity, id).ok_or_else(Fault::not_found)?;
    let token = text(found, "SyncToken").unwrap_or_default();
    Ok(object(json!({ "Id": id, "SyncToken": token })))
}
