//! The currency of a transaction: that of its customer.

use serde_json::json;

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::Object;
use super::Draft;

/// A company with one currency takes no other.
pub(crate) fn complete(_books: &Books, draft: &mut Draft<'_>, _customer: &Object) -> Result<(), Fault> {
    if draft.sends("CurrencyRef") && draft.reference("CurrencyRef") != Some("USD") {
        return Err(Fault::business("The currency of the transaction must be the currency of the customer."));
    }
    draft.set("CurrencyRef", json!({ "value": "USD" }));
    Ok(())
}
