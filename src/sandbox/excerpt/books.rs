//! QuickBooks' side of an excerpt: what the company holds before anybody calls.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Excerpt, Ground, twice};
use crate::sandbox::quickbooks::Company;
use crate::sandbox::scenario::ScenarioError;
use crate::sandbox::scenario::words::{Day, Fields};

/// Under it lies what items earn that name no account.
const INCOME_ACCOUNT: &str = "1";

/// The company as a whole.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BooksFile {
    /// US, CA, GB or AU; the first where nothing is said.
    pub(super) country: Option<String>,
    /// The books are closed through this day.
    closed_through: Option<Day>,
    /// Settings by their dotted path.
    #[serde(default)]
    preferences: BTreeMap<String, Value>,
    /// Nothing stands there but what the file declares, whatever `[posting]`
    /// and its tables name.
    #[serde(default)]
    only_declared: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BookCustomerRow {
    id: u64,
    name: String,
    active: Option<bool>,
    currency: Option<String>,
    /// Further properties, as the API has them.
    fields: Option<Fields>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemRow {
    id: Option<u64>,
    /// With `:` between an item and what it stands below.
    name: String,
    active: Option<bool>,
    /// The account that it earns for.
    account: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountRow {
    id: Option<u64>,
    name: String,
    /// As QuickBooks calls it: `Bank`, `Other Current Asset`, `Income` …
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Something that is named in the files and so is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// An item, by its name or id.
    Item(String),
    /// An account, by its name or id.
    Account(String),
    /// A tax code by its name, and what it comes to in percent.
    TaxCode(String, String),
}

impl Excerpt {
    /// Puts everything into the books.
    pub(super) fn found_books(&self, company: &Company, ground: &Ground, errors: &mut Vec<ScenarioError>) {
        twice("QuickBooks customer", &self.book_customers, |row| Some(row.id.to_string()), errors);
        twice("item", &self.items, |row| row.id.map(|id| id.to_string()), errors);
        twice("account", &self.accounts, |row| row.id.map(|id| id.to_string()), errors);
        if !errors.is_empty() {
            return;
        }
        for row in &self.accounts {
            let kind = row.get_ref().kind.as_deref().unwrap_or("Bank");
            tell(row.span(), account(company, (row.get_ref().id, &row.get_ref().name), kind), errors);
        }
        for row in &self.items {
            tell(row.span(), item(company, row.get_ref()), errors);
        }
        for row in &self.book_customers {
            tell(row.span(), customer(company, row.get_ref()), errors);
        }
        let wanted = ground.wanted.iter().filter(|_| !self.books.only_declared);
        for one in wanted {
            // A name that the API would refuse is the files' own business: it is
            // missing then, as it would be.
            let _ = want(company, one);
        }
        if let Some(day) = &self.books.closed_through {
            company.set_preference("AccountingInfoPrefs.BookCloseDate", json!(day.0));
        }
        for (path, value) in &self.books.preferences {
            tell(0..0, company.try_set_preference(path, value.clone()), errors);
        }
    }
}

fn tell(span: std::ops::Range<usize>, done: Result<(), String>, errors: &mut Vec<ScenarioError>) {
    if let Err(message) = done {
        let remedy = Some("QuickBooks would not have it: correct it here".to_owned());
        errors.push(ScenarioError { span, message, remedy });
    }
}

fn customer(company: &Company, row: &BookCustomerRow) -> Result<(), String> {
    let mut body = row.fields.as_ref().map_or_else(|| json!({}), |fields| fields.0.clone());
    body["DisplayName"] = json!(row.name);
    body["Active"] = json!(row.active.unwrap_or(true));
    if let Some(currency) = &row.currency {
        body["CurrencyRef"] = json!({ "value": currency });
    }
    company.put_in("Customer", row.id, body).map_err(|fault| fault.to_string())
}

fn item(company: &Company, row: &ItemRow) -> Result<(), String> {
    let account = match &row.account {
        None => INCOME_ACCOUNT.to_owned(),
        Some(name) => find(company, "Account", name).ok_or_else(|| format!("there is no account {name}"))?,
    };
    let body = json!({ "Type": "Service", "IncomeAccountRef": { "value": account } });
    named(company, ("Item", row.id), &row.name, &body)?;
    if row.active == Some(false) {
        let id = find(company, "Item", &row.name).unwrap_or_default();
        company.bookkeeper().inactivate("Item", &id).map_err(|fault| fault.to_string())?;
    }
    Ok(())
}

fn account(company: &Company, (id, name): (Option<u64>, &str), kind: &str) -> Result<(), String> {
    named(company, ("Account", id), name, &json!({ "AccountType": kind }))
}

/// What the files name is made where it is not there yet; digits alone are an
/// id.
fn want(company: &Company, wanted: &Wanted) -> Result<(), String> {
    let digits =
        |name: &str| name.parse::<u64>().ok().filter(|_| name.bytes().all(|byte| byte.is_ascii_digit()));
    let there = |entity: &str, name: &str| match digits(name) {
        Some(_) => company.objects(entity).iter().any(|object| object["Id"] == *name),
        None => find(company, entity, name).is_some(),
    };
    match wanted {
        Wanted::Item(name) if !there("Item", name) => {
            let id = digits(name);
            let name = id.map_or_else(|| name.clone(), |id| format!("Item {id}"));
            item(company, &ItemRow { id, name, active: None, account: None })
        }
        Wanted::Account(name) if !there("Account", name) => {
            let id = digits(name);
            let name = id.map_or_else(|| name.clone(), |id| format!("Account {id}"));
            account(company, (id, &name), "Bank")
        }
        Wanted::TaxCode(name, percent) if !there("TaxCode", name) => {
            company.add_tax_code(name, percent).map_err(|fault| fault.to_string())
        }
        Wanted::Item(_) | Wanted::Account(_) | Wanted::TaxCode(..) => Ok(()),
    }
}

/// Makes an object of a list, below those that its name says.
fn named(
    company: &Company,
    (entity, id): (&str, Option<u64>),
    name: &str,
    body: &Value,
) -> Result<(), String> {
    let mut body = body.clone();
    if let Some((above, own)) = name.rsplit_once(':') {
        if find(company, entity, above).is_none() {
            named(company, (entity, None), above, &body)?;
        }
        let parent = find(company, entity, above).ok_or_else(|| format!("there is no {entity} {above}"))?;
        body["ParentRef"] = json!({ "value": parent });
        body[if entity == "Account" { "SubAccount" } else { "SubItem" }] = json!(true);
        body["Name"] = json!(own);
    } else {
        body["Name"] = json!(name);
    }
    let made = match id {
        Some(id) => company.put_in(entity, id, body),
        None => company.bookkeeper().create(entity, body).map(|_| ()),
    };
    made.map_err(|fault| fault.to_string())
}

/// The id of an object by its name, in any case.
fn find(company: &Company, entity: &str, name: &str) -> Option<String> {
    let reads =
        |object: &Value, key: &str| object[key].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name));
    let objects = company.objects(entity);
    let found = objects.iter().find(|object| reads(object, "FullyQualifiedName"));
    let found = found.or_else(|| objects.iter().find(|object| reads(object, "Name")));
    found.and_then(|object| object["Id"].as_str()).map(str::to_owned)
}
