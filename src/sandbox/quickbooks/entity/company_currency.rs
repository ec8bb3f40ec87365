//! The currencies a company keeps besides its own.

use serde_json::json;

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json::{flag, object, reference, text};
use super::super::write;
use super::field::{flag as boolean, idle, text as words};
use super::list::{self, list};
use super::{Change, Choices, Draft, Entity, Field, Sequence, account, currency};

pub(crate) static ENTITY: Entity = Entity {
    keys: &["Name", "Code"],
    complete,
    settle,
    ..list("CompanyCurrency", Sequence::Currencies, &[FIELDS])
};

const FIELDS: &[Field] = &[
    words("Name", 50).queryable(),
    words("Code", 3).queryable(),
    boolean("Active").queryable(),
    idle("CustomField"),
];

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    if !currency::is_multi(books) {
        return Err(Fault::known("5030").because("Feature Not Supported Error : Multicurrency"));
    }
    let code = draft.text("Code").ok_or_else(|| Fault::missing("Code"))?.to_owned();
    let unknown =
        || Fault::known("2220").because(format!("Invalid currency. Supplied value:{code}")).at("Code");
    let name = currency::name(&code).ok_or_else(unknown)?;
    if draft.old.is_some_and(|old| text(old, "Code") != Some(code.as_str())) || code == books.home_currency()
    {
        return Err(unknown());
    }
    draft.set("Name", name);
    list::complete_name(books, draft, ("CompanyCurrency", "Name"))
}

/// With a currency come its accounts: what is owed in it, to the company and by
/// it, stands apart.
fn settle(books: &mut Books, _: u64, change: Change<'_>) {
    let Some(new) = change.new.filter(|new| flag(new, "Active") != Some(false)) else { return };
    let Some(code) = text(new, "Code") else { return };
    for (kind, short) in [("Accounts Receivable", "A/R"), ("Accounts Payable", "A/P")] {
        let stands = books.shelf("Account").by_id().any(|(_, kept)| {
            text(&kept.object, "AccountType") == Some(kind)
                && reference(&kept.object, "CurrencyRef") == Some(code)
        });
        let body = json!({
            "Name": format!("{kind} ({short}) - {code}"), "AccountType": kind, "CurrencyRef": { "value": code },
        });
        if !stands {
            // Where somebody took the name before, their account stands and this one lacks.
            let _ = write::save(books, &account::ENTITY, &object(body), Choices::default());
        }
    }
}
