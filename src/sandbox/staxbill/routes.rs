//! The paths of the pull plan, and the record or list that stands behind
//! each.

use std::sync::Mutex;

use serde_json::Value;

use super::answer::{Answer, Refusal};
use super::columns::{ActivityRow, CreditNoteRow, SummaryRow};
use super::listing::{Ask, Found, Key, Listed, Parameters, page};
use super::lock;
use super::records::{Customer, Invoice, Product};
use super::show::{Detail, View, countries};

/// One admitted GET.
pub(super) struct Reader<'a> {
    pub(super) found: &'a Mutex<Found>,
    pub(super) view: View<'a>,
    pub(super) parameters: &'a Parameters,
    /// In lower case, without outer slashes.
    pub(super) path: &'a str,
}

type Outcome = Result<Answer, Refusal>;

impl Reader<'_> {
    pub(super) fn answer(&self) -> Outcome {
        let words: Vec<&str> = self.path.split('/').collect();
        let Some((&"v1", words)) = words.split_first() else {
            return Err(Refusal::no_such_path(self.path));
        };
        match words {
            ["customers" | "customersummary"] => self.customers(),
            ["invoices"] => self.invoices(),
            ["invoicesummaries"] => self.summaries(),
            ["paymentactivities", "getbyaccountid"] => self.activities(),
            ["aractivities"] => self.ar(),
            ["creditnotes"] => self.credit_notes(),
            ["countries"] => Ok(countries().into()),
            ["products"] => self.products(true),
            ["productsummary"] => self.products(false),
            [kind, id] => self.one(kind, id),
            ["customers", id, "overview"] => Ok(self.view.overview(self.customer(id)?).into()),
            ["customers", id, "invoices"] => self.invoices_of(self.customer(id)?),
            ["customers", id, "invoicesummaries"] => self.summaries_of(self.customer(id)?),
            ["customers", id, "paymentactivities"] => self.activities_of(self.customer(id)?),
            ["customers", id, "customeraractivities"] => self.ar_of(self.customer(id)?),
            ["invoices", id, "paymentallocations"] => {
                Ok(Value::Array(self.view.payment_allocations(self.invoice(id)?)).into())
            }
            ["invoices", id, "creditallocations"] => {
                Ok(Value::Array(self.view.credit_allocations(self.invoice(id)?)).into())
            }
            _ => Err(Refusal::no_such_path(self.path)),
        }
    }

    fn one(&self, kind: &str, id: &str) -> Outcome {
        let (view, state) = (&self.view, self.view.state);
        let shown = match kind {
            "customers" => view.customer(self.customer(id)?),
            "customeraddresspreferences" => {
                let customer = self.customer(id)?;
                view.address_preference(customer.id, &customer.fields)
            }
            "invoices" => view.invoice(self.invoice(id)?, self.detail()),
            "payments" => view.payment(known("Payment", id, |id| state.payments.get(&id))?),
            "paymentactivities" => {
                view.activity(known("Payment activity", id, |id| state.activities.get(&id))?)
            }
            "refunds" => view.refund(known("Refund", id, |id| state.refunds.get(&id))?),
            "credits" => {
                view.credit(known("Credit", id, |id| state.credits.get(&id).filter(|one| !one.opening))?)
            }
            "debits" => view.debit(known("Debit", id, |id| state.debits.get(&id))?),
            "creditnotes" => {
                view.credit_note(known("Credit note", id, |id| state.credit_notes.get(&id))?, true)
            }
            "customerbillingsetting" => view.billing_setting(self.customer(id)?),
            "addresses" => return self.address(id),
            "products" => view.product(known("Product", id, |id| state.products.get(&id))?, false),
            "subscriptionproducts" => view.subscription_product(known("Subscription product", id, |id| {
                state.subscription_products.get(&id)
            })?),
            "purchases" => view.purchase(known("Purchase", id, |id| state.purchases.get(&id))?),
            _ => return Err(Refusal::no_such_path(self.path)),
        };
        Ok(shown.into())
    }

    fn address(&self, id: &str) -> Outcome {
        let number = number(id)?;
        let shown = self.view.address(number).ok_or_else(|| Refusal::missing("Address", number))?;
        Ok(shown.into())
    }

    fn customer(&self, id: &str) -> Result<&Customer, Refusal> {
        known("Customer", id, |id| self.view.state.customers.get(&id))
    }

    fn invoice(&self, id: &str) -> Result<&Invoice, Refusal> {
        known("Invoice", id, |id| self.view.state.invoices.get(&id))
    }

    fn detail(&self) -> Detail {
        Detail {
            lines: true,
            zero_charges: self.parameters.flag("showzerodollarcharges"),
            grouped: self.parameters.flag("groupcharges"),
        }
    }

    fn customers(&self) -> Outcome {
        let all = &self.view.state.customers;
        self.list(all.len(), all.values(), |(id, _)| all.get(&id).map(|one| self.view.customer(one)))
    }

    /// The list of invoices shows none of their lines.
    fn invoices(&self) -> Outcome {
        let all = &self.view.state.invoices;
        let detail = Detail { lines: false, ..self.detail() };
        let show = |(id, _): Key| all.get(&id).map(|one| self.view.invoice(one, detail));
        self.list(all.len(), all.values(), show)
    }

    fn summaries(&self) -> Outcome {
        let all = &self.view.state.invoices;
        let rows =
            || all.values().flat_map(|invoice| SummaryRow::all(self.view.state, invoice, self.view.now));
        let total = all.values().map(|invoice| invoice.schedules.len()).sum();
        self.list(total, rows(), |key| self.summary(key))
    }

    fn activities(&self) -> Outcome {
        let state = self.view.state;
        let rows = state.activities.values().map(|activity| ActivityRow { activity, state });
        self.list(state.activities.len(), rows, |key| self.activity(key))
    }

    fn ar(&self) -> Outcome {
        let all = &self.view.state.ar;
        self.list(all.len(), all.values(), |(id, _)| all.get(&id).map(|one| self.view.ar_entry(one)))
    }

    fn ar_of(&self, customer: &Customer) -> Outcome {
        let state = self.view.state;
        let rows: Vec<_> = state.ar_of(customer.id).collect();
        let show = |(id, _): Key| state.ar.get(&id).map(|one| self.view.ar_entry(one));
        self.list(rows.len(), rows.into_iter(), show)
    }

    fn credit_notes(&self) -> Outcome {
        let state = self.view.state;
        let rows = state.credit_notes.values().map(|note| CreditNoteRow { note, state });
        let show = |(id, _): Key| state.credit_notes.get(&id).map(|one| self.view.credit_note(one, false));
        self.list(state.credit_notes.len(), rows, show)
    }

    fn products(&self, whole: bool) -> Outcome {
        let all = &self.view.state.products;
        let priced = self.parameters.flag("includepricing");
        let show = |one: &Product| {
            if whole { self.view.product(one, priced) } else { self.view.product_summary(one) }
        };
        self.list(all.len(), all.values(), |(id, _)| all.get(&id).map(show))
    }

    /// One customer's invoices come with their lines.
    fn invoices_of(&self, customer: &Customer) -> Outcome {
        let all = &self.view.state.invoices;
        let rows: Vec<_> = self.view.state.invoices_of(customer.id).collect();
        let show = |(id, _): Key| all.get(&id).map(|one| self.view.invoice(one, self.detail()));
        self.list(rows.len(), rows.into_iter(), show)
    }

    fn summaries_of(&self, customer: &Customer) -> Outcome {
        let invoices = self.view.state.invoices_of(customer.id);
        let rows: Vec<_> =
            invoices.flat_map(|invoice| SummaryRow::all(self.view.state, invoice, self.view.now)).collect();
        self.list(rows.len(), rows.into_iter(), |key| self.summary(key))
    }

    fn activities_of(&self, customer: &Customer) -> Outcome {
        let state = self.view.state;
        let activities = state.activities_of(customer.id);
        let rows: Vec<_> = activities.map(|activity| ActivityRow { activity, state }).collect();
        self.list(rows.len(), rows.into_iter(), |key| self.activity(key))
    }

    fn summary(&self, (id, schedule): Key) -> Option<Value> {
        let View { state, now, .. } = self.view;
        let invoice = state.invoices.get(&id)?;
        let unsettled = state.is_unsettled(invoice);
        Some(self.view.summary(SummaryRow { invoice, schedule, unsettled, now }))
    }

    fn activity(&self, (id, _): Key) -> Option<Value> {
        self.view.state.activities.get(&id).map(|one| self.view.activity(one))
    }

    fn list<'a, R: Listed<'a>>(
        &self,
        total: usize,
        rows: impl Iterator<Item = R>,
        show: impl Fn(Key) -> Option<Value>,
    ) -> Outcome {
        let ask = Ask::read(self.parameters, R::NAMES)?;
        let keys = lock(self.found).keys((self.path, self.view.state.version), &ask, rows);
        Ok(page(&ask, &keys, total, show))
    }
}

/// The record behind an id: 400 for what is no number, 404 for what is none
/// of ours.
fn known<'a, T>(kind: &str, id: &str, find: impl Fn(i64) -> Option<&'a T>) -> Result<&'a T, Refusal> {
    let number = number(id)?;
    find(number).ok_or_else(|| Refusal::missing(kind, number))
}

fn number(id: &str) -> Result<i64, Refusal> {
    id.parse().map_err(|_| Refusal::bad(format!("The value '{id}' is not valid.")))
}
