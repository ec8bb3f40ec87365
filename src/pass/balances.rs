//! Balances: what Stax Bill itself says that each linked customer owes, once a
//! full scan, so that kinds of transactions that latchd does not read show.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Pass, Stop};
use crate::model::Key;
use crate::staxbill::StaxError;
use crate::store::Commit;

/// Customers that are asked about side by side; the pace is the limit.
const LANES: usize = 8;

impl Pass<'_> {
    /// Reads the balance of every linked customer (Stax Bill: customer
    /// overview).
    pub(super) async fn read_balances(&self) -> Result<(), Stop> {
        let customers = self.linked_customers();
        let total = customers.len() as u64;
        let reads = stream::iter(customers).map(|customer| self.read_balance(customer));
        let mut reads = reads.buffer_unordered(LANES);
        let mut done = 0;
        while let Some(()) = reads.try_next().await? {
            done += 1;
            self.world.progress("reading balances", done, total);
        }
        Ok(())
    }

    async fn read_balance(&self, customer: u64) -> Result<(), Stop> {
        let Some(record) = self.register.record(Key::customer(customer))? else { return Ok(()) };
        let balance = match self.world.staxbill.ar_balance(customer, record.currency).await {
            Ok(balance) => balance,
            // It is a second opinion, and no record waits for it.
            Err(StaxError::NotFound(_) | StaxError::Unreadable(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if let Ok(balance) = balance {
            let mut commit = Commit::new();
            commit.ar_balance(customer, balance);
            self.register.commit(commit).await?;
        }
        Ok(())
    }
}
