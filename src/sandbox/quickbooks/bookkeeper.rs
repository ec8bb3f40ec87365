//! A person at the company's own screens, who changes things behind the
//! client's back. The same rules hold as for the API, but nobody has to know
//! a token and no limit applies.

use serde_json::{Value, json};

use super::books::Token;
use super::company::{Company, State, entity_named};
use super::entity::{Choices, customer, invoice, payment};
use super::fault::Fault;
use super::json::{Object, decimal, object, text};
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

    /// Deletes a transaction.
    pub fn delete(&self, entity: &str, id: &str) -> Result<Value, Fault> {
        let mut state = self.company.lock();
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
        let id: u64 = from.parse().map_err(|_| Fault::invalid_id(from))?;
        let survivor: u64 = into.parse().map_err(|_| Fault::invalid_id(into))?;
        for customer in [from, into] {
            books.find("Customer", customer).ok_or_else(Fault::not_found)?;
        }
        if books.shelf("Customer").with("ParentRef", from).next().is_some() {
            return Err(Fault::business("A customer with sub-customers cannot be merged."));
        }
        for entity in [&invoice::ENTITY, &payment::ENTITY] {
            let documents: Vec<u64> = books.shelf(entity.name).with("CustomerRef", from).collect();
            for document in documents {
                let Some(kept) = books.shelf(entity.name).get(document) else { continue };
                let mut object = kept.object.clone();
                object.insert("CustomerRef".into(), json!({ "value": into }));
                books.put(entity, document, object, Token::Rise);
            }
        }
        let left = decimal(books.find("Customer", from).ok_or_else(Fault::not_found)?, "Balance");
        books.rename_debtor((id, survivor), left);
        books.remove(&customer::ENTITY, id);
        Ok(())
    }

    /// Puts a payment into a bank deposit, which freezes it (6540).
    pub fn deposit(&self, payment_id: &str) -> Result<(), Fault> {
        let mut state = self.company.lock();
        let payment = state.books.find("Payment", payment_id).ok_or_else(Fault::not_found)?;
        let mut deposited = payment.clone();
        let id = payment_id.parse().map_err(|_| Fault::invalid_id(payment_id))?;
        let deposit = state.books.next_id(payment::ENTITY.sequence);
        deposited.insert("LinkedTxn".into(), json!([{ "TxnId": deposit.to_string(), "TxnType": "Deposit" }]));
        state.books.put(&payment::ENTITY, id, deposited, Token::Rise);
        Ok(())
    }
}

/// The id and the present token of an object, as a write needs them.
fn latest(state: &State, entity: &str, id: &str) -> Result<Object, Fault> {
    let found = state.books.find(entity, id).ok_or_else(Fault::not_found)?;
    let token = text(found, "SyncToken").unwrap_or_default();
    Ok(object(json!({ "Id": id, "SyncToken": token })))
}
