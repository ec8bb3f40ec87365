//! Preflight: is this the right company, may it be posted to, and where do the
//! items and accounts that the files name stand. Kept for a day.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::{Cause, Pass, Stop};
use crate::model::{Code, Digest, ObjectId, Targets};
use crate::quickbooks::escape;
use crate::store::Commit;

/// What a preflight found holds for this long.
const HOLDS: SignedDuration = SignedDuration::from_hours(24);

impl Pass<'_> {
    /// Looks at the company where the last look is too old or the settings
    /// changed.
    pub(super) async fn preflight(&mut self) -> Result<(), Stop> {
        let world = self.world;
        let company = &world.settings.company;
        if let Some(pinned) =
            self.marks.realm_id.as_deref().filter(|pinned| *pinned != company.realm_id.as_str())
        {
            return Err(wrong_company(format!(
                "this state belongs to company {pinned}, and the files name {}; give each company its own [paths] state",
                company.realm_id
            )));
        }
        let posting = &world.settings.posting;
        let settings = Digest::of([posting.digest().as_str(), company.expect.as_str()]);
        if let Some((at, of, targets)) = &self.marks.preflight {
            let age = self.started_at.duration_since(*at);
            if *of == settings && age >= SignedDuration::ZERO && age < HOLDS && targets.objections.is_empty()
            {
                self.targets = targets.clone();
                return Ok(());
            }
        }
        self.targets = self.look_at_company().await?;
        self.marks.preflight = Some((self.started_at, settings, self.targets.clone()));
        let mut commit = Commit::new();
        commit.mark("marks", &self.marks);
        self.register.commit(commit).await?;
        Ok(())
    }

    async fn look_at_company(&self) -> Result<Targets, Stop> {
        let world = self.world;
        let company = &world.settings.company;
        let info = world.quickbooks.company_info(&company.realm_id).await?;
        if info.company_name != company.expect {
            return Err(wrong_company(format!(
                "the token opens the company `{}`, and [company] expect says `{}`; nothing was written. \
                 Connect the right company, or correct `expect`",
                info.company_name, company.expect
            )));
        }
        let preferences = world.quickbooks.preferences().await?;
        let united_states = info.country.as_deref().is_none_or(|country| country == "US");
        let rules = [
            (
                preferences.sales.auto_apply_credit,
                "AutoApplyCredit is on: QuickBooks would apply credits by itself; switch it off",
            ),
            (
                preferences.sales.auto_apply_payments,
                "AutoApplyPayments is on: QuickBooks would apply payments by itself; switch it off",
            ),
            (
                !preferences.sales.custom_numbers,
                "CustomTxnNumbers is off: QuickBooks would not keep Stax Bill's invoice numbers; switch custom transaction numbers on",
            ),
            (!united_states, "the company is outside the United States, which this version does not post to"),
        ];
        let posting = &world.settings.posting;
        let items = lookups("Item", &posting.item_names());
        let accounts = lookups("Account", &posting.account_names());
        let mut targets = Targets {
            objections: rules
                .into_iter()
                .filter(|(broken, _)| *broken)
                .map(|(_, words)| words.to_owned())
                .collect(),
            closed_through: preferences.books.closed_through,
            home_currency: preferences.currency.home.and_then(|home| home.value.parse().ok()),
            multicurrency: preferences.currency.several,
            united_states,
            ..Targets::default()
        };
        let (mut items_found, mut accounts_found) = (BTreeMap::new(), BTreeMap::new());
        for statement in items.into_iter().chain(accounts) {
            let rows = world.quickbooks.query(&statement).await?;
            let usable = |active: Option<bool>| active != Some(false);
            let of_use = rows
                .item
                .into_iter()
                .filter(|row| usable(row.active) && row.kind.as_deref() != Some("Category"));
            items_found.extend(of_use.map(|row| (row.id, (row.name, row.full_name))));
            let of_use = rows.account.into_iter().filter(|row| usable(row.active));
            accounts_found.extend(of_use.map(|row| (row.id, (row.name, row.full_name))));
        }
        targets.items = matched(&items_found, &posting.item_names());
        targets.accounts = matched(&accounts_found, &posting.account_names());
        Ok(targets)
    }
}

/// Nothing is written to a company that is not the one meant.
fn wrong_company(reason: String) -> Stop {
    let todo = "Compare [company] in latchd.toml with the company in QuickBooks: realm_id, expect, and whose token it is.";
    Stop::Cause(Cause { todo: Some(todo), ..Cause::new(Code::IdentityMismatch, reason) })
}

/// Queries for what is named: by id where the name is digits, by its whole path
/// where it has a colon, else by name.
fn lookups(entity: &str, names: &[&str]) -> Vec<String> {
    let list = |names: &mut dyn Iterator<Item = &&str>| {
        names.map(|name| format!("'{}'", escape(name))).collect::<Vec<_>>().join(", ")
    };
    let groups = [
        ("Id", list(&mut names.iter().filter(|name| is_id(name)))),
        ("FullyQualifiedName", list(&mut names.iter().filter(|name| !is_id(name) && name.contains(':')))),
        ("Name", list(&mut names.iter().filter(|name| !is_id(name) && !name.contains(':')))),
    ];
    let groups = groups.into_iter().filter(|(_, list)| !list.is_empty());
    groups
        .map(|(by, list)| format!("SELECT * FROM {entity} WHERE {by} IN ({list}) MAXRESULTS 1000"))
        .collect()
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
}
