//! Refusals: what QuickBooks' words mean for the record.

use super::attempts::{AttemptLog, found as found_there};
use super::outcome::{adopt_found, fault, raise_attempt};
use super::{Lanes, find_by_mark};
use crate::model::{Code, Fault, ObjectKind, Observed, State, VendorFault};
use crate::pass::{Cause, Pass, next_attempt, see};
use crate::quickbooks::{code_of, company_code, retry_of, same};
use crate::store::{Commit, Intent, IntentItem, Operation, StoreError};

/// Takes a refusal over: looks whether the object is ours after all, whether
/// it moved on, and parks the record with QuickBooks' words else.
pub(super) async fn take(
    pass: &Pass<'_>,
    lanes: &Lanes,
    (intent, item): (&Intent, &IntentItem),
    vendor: VendorFault,
) -> Result<(), StoreError> {
    if matches!(vendor.code.as_str(), "3100" | "6190" | "6200" | "6210") {
        lanes.change(|carried| carried.look_again = true);
    }
    if let Some(code) = company_code(&vendor) {
        return of_company(pass, lanes, item, (code, vendor)).await;
    }
    let (mut code, mut reason) = (code_of(&vendor), String::new());
    match (vendor.code.as_str(), item.number.as_deref()) {
        // Another document moved in the meantime: decided again, once.
        ("5010", _) if item.id.is_none() => {
            lanes.change(|carried| carried.stale = true);
            let mut commit = Commit::new();
            raise_attempt(pass, &mut commit, item.key)?;
            return pass.register.commit(commit).await;
        }
        ("5010" | "610", _) if item.id.is_some() && read_again(pass, lanes, item).await? => {
            lanes.change(|carried| carried.stale = true);
            return Ok(());
        }
        _ if matches!(code, Code::DuplicateNumber | Code::NameTaken) => {
            let number = item.number.clone().unwrap_or_default();
            match find_by_mark(pass, item).await {
                Ok(found) if !found.is_empty() => {
                    return ours_after_all(pass, (intent, item), &found[0]).await;
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(why = %error, "who has the number or name could not be asked"),
            }
            if code == Code::NameTaken {
                reason = who_has(pass, &number).await.unwrap_or_default();
            }
        }
        _ => {}
    }
    if code == Code::Deposited && item.object != ObjectKind::Payment {
        code = Code::Refused;
    }
    let Some(mut record) = pass.register.record(item.key)? else { return Ok(()) };
    if reason.is_empty() {
        format!("{} {}", vendor.message, vendor.detail).trim().clone_into(&mut reason);
    }
    record.attempt += 1;
    let retry = retry_of(&vendor);
    let refused = fault(pass, (item.key, &record), (code, reason), Some(vendor));
    let next_attempt_at = next_attempt(item.key, retry, refused.attempts, pass.world.clock.now());
    let refused = Fault { next_attempt_at, ..refused };
    let mut commit = Commit::new();
    let pending = item.netted.iter().filter(|key| !record.netted.contains(key)).copied().collect::<Vec<_>>();
    if item.operation == Operation::Create || pending.is_empty() {
        record.state = State::Failed;
        record.fault = Some(refused);
    } else {
        // The refund or debit cannot take effect; what it takes back stands.
        for key in pending {
            if let Some(mut withdrawal) = pass.register.record(key)? {
                let attempts = withdrawal.fault.as_ref().map_or(0, |fault| fault.attempts) + 1;
                withdrawal.state = State::Failed;
                withdrawal.blocked_by = None;
                withdrawal.fault = Some(Fault { attempts, ..refused.clone() });
                commit.record(key, &withdrawal);
            }
        }
    }
    commit.record(item.key, &record);
    pass.register.commit(commit).await
}

/// A fault of the whole company ends the pass; it says nothing of the record.
async fn of_company(
    pass: &Pass<'_>,
    lanes: &Lanes,
    item: &IntentItem,
    (code, vendor): (Code, VendorFault),
) -> Result<(), StoreError> {
    let mut commit = Commit::new();
    raise_attempt(pass, &mut commit, item.key)?;
    pass.register.commit(commit).await?;
    let reason = format!("{} {}", vendor.message, vendor.detail);
    lanes.stop(Cause { quickbooks: Some(vendor), ..Cause::new(code, reason) });
    Ok(())
}

/// The object that QuickBooks has already is ours.
async fn ours_after_all(
    pass: &Pass<'_>,
    (intent, item): (&Intent, &IntentItem),
    found: &Observed,
) -> Result<(), StoreError> {
    let (mut log, mut commit) = (AttemptLog::of(pass, intent), Commit::new());
    log.note(item, found_there(found));
    log.store(pass, &mut commit)?;
    adopt_found(pass, item, found, commit).await
}

/// Takes over the present form of an object that moved on since it was read;
/// tells whether it did. One that did not was refused for another reason.
async fn read_again(pass: &Pass<'_>, lanes: &Lanes, item: &IntentItem) -> Result<bool, StoreError> {
    let (Some(id), Some(mut record)) = (&item.id, pass.register.record(item.key)?) else { return Ok(false) };
    let found = match pass.world.quickbooks.object(item.object, id).await {
        Ok(found) => found,
        Err(error) => {
            let code = error.company_code().unwrap_or(Code::Refused);
            lanes.stop(Cause::new(code, error.to_string()));
            return Ok(false);
        }
    };
    let moved =
        found.as_ref().is_none_or(|found| item.sync_token.as_deref() != Some(found.sync_token.as_str()));
    if !moved {
        return Ok(false);
    }
    record.attempt += 1;
    match found {
        // An adoption: the link is judged again with a fresh reading.
        _ if record.object.is_none() => record.fault = None,
        Some(found) => see(pass, &mut record, item.part, &found)?,
        None => record.lose_part(item.part),
    }
    let mut commit = Commit::new();
    commit.record(item.key, &record);
    pass.register.commit(commit).await?;
    Ok(true)
}

async fn who_has(pass: &Pass<'_>, name: &str) -> Option<String> {
    let filter = same("DisplayName", name);
    // With a backslash more is asked for than the name; else QuickBooks knows best.
    let exact = !name.contains('\\');
    let called =
        |row: Option<&str>| exact || row.is_some_and(|row| row.to_lowercase() == name.to_lowercase());
    for (kind, word) in [("Customer", "customer"), ("Vendor", "vendor"), ("Employee", "employee")] {
        let statement = format!("SELECT * FROM {kind} WHERE {filter} AND Active IN (true, false)");
        let rows = pass.world.quickbooks.query(&statement).await.ok()?;
        let customers = rows.customer.iter().map(|row| (&row.id, row.active, row.display_name.as_deref()));
        let others = rows.vendor.iter().chain(&rows.employee);
        let others = others.map(|row| (&row.id, row.active, row.display_name.as_deref()));
        if let Some((id, active, _)) = customers.chain(others).find(|row| called(row.2)) {
            let inactive = if active == Some(false) { "inactive " } else { "" };
            return Some(format!("the name `{name}` belongs to the {inactive}{word} {id} in QuickBooks"));
        }
    }
    None
}
