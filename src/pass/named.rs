//! Named: where the items, accounts and tax codes that the files name stand in
//! QuickBooks.

use std::collections::BTreeMap;

use crate::model::{Currency, Discounts, ObjectId, Posting, RefundAs, Targets};
use crate::quickbooks::{Account, CallError, Item, QuickBooks, TaxCode, among};

/// What QuickBooks answered to the queries for everything that is named.
#[derive(Debug, Default)]
pub(super) struct Found {
    items: Vec<Item>,
    accounts: Vec<Account>,
    tax_codes: Vec<TaxCode>,
    receivables: Vec<Account>,
}

impl Found {
    /// Asks for what `posting` names, and for no more.
    pub(super) async fn read(quickbooks: &QuickBooks, posting: &Posting) -> Result<Self, CallError> {
        let mut found = Self::default();
        let accounts = lookups("Account", &posting.account_names());
        // A tax code has no path (Intuit: TaxCode).
        let codes = lookups("TaxCode", &posting.tax_code_names());
        for statement in lookups("Item", &posting.item_names()).into_iter().chain(accounts).chain(codes) {
            let rows = quickbooks.query(&statement).await?;
            found.items.extend(rows.item);
            found.accounts.extend(rows.account);
            found.tax_codes.extend(rows.tax_code);
        }
        match posting.refund_as {
            RefundAs::Payment => {}
            RefundAs::JournalEntry { .. } => {
                let statement =
                    "SELECT * FROM Account WHERE AccountType = 'Accounts Receivable' MAXRESULTS 1000";
                found.receivables = quickbooks.query(statement).await?.account;
            }
        }
        Ok(found)
    }

    /// Notes what of it can be used.
    pub(super) fn fill(self, targets: &mut Targets, posting: &Posting) {
        let usable = |active: Option<bool>| active != Some(false);
        // Nothing is sold on a category, and a bundle not on a line of its own.
        let sold = |kind: Option<&str>| !matches!(kind, Some("Category" | "Group"));
        let items = self.items.iter().filter(|row| usable(row.active) && sold(row.kind.as_deref()));
        let items = items.map(|row| (row.id.clone(), (row.name.clone(), row.full_name.clone()))).collect();
        targets.items = matched(&items, &posting.item_names());
        let accounts = self.accounts.iter().filter(|row| usable(row.active));
        let accounts =
            accounts.map(|row| (row.id.clone(), (row.name.clone(), row.full_name.clone()))).collect();
        targets.accounts = matched(&accounts, &posting.account_names());
        let codes = self.tax_codes.iter().filter(|row| usable(row.active));
        let codes = codes.map(|row| (row.id.clone(), (row.name.clone(), None))).collect();
        targets.tax_codes = matched(&codes, &posting.tax_code_names());
        let currencies =
            self.accounts.iter().filter_map(|row| Some((ObjectId::new(&row.id), currency(row)?)));
        targets.account_currencies = currencies.collect();
        targets.discount_account = self.discount_account(targets, posting);
        targets.receivable = self.receivable(targets.home_currency);
    }

    /// Discount lines stand on an account: that which the discount item sells
    /// to.
    fn discount_account(&self, targets: &Targets, posting: &Posting) -> Option<ObjectId> {
        match posting.discounts {
            Discounts::Net => None,
            Discounts::Line => {
                let id = targets.items.get(posting.discount_item.as_ref()?)?;
                let item = self.items.iter().find(|item| item.id == id.as_str())?;
                Some(ObjectId::new(&item.income_account.as_ref()?.value))
            }
        }
    }

    /// Invoices and payments name no account of receivables; of several in the
    /// home currency, the oldest is the one that QuickBooks began with.
    fn receivable(&self, home: Option<Currency>) -> Option<ObjectId> {
        let at_home = |row: &&Account| currency(row).is_none_or(|of| home.is_none_or(|home| of == home));
        let rows = self.receivables.iter().filter(|row| row.active != Some(false)).filter(at_home);
        let oldest = rows.min_by_key(|row| row.id.parse::<u64>().unwrap_or(u64::MAX));
        oldest.map(|row| ObjectId::new(&row.id))
    }
}

fn currency(row: &Account) -> Option<Currency> {
    row.currency.as_ref().and_then(|currency| currency.value.parse().ok())
}

/// Queries for what is named: by id where the name is digits, by its whole path
/// where it has a colon, else by name.
fn lookups(entity: &str, names: &[&str]) -> Vec<String> {
    let by = |name: &str| match name {
        name if is_id(name) => "Id",
        name if name.contains(':') => "FullyQualifiedName",
        _ => "Name",
    };
    let filters = ["Id", "FullyQualifiedName", "Name"]
        .into_iter()
        .flat_map(|property| among(property, names.iter().copied().filter(|name| by(name) == property)));
    filters.map(|filter| format!("SELECT * FROM {entity} WHERE {filter} MAXRESULTS 1000")).collect()
}

