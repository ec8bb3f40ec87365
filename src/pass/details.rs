//! Details: lines and products of the invoices that are about to be posted.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Pass, Stop};
use crate::model::{Charge, Currency, Entity, InvoiceLines, Key};
use crate::plan::document_in_scope;
use crate::staxbill::StaxError;
use crate::store::{Body, Commit};

/// Customers whose invoices are read side by side; the pace is the limit.
const LANES: usize = 8;

impl Pass<'_> {
    /// Reads the lines of every invoice that could be posted and has none yet:
    /// one by one, or all of a customer at once where it has several.
    pub(super) async fn read_details(&mut self) -> Result<(), Stop> {
        let mut wanted: BTreeMap<u64, (Currency, BTreeSet<u64>)> = BTreeMap::new();
        self.register.each_record(Entity::Invoice, |key, record| {
            let view = self.customers.get(&record.customer);
            let ready = view.is_some_and(|view| view.in_scope && view.root.is_none());
            let start = view.and_then(|view| view.start);
            let counts =
                record.date.is_some_and(|date| document_in_scope(date, start, !record.amount.is_zero()));
            if ready
                && counts
                && record.object.is_none()
                && record.invalid.is_none()
                && !self.matches.contains_key(&key)
                && let Some(Body::Invoice(invoice)) = self.register.body(key)?
                && invoice.lines.as_ref().is_none_or(|lines| self.lacks_products(lines))
            {
                let entry = wanted.entry(record.customer).or_insert((record.currency, BTreeSet::new()));
                entry.1.insert(key.id);
            }
            Ok(())
        })?;
        let (total, mut done) = (wanted.len() as u64, 0);
        let pass = &*self;
        let reads = stream::iter(wanted)
            .map(|(customer, (currency, invoices))| pass.read_lines(customer, currency, invoices));
        let mut reads = reads.buffer_unordered(LANES);
        while let Some(()) = reads.try_next().await? {
            done += 1;
            pass.world.progress("reading invoices", done, total);
        }
        Ok(())
    }

    async fn read_lines(
        &self,
        customer: u64,
        currency: Currency,
        mut invoices: BTreeSet<u64>,
    ) -> Result<(), Stop> {
        let staxbill = &self.world.staxbill;
        let mut page = 0;
        while invoices.len() > 1 {
            let read = staxbill.customer_invoice_lines(customer, currency, page).await?;
            // A row that cannot be read names no invoice; it is read alone below.
            let rows = read.rows.into_iter().filter_map(Result::ok).filter(|(id, _)| invoices.contains(id));
            let rows = rows.collect::<Vec<_>>();
            for (id, _) in &rows {
                invoices.remove(id);
            }
            for (id, lines) in rows {
                self.keep_lines(id, Ok(lines)).await?;
            }
            if !read.more {
                break;
            }
            page += 1;
        }
        for id in invoices {
            let read = match staxbill.invoice_lines(id, currency).await {
                Ok(read) => read,
                // One invoice that cannot be read stops itself alone.
                Err(error @ StaxError::NotFound(_)) => Err(error.to_string()),
                // A damaged answer says nothing about the invoice: it is read
                // once more when it is posted, and then in the next pass.
                Err(StaxError::Unreadable(reason)) => {
                    tracing::warn!(invoice = id, reason, "its lines cannot be read");
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            self.keep_lines(id, read).await?;
        }
        Ok(())
    }

    async fn keep_lines(&self, id: u64, read: Result<InvoiceLines, String>) -> Result<(), Stop> {
        let key = Key::invoice(id);
        let mut commit = Commit::new();
        match read {
            Ok(mut lines) => {
                self.fill_products(&mut commit, &mut lines).await?;
                if let Some(Body::Invoice(mut invoice)) = self.register.body(key)? {
                    invoice.lines = Some(lines);
                    commit.body(key, &Body::Invoice(invoice));
                }
            }
            Err(reason) => {
                if let Some(mut record) = self.register.record(key)? {
                    record.invalid = Some(reason);
                    commit.record(key, &record);
                }
            }
        }
        self.register.commit(commit).await?;
        Ok(())
    }

    fn lacks_products(&self, lines: &InvoiceLines) -> bool {
        let lacks = |charge: &Charge| charge.product_path.is_some() && charge.product_code.is_none();
        self.world.settings.posting.products_matter() && lines.charges.iter().any(lacks)
    }

    /// Looks up the codes of the charges' products, where anything depends on
    /// them.
    pub(crate) async fn fill_products(
        &self,
        commit: &mut Commit,
        lines: &mut InvoiceLines,
    ) -> Result<(), Stop> {
        if !self.world.settings.posting.products_matter() {
            return Ok(());
        }
        for charge in &mut lines.charges {
            if let Some(path) = &charge.product_path {
                charge.product_code = self.product(commit, path).await?;
            }
        }
        Ok(())
    }

    /// The code behind a path, empty where Stax Bill tells none; `None` where
    /// its answer was damaged, and is asked for again in the next pass.
    async fn product(&self, commit: &mut Commit, path: &str) -> Result<Option<String>, Stop> {
        if let Some(code) = self.register.product(path)? {
            return Ok(Some(code));
        }
        let code = match self.world.staxbill.product_code(path).await {
            Ok(code) => code.unwrap_or_default(),
            Err(StaxError::Unreadable(reason)) => {
                tracing::warn!(path, reason, "a product cannot be read");
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        commit.product(path, &code);
        Ok(Some(code))
    }
}
