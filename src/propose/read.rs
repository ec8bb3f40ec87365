//! Both sides as `latchd suggest` compares them, read live.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{Unproposed, Vendors};
use crate::config::Config;
use crate::model::{Address, Customer, CustomerStatus, Link, Verb};
use crate::pass::living;
use crate::suggest::{Index, Suggestion, suggest};

/// Addresses asked for at a time.
const AT_ONCE: usize = 8;

/// Billing and shipping address of a customer.
type Addresses = (Option<Address>, Option<Address>);

/// Both sides.
pub(super) struct Sides {
    /// All of Stax Bill's customers.
    pub(super) customers: Vec<Customer>,
    /// How many of them cannot be read.
    pub(super) unreadable: usize,
    /// All of QuickBooks'.
    pub(super) index: Index,
    /// Names of QuickBooks' customers by id, and whether they are inactive.
    pub(super) names: BTreeMap<String, (String, bool)>,
    /// Addresses that were read of Stax Bill's customers.
    pub(super) addresses: BTreeMap<u64, Addresses>,
}

impl Sides {
    /// Whether a customer without a line is in scope.
    pub(super) fn is_asked_about(&self, id: u64) -> bool {
        let customer = self.customers.binary_search_by_key(&id, |one| one.id).ok();
        customer.is_some_and(|at| match self.customers[at].status {
            CustomerStatus::Active | CustomerStatus::Hold | CustomerStatus::Suspended => true,
            CustomerStatus::Draft | CustomerStatus::Cancelled => false,
        })
    }

    /// Suggestions for all who have no line.
    pub(super) fn suggest(&self, settled: &BTreeSet<u64>) -> Vec<Suggestion> {
        suggest(&self.index, &self.customers, settled)
    }

    /// The same, once addresses were read.
    pub(super) fn suggest_with_addresses(&mut self, settled: &BTreeSet<u64>) -> Vec<Suggestion> {
        for customer in &mut self.customers {
            if let Some((billing, shipping)) = self.addresses.remove(&customer.id) {
                (customer.billing_address, customer.shipping_address) = (billing, shipping);
            }
        }
        self.suggest(settled)
    }
}

/// Reads both sides, after a look whether it is the right company.
pub(super) async fn both(config: &Config, vendors: &Vendors) -> Result<Sides, Unproposed> {
    let company = &config.settings.company;
    let quickbooks = &vendors.quickbooks;
    let info = quickbooks.company_info(&company.realm_id).await?;
    if info.company_name != company.expect {
        return Err(Unproposed::OtherCompany { found: info.company_name, expected: company.expect.clone() });
    }
    let currency = quickbooks.preferences().await?.currency;
    let home = currency.home.as_ref().map(|home| home.value.clone());
    let links = &config.decisions.links;
    let linked: BTreeMap<&str, u64> =
        links.iter().filter_map(|(id, link)| Some((adopted(link)?, *id))).collect();
    let mut names = BTreeMap::new();
    let mut all = Vec::new();
    quickbooks
        .each_contact(|contact| {
            let mut one = living(contact);
            if !currency.several || one.currency.is_none() {
                one.currency.clone_from(&home);
            }
            one.linked = linked.get(one.id.as_str()).copied();
            names.insert(one.id.to_string(), (one.name.clone(), one.is_inactive));
            all.push(one);
        })
        .await?;
    let (customers, unreadable) = customers(vendors).await?;
    Ok(Sides { customers, unreadable, index: Index::new(all), names, addresses: BTreeMap::new() })
}

async fn customers(vendors: &Vendors) -> Result<(Vec<Customer>, usize), Unproposed> {
    let (mut customers, mut unreadable) = (BTreeMap::new(), 0);
    for number in 0.. {
        let page = vendors.staxbill.customers(None, number).await?;
        for row in page.rows {
            match row {
                // One that changed while pages were read may come twice.
                Ok(customer) => drop(customers.insert(customer.id, customer)),
                Err(_) => unreadable += 1,
            }
        }
        if !page.more {
            break;
        }
    }
    Ok((customers.into_values().collect(), unreadable))
}

/// The addresses of some of Stax Bill's customers, a call each.
pub(super) async fn addresses(
    vendors: &Vendors,
    customers: &BTreeSet<u64>,
) -> Result<BTreeMap<u64, Addresses>, Unproposed> {
    let staxbill = &vendors.staxbill;
    let read = |id: u64| async move { Ok::<_, Unproposed>((id, staxbill.addresses(id).await?)) };
    stream::iter(customers.iter().copied()).map(read).buffer_unordered(AT_ONCE).try_collect().await
}

/// The QuickBooks customer that a line adopts.
fn adopted(link: &Link) -> Option<&str> {
    match &link.verb {
        Verb::Adopt { id, .. } => Some(id.as_str()),
        Verb::Create { .. } | Verb::Skip { .. } | Verb::Unlink { .. } => None,
    }
}