fn is_id(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// A row's name, and its whole path.
type Names = (Option<String>, Option<String>);

/// Which of the rows each name means: the id, the whole path, else the name
/// where it is the only one. A name that fits two rows means none.
fn matched(rows: &BTreeMap<String, Names>, names: &[&str]) -> BTreeMap<String, ObjectId> {
    let same = |one: &str, other: Option<&str>| other.is_some_and(|other| other.eq_ignore_ascii_case(one));
    let by_id = |name: &str| only(rows.keys().filter(|id| *id == name));
    let by_path =
        |name: &str| only(rows.iter().filter(|(_, row)| same(name, row.1.as_deref())).map(|(id, _)| id));
    let by_name =
        |name: &str| only(rows.iter().filter(|(_, row)| same(name, row.0.as_deref())).map(|(id, _)| id));
    let id_of = |name: &str| if is_id(name) { by_id(name) } else { by_path(name).or_else(|| by_name(name)) };
    names.iter().filter_map(|name| Some(((*name).to_owned(), ObjectId::new(id_of(name)?)))).collect()
}

fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    found.next().filter(|_| found.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ids_and_paths_are_looked_up_each_its_way() {
        let statements = lookups("Item", &["12", "Amy's", "Parent:Child"]);
        assert_eq!(
            statements,
            [
                "SELECT * FROM Item WHERE Id IN ('12') MAXRESULTS 1000",
                "SELECT * FROM Item WHERE FullyQualifiedName IN ('Parent:Child') MAXRESULTS 1000",
                "SELECT * FROM Item WHERE Name IN ('Amy\\'s') MAXRESULTS 1000",
            ]
        );
    }

    #[test]
    fn a_name_means_its_own_item_and_never_two() {
        let row = |name: &str, full: &str| (Some(name.to_owned()), Some(full.to_owned()));
        let rows = BTreeMap::from([
            ("1".to_owned(), row("Services", "Services")),
            ("2".to_owned(), row("Services", "Design:Services")),
            ("3".to_owned(), row("Pump", "Garden:Pump")),
            ("4".to_owned(), row("Hose", "Garden:Hose")),
            ("5".to_owned(), row("Hose", "Pool:Hose")),
        ]);
        let cases = [
            ("services", Some("1")),
            ("Design:Services", Some("2")),
            ("Pump", Some("3")),
            ("Hose", None),
            ("5", Some("5")),
            ("6", None),
        ];
        for (name, expected) in cases {
            let found = matched(&rows, &[name]);
            assert_eq!(found.get(name).map(ObjectId::as_str), expected, "{name}");
        }
    }

    /// What QuickBooks answers to a query.
    fn rows(text: &str) -> crate::quickbooks::QueryRows {
        serde_json::from_str(text).unwrap()
    }

    fn posting(more: &str) -> Posting {
        let text = format!(
            r#"version = 1
[company]
name = "a"
realm_id = "1"
expect = "A"
time_zone = "UTC"
[staxbill]
api_key = "${{env:A}}"
[quickbooks]
environment = "production"
client_id = "${{env:B}}"
client_secret = "${{env:C}}"
[posting]
deferred_revenue_item = "Services"
deposit_account = "Bank"
{more}"#
        );
        let main = std::path::Path::new("/etc/latchd/latchd.toml");
        let files = vec![(main.to_owned(), text)];
        crate::config::load_from(main, &files).unwrap().settings.posting
    }

    #[test]
    fn only_what_can_be_posted_to_is_noted() {
        let posting = posting(
            r#"discounts = "line"
discount_item = "Off"
bad_debt_item = "Bundle"
credit_item = "Folder"
tax = "codes"
no_tax_code = "Exempt"
refund_as = "journal-entry"
refund_account = "Old"
[taxes]
"GST 5" = "GST"
"#,
        );
        let items = r#"{"Item":[
            {"Id":"1","Name":"Services","Type":"Service","IncomeAccountRef":{"value":"9"}},
            {"Id":"2","Name":"Off","Type":"Service","IncomeAccountRef":{"value":"86"}},
            {"Id":"3","Name":"Bundle","Type":"Group"},{"Id":"4","Name":"Folder","Type":"Category"}]}"#;
        let accounts = r#"{"Account":[
            {"Id":"4","Name":"Bank","CurrencyRef":{"value":"EUR"}},{"Id":"5","Name":"Old","Active":false}]}"#;
        let receivables = r#"{"Account":[
            {"Id":"84","Active":false},{"Id":"98","CurrencyRef":{"value":"EUR"}},
            {"Id":"100","CurrencyRef":{"value":"USD"}},{"Id":"99","CurrencyRef":{"value":"USD"}}]}"#;
        let codes = r#"{"TaxCode":[{"Id":"2","Name":"Exempt","Active":true},{"Id":"5","Name":"GST","Active":false}]}"#;
        let found = Found {
            items: rows(items).item,
            accounts: rows(accounts).account,
            tax_codes: rows(codes).tax_code,
            receivables: rows(receivables).account,
        };
        let home = Some("USD".parse().unwrap());
        let mut targets = Targets { home_currency: home, ..Targets::default() };
        found.fill(&mut targets, &posting);
        let ids = |found: &BTreeMap<String, ObjectId>| {
            found.iter().map(|(name, id)| format!("{name} {id}")).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(ids(&targets.items), "Off 2, Services 1");
        assert_eq!(ids(&targets.accounts), "Bank 4");
        assert_eq!(ids(&targets.tax_codes), "Exempt 2");
        assert_eq!(targets.discount_account, Some(ObjectId::new("86")));
        assert_eq!(targets.account_currencies.get(&ObjectId::new("4")), Some(&"EUR".parse().unwrap()));
        assert_eq!(targets.receivable, Some(ObjectId::new("99")));
    }
}
