//! A scenario's hands on the QuickBooks company.

use serde_json::{Value, json};

use super::step::{BookkeeperAct, QuickBooksAct};
use super::words::{By, Which};
use crate::sandbox::quickbooks::Company;

/// Where the closing date of the books is set.
const CLOSE_DATE: &str = "AccountingInfoPrefs.BookCloseDate";

/// Carries an act out; says what was done.
pub(super) fn keep_books(company: &Company, act: &BookkeeperAct) -> Result<String, String> {
    let hand = company.bookkeeper();
    let about = |which| found(company, which);
    let object = match act {
        BookkeeperAct::Create { entity, fields } => hand.create(entity, fields.0.clone()),
        BookkeeperAct::Edit { object, set } => hand.edit(&object.entity, &about(object)?, set.0.clone()),
        BookkeeperAct::Rename { object, to } => {
            let property = if named_by_display(&object.entity) { "DisplayName" } else { "Name" };
            hand.edit(&object.entity, &about(object)?, json!({ property: to }))
        }
        BookkeeperAct::Void(object) => hand.void(&object.entity, &about(object)?),
        BookkeeperAct::Delete(object) => hand.delete(&object.entity, &about(object)?),
        BookkeeperAct::Inactivate(object) => hand.inactivate(&object.entity, &about(object)?),
        BookkeeperAct::Reactivate(object) => hand.reactivate(&object.entity, &about(object)?),
        BookkeeperAct::Deposit(object) => {
            let id = about(object)?;
            hand.deposit(&id)
        }
        BookkeeperAct::Merge { from, into } => {
            if [from, into].iter().any(|which| which.entity != "Customer") {
                return Err("only customers are merged".into());
            }
            let (gone, stays) = (about(from)?, about(into)?);
            hand.merge_customer(&gone, &stays).map(|()| json!({ "Id": stays }))
        }
        BookkeeperAct::CloseBooks(through) => {
            company.set_preference(CLOSE_DATE, json!(through.0));
            return Ok(format!("closed through {}", through.0));
        }
        BookkeeperAct::ReopenBooks => {
            company.set_preference(CLOSE_DATE, Value::Null);
            return Ok("open".into());
        }
        BookkeeperAct::Preferences(switches) => {
            for (path, value) in switches {
                company.try_set_preference(path, value.clone())?;
            }
            return Ok(switches.keys().cloned().collect::<Vec<_>>().join(", "));
        }
        BookkeeperAct::CompanyName(name) => {
            company.set_company_name(name);
            return Ok(name.clone());
        }
    };
    let object = object.map_err(|fault| fault.to_string())?;
    Ok(format!("id {}", object["Id"].as_str().unwrap_or_default()))
}

/// Changes what the company's connection or the company as a whole allows.
pub(super) fn disturb(company: &Company, act: &QuickBooksAct) -> String {
    match act {
        QuickBooksAct::ExpireTokens => company.expire_access_tokens(),
        QuickBooksAct::EndConnections => company.kill_refresh_tokens(),
        QuickBooksAct::ForgetRequestIds => company.forget_request_ids(),
        QuickBooksAct::Refuse(refusal) => company.refuse(*refusal, true),
        QuickBooksAct::Accept(refusal) => company.refuse(*refusal, false),
    }
    String::new()
}

fn named_by_display(entity: &str) -> bool {
    ["Customer", "Vendor", "Employee"].contains(&entity)
}

/// The id of the object an act is about.
fn found(company: &Company, which: &Which) -> Result<String, String> {
    if let By::Id(id) = &which.by {
        return Ok(id.clone());
    }
    let reads = |object: &Value, property: &str, wanted: &str| {
        object[property].as_str().is_some_and(|value| value.eq_ignore_ascii_case(wanted))
    };
    let fits = |object: &&Value| match &which.by {
        By::Name(name) => {
            ["DisplayName", "Name", "FullyQualifiedName"].iter().any(|key| reads(object, key, name))
        }
        By::Number(number) => ["DocNumber", "PaymentRefNum"].iter().any(|key| reads(object, key, number)),
        By::Id(_) | By::Newest | By::Oldest => true,
    };
    let objects = company.objects(&which.entity);
    let ids = objects.iter().filter(fits).filter_map(|object| object["Id"].as_str()?.parse::<u64>().ok());
    let id = if which.by == By::Oldest { ids.min() } else { ids.max() };
    id.map(|id| id.to_string()).ok_or_else(|| format!("there is no such {}", which.entity))
}
