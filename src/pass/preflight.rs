//! Preflight: is this the right company, may it be posted to, and where do the
//! items and accounts that the files name stand. Kept for a day.

use jiff::SignedDuration;

use super::{Cause, Pass, Stop};
use crate::model::{Code, Digest, ObjectId, Targets};
use crate::quickbooks::{QueryRows, escape};
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
            return Err(Stop::Cause(Cause::new(
                Code::IdentityMismatch,
                format!(
                    "this state belongs to company {pinned}, and the files name {}; give each company its own [paths] state",
                    company.realm_id
                ),
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
            return Err(Stop::Cause(Cause::new(
                Code::IdentityMismatch,
                format!(
                    "the token opens the company `{}`, and [company] expect says `{}`; nothing was written. \
                 Connect the right company, or correct `expect`",
                    info.company_name, company.expect
                ),
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
        for statement in items.into_iter().chain(accounts) {
            let rows = world.quickbooks.query(&statement).await?;
            found(&mut targets, &rows, &posting.item_names(), &posting.account_names());
        }
        Ok(targets)
    }
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

/// Notes which of the rows are named; a name that fits two rows names none.
fn found(targets: &mut Targets, rows: &QueryRows, items: &[&str], accounts: &[&str]) {
    let fits = |name: &str, id: &str, own: Option<&str>, full: Option<&str>| {
        let same = |other: Option<&str>| other.is_some_and(|other| other.eq_ignore_ascii_case(name));
        if is_id(name) { name == id } else { same(own) || same(full) }
    };
    for name in items {
        let rows = rows
            .item
            .iter()
            .filter(|row| row.active != Some(false) && row.kind.as_deref() != Some("Category"));
        let mut ids = rows
            .filter(|row| fits(name, &row.id, row.name.as_deref(), row.full_name.as_deref()))
            .map(|row| &row.id);
        if let (Some(id), None) = (ids.next(), ids.next()) {
            targets.items.insert((*name).to_owned(), ObjectId::new(id));
        }
    }
    for name in accounts {
        let rows = rows.account.iter().filter(|row| row.active != Some(false));
        let mut ids = rows
            .filter(|row| fits(name, &row.id, row.name.as_deref(), row.full_name.as_deref()))
            .map(|row| &row.id);
        if let (Some(id), None) = (ids.next(), ids.next()) {
            targets.accounts.insert((*name).to_owned(), ObjectId::new(id));
        }
    }
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
}
