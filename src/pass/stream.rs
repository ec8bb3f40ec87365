//! What changed in Stax Bill's stream of AR activities, which has no stamps:
//! credits, debits, reversals, write-offs.
//!
//! The stream can be asked for by the transactions' own dates, and one that is
//! entered late bears an early date. So it is read by id, the newest first,
//! down to what was read before.

use rust_decimal::Decimal;

use super::source::{take, take_fund, take_invalid, take_withdrawals};
use super::{Notice, Pass, Stop};
use crate::model::{
    ActivityKind, ArActivity, Code, Currency, Digest, Entity, InvalidRow, Key, Money, RecordState, Taken,
};
use crate::staxbill::{
    ActivityRow, OddActivity, Order, StaxError, amount_of, credit_in, reversal, write_off,
};
use crate::store::{Body, Commit, Errand, StoreError};

/// Rows of a page where little is expected.
const FEW: usize = 500;
/// Rows of a page where everything is read (Stax Bill: pagination).
const MANY: usize = 1000;
/// Transactions get their ids before they are committed: so many ids before
/// the mark are read again.
const OVERLAP: u64 = 200;

impl Pass<'_> {
    /// Reads what is new in the stream, or all of it in a full scan.
    pub(super) async fn read_stream(&mut self) -> Result<(), Stop> {
        let types = &self.world.settings.transaction_types;
        let known = |token: &String| !matches!(types.kind_of(token, Decimal::ONE), ActivityKind::Unknown(_));
        if self.full || self.marks.unknown_tokens.iter().any(known) {
            // What was passed over is read again, now that its word is known.
            self.marks.unknown_tokens.clear();
            self.marks.ar_activity = None;
        }
        if !self.marks.ar_by_customer {
            let refused = match self.read_account_stream().await {
                Ok(true) => return Ok(()),
                Ok(false) => "its rows do not name their customers".to_owned(),
                Err(Stop::Cause(cause)) if cause.code == Code::StaxbillRefused => cause.reason,
                Err(stop) => return Err(stop),
            };
            tracing::info!(reason = refused, "the account's AR activities are read by customer");
            self.marks.ar_by_customer = true;
        }
        for customer in self.linked_customers() {
            let mut page = 0;
            loop {
                let read = match self.world.staxbill.ar_activities_of(customer, page).await {
                    Err(StaxError::NotFound(_)) => break,
                    read => read?,
                };
                self.take_stream(read.rows).await?;
                if !read.more {
                    break;
                }
                page += 1;
            }
        }
        Ok(())
    }

    /// The stream of the whole account; `false` where it does not tell whose
    /// its rows are.
    async fn read_account_stream(&mut self) -> Result<bool, Stop> {
        let mark = self.marks.ar_activity;
        let (order, size) =
            if mark.is_some() { (Order::NewestFirst, FEW) } else { (Order::OldestFirst, MANY) };
        let mut new = Vec::new();
        let mut page = 0;
        loop {
            let read = self.world.staxbill.ar_activities(order, page, size).await?;
            if !read.named {
                return Ok(false);
            }
            let oldest = read.rows.iter().map(id_of).min();
            match mark {
                None => self.take_stream(read.rows).await?,
                Some(_) => new.extend(read.rows),
            }
            let reached = mark.is_some_and(|mark| oldest.is_none_or(|id| id + OVERLAP <= mark));
            if reached || !read.more {
                break;
            }
            page += 1;
        }
        self.take_stream(new).await?;
        Ok(true)
    }

    /// Takes rows over, the oldest first: a debit comes after its credit.
    async fn take_stream(&mut self, rows: Vec<ActivityRow>) -> Result<(), Stop> {
        let mut rows = rows;
        rows.sort_by_key(id_of);
        let last = rows.last().map(id_of);
        for row in &rows {
            let (Ok(ArActivity { kind, .. }) | Err(OddActivity { kind, .. })) = row;
            if let ActivityKind::Unknown(token) = kind {
                self.marks.unknown_tokens.insert(token.clone());
            }
            let mut commit = Commit::new();
            match row {
                Ok(row) => self.take_activity(&mut commit, row)?,
                Err(odd) => self.take_unreadable(&mut commit, odd)?,
            }
            self.register.commit(commit).await?;
        }
        // It is kept with the pass's other marks, after everything that was
        // read under it.
        self.marks.ar_activity = self.marks.ar_activity.max(last);
        Ok(())
    }

    pub(super) fn take_activity(&self, commit: &mut Commit, row: &ArActivity) -> Result<(), StoreError> {
        if matches!(row.kind, ActivityKind::Other | ActivityKind::Unknown(_)) {
            return Ok(());
        }
        let customer = self.register.record(Key::customer(row.customer))?;
        let currency = customer.map_or(Currency::NONE, |customer| customer.currency);
        match &row.kind {
            ActivityKind::Credit | ActivityKind::OpeningCredit => self.take_credit_row(commit, row, currency),
            ActivityKind::Debit => self.take_debit_row(commit, row, currency),
            ActivityKind::ChargeReversal => self.take_reversal_row(commit, row, currency),
            ActivityKind::WriteOff => self.take_write_off_row(commit, row, currency),
            ActivityKind::Other | ActivityKind::Unknown(_) => Ok(()),
        }
    }

    /// A credit's row tells enough to count it; what it is allocated to and
    /// what was taken back of it is read where its customer is linked. An
    /// opening balance has nothing but its row.
    fn take_credit_row(
        &self,
        commit: &mut Commit,
        row: &ArActivity,
        currency: Currency,
    ) -> Result<(), StoreError> {
        let key = Key { entity: Entity::Credit, id: row.id };
        let opening = row.kind == ActivityKind::OpeningCredit;
        let credit = match credit_in(row, currency) {
            Ok(credit) => credit,
            Err(reason) => return self.take_odd(commit, key, row, reason),
        };
        let digest = Digest::of([format!("{} {:?}", credit.amount, credit.allocations).as_str()]);
        let known = self.register.record(key)?;
        if known.as_ref().is_some_and(|known| known.row.as_ref() == Some(&digest) && known.invalid.is_none())
        {
            return Ok(());
        }
        if !opening {
            commit.errand(Errand::Credit(row.id));
            // What its row tells counts until it is read, which may be never.
            let read = self.register.body(key)?.is_some();
            if let Some(known) = known.filter(|known| read || known.object.is_some()) {
                commit.record(key, &RecordState { row: Some(digest), ..known });
                return Ok(());
            }
        }
        let now = RecordState::of_credit(&credit, |at| self.day(at));
        let now = RecordState { row: Some(digest), opening, ..now };
        if take_fund(self, commit, key, now)? == Some(false) && opening {
            commit.body(key, &Body::Credit(credit));
        }
        Ok(())
    }

    fn take_debit_row(
        &self,
        commit: &mut Commit,
        row: &ArActivity,
        currency: Currency,
    ) -> Result<(), StoreError> {
        let key = Key { entity: Entity::Credit, id: row.id };
        if self.register.record(key)?.is_some() {
            return Ok(());
        }
        let read = amount_of(row, currency).and_then(|amount| {
            Ok((Money::ZERO - amount, row.associated.ok_or_else(|| "it names no credit".to_owned())?))
        });
        let (amount, of) = match read {
            Ok(read) => read,
            Err(reason) => return self.take_odd(commit, key, row, reason),
        };
        let of = Key { entity: Entity::Credit, id: of };
        let (id, effective_at) = (row.id, row.effective_at);
        let taken = Taken { id, effective_at, amount, allocations: Vec::new(), quickbooks_id: None };
        let Some(whole) = self.register.record(of)? else {
            return self.take_odd(
                commit,
                key,
                row,
                format!("it takes back {of}, which Stax Bill does not list"),
            );
        };
        if whole.opening {
            let reason = format!(
                "it takes back {of}, which the customer had in hand when the account began, and Stax Bill shows no \
                 record of what is left of that; post it by hand"
            );
            return self.take_odd(commit, key, row, reason);
        }
        commit.errand(Errand::Credit(of.id));
        take_withdrawals(self, commit, (of, &whole), &[taken])
    }

    fn take_reversal_row(
        &self,
        commit: &mut Commit,
        row: &ArActivity,
        currency: Currency,
    ) -> Result<(), StoreError> {
        let invoice = row.allocations.first().map(|(invoice, _)| *invoice);
        match (reversal(row, currency), invoice) {
            (Ok(reversal), Some(invoice)) => {
                let known = self.register.reversals_of(invoice)?;
                if !known.contains(&reversal) {
                    commit.reversal(invoice, &reversal);
                    commit.errand(Errand::CreditNotes(invoice));
                }
            }
            // Its credit note cannot be dated, and says so.
            (Err(reason), _) => tracing::warn!(id = row.id, reason, "a reversal cannot be read"),
            (Ok(_), None) => tracing::warn!(id = row.id, "a reversal names no invoice"),
        }
        Ok(())
    }

    fn take_write_off_row(
        &self,
        commit: &mut Commit,
        row: &ArActivity,
        currency: Currency,
    ) -> Result<(), StoreError> {
        let key = Key { entity: Entity::WriteOff, id: row.id };
        match write_off(row, currency) {
            Ok(read) => {
                let now = RecordState::of_write_off(&read, self.day(read.effective_at));
                if take_fund(self, commit, key, now)? == Some(false) {
                    commit.body(key, &Body::WriteOff(read));
                }
                Ok(())
            }
            Err(reason) => self.take_odd(commit, key, row, reason),
        }
    }

    fn take_odd(
        &self,
        commit: &mut Commit,
        key: Key,
        row: &ArActivity,
        reason: String,
    ) -> Result<(), StoreError> {
        let odd =
            InvalidRow { id: row.id, customer: row.customer, effective_at: Some(row.effective_at), reason };
        take(self, commit, key, RecordState::of_invalid(&odd, Some(self.day(row.effective_at)))).map(|_| ())
    }

    /// A row that cannot be read is the record that it would have become.
    pub(super) fn take_unreadable(&self, commit: &mut Commit, odd: &OddActivity) -> Result<(), StoreError> {
        let OddActivity { kind, row } = odd;
        match kind {
            ActivityKind::Credit | ActivityKind::OpeningCredit | ActivityKind::Debit => {
                take_invalid(self, commit, Entity::Credit, row)
            }
            ActivityKind::WriteOff => take_invalid(self, commit, Entity::WriteOff, row),
            // The credit note of a reversal says so; the others are told elsewhere.
            ActivityKind::ChargeReversal | ActivityKind::Other | ActivityKind::Unknown(_) => {
                tracing::warn!(id = row.id, "an AR activity cannot be read: {}", row.reason);
                Ok(())
            }
        }
    }

    /// Customers that a link creates or adopts.
    pub(super) fn linked_customers(&self) -> Vec<u64> {
        let links = self.world.decisions.links.iter();
        let linked = links.filter(|(_, link)| link.counts()).map(|(id, _)| *id);
        linked.chain(self.activations.keys().copied().filter(|id| self.link(*id).is_some())).collect()
    }

    /// One notice for each token that the table does not know.
    pub(super) fn token_notices(&self) -> Vec<Notice> {
        let notice = |token: &String| Notice {
            code: "unknown-transaction-type",
            text: format!(
                "Stax Bill's stream has transactions of the type `{token}`, which latchd does not know and does not \
                 post; say under [transaction_types] what they are"
            ),
            at: None,
        };
        self.marks.unknown_tokens.iter().map(notice).collect()
    }
}

fn id_of(row: &ActivityRow) -> u64 {
    match row {
        Ok(row) => row.id,
        Err(odd) => odd.row.id,
    }
}
